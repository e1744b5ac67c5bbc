//! Commands on after-sale cases. One function per command: lock, decide, store, tell.

use std::collections::HashSet;

use catalog::{
    inventory::service::{self as inventory, ReserveStock, Restock},
    media::service::{self as media, BeginUpload, Ticket},
    product::service as products,
};
use entity::trade::{
    after_sale as table,
    refund::RefundStatus,
    trade_order::{self as order_row, OrderStatus},
    trade_order_line as order_line,
};
use kernel::{AfterSaleId, Currency, CustomerId, Failure, Fault, MediaId, Money, OrderId, OrderLineId, SkuId, Timestamp, days, hours};
use platform::{IdempotencyKey, Op, Tx, limiter::Rate};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::{
    Refused,
    events::AfterSaleRequested,
    policy,
    rules::{self, History, Kind, Move, Reason, State, Step, Wanted},
    store::{self, Case, CaseLine, Said, locked},
};
use crate::{
    order::{
        rules as order_rules,
        service::{self as orders, Happened, Order},
    },
    refund::{
        self,
        rules::{LineWish, PartsRefused, Shipping, Wish},
        service::{self as refunds, Refund, RequestLines},
    },
};

/// The most pictures sent at once.
pub const MOST_PICTURES: usize = 9;

/// The longest words, in characters.
pub const LONGEST_WORDS: usize = 500;

/// Some pieces a shopper asks about.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WantedPieces {
    /// Of which line of the order.
    pub line: OrderLineId,
    /// How many.
    pub quantity: i64,
    /// What is wanted instead; the same when not said.
    pub replacement: Option<SkuId>,
}

/// A case to be opened.
#[derive(Clone, Debug, Serialize)]
pub struct RequestCase {
    /// Of which order.
    pub order: OrderId,
    /// What is wanted.
    pub kind: Kind,
    /// Why.
    pub reason: Reason,
    /// Why, in words.
    pub note: String,
    /// Which pieces.
    pub lines: Vec<WantedPieces>,
    /// Less money than the pieces are worth, for goods that are kept.
    pub amount: Option<Money>,
    /// Pictures that prove it.
    pub media: Vec<MediaId>,
}

/// Opens a case of one's own order. The same key is one case. A small refund of a good shopper is under way at once.
pub async fn request(op: &Op, wanted: RequestCase, key: &str) -> Result<Case, Failure<Refused>> {
    let customer = op.customer()?;
    let key = IdempotencyKey::new(op, "after_sale_request", key, &wanted).map_err(Failure::widen)?;
    let note = rules::words(&wanted.note, LONGEST_WORDS).ok_or(Refused::Words)?;
    checked_evidence(op, &wanted.media).await?;
    checked_replacements(op, &wanted).await?;
    let history = history(op, customer).await?;
    let mut tx = op.begin().await?;
    if let Some(known) = tx.claim::<AfterSaleId>(&key).await.map_err(Failure::widen)? {
        drop(tx);
        return get(op, known).await?.ok_or_else(|| Refused::NotFound.into());
    }
    let order = orders::lock_any(&tx, wanted.order).await?.filter(|order| order.customer == customer);
    let order = order.ok_or(Refused::OrderNotFound)?;
    let policy = policy::current(&*tx).await?;
    let asked = Wanted { kind: wanted.kind, reason: wanted.reason, keeps_goods: false, excepted: false };
    rules::may_ask((order.status, order.received_at), asked, (&policy, op.now())).map_err(Refused::from)?;
    let (lines, excepted) = pieces(&tx, &order, &wanted).await?;
    let worth: i64 = lines.goods.iter().map(|piece| piece.amount_minor).sum();
    let keeps_goods = wanted.amount.is_some_and(|amount| amount.minor != worth);
    let asked = Wanted { keeps_goods, excepted, ..asked };
    rules::may_ask((order.status, order.received_at), asked, (&policy, op.now())).map_err(Refused::from)?;
    let (amount, lines) = match wanted.amount {
        None => (Money { minor: worth + lines.shipping, ..order.total }, lines.goods),
        Some(amount) if amount.currency != order.total.currency || amount.minor <= 0 || amount.minor > worth => {
            return Err(Refused::Amount(worth).into());
        }
        Some(_) if wanted.kind != Kind::RefundOnly => return Err(Refused::Amount(worth).into()),
        Some(amount) => (amount, shared(lines.goods, amount)),
    };
    let now = op.now();
    let earlier = store::of_order(&*tx, order.id).await?.len();
    let mut case = Case {
        id: op.new_id(),
        case_no: format!("{}-as{}", order.order_no, earlier + 1),
        order: order.id,
        customer,
        kind: wanted.kind,
        state: State::Requested,
        reason: wanted.reason,
        note,
        amount,
        keeps_goods,
        reduced: false,
        with_shipping: false,
        instant: policy.is_instant((wanted.kind, amount), history),
        goods_back: false,
        return_to: None,
        parcel: None,
        replacement_parcel: None,
        refund: None,
        refunds: 0,
        refusal: None,
        due_at: policy.due(State::Requested, now).map(|(at, _)| at),
        created_at: now,
        updated_at: now,
        closed_at: None,
    };
    let said = Said { media: wanted.media, ..Said::with("REQUESTED", case.note.clone()) };
    store::insert(&mut tx, op, (&case, &lines, said)).await?;
    let opened = Happened { order: order.id, kind: "AFTER_SALE_REQUESTED", note: Some(case.case_no.clone()), amount: None };
    orders::record(&mut tx, op, opened).await?;
    tx.emit(&AfterSaleRequested { case: case.id, order: order.id, customer, kind: case.kind });
    if case.instant {
        carry_out(&mut tx, op, (&order, &mut case), (Move::Accept, Said::plain("INSTANT"))).await?;
    }
    tx.remember(&key, &case.id).await?;
    tx.commit().await?;
    Ok(case)
}

/// What pieces are worth, and the shipping that goes back with the last that never left.
struct Worth {
    goods: Vec<CaseLine>,
    shipping: i64,
}

/// The pieces that are asked about, each of them neither back nor in another case, and whether any of them is excepted
/// from the right to be given back without a reason.
async fn pieces(tx: &Tx, order: &Order, wanted: &RequestCase) -> Result<(Worth, bool), Failure<Refused>> {
    let mut seen = HashSet::new();
    if wanted.lines.is_empty() || wanted.lines.iter().any(|piece| piece.quantity < 1 || !seen.insert(piece.line)) {
        return Err(Refused::Lines.into());
    }
    let books = refunds::books(&**tx, order).await?;
    let claimed = store::claimed(&**tx, (order.id, None)).await?;
    let rows = order_line::Entity::find().filter(order_line::Column::OrderId.eq(order.id)).all(&**tx).await?;
    let mut excepted = false;
    for piece in &wanted.lines {
        let line = books.lines.iter().find(|line| line.line == piece.line).ok_or(Refused::Lines)?;
        let left = line.pieces_left() - claimed.get(&piece.line).copied().unwrap_or(0);
        if piece.quantity > left {
            return Err(Refused::Quantity(Ord::max(left, 0)).into());
        }
        excepted |= rows.iter().any(|row| row.id == piece.line && cannot_come_back(row));
    }
    let wishes = wanted.lines.iter().map(|piece| LineWish { line: piece.line, quantity: piece.quantity, amount: None });
    let parts = match rules::shares(&books, &Wish::Lines(wishes.collect(), Shipping::Unshipped), 0) {
        Ok((parts, _)) => parts,
        // Gifts: they go back, no money does.
        Err(PartsRefused::Amount) => rules::Parts::default(),
        Err(refused) => return Err(Refused::from(refund::Refused::from(refused)).into()),
    };
    let goods = wanted.lines.iter().filter_map(|piece| {
        let line = books.lines.iter().find(|line| line.line == piece.line)?;
        let amount_minor = parts.lines.iter().find(|part| part.line == piece.line).map_or(0, |part| part.amount);
        let replacement = (wanted.kind == Kind::Exchange).then(|| piece.replacement.unwrap_or(line.sku));
        Some(CaseLine { line: piece.line, sku: line.sku, quantity: piece.quantity, amount_minor, replacement })
    });
    Ok((Worth { goods: goods.collect(), shipping: parts.shipping }, excepted))
}

/// Whether a line cannot be given back without a reason: as the shopper confirmed, or because there is nothing to send.
fn cannot_come_back(row: &order_line::Model) -> bool {
    row.return_exception.is_some() || row.is_virtual
}

/// The pieces, with an amount split over them by what they are worth.
fn shared(mut lines: Vec<CaseLine>, amount: Money) -> Vec<CaseLine> {
    let weights: Vec<i64> = lines.iter().map(|piece| piece.amount_minor).collect();
    for (piece, share) in lines.iter_mut().zip(amount.allocate(&weights)) {
        piece.amount_minor = share.minor;
    }
    lines
}

/// How often a shopper may announce a picture.
const UPLOADS: Rate = Rate { burst: 30, period: hours(1) };

/// Announces a picture that proves something.
pub async fn begin_upload(op: &Op, upload: BeginUpload) -> Result<Ticket, Failure<Refused>> {
    let key = format!("trade.evidence:{}", op.actor);
    op.platform.limiter.take(&key, 1, UPLOADS, op.now()).await.map_err(Refused::TooOften)?;
    media::begin(op, upload).map_err(Failure::widen)
}

/// What can be asked about a line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineOption {
    /// Which.
    pub line: OrderLineId,
    /// How many of its pieces are neither back nor in a case.
    pub pieces_left: i64,
    /// What those are worth.
    pub worth: i64,
    /// Whether it cannot be given back without a reason.
    pub excepted: bool,
}

/// What can be asked about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Line by line.
    pub lines: Vec<LineOption>,
    /// Of every worth.
    pub currency: Currency,
    /// Until when goods can be given back without a reason, once they arrived.
    pub no_reason_until: Option<Timestamp>,
    /// Until when faults can be said, once they arrived.
    pub fault_until: Option<Timestamp>,
}

/// What can be asked about an order the actor may see.
pub async fn options(op: &Op, id: OrderId) -> Result<Option<Options>, Fault> {
    let Some(order) = orders::get(op, id).await? else { return Ok(None) };
    let policy = policy::current(op.reader()).await?;
    let books = refunds::books(op.reader(), &order).await?;
    let claimed = store::claimed(op.reader(), (id, None)).await?;
    let rows = order_line::Entity::find().filter(order_line::Column::OrderId.eq(id)).all(op.reader()).await?;
    let option = |line: &refund::rules::LineBooks| {
        let pieces_left = Ord::max(line.pieces_left() - claimed.get(&line.line).copied().unwrap_or(0), 0);
        let excepted = rows.iter().any(|row| row.id == line.line && cannot_come_back(row));
        LineOption { line: line.line, pieces_left, worth: line.worth(pieces_left).unwrap_or(0), excepted }
    };
    Ok(Some(Options {
        lines: books.lines.iter().map(option).collect(),
        currency: order.total.currency,
        no_reason_until: order.received_at.map(rules::no_reason_until),
        fault_until: order.received_at.map(|at| at + days(u64::from(policy.fault_days))),
    }))
}

async fn checked_evidence(op: &Op, pictures: &[MediaId]) -> Result<(), Failure<Refused>> {
    if pictures.len() > MOST_PICTURES || !media::all_sent_by(op, pictures).await? {
        return Err(Refused::Evidence.into());
    }
    Ok(())
}

/// What is wanted instead is of the same product, on sale, and costs the same.
async fn checked_replacements(op: &Op, wanted: &RequestCase) -> Result<(), Failure<Refused>> {
    let others: Vec<SkuId> = wanted.lines.iter().filter_map(|piece| piece.replacement).collect();
    if others.is_empty() {
        return Ok(());
    }
    let rows = order_line::Entity::find().filter(order_line::Column::OrderId.eq(wanted.order)).all(op.reader()).await?;
    let mut asked = others;
    asked.extend(rows.iter().map(|row| row.sku));
    let known = products::skus(op, &asked).await?;
    for piece in wanted.lines.iter().filter(|piece| piece.replacement.is_some()) {
        let bought = rows.iter().find(|row| row.id == piece.line).ok_or(Refused::Lines)?;
        let price = known.get(&bought.sku).map(|sku| sku.price);
        let other = piece.replacement.and_then(|sku| known.get(&sku));
        let same = other.is_some_and(|other| other.product == bought.product && other.on_sale && Some(other.price) == price);
        if !same {
            return Err(Refused::Replacement.into());
        }
    }
    Ok(())
}

/// What is known of a shopper, for the instant rule.
async fn history(op: &Op, customer: CustomerId) -> Result<History, Fault> {
    let received = order_row::Entity::find()
        .filter(order_row::Column::Customer.eq(customer))
        .filter(order_row::Column::Status.is_in([OrderStatus::Received, OrderStatus::Completed]));
    let recent = table::Entity::find()
        .filter(table::Column::Customer.eq(customer))
        .filter(table::Column::CreatedAt.gt(op.now() - rules::INSTANT_WINDOW));
    let rejected = recent.clone().filter(table::Column::State.eq(table::AfterSaleState::Rejected));
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Ok(History {
        orders_received: count(received.count(op.reader()).await?),
        cases: count(recent.count(op.reader()).await?),
        rejected: count(rejected.count(op.reader()).await?),
    })
}

/// One move of a locked case, with all that belongs to it. Done already is done.
pub(crate) async fn carry_out(
    tx: &mut Tx,
    op: &Op,
    (order, case): (&Order, &mut Case),
    (by, said): (Move, Said),
) -> Result<(), Failure<Refused>> {
    let Step::To(next) = rules::step(case.standing(), by).map_err(Refused::from)? else { return Ok(()) };
    case.goods_back |= matches!(by, Move::Receive | Move::Pass);
    match next {
        State::AwaitingReturn => {
            if case.return_to.is_none() {
                case.return_to = Some(policy::current(&**tx).await?.return_to);
            }
            put_aside(tx, op, case).await?;
        }
        // Held since it was promised; anew when a no was overruled.
        State::Reshipping => put_aside(tx, op, case).await?,
        State::Refunding => {
            begin_refund(tx, op, (order, case)).await?;
            let_go(tx, op, case).await?;
        }
        State::Reshipped => inventory::commit(tx, op, replacement_of(case)).await.map_err(Failure::widen)?,
        State::Rejected | State::Cancelled => let_go(tx, op, case).await?,
        State::Requested | State::Returning | State::Inspecting | State::Done | State::Escalated => {}
    }
    store::write(tx, op, (case, next, said)).await?;
    if next == State::Refunding && case.refund.is_none() {
        store::write(tx, op, (case, State::Done, Said::plain("NOTHING_TO_REFUND"))).await?;
    }
    Ok(())
}

/// The replacement of an exchange is put aside under the case's own id: it is nobody's order.
fn replacement_of(case: &Case) -> OrderId {
    OrderId(case.id.0)
}

async fn put_aside(tx: &mut Tx, op: &Op, case: &Case) -> Result<(), Failure<Refused>> {
    if case.kind != Kind::Exchange {
        return Ok(());
    }
    let lines = store::lines(&**tx, case.id).await?.iter().map(|piece| (piece.replacement.unwrap_or(piece.sku), piece.quantity)).collect();
    // Every state a case may be in has a deadline; this is only the net below them.
    let until = op.now() + days(365);
    inventory::reserve(tx, op, ReserveStock { order: replacement_of(case), lines, until }).await.map_err(Failure::widen)
}

async fn let_go(tx: &mut Tx, op: &Op, case: &Case) -> Result<(), Fault> {
    if case.kind == Kind::Exchange { inventory::release(tx, op, replacement_of(case)).await } else { Ok(()) }
}

/// Asks for the refund of a case, under the case's number. Gifts have none.
async fn begin_refund(tx: &mut Tx, op: &Op, (order, case): (&Order, &mut Case)) -> Result<(), Failure<Refused>> {
    let mut lines = store::lines(&**tx, case.id).await?;
    let wish = |piece: &CaseLine| LineWish {
        line: piece.line,
        quantity: if case.keeps_goods { 0 } else { piece.quantity },
        amount: (case.keeps_goods || case.reduced).then_some(piece.amount_minor),
    };
    // What is kept gets money; a share of nothing is none.
    let wishes = lines.iter().map(wish).filter(|wish| wish.quantity > 0 || wish.amount != Some(0)).collect();
    let first = case.case_no.strip_prefix(&format!("{}-", order.order_no)).unwrap_or(&case.case_no).to_owned();
    let wanted = RequestLines {
        order: order.id,
        lines: wishes,
        shipping: if case.with_shipping { Shipping::Included } else { Shipping::Unshipped },
        restock: false,
        reason: if case.refunds == 0 { first } else { format!("{first}-{}", case.refunds + 1) },
        text: (!case.note.is_empty()).then(|| case.note.chars().take(200).collect()),
    };
    match refunds::request_lines(tx, op, wanted).await {
        Ok(refund) => {
            for piece in &mut lines {
                piece.amount_minor = refund.parts.iter().find(|part| part.line == piece.line).map_or(0, |part| part.amount);
            }
            store::share_out(tx, case, &lines).await?;
            (case.refund, case.refunds, case.amount) = (Some(refund.id), case.refunds + 1, refund.amount);
            Ok(())
        }
        Err(Failure::Refused(refund::Refused::Parts(PartsRefused::Amount))) if case.refund.is_none() => {
            case.amount.minor = 0;
            Ok(())
        }
        Err(failure) => Err(failure.widen()),
    }
}

/// One move of a case by whoever may see it.
async fn moved(op: &Op, id: AfterSaleId, (by, said): (Move, Said)) -> Result<Case, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, id).await?;
    carry_out(&mut tx, op, (&order, &mut case), (by, said)).await?;
    tx.commit().await?;
    Ok(case)
}

/// The shopper gives a case up, as long as nothing was sent.
pub async fn cancel(op: &Op, id: AfterSaleId) -> Result<Case, Failure<Refused>> {
    moved(op, id, (Move::Cancel, Said::plain("CANCELLED"))).await
}

/// Goods a shopper sent back.
#[derive(Clone, Debug)]
pub struct ShipBack {
    /// Of which case.
    pub case: AfterSaleId,
    /// Who carries them.
    pub carrier: String,
    /// Their number for it.
    pub tracking_no: String,
}

/// The shopper has sent the goods.
pub async fn ship_back(op: &Op, sent: ShipBack) -> Result<Case, Failure<Refused>> {
    let (carrier, tracking_no) = order_rules::parcel(&sent.carrier, &sent.tracking_no).map_err(Refused::from)?;
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, sent.case).await?;
    if rules::step(case.standing(), Move::ShipBack).map_err(Refused::from)? == Step::Already {
        return Ok(case);
    }
    let said = Said::with("SENT_BACK", format!("{carrier} {tracking_no}"));
    case.parcel = Some((carrier, tracking_no));
    carry_out(&mut tx, op, (&order, &mut case), (Move::ShipBack, said)).await?;
    tx.commit().await?;
    Ok(case)
}

/// The shopper has the replacement.
pub async fn confirm(op: &Op, id: AfterSaleId) -> Result<Case, Failure<Refused>> {
    moved(op, id, (Move::Confirm, Said::plain("CONFIRMED"))).await
}

/// Something to be said about a case, with pictures.
#[derive(Clone, Debug)]
pub struct Say {
    /// About which.
    pub case: AfterSaleId,
    /// What.
    pub note: String,
    /// Pictures that prove it.
    pub media: Vec<MediaId>,
}

/// Adds words and pictures to a case that is not over.
pub async fn say(op: &Op, say: Say) -> Result<Case, Failure<Refused>> {
    let note = rules::words(&say.note, LONGEST_WORDS).filter(|note| !note.is_empty() || !say.media.is_empty()).ok_or(Refused::Words)?;
    checked_evidence(op, &say.media).await?;
    let mut tx = op.begin().await?;
    let (_, mut case) = locked(&tx, op, say.case).await?;
    if case.state.is_closed() {
        return Err(Refused::from(rules::Refused::Closed).into());
    }
    let (state, said) = (case.state, Said { media: say.media, ..Said::with("SAID", note) });
    store::write(&mut tx, op, (&mut case, state, said)).await?;
    tx.commit().await?;
    Ok(case)
}

/// The merchant's yes.
#[derive(Clone, Debug)]
pub struct Approve {
    /// To which case.
    pub case: AfterSaleId,
    /// Where the goods are to be sent; as the terms say when not said.
    pub return_to: Option<String>,
    /// Words for the shopper.
    pub note: String,
}

/// The merchant agrees: the money goes back, or the goods are waited for. The replacement of an exchange is put aside.
pub async fn approve(op: &Op, yes: Approve) -> Result<Case, Failure<Refused>> {
    let note = rules::words(&yes.note, LONGEST_WORDS).ok_or(Refused::Words)?;
    let return_to = match yes.return_to {
        Some(text) => Some(rules::words(&text, 300).filter(|text| !text.is_empty()).ok_or(Refused::Words)?),
        None => None,
    };
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, yes.case).await?;
    if rules::step(case.standing(), Move::Accept).map_err(Refused::from)? == Step::Already {
        return Ok(case);
    }
    case.return_to = return_to;
    carry_out(&mut tx, op, (&order, &mut case), (Move::Accept, Said::with("ACCEPTED", note))).await?;
    tx.commit().await?;
    Ok(case)
}

/// The merchant's no: to the wish, or to what came back. The shopper may complain.
pub async fn reject(op: &Op, no: Say) -> Result<Case, Failure<Refused>> {
    let note = rules::words(&no.note, LONGEST_WORDS).filter(|note| !note.is_empty()).ok_or(Refused::Words)?;
    checked_evidence(op, &no.media).await?;
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, no.case).await?;
    if rules::step(case.standing(), Move::Reject).map_err(Refused::from)? == Step::Already {
        return Ok(case);
    }
    case.refusal = Some(note.clone());
    let said = Said { media: no.media, ..Said::with("REJECTED", note) };
    carry_out(&mut tx, op, (&order, &mut case), (Move::Reject, said)).await?;
    tx.commit().await?;
    Ok(case)
}

/// The goods are here; they are looked at next.
pub async fn receive(op: &Op, id: AfterSaleId) -> Result<Case, Failure<Refused>> {
    moved(op, id, (Move::Receive, Said::plain("RECEIVED"))).await
}

/// What came back is as it should be, or nearly.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Of which case.
    pub case: AfterSaleId,
    /// Less than the pieces are worth, for what is worn or missing; then with words why.
    pub amount: Option<Money>,
    /// Whether what bringing them cost goes back too.
    pub with_shipping: bool,
    /// Whether they return to the shelf.
    pub restock: bool,
    /// Words for the shopper.
    pub note: String,
}

/// The merchant looked at what came back: the money goes back, or the replacement is sent.
pub async fn pass(op: &Op, passed: Pass) -> Result<Case, Failure<Refused>> {
    let note = rules::words(&passed.note, LONGEST_WORDS).ok_or(Refused::Words)?;
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, passed.case).await?;
    if rules::step(case.standing(), Move::Pass).map_err(Refused::from)? == Step::Already {
        return Ok(case);
    }
    let lines = store::lines(&*tx, case.id).await?;
    if let Some(amount) = passed.amount {
        let worth: i64 = lines.iter().map(|piece| piece.amount_minor).sum();
        let fits = case.kind == Kind::Return && amount.currency == case.amount.currency && (1..=worth).contains(&amount.minor);
        if !fits {
            return Err(Refused::Amount(worth).into());
        }
        if note.is_empty() && amount.minor < worth {
            return Err(Refused::Words.into());
        }
        case.reduced = amount.minor < worth;
        if case.reduced {
            store::share_out(&tx, &case, &shared(lines.clone(), amount)).await?;
        }
    }
    case.with_shipping = passed.with_shipping;
    carry_out(&mut tx, op, (&order, &mut case), (Move::Pass, Said::with("PASSED", note))).await?;
    if passed.restock {
        let lines = Some(lines.iter().map(|piece| (piece.sku, piece.quantity)).collect());
        let back = Restock { order: order.id, reference: case.id.to_string(), lines };
        inventory::restock(&mut tx, op, back).await.map_err(Failure::widen)?;
    }
    tx.commit().await?;
    Ok(case)
}

/// A replacement that leaves the house.
#[derive(Clone, Debug)]
pub struct Reship {
    /// Of which case.
    pub case: AfterSaleId,
    /// Who carries it.
    pub carrier: String,
    /// Their number for it.
    pub tracking_no: String,
}

/// The merchant sends the replacement; it leaves the stock.
pub async fn reship(op: &Op, sent: Reship) -> Result<Case, Failure<Refused>> {
    let (carrier, tracking_no) = order_rules::parcel(&sent.carrier, &sent.tracking_no).map_err(Refused::from)?;
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, sent.case).await?;
    if rules::step(case.standing(), Move::Reship).map_err(Refused::from)? == Step::Already {
        return Ok(case);
    }
    let said = Said::with("RESHIPPED", format!("{carrier} {tracking_no}"));
    case.replacement_parcel = Some((carrier, tracking_no));
    carry_out(&mut tx, op, (&order, &mut case), (Move::Reship, said)).await?;
    tx.commit().await?;
    Ok(case)
}

/// There is no replacement: the money goes back instead.
pub async fn refund_instead(op: &Op, id: AfterSaleId) -> Result<Case, Failure<Refused>> {
    moved(op, id, (Move::RefundInstead, Said::plain("REFUND_INSTEAD"))).await
}

/// Asks anew for a refund that failed, under a number of its own.
pub async fn refund_again(op: &Op, id: AfterSaleId) -> Result<Case, Failure<Refused>> {
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, id).await?;
    let failed = match case.refund {
        Some(refund) if case.state == State::Refunding => refunds::status(&*tx, refund).await? == Some(RefundStatus::Failed),
        _ => false,
    };
    if !failed {
        return Err(Refused::RefundNotFailed.into());
    }
    begin_refund(&mut tx, op, (&order, &mut case)).await?;
    let state = case.state;
    store::write(&mut tx, op, (&mut case, state, Said::plain("REFUND_AGAIN"))).await?;
    tx.commit().await?;
    Ok(case)
}

/// The case, when the actor may see it.
pub async fn get(op: &Op, id: AfterSaleId) -> Result<Option<Case>, Fault> {
    let row = table::Entity::find_by_id(id).one(op.reader()).await?;
    row.filter(|row| store::visible(op, row.customer)).map(Case::of).transpose()
}

/// Whether a case of the order is not over: its goods are not the shopper's for good.
pub async fn is_open(db: &impl ConnectionTrait, order: OrderId) -> Result<bool, Fault> {
    Ok(store::of_order(db, order).await?.iter().any(|case| !case.state.is_closed()))
}

/// The refund of a case ended: with the money back the case is done.
pub(super) async fn refund_ended(op: &Op, refund: &Refund) -> Result<(), Fault> {
    let known = table::Entity::find().filter(table::Column::Refund.eq(refund.id)).one(op.reader()).await?;
    let Some(known) = known else { return Ok(()) };
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, known.id).await.map_err(no_refusal)?;
    match refund.status {
        RefundStatus::Succeeded => {
            carry_out(&mut tx, op, (&order, &mut case), (Move::Settle, Said::plain("REFUNDED"))).await.map_err(no_refusal)?;
        }
        RefundStatus::Failed if !store::is_told(&*tx, case.id, ("REFUND_FAILED", &refund.refund_no)).await? => {
            let state = case.state;
            store::write(&mut tx, op, (&mut case, state, Said::with("REFUND_FAILED", refund.refund_no.clone()))).await?;
        }
        _ => return Ok(()),
    }
    tx.commit().await
}

fn no_refusal(failure: Failure<Refused>) -> Fault {
    match failure {
        Failure::Refused(refused) => Fault::corrupt(format!("a refund's case does not move: {refused}")),
        Failure::Fault(fault) => fault,
    }
}

/// Cases somebody was silent about for too long.
pub(super) async fn overdue(op: &Op, limit: u64) -> Result<Vec<AfterSaleId>, Fault> {
    let due = table::Entity::find().select_only().column(table::Column::Id).filter(table::Column::DueAt.lte(op.now()));
    Ok(due.order_by_asc(table::Column::DueAt).limit(limit).into_tuple().all(op.reader()).await?)
}

/// What happens to a case by itself. One that cannot be moved is looked at again the next day, and by a person before.
pub(super) async fn lapse(op: &Op, id: AfterSaleId) -> Result<(), Fault> {
    match try_lapse(op, id).await {
        Ok(()) => Ok(()),
        Err(Failure::Fault(fault)) => Err(fault),
        Err(Failure::Refused(refused)) => {
            tracing::warn!(case = %id, %refused, "a case does not move by itself; a person must look");
            let mut tx = op.begin().await?;
            let (_, mut case) = locked(&tx, op, id).await.map_err(no_refusal)?;
            if case.due_at.is_none_or(|at| at > op.now()) {
                return Ok(());
            }
            let state = case.state;
            case.due_at = Some(op.now() + days(1));
            store::write(&mut tx, op, (&mut case, state, Said::with("NEEDS_A_PERSON", kernel::Refusal::code(&refused)))).await?;
            tx.commit().await
        }
    }
}

async fn try_lapse(op: &Op, id: AfterSaleId) -> Result<(), Failure<Refused>> {
    let mut tx = op.begin().await?;
    let (order, mut case) = locked(&tx, op, id).await?;
    if case.due_at.is_none_or(|at| at > op.now()) {
        return Ok(());
    }
    let Some((_, by)) = policy::current(&*tx).await?.due(case.state, op.now()) else { return Ok(()) };
    let what = match by {
        Move::Accept => "ACCEPTED_IN_SILENCE",
        Move::Cancel => "CLOSED_IN_SILENCE",
        Move::Pass => "PASSED_IN_SILENCE",
        Move::RefundInstead => "NOT_RESHIPPED",
        _ => "CONFIRMED_IN_SILENCE",
    };
    match carry_out(&mut tx, op, (&order, &mut case), (by, Said::plain(what))).await {
        Err(Failure::Refused(Refused::Stock(_))) if by == Move::Accept => {
            // There is nothing to change it for: the shopper gets the money for what they send back.
            drop(tx);
            let mut tx = op.begin().await?;
            let (order, mut case) = locked(&tx, op, id).await?;
            case.kind = Kind::Return;
            carry_out(&mut tx, op, (&order, &mut case), (by, Said::with(what, "OUT_OF_STOCK"))).await?;
            tx.commit().await?;
        }
        Err(other) => return Err(other),
        Ok(()) => tx.commit().await?,
    }
    Ok(())
}

/// The shopper complains about a no: the case waits for the decision. Its pieces must not be in another case meanwhile.
pub(crate) async fn escalate(tx: &mut Tx, op: &Op, (order, id): (&Order, AfterSaleId)) -> Result<Case, Failure<Refused>> {
    let (_, mut case) = locked(tx, op, id).await?;
    if case.order != order.id {
        return Err(Refused::NotFound.into());
    }
    if case.state == State::Rejected {
        let until = case.closed_at.unwrap_or(case.updated_at) + days(u64::from(policy::current(&**tx).await?.complain_days));
        if until <= op.now() {
            return Err(Refused::from(rules::Refused::TooLate(until)).into());
        }
        let claimed = store::claimed(&**tx, (order.id, Some(case.id))).await?;
        let books = refunds::books(&**tx, order).await?;
        for piece in store::lines(&**tx, case.id).await? {
            let left = books.lines.iter().find(|line| line.line == piece.line).map_or(0, refund::rules::LineBooks::pieces_left);
            let left = left - claimed.get(&piece.line).copied().unwrap_or(0);
            if piece.quantity > left {
                return Err(Refused::Quantity(Ord::max(left, 0)).into());
            }
        }
    }
    carry_out(tx, op, (order, &mut case), (Move::Escalate, Said::plain("ESCALATED"))).await?;
    Ok(case)
}

/// How a complaint about a case was decided.
pub(crate) async fn decided(tx: &mut Tx, op: &Op, (order, id, by): (&Order, AfterSaleId, Move)) -> Result<(), Failure<Refused>> {
    let (_, mut case) = locked(tx, op, id).await?;
    if case.state != State::Escalated {
        return Ok(());
    }
    let what = if by == Move::Uphold { "UPHELD" } else { "DISMISSED" };
    carry_out(tx, op, (order, &mut case), (by, Said::plain(what))).await
}
