//! A campaign and a crowd of buyers, without a shop around them: seats are taken by the same rules and the same store
//! the service uses, orders are ids, and a payment is the fact that one arrived.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use entity::{
    campaign::{group_buy, group_buy_seat as seat, group_buy_team as team},
    platform::job,
};
use kernel::{Bps, Currency, CustomerId, Failure, GroupBuyId, LocalizedText, OrderId, ProductId, SkuId, TeamId, days};
use platform::{Op, rows, testing::TestPlatform};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::group_buy::{
    error::SitRefused,
    jobs::GiveBack,
    rules::{
        team::{self as rules, History, SeatRefused, WhenFull, Wish},
        terms::{Joiners, LeaderDiscount, TeamPrice, Terms},
    },
    service,
    store::{self, Locked, Opened},
};

/// What the campaign sells.
pub(super) const SKU: SkuId = SkuId(Uuid::from_u128(77));

/// Teams of `size` for 49.00, 24 hours to gather, 10 minutes to pay.
pub(super) fn teams_of(size: u32) -> Terms {
    Terms {
        currency: Currency::Cny,
        prices: vec![TeamPrice { sku: SKU, size, minor: 4_900 }],
        team_hours: 24,
        seat_hold_minutes: 10,
        joiners: Joiners::Anyone,
        leader_discount: LeaderDiscount::None,
        leader_commission: Bps(500),
        most_per_order: 2,
        most_per_customer: None,
        virtual_from_percent: None,
    }
}

/// A database with one running campaign, and what was paid so far.
#[derive(Clone)]
pub(super) struct Crowd {
    pub(super) test: Arc<TestPlatform>,
    pub(super) campaign: GroupBuyId,
    paid: Arc<Mutex<BTreeSet<OrderId>>>,
}

impl Crowd {
    pub(super) async fn gathers(terms: Terms) -> Self {
        let test = Arc::new(TestPlatform::open(|_| {}).await);
        let op = test.platform.system("crowd");
        let campaign: GroupBuyId = op.new_id();
        let row = group_buy::ActiveModel {
            id: Set(campaign),
            title: Set(LocalizedText::new("龙井", "Tea")),
            product: Set(ProductId(Uuid::from_u128(1))),
            state: Set(group_buy::GroupBuyState::Running),
            starts_at: Set(op.now()),
            ends_at: Set(op.now() + days(30)),
            created_at: Set(op.now()),
            updated_at: Set(op.now()),
            ..Default::default()
        };
        let tx = op.begin().await.expect("begins");
        group_buy::Entity::insert(store::with_terms(row, &terms)).exec_without_returning(&*tx).await.expect("a campaign");
        rows::insert(&*tx, store::price_rows(campaign, &terms)).await.expect("prices");
        tx.commit().await.expect("commits");
        Self { test, campaign, paid: Arc::default() }
    }

    pub(super) fn op(&self) -> Op {
        self.test.platform.system("crowd")
    }

    /// Customer `n` opens a team and has not paid.
    pub(super) async fn opens(&self, n: u8, when_full: WhenFull) -> (TeamId, OrderId) {
        let op = self.op();
        let (customer, order) = (customer(n), op.new_id());
        let mut tx = op.begin().await.expect("begins");
        let campaign = store::campaign(&*tx, self.campaign).await.expect("reads").expect("is there");
        let size = *campaign.terms.sizes().first().expect("has a size");
        let buyer = store::buyer(&tx, (self.campaign, customer), History::New).await.expect("reads");
        let terms = campaign.terms.for_team(size).expect("on offer");
        let (team, place) = rules::open(op.new_id(), terms, (&buyer, wish(&op, when_full)), op.now()).expect("may open");
        let locked =
            Locked::new(&tx, &op, Opened { group_buy: self.campaign, team, leader: customer, city_code: None }).await.expect("writes");
        let team = locked.go(&mut tx, &op, &[place.taken_with(order)]).await.expect("sits").team.id;
        tx.commit().await.expect("commits");
        (team, order)
    }

    /// Customer `n` opens a team and pays.
    pub(super) async fn leads(&self, n: u8) -> TeamId {
        let (team, order) = self.opens(n, WhenFull::Refund).await;
        self.pays(order).await;
        team
    }

    /// Customer `n` takes a seat and has not paid.
    pub(super) async fn joins(&self, n: u8, team: TeamId) -> Result<OrderId, SeatRefused> {
        self.joins_or(n, team, WhenFull::Refund).await
    }

    /// Customer `n` takes a seat, and says what to do when it is gone.
    pub(super) async fn joins_or(&self, n: u8, team: TeamId, when_full: WhenFull) -> Result<OrderId, SeatRefused> {
        let op = self.op();
        let order: OrderId = op.new_id();
        let mut tx = op.begin().await.expect("begins");
        let locked = Locked::of(&tx, team).await.expect("reads").expect("is there");
        let buyer = store::buyer(&tx, (self.campaign, customer(n)), History::New).await.expect("reads");
        let place = rules::join(&locked.team, (&buyer, wish(&op, when_full)), op.now())?;
        match locked.go(&mut tx, &op, &[place.taken_with(order)]).await.map_err(service::one_team_at_a_time) {
            Ok(_) => tx.commit().await.expect("commits"),
            Err(Failure::Refused(SitRefused::Seat(refused))) => return Err(refused),
            Err(failure) => panic!("{failure}"),
        }
        Ok(order)
    }

    /// The payment of an order arrives.
    pub(super) async fn pays(&self, order: OrderId) {
        self.paid.lock().expect("no panic").insert(order);
        service::paid(&self.op(), order).await.expect("a payment never fails for a business reason");
    }

    /// Customer `n` takes a seat and pays.
    pub(super) async fn joins_and_pays(&self, n: u8, team: TeamId) -> OrderId {
        let order = self.joins(n, team).await.expect("there is a seat");
        self.pays(order).await;
        order
    }

    pub(super) async fn team(&self, id: TeamId) -> team::Model {
        team::Entity::find_by_id(id).one(self.op().reader()).await.expect("reads").expect("is there")
    }

    pub(super) async fn seats_of(&self, order: OrderId) -> Vec<seat::Model> {
        store::seats_of(self.op().reader(), order).await.expect("reads")
    }

    /// Orders whose money was asked back, each by a job of its own.
    pub(super) async fn given_back(&self) -> Vec<OrderId> {
        let jobs = job::Entity::find().filter(job::Column::Kind.eq(<GiveBack as platform::Job>::KIND)).all(self.op().reader()).await;
        let asked = |job: job::Model| serde_json::from_value::<GiveBack>(job.payload).expect("parses").order;
        let mut orders: Vec<OrderId> = jobs.expect("reads").into_iter().map(asked).collect();
        orders.sort_unstable();
        orders
    }

    /// What must hold at any moment, whoever did what.
    pub(super) async fn is_sound(&self) {
        let op = self.op();
        let teams = team::Entity::find().all(op.reader()).await.expect("reads");
        let seats = seat::Entity::find().all(op.reader()).await.expect("reads");
        for team in &teams {
            let count = |state| seats.iter().filter(|seat| seat.team == team.id && seat.state == state).count() as i64;
            let (reserved, confirmed) = (count(seat::SeatState::Reserved), count(seat::SeatState::Confirmed));
            assert!(reserved + confirmed <= team.size, "outgrown: {team:?}");
            assert_eq!(team.held, reserved, "the counter of held seats: {team:?}");
            if team.state == team::TeamState::Formed {
                assert_eq!(team.confirmed + team.virtual_seats, team.size, "{team:?}");
            } else {
                assert_eq!(team.confirmed, confirmed, "the counter of paid seats: {team:?}");
            }
        }
        let given_back = self.given_back().await;
        for order in self.paid.lock().expect("no panic").iter() {
            let of_order: Vec<_> = seats.iter().filter(|seat| seat.order_id == *order).collect();
            let placed = of_order.iter().filter(|seat| seat.state == seat::SeatState::Confirmed).count();
            let back = given_back.contains(order) || of_order.iter().any(|seat| seat.state == seat::SeatState::Refunded);
            assert!(placed <= 1, "two seats for {order}");
            assert!(placed == 1 || back, "{order} paid and has nothing: {of_order:?}");
            let failed = |seat: &&&seat::Model| teams.iter().any(|team| team.id == seat.team && team.state == team::TeamState::Failed);
            let lost = of_order.iter().filter(|seat| seat.state == seat::SeatState::Confirmed).find(failed);
            assert!(lost.is_none() || back, "{order} paid for a team that failed and keeps waiting");
        }
    }
}

pub(super) fn customer(n: u8) -> CustomerId {
    CustomerId(Uuid::from_u128(n.into()))
}

fn wish(op: &Op, when_full: WhenFull) -> Wish {
    Wish { seat: op.new_id(), sku: SKU, quantity: 1, when_full, inviter: None }
}
