//! The day's figures over orders, refunds and midnights.

use std::{pin::Pin, sync::Arc};

use entity::trade::trade_order;
use futures_util::{Stream, StreamExt};
use kernel::{Fault, Money, hours};
use platform::live::Live;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::shop::{PRICE, Shop};
use crate::{
    refund::service::{self as refunds, StaffRefund},
    sales::query::{Figures, watch_today},
};

type Frames = Pin<Box<dyn Stream<Item = Result<Live<Arc<Figures>>, Fault>> + Send>>;

/// The next figures: orders, paid, refunded.
async fn next(frames: &mut Frames) -> (i64, i64, i64) {
    let frame = tokio::time::timeout(std::time::Duration::from_secs(30), frames.next()).await.expect("figures come");
    let figures = frame.expect("it goes on").expect("no fault").value;
    assert!(figures.sold.len() <= 1, "one currency");
    figures.sold.first().map_or((0, 0, 0), |sold| (sold.orders, sold.paid.minor, sold.refunded.minor))
}

#[tokio::test]
async fn the_figures_follow_the_money_and_begin_anew_at_midnight() {
    let shop = Shop::opens().await;
    let mut frames: Frames = Box::pin(watch_today(&shop.op(), 480, None).await.expect("it is watched"));
    assert_eq!(next(&mut frames).await, (0, 0, 0));
    let by = shop.by(1);
    let order = shop.orders(&by, 2).await;
    shop.settle().await;
    shop.pays(&by, order.id).await;
    shop.settle().await;
    // The bank of these tests dates everything 1970, which is not today.
    trade_order::Entity::update_many()
        .col_expr(trade_order::Column::PaidAt, Expr::value(shop.op().now().0))
        .filter(trade_order::Column::PaidAt.is_not_null())
        .exec(shop.test.platform.db.writer())
        .await
        .expect("is dated");
    shop.orders(&by, 1).await;
    shop.settle().await;
    assert_eq!(next(&mut frames).await, (1, 2 * PRICE, 0));
    let amount = Some(Money::new(700, order.total.currency));
    let refund = StaffRefund { order: order.id, amount, lines: None, reason: "late".into() };
    refunds::by_staff(&shop.staff(), refund, "late-parcel").await.expect("it is given back");
    shop.settle().await;
    assert_eq!(next(&mut frames).await, (1, 2 * PRICE, 700));
    shop.advance(hours(24)).await;
    assert_eq!(next(&mut frames).await, (0, 0, 0));
}
