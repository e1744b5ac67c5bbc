//! Rows and aggregates: how a team is locked and read, and how its changes are written and told.
//!
//! Lock order: the team first, then whatever trade and catalog lock for the order. A transaction holds one team; only
//! moving a buyer from a full team to another holds two, in the order of their ids.

use std::collections::BTreeMap;

use entity::campaign::{group_buy as campaign, group_buy_seat as seat, group_buy_sku as sku, group_buy_team as team};
use kernel::{Bps, CustomerId, Fault, GroupBuyId, OrderId, TeamId, Timestamp};
use platform::{Op, Tx};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::{
    EXPIRE_TEAMS,
    events::{LeaderChanged, Member, SeatConfirmed, SeatRefunded, SeatReleased, SeatReserved, TeamFailed, TeamFormed, TeamOpened},
    jobs::{GiveBack, Reason},
    rules::{
        campaign::{CampaignState, Window},
        team::{Buyer, Change, History, Seat, SeatState, Team, TeamState, WhenFull},
        terms::{Joiners, LeaderDiscount, TeamPrice, Terms},
    },
};

/// The same words on both sides of the border between tables and rules.
macro_rules! same { ($($table:path = $rules:path { $($word:ident),* })*) => {$(
    impl From<$table> for $rules {
        fn from(word: $table) -> Self { match word { $(<$table>::$word => Self::$word),* } }
    }
    impl From<$rules> for $table {
        fn from(word: $rules) -> Self { match word { $(<$rules>::$word => Self::$word),* } }
    }
)*}; }

same! {
    campaign::GroupBuyState = CampaignState { Draft, Scheduled, Running, Paused, Ended }
    team::TeamState = TeamState { Pending, Open, Formed, Failed }
    seat::SeatState = SeatState { Reserved, Confirmed, Released, Refunded }
    seat::WhenFull = WhenFull { JoinOther, OpenNew, Refund }
}

/// A campaign with its prices.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its row.
    pub row: campaign::Model,
    /// What it promises.
    pub terms: Terms,
}

impl Campaign {
    /// Where it stands.
    pub fn state(&self) -> CampaignState {
        self.row.state.into()
    }

    /// When it sells.
    pub fn window(&self) -> Window {
        Window { starts_at: self.row.starts_at, ends_at: self.row.ends_at }
    }

    /// From its row and its prices.
    pub fn of(row: campaign::Model, prices: Vec<sku::Model>) -> Result<Self, Fault> {
        let small = |n: i64| u32::try_from(n).map_err(|_| Fault::corrupt(format!("campaign {}: {n} is out of bounds", row.id)));
        let price =
            |price: sku::Model| Ok::<_, Fault>(TeamPrice { sku: price.sku, size: small(price.team_size)?, minor: price.price_minor });
        let terms = Terms {
            currency: row.currency,
            prices: prices.into_iter().map(price).collect::<Result<_, _>>()?,
            team_hours: small(row.team_hours)?,
            seat_hold_minutes: small(row.seat_hold_minutes)?,
            joiners: if row.new_customers_only { Joiners::NewCustomers } else { Joiners::Anyone },
            leader_discount: match (row.leader_discount_minor, row.leader_discount_bps) {
                (Some(minor), _) => LeaderDiscount::Amount(minor),
                (None, Some(bps)) => LeaderDiscount::Rate(Bps(bps)),
                (None, None) => LeaderDiscount::None,
            },
            leader_commission: Bps(row.leader_commission_bps),
            most_per_order: small(row.most_per_order)?,
            most_per_customer: row.most_per_customer.map(small).transpose()?,
            virtual_from_percent: row.virtual_from_percent.map(small).transpose()?,
        };
        Ok(Self { row, terms })
    }
}

/// The columns that hold a campaign's terms.
pub(super) fn with_terms(mut row: campaign::ActiveModel, terms: &Terms) -> campaign::ActiveModel {
    row.currency = Set(terms.currency);
    row.team_hours = Set(terms.team_hours.into());
    row.seat_hold_minutes = Set(terms.seat_hold_minutes.into());
    row.new_customers_only = Set(terms.joiners == Joiners::NewCustomers);
    (row.leader_discount_minor, row.leader_discount_bps) = match terms.leader_discount {
        LeaderDiscount::None => (Set(None), Set(None)),
        LeaderDiscount::Amount(minor) => (Set(Some(minor)), Set(None)),
        LeaderDiscount::Rate(rate) => (Set(None), Set(Some(rate.0))),
    };
    row.leader_commission_bps = Set(terms.leader_commission.0);
    row.most_per_order = Set(terms.most_per_order.into());
    row.most_per_customer = Set(terms.most_per_customer.map(i64::from));
    row.virtual_from_percent = Set(terms.virtual_from_percent.map(i64::from));
    row
}

/// The price rows of a campaign's terms.
pub(super) fn price_rows(id: GroupBuyId, terms: &Terms) -> Vec<sku::ActiveModel> {
    let row = |price: &TeamPrice| sku::Model { group_buy: id, sku: price.sku, team_size: price.size.into(), price_minor: price.minor };
    terms.prices.iter().map(|price| row(price).into_active_model()).collect()
}

/// A campaign and its prices.
pub(super) async fn campaign(db: &impl ConnectionTrait, id: GroupBuyId) -> Result<Option<Campaign>, Fault> {
    let Some(row) = campaign::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    with_prices(db, row).await.map(Some)
}

/// A campaign and its prices, its row locked against other editors.
pub(super) async fn lock_campaign(tx: &Tx, id: GroupBuyId) -> Result<Option<Campaign>, Fault> {
    let Some(row) = campaign::Entity::find_by_id(id).lock_exclusive().one(&**tx).await? else { return Ok(None) };
    with_prices(&**tx, row).await.map(Some)
}

async fn with_prices(db: &impl ConnectionTrait, row: campaign::Model) -> Result<Campaign, Fault> {
    let prices = sku::Entity::find().filter(sku::Column::GroupBuy.eq(row.id));
    let prices = prices.order_by_asc(sku::Column::Sku).order_by_asc(sku::Column::TeamSize).all(db).await?;
    Campaign::of(row, prices)
}

/// What is known of a buyer in a campaign; read under the team's lock. Whether they bought before, trade knows.
pub(super) async fn buyer(tx: &Tx, (group_buy, customer): (GroupBuyId, CustomerId), history: History) -> Result<Buyer, Fault> {
    let seats = seat::Entity::find()
        .filter(seat::Column::Customer.eq(customer).and(seat::Column::GroupBuy.eq(group_buy)))
        .filter(is_live())
        .all(&**tx)
        .await?;
    let units = seats.iter().map(|seat| seat.quantity).sum::<i64>();
    Ok(Buyer {
        customer,
        history,
        units: u32::try_from(units).unwrap_or(u32::MAX),
        running: seats.iter().find(|seat| seat.running_in.is_some()).map(|seat| seat.team),
    })
}

/// Every seat an order ever had, the first one first: a second one when its payment found no place in the first's team.
pub(super) async fn seats_of(db: &impl ConnectionTrait, order: OrderId) -> Result<Vec<seat::Model>, Fault> {
    Ok(seat::Entity::find().filter(seat::Column::OrderId.eq(order)).order_by_asc(seat::Column::CreatedAt).all(db).await?)
}

/// Somebody sits there.
pub(super) fn is_live() -> SimpleExpr {
    seat::Column::State.is_in([seat::SeatState::Reserved, seat::SeatState::Confirmed])
}

/// Locks teams without reading them, in the order of their ids, so that nobody waits in a circle: until the end nobody
/// else changes them or decides for members who found no seat in them.
pub(super) async fn lock<const N: usize>(tx: &Tx, mut teams: [TeamId; N]) -> Result<(), Fault> {
    teams.sort_unstable();
    for id in teams {
        let row = team::Entity::find_by_id(id).select_only().column(team::Column::Id);
        row.lock_exclusive().into_tuple::<TeamId>().one(&**tx).await?;
    }
    Ok(())
}

/// A team under its lock.
pub(super) struct Locked {
    /// Of which campaign.
    pub group_buy: GroupBuyId,
    /// The team as it is.
    pub team: Team,
}

/// A team somebody opens.
pub struct Opened {
    /// In which campaign.
    pub group_buy: GroupBuyId,
    /// As the rules made it.
    pub team: Team,
    /// Who leads it.
    pub leader: CustomerId,
    /// In which city they live, when it is known.
    pub city_code: Option<String>,
}

impl Locked {
    /// Locks a team and reads it with its seats.
    pub async fn of(tx: &Tx, id: TeamId) -> Result<Option<Self>, Fault> {
        let Some(row) = team::Entity::find_by_id(id).lock_exclusive().one(&**tx).await? else { return Ok(None) };
        let seats = seat::Entity::find().filter(seat::Column::Team.eq(id)).order_by_asc(seat::Column::Id).all(&**tx).await?;
        Ok(Some(Self { group_buy: row.group_buy, team: aggregate(&row, seats)? }))
    }

    /// A team that is not written yet: nobody else can know it, so it needs no lock.
    pub async fn new(tx: &Tx, op: &Op, opened: Opened) -> Result<Self, Fault> {
        let Opened { group_buy, team, leader, city_code } = opened;
        let row = team::Model {
            id: team.id,
            group_buy,
            state: team.state.into(),
            size: team.terms.size.into(),
            terms: serde_json::to_value(&team.terms)?,
            leader_seat: team.leader,
            leader,
            deadline: team.deadline,
            confirmed: 0,
            held: 0,
            virtual_seats: 0,
            created_at: op.now(),
            ended_at: None,
            city_code,
        };
        team::Entity::insert(row.into_active_model()).exec_without_returning(&**tx).await?;
        Ok(Self { group_buy, team })
    }

    /// Writes what happens and tells it. No change writes nothing.
    pub async fn go(self, tx: &mut Tx, op: &Op, changes: &[Change]) -> Result<Self, Fault> {
        if changes.is_empty() {
            return Ok(self);
        }
        let after = changes.iter().fold(self.team.clone(), |team, change| team.apply(change));
        for change in changes {
            self.write(tx, op, (change, &after)).await?;
        }
        self.write_team(tx, op, &after).await?;
        for change in changes {
            self.tell(tx, op, (change, &after));
        }
        Ok(Self { team: after, ..self })
    }

    async fn write(&self, tx: &mut Tx, op: &Op, (change, after): (&Change, &Team)) -> Result<(), Fault> {
        let now = op.now();
        let set = |column: seat::Column, value: SimpleExpr| (column, value);
        let gone = |state: seat::SeatState| {
            vec![
                set(seat::Column::State, Expr::value(state.to_value())),
                set(seat::Column::RunningIn, Expr::value(None::<GroupBuyId>)),
                set(seat::Column::EndedAt, Expr::value(now.0)),
            ]
        };
        let (which, values) = match change {
            Change::Reserved(taken) => {
                let row = seat_row((self.group_buy, self.team.id), taken, now);
                seat::Entity::insert(row.into_active_model()).exec_without_returning(&**tx).await?;
                return Ok(());
            }
            Change::Confirmed { seat, no, at } => (
                seat::Column::Id.eq(*seat),
                vec![
                    set(seat::Column::State, Expr::value(seat::SeatState::Confirmed.to_value())),
                    set(seat::Column::SeatNo, Expr::value(i64::from(*no))),
                    set(seat::Column::ConfirmedAt, Expr::value(at.0)),
                    set(seat::Column::EndedAt, Expr::value(None::<i64>)),
                    set(seat::Column::RunningIn, Expr::value(Some(self.group_buy))),
                ],
            ),
            Change::Released(seat) => (seat::Column::Id.eq(*seat), gone(seat::SeatState::Released)),
            Change::Refunded(seat) => (seat::Column::Id.eq(*seat), gone(seat::SeatState::Refunded)),
            Change::Formed { .. } => {
                (seat::Column::Team.eq(self.team.id), vec![set(seat::Column::RunningIn, Expr::value(None::<GroupBuyId>))])
            }
            Change::Failed => {
                for owed in after.seats.iter().filter(|seat| seat.state == SeatState::Confirmed) {
                    tx.enqueue(&GiveBack { order: owed.order, reason: Reason::TeamFailed });
                }
                let reason = Expr::case(seat::Column::State.eq(seat::SeatState::Confirmed), Expr::value(Reason::TeamFailed.code()))
                    .finally(Expr::col(seat::Column::RefundReason));
                (
                    seat::Column::Team.eq(self.team.id),
                    vec![set(seat::Column::RunningIn, Expr::value(None::<GroupBuyId>)), set(seat::Column::RefundReason, reason.into())],
                )
            }
            Change::Opened { .. } | Change::Led(_) => return Ok(()),
        };
        let update = values.into_iter().fold(seat::Entity::update_many(), |update, (column, value)| update.col_expr(column, value));
        update.filter(which).exec(&**tx).await?;
        Ok(())
    }

    async fn write_team(&self, tx: &Tx, op: &Op, after: &Team) -> Result<(), Fault> {
        let leader = after.seat(after.leader).ok_or_else(|| Fault::corrupt(format!("team {} has no leader", after.id)))?;
        let before: team::TeamState = self.team.state.into();
        let ends = after.state != self.team.state && matches!(after.state, TeamState::Formed | TeamState::Failed);
        let mut update = team::Entity::update_many()
            .col_expr(team::Column::State, Expr::value(team::TeamState::from(after.state).to_value()))
            .col_expr(team::Column::LeaderSeat, Expr::value(after.leader))
            .col_expr(team::Column::Leader, Expr::value(leader.customer))
            .col_expr(team::Column::Deadline, Expr::value(after.deadline.map(|at| at.0)))
            .col_expr(team::Column::Held, Expr::value(i64::from(after.count(SeatState::Reserved))))
            .col_expr(team::Column::VirtualSeats, Expr::value(i64::from(after.virtual_seats)));
        // A formed team is counted once: whoever leaves later leaves a formed team.
        if self.team.state != TeamState::Formed {
            update = update.col_expr(team::Column::Confirmed, Expr::value(i64::from(after.count(SeatState::Confirmed))));
        }
        if ends {
            update = update.col_expr(team::Column::EndedAt, Expr::value(op.now().0));
        }
        let update = update.filter(team::Column::Id.eq(after.id).and(team::Column::State.eq(before)));
        match update.exec(&**tx).await?.rows_affected {
            1 => Ok(()),
            _ => Err(Fault::corrupt(format!("team {} changed under its lock", after.id))),
        }
    }

    fn tell(&self, tx: &mut Tx, op: &Op, (change, after): (&Change, &Team)) {
        let (group_buy, team) = (self.group_buy, self.team.id);
        let leader = after.seat(after.leader).map(|seat| seat.customer);
        match change {
            Change::Reserved(seat) => {
                let (customer, order, inviter) = (seat.customer, seat.order, seat.inviter);
                tx.emit(&SeatReserved { group_buy, team, seat: seat.id, customer, order, inviter });
            }
            Change::Opened { deadline } => {
                op.platform.deadlines.sweep(EXPIRE_TEAMS, *deadline);
                if let Some(leader) = leader {
                    tx.emit(&TeamOpened { group_buy, team, leader, deadline: *deadline });
                }
            }
            Change::Confirmed { seat, .. } => {
                if let Some(Seat { id: seat, customer, order, .. }) = after.seat(*seat).cloned() {
                    tx.emit(&SeatConfirmed { group_buy, team, seat, customer, order });
                }
            }
            Change::Released(seat) => {
                if let Some(Seat { id: seat, customer, .. }) = after.seat(*seat).cloned() {
                    tx.emit(&SeatReleased { group_buy, team, seat, customer });
                }
            }
            Change::Refunded(seat) => {
                if let Some(Seat { id: seat, customer, .. }) = after.seat(*seat).cloned() {
                    tx.emit(&SeatRefunded { group_buy, team, seat, customer });
                }
            }
            Change::Led(_) => {
                if let Some(leader) = leader {
                    tx.emit(&LeaderChanged { group_buy, team, leader });
                }
            }
            Change::Formed { virtual_seats } => {
                if let Some(leader) = leader {
                    let by_no: BTreeMap<u32, Member> = paid(after)
                        .map(|seat| (seat.no, Member { seat: seat.id, customer: seat.customer, order: seat.order, inviter: seat.inviter }))
                        .collect();
                    tx.emit(&TeamFormed {
                        group_buy,
                        team,
                        leader,
                        leader_commission_bps: after.terms.leader_commission.0,
                        members: by_no.into_values().collect(),
                        virtual_seats: *virtual_seats,
                    });
                }
            }
            Change::Failed => tx.emit(&TeamFailed { group_buy, team, refunded: paid(after).map(|seat| seat.order).collect() }),
        }
    }
}

fn paid(team: &Team) -> impl Iterator<Item = &Seat> {
    team.seats.iter().filter(|seat| seat.state == SeatState::Confirmed)
}

fn aggregate(row: &team::Model, seats: Vec<seat::Model>) -> Result<Team, Fault> {
    let seats = seats.into_iter().map(|seat| {
        let small = |n: i64| u32::try_from(n).map_err(|_| Fault::corrupt(format!("seat {}: {n} is out of bounds", seat.id)));
        Ok(Seat {
            id: seat.id,
            no: small(seat.seat_no)?,
            customer: seat.customer,
            order: seat.order_id,
            sku: seat.sku,
            quantity: small(seat.quantity)?,
            when_full: seat.when_full.into(),
            inviter: seat.inviter,
            state: seat.state.into(),
            held_until: seat.held_until,
            confirmed_at: seat.confirmed_at,
        })
    });
    Ok(Team {
        id: row.id,
        terms: serde_json::from_value(row.terms.clone())?,
        state: row.state.into(),
        leader: row.leader_seat,
        deadline: row.deadline,
        virtual_seats: u32::try_from(row.virtual_seats).map_err(|_| Fault::corrupt(format!("team {}: virtual seats", row.id)))?,
        seats: seats.collect::<Result<_, Fault>>()?,
    })
}

fn seat_row((group_buy, team): (GroupBuyId, TeamId), taken: &Seat, now: Timestamp) -> seat::Model {
    seat::Model {
        id: taken.id,
        team,
        group_buy,
        seat_no: taken.no.into(),
        customer: taken.customer,
        order_id: taken.order,
        sku: taken.sku,
        quantity: taken.quantity.into(),
        state: taken.state.into(),
        when_full: taken.when_full.into(),
        inviter: taken.inviter,
        running_in: Some(group_buy),
        refund_reason: None,
        held_until: taken.held_until,
        created_at: now,
        confirmed_at: None,
        ended_at: None,
    }
}

/// Asks the money of a paid seat back that found no place. Under its team's lock, so it is asked once.
pub(super) async fn owe(tx: &mut Tx, (seat, reason): (&seat::Model, Reason)) -> Result<(), Fault> {
    let update = seat::Entity::update_many().col_expr(seat::Column::RefundReason, Expr::value(reason.code()));
    update.filter(seat::Column::Id.eq(seat.id)).exec(&**tx).await?;
    tx.enqueue(&GiveBack { order: seat.order_id, reason });
    Ok(())
}
