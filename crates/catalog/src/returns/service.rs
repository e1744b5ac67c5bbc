//! Setting and reading the exceptions.

use std::collections::HashMap;

use entity::catalog::{sku, sku_return_rule as table};
use kernel::{Failure, Fault, Refusal, SkuId};
use platform::{Op, rows};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict};

use super::ReturnException;
use crate::product::facts;

/// Why a rule is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// None, more than 200, or one of them does not exist.
    #[error("between 1 and 200 SKUs that exist")]
    Skus,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        "RETURN_RULE_SKUS_INVALID"
    }

    fn field(&self) -> Option<&'static str> {
        Some("skuIds")
    }
}

/// The most SKUs that are given a rule at once.
const MOST: usize = 200;

/// Says why these SKUs cannot be given back without a reason; none: they can. Orders that were placed keep what was
/// confirmed with them.
pub async fn set(op: &Op, (skus, exception): (&[SkuId], Option<ReturnException>)) -> Result<(), Failure<Refused>> {
    let distinct: std::collections::BTreeSet<SkuId> = skus.iter().copied().collect();
    if distinct.is_empty() || distinct.len() > MOST {
        return Err(Refused::Skus.into());
    }
    let mut tx = op.begin().await?;
    let known = sku::Entity::find().filter(sku::Column::Id.is_in(distinct.iter().copied())).count(&*tx).await?;
    if usize::try_from(known).ok() != Some(distinct.len()) {
        return Err(Refused::Skus.into());
    }
    match exception {
        None => {
            table::Entity::delete_many().filter(table::Column::Sku.is_in(distinct)).exec(&*tx).await?;
        }
        Some(exception) => {
            let row = |sku| table::ActiveModel { sku: Set(sku), exception: Set(exception), updated_at: Set(op.now()) };
            let newer =
                OnConflict::column(table::Column::Sku).update_columns([table::Column::Exception, table::Column::UpdatedAt]).to_owned();
            rows::insert_or(&*tx, (distinct.into_iter().map(row), newer)).await?;
        }
    }
    facts::turn(&mut tx);
    tx.commit().await?;
    Ok(())
}

/// Why these SKUs cannot be given back without a reason; the others are not in the answer.
pub async fn exceptions(op: &Op, skus: &[SkuId]) -> Result<HashMap<SkuId, ReturnException>, Fault> {
    let rows = table::Entity::find().filter(table::Column::Sku.is_in(skus.iter().copied())).all(op.reader()).await?;
    Ok(rows.into_iter().map(|row| (row.sku, row.exception)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{mall, on_sale, tea};

    #[tokio::test]
    async fn a_rule_is_set_changed_and_taken_away() {
        let (_test, op) = mall().await;
        let (_, skus) = on_sale(&op, tea("TEA")).await;
        set(&op, (&skus, Some(ReturnException::Perishable))).await.expect("is set");
        set(&op, (&skus[..1], Some(ReturnException::CustomMade))).await.expect("is changed");
        let found = exceptions(&op, &skus).await.expect("reads");
        assert_eq!((found[&skus[0]], found[&skus[1]]), (ReturnException::CustomMade, ReturnException::Perishable));
        set(&op, (&skus[..1], None)).await.expect("is taken away");
        assert_eq!(exceptions(&op, &skus).await.expect("reads").len(), 1);
        for nonsense in [vec![], vec![skus[0], op.new_id()], (0..201).map(|_| op.new_id()).collect()] {
            assert!(matches!(set(&op, (&nonsense, None)).await, Err(Failure::Refused(Refused::Skus))));
        }
    }
}
