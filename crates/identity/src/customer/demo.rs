//! Customers made for a demo mall. Nothing here is in the schema: only the `demo` command reaches it, and only for
//! customers it made itself, so no real customer can be signed in without proof.

use entity::identity::{customer, customer_identity};
use kernel::{CustomerId, Failure, Fault, Timestamp, hours};
use platform::{Op, rows};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    error::CustomerRefused,
    events::{CustomerRegistered, Via},
    query::{Customer, CustomerSummary, nickname_key, summaries},
    rules::{self, Phone},
    service::{enter, new_row, phone_index, phone_place},
};
use crate::session::{self, Owner, SignedIn};

/// How long the access tokens of a load test live: they cannot be refreshed.
const MINTED_LIVES: std::time::Duration = hours(12);

/// A customer of a demo mall.
#[derive(Clone, Debug)]
pub struct DemoCustomer {
    /// Names them for good: making one twice gives the same.
    pub handle: String,
    /// What they call themselves.
    pub nickname: String,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// Their phone.
    pub phone: Option<String>,
    /// When they came.
    pub registered_at: Timestamp,
}

/// Makes a demo customer, or finds the one made before.
pub async fn ensure(op: &Op, new: DemoCustomer) -> Result<CustomerId, Fault> {
    Ok(ensure_all(op, vec![new]).await?[0])
}

/// Makes demo customers that are not there yet; gives all of them, in the same order.
pub async fn ensure_all(op: &Op, new: Vec<DemoCustomer>) -> Result<Vec<CustomerId>, Fault> {
    let mut ids = Vec::with_capacity(new.len());
    for some in new.chunks(500) {
        let mut tx = op.begin().await?;
        let handles = || some.iter().map(|new| new.handle.clone());
        let known = customer_identity::Entity::find()
            .filter(customer_identity::Column::Provider.eq("demo"))
            .filter(customer_identity::Column::Subject.is_in(handles()))
            .all(&*tx)
            .await?;
        let mut known: std::collections::HashMap<_, _> = known.into_iter().map(|row| (row.subject, row.customer)).collect();
        let (mut customers, mut identities) = (Vec::new(), Vec::new());
        for new in some {
            if known.contains_key(&new.handle) {
                continue;
            }
            let id = op.new_id::<CustomerId>();
            known.insert(new.handle.clone(), id);
            customers.push(row(op, id, new)?);
            identities.push(customer_identity::ActiveModel {
                provider: Set("demo".to_owned()),
                subject: Set(new.handle.clone()),
                customer: Set(id),
                created_at: Set(op.now()),
            });
            tx.emit(&CustomerRegistered { customer: id, via: Via::Demo, at: new.registered_at });
        }
        if !customers.is_empty() {
            rows::insert(&*tx, customers).await?;
            rows::insert(&*tx, identities).await?;
        }
        tx.commit().await?;
        ids.extend(some.iter().filter_map(|new| known.get(&new.handle).copied()));
    }
    Ok(ids)
}

fn row(op: &Op, id: CustomerId, new: &DemoCustomer) -> Result<customer::ActiveModel, Fault> {
    let unusable = |what: &str| Fault::internal(format!("the demo customer {} has no usable {what}", new.handle));
    let nickname = rules::nickname(&new.nickname).ok_or_else(|| unusable("nickname"))?;
    let phone = new.phone.as_deref().map(Phone::parse).transpose().map_err(|_| unusable("phone"))?;
    let sealed = phone.as_ref().map(|phone| op.crypto().seal(&phone_place(id), phone.e164())).transpose()?;
    Ok(customer::ActiveModel {
        nickname_key: Set(nickname_key(&nickname)),
        nickname: Set(nickname),
        avatar_url: Set(new.avatar_url.clone()),
        phone_sealed: Set(sealed),
        phone_index: Set(phone.as_ref().map(|phone| phone_index(op, phone))),
        registered_at: Set(new.registered_at),
        ..new_row(op, id)
    })
}

/// What the handles of those a visitor may play begin with.
pub const FACE: &str = "face-";

/// The demo customers a visitor may play, in the order of their handles.
pub async fn faces(op: &Op) -> Result<Vec<CustomerSummary>, Fault> {
    let faces = customer_identity::Entity::find()
        .filter(customer_identity::Column::Provider.eq("demo"))
        .filter(customer_identity::Column::Subject.starts_with(FACE))
        .order_by_asc(customer_identity::Column::Subject)
        .all(op.reader())
        .await?;
    let ids: Vec<CustomerId> = faces.into_iter().map(|row| row.customer).collect();
    let mut known = summaries(op, &ids).await?;
    Ok(ids.iter().filter_map(|id| known.remove(id)).collect())
}

/// Signs a demo customer in; for any other there is no such customer.
pub async fn demo_sign_in(op: &Op, id: CustomerId) -> Result<(SignedIn, Customer), Failure<CustomerRefused>> {
    let tx = op.begin().await?;
    let made_here = customer_identity::Entity::find()
        .filter(customer_identity::Column::Customer.eq(id))
        .filter(customer_identity::Column::Provider.eq("demo"))
        .one(&*tx)
        .await?;
    made_here.ok_or(CustomerRefused::NotFound)?;
    Ok(enter(tx, op, (id, Some("demo".to_owned()))).await?)
}

/// Makes the customers `demo-0001` … and gives an access token of each, good for twelve hours.
pub async fn mint_demo_tokens(op: &Op, count: usize) -> Result<Vec<String>, Fault> {
    let new = (1..=count).map(|n| DemoCustomer {
        handle: format!("demo-{n:04}"),
        nickname: format!("demo-{n:04}"),
        avatar_url: None,
        phone: None,
        registered_at: op.now(),
    });
    let owners: Vec<Owner> = ensure_all(op, new.collect()).await?.into_iter().map(Owner::Customer).collect();
    session::service::mint(op, &owners, MINTED_LIVES).await
}
