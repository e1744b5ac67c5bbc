//! Where parcels are, told by a Kuaidi100 that is as strict as the real one.

use std::sync::Arc;

use kernel::{OrderId, days, hours, minutes};
use platform::testing::FakeClock;
use sandbox::kuaidi100::{self as simulator, TrackFault};
use tokio::net::TcpListener;

use super::shop::{Shop, refusal};
use crate::{
    fulfilment::{
        kuaidi100::{Kuaidi100, Kuaidi100Settings},
        rules::Whereabouts,
        service::{self as fulfilment, Parcel, ShipOrder, ship},
        tracking::Tracker,
    },
    order::rules::Status,
};

const NUMBER: &str = "SF1234567890";

/// A mall whose parcels Kuaidi100 tracks.
struct Tracked {
    shop: Shop,
    sim: simulator::Kuaidi100,
    clock: FakeClock,
}

impl Tracked {
    async fn opens() -> Self {
        let clock = FakeClock::default();
        let sim = simulator::Kuaidi100::new(Arc::new(clock.clone()), "32309A4A287AF784", "iNqhTyvS");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base_url = format!("http://{}", listener.local_addr().expect("is bound"));
        let router = simulator::router(sim.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut settings = Kuaidi100Settings::new("32309A4A287AF784", "iNqhTyvS", ("our-own-salt", "https://mall.example"));
        settings.base_url = base_url;
        let tracker = Kuaidi100::new(settings).expect("a client");
        let shop = Shop::opens_with(move |ports| {
            ports.plug::<dyn Tracker>(Arc::new(tracker));
        })
        .await;
        Self { shop, sim, clock }
    }

    /// A shipped order whose parcel is watched.
    async fn shipped(&self, carrier: &str) -> OrderId {
        let ann = self.shop.by(1);
        let order = self.shop.orders(&ann, 1).await.id;
        self.shop.pays(&ann, order).await;
        ship(&self.shop.staff(), ShipOrder::all(order, carrier, NUMBER), &format!("ship-{order}")).await.expect("ships");
        self.shop.settle().await;
        order
    }

    /// Kuaidi100 reports what its carrier scanned; what is answered.
    async fn reports(&self) -> Result<(&'static str, String), kernel::Failure<crate::fulfilment::PushRefused>> {
        let (address, body) = self.sim.report("shunfeng", NUMBER).expect("is watched");
        assert_eq!(address, "https://mall.example/track/notify/kuaidi100");
        self.hears(&body).await
    }

    async fn hears(&self, body: &str) -> Result<(&'static str, String), kernel::Failure<crate::fulfilment::PushRefused>> {
        fulfilment::notified(&self.shop.op(), "kuaidi100", body.as_bytes()).await
    }

    fn scans(&self, state: &'static str, words: &str) {
        self.shop.test.clock.advance(minutes(1));
        self.clock.advance(minutes(1));
        self.sim.scan(("shunfeng", NUMBER), (state, words, "浙江,杭州市"));
    }

    async fn parcel(&self, order: OrderId) -> Parcel {
        fulfilment::of_orders(&self.shop.op(), &[order]).await.expect("reads").remove(&order).expect("has parcels").remove(0)
    }
}

#[tokio::test]
async fn a_parcel_is_followed_from_the_door_to_the_door() {
    let tracked = Tracked::opens().await;
    let order = tracked.shipped("顺丰").await;
    assert!(tracked.sim.watches("shunfeng", NUMBER));
    assert_eq!(tracked.parcel(order).await.state, Whereabouts::Sent);

    tracked.scans("1", "顺丰速运 已收取快件");
    tracked.scans("0", "快件在【杭州中转场】完成分拣");
    let (_, thanks) = tracked.reports().await.expect("is believed");
    assert!(simulator::Kuaidi100::is_thanked(&thanks), "{thanks}");
    let parcel = tracked.parcel(order).await;
    assert_eq!(parcel.state, Whereabouts::InTransit);
    let stops = fulfilment::stops(&tracked.shop.op(), &[parcel.id]).await.expect("reads").remove(&parcel.id).expect("has stops");
    assert_eq!(stops.iter().map(|stop| stop.text.as_str()).collect::<Vec<_>>(), ["快件在【杭州中转场】完成分拣", "顺丰速运 已收取快件"]);
    tracked.shop.settle().await;
    assert_eq!(tracked.shop.told("trade.parcel_moved.v1").await, 1);
    // Told twice is told once.
    tracked.reports().await.expect("is believed");
    assert_eq!(tracked.shop.told("trade.parcel_moved.v1").await, 1);
    let late = tracked.sim.report("shunfeng", NUMBER).expect("is watched").1;

    tracked.scans("3", "已签收，签收人凭取货码签收");
    tracked.reports().await.expect("is believed");
    let arrived = tracked.parcel(order).await;
    assert_eq!(arrived.state, Whereabouts::Delivered);
    let by = arrived.delivered_at.expect("is said") + days(7);
    assert_eq!(tracked.shop.order(order).await.receive_by, Some(by));
    // An older report that comes late takes nothing back.
    tracked.hears(&late).await.expect("is believed");
    assert_eq!(tracked.parcel(order).await.state, Whereabouts::Delivered);
    tracked.shop.advance(days(6)).await;
    assert_eq!(tracked.shop.status(order).await, Status::Shipped);
    tracked.shop.advance(days(1)).await;
    assert_eq!(tracked.shop.status(order).await, Status::Received);
    tracked.shop.adds_up().await;
}

#[tokio::test]
async fn only_what_is_signed_is_believed() {
    let tracked = Tracked::opens().await;
    let order = tracked.shipped("SF").await;
    tracked.scans("3", "已签收");
    let (_, body) = tracked.sim.report("shunfeng", NUMBER).expect("is watched");
    let forged = body.replace("SF1234567890", "SF1234567891");
    assert_eq!(refusal(tracked.hears(&forged).await), "NOTIFICATION_NOT_GENUINE");
    assert_eq!(refusal(tracked.hears("param=%7B%7D").await), "NOTIFICATION_NOT_GENUINE");
    assert_eq!(refusal(tracked.hears("").await), "INVALID_INPUT");
    let op = tracked.shop.op();
    assert_eq!(refusal(fulfilment::notified(&op, "someone-else", body.as_bytes()).await), "NOT_FOUND");
    assert_eq!(tracked.parcel(order).await.state, Whereabouts::Sent);
    tracked.hears(&body).await.expect("is believed");
    assert_eq!(tracked.parcel(order).await.state, Whereabouts::Delivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_reports_at_once_have_one_effect() {
    let tracked = Arc::new(Tracked::opens().await);
    let order = tracked.shipped("SF").await;
    tracked.scans("5", "正在派送途中");
    tracked.scans("3", "已签收");
    let reports: Vec<_> = (0..20)
        .map(|_| {
            let tracked = Arc::clone(&tracked);
            tokio::spawn(async move { tracked.reports().await.expect("is believed") })
        })
        .collect();
    for report in reports {
        report.await.expect("no panic");
    }
    assert_eq!(tracked.parcel(order).await.state, Whereabouts::Delivered);
    tracked.shop.settle().await;
    assert_eq!(tracked.shop.told("trade.parcel_moved.v1").await, 1);
}

#[tokio::test]
async fn a_silent_tracker_is_asked_and_a_broken_one_asked_again() {
    let tracked = Tracked::opens().await;
    tracked.sim.next_fault(TrackFault::Busy);
    tracked.sim.next_fault(TrackFault::BadGateway);
    let order = tracked.shipped("SF").await;
    assert!(!tracked.sim.watches("shunfeng", NUMBER));
    tracked.shop.advance(hours(1)).await;
    assert!(tracked.sim.watches("shunfeng", NUMBER), "the job tries again");
    tracked.scans("0", "运输中");
    tracked.sim.next_fault(TrackFault::HalfBody);
    tracked.shop.advance(hours(6)).await;
    assert_eq!(tracked.parcel(order).await.state, Whereabouts::Sent);
    tracked.shop.advance(hours(16)).await;
    assert_eq!(tracked.parcel(order).await.state, Whereabouts::InTransit);
    // News moves the day on which silence is taken for arrival.
    let order = tracked.shop.order(order).await;
    assert!(order.receive_by > order.shipped_at.map(|at| at + days(10)));
}

#[tokio::test]
async fn nobody_watches_whom_nobody_knows() {
    let tracked = Tracked::opens().await;
    tracked.shipped("my cousin").await;
    tracked.shop.advance(days(2)).await;
    assert_eq!(tracked.sim.calls(), 0);
}
