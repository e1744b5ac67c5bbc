//! Taking bills, comparing them, settling what does not agree.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use entity::trade::{
    bill_difference::{self as difference, DifferenceState, Problem},
    provider_bill as table,
};
use kernel::{BillId, Cursor, CursorError, DifferenceId, Failure, Fault, Money, Page, PageRequest, Timestamp, days, minutes};
use platform::{Op, crypto::sha256_hex};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    layouts::{self, Layout, Line},
    rules::{self, Kind, Theirs},
    store::{self, Wanted},
};
use crate::payment::{gateway::GatewayError, service as payments};

/// Bills are sent by `PUT {UPLOAD_PATH}/{token}`.
pub const UPLOAD_PATH: &str = "/uploads/bills";

/// The largest file that is taken.
pub const MOST_BYTES: usize = 32 << 20;

/// How long an announced file may take to come.
const OPEN: std::time::Duration = minutes(15);

/// What upload tokens are sealed for.
const PLACE: &str = "bill.upload";

/// A bill that was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Which.
    pub id: BillId,
    /// Whose.
    pub gateway: String,
    /// In whose columns.
    pub layout: String,
    /// As its sender called it.
    pub file_name: String,
    /// It lists what happened from here …
    pub from: Timestamp,
    /// … to before here.
    pub until: Timestamp,
    /// Charges and refunds in it.
    pub lines: i64,
    /// Those that agree.
    pub matched: i64,
    /// What does not.
    pub differences: i64,
    /// What nobody settled yet.
    pub open: i64,
    /// Who brought it.
    pub imported_by: String,
    /// When.
    pub imported_at: Timestamp,
}

/// A file that is announced.
#[derive(Clone, Debug)]
pub struct BeginUpload {
    /// Whose bill it is.
    pub gateway: String,
    /// As its sender calls it.
    pub file_name: String,
    /// How large it is.
    pub bytes: i64,
    /// It lists what happened from here …
    pub from: Timestamp,
    /// … to before here.
    pub until: Timestamp,
}

/// Where to send an announced file.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// A path on this server; PUT the bytes there.
    pub upload_url: String,
    /// Not later than this.
    pub expires_at: Timestamp,
}

/// What a token promises.
#[derive(Serialize, Deserialize)]
struct Announced {
    gateway: String,
    file_name: String,
    bytes: i64,
    from: Timestamp,
    until: Timestamp,
    by: String,
    open_until: Timestamp,
}

/// Announces a bill: what would be refused later is refused now.
pub fn begin(op: &Op, upload: BeginUpload) -> Result<Ticket, Failure<Refused>> {
    Layout::of(&upload.gateway).ok_or(Refused::Gateway)?;
    let file_name = named(&upload.file_name)?;
    if usize::try_from(upload.bytes).map_or(true, |bytes| bytes == 0 || bytes > MOST_BYTES) {
        return Err(Refused::Size(i64::try_from(MOST_BYTES).unwrap_or(i64::MAX)).into());
    }
    period(upload.from, upload.until)?;
    let open_until = op.now() + OPEN;
    let announced = Announced {
        gateway: upload.gateway,
        file_name,
        bytes: upload.bytes,
        from: upload.from,
        until: upload.until,
        by: op.actor.to_string(),
        open_until,
    };
    let token = BASE64.encode(op.crypto().seal(PLACE, &serde_json::to_string(&announced)?)?);
    Ok(Ticket { upload_url: format!("{UPLOAD_PATH}/{token}"), expires_at: open_until })
}

/// Takes the bytes of an announced bill; the token is the right to send them. Twice is once.
pub async fn upload(op: &Op, token: &str, bytes: &[u8]) -> Result<Bill, Failure<Refused>> {
    let sealed = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Refused::Token)?;
    let announced = op.crypto().open(PLACE, &sealed).map_err(|_| Refused::Token)?;
    let announced: Announced = serde_json::from_str(&announced)?;
    if announced.open_until < op.now() {
        return Err(Refused::Token.into());
    }
    if i64::try_from(bytes.len()).ok() != Some(announced.bytes) {
        return Err(Refused::Size(announced.bytes).into());
    }
    let Announced { gateway, file_name, from, until, by, .. } = announced;
    import(op, NewBill { gateway, file_name, from, until, by }, bytes).await
}

/// Asks the provider itself for the bill of a day (`2026-11-11`, in its own time zone).
pub async fn fetch(op: &Op, gateway: &str, day: &str) -> Result<Bill, Failure<Refused>> {
    Layout::of(gateway).ok_or(Refused::Gateway)?;
    let offset = if gateway == "stripe" { "Z" } else { "+08:00" };
    let from = Timestamp::parse_rfc3339(&format!("{day}T00:00:00{offset}")).ok_or(Refused::Period)?;
    let provider = payments::gateway(op, gateway)?.ok_or(Refused::Gateway)?;
    let file = match provider.bill(day).await {
        Ok(file) => file,
        Err(GatewayError::Refused { code, message }) => return Err(Refused::NoBill(format!("{code}: {message}")).into()),
        Err(lost) => return Err(Fault::from(lost).into()),
    };
    if file.is_empty() || file.len() > MOST_BYTES {
        return Err(Refused::Size(i64::try_from(MOST_BYTES).unwrap_or(i64::MAX)).into());
    }
    let new = NewBill {
        gateway: gateway.to_owned(),
        file_name: format!("{gateway}-{day}.csv"),
        from,
        until: from + days(1),
        by: op.actor.to_string(),
    };
    import(op, new, &file).await
}

/// What is known of a bill beside its content.
#[derive(Clone, Debug)]
pub struct NewBill {
    /// Whose.
    pub gateway: String,
    /// As its sender calls it.
    pub file_name: String,
    /// It lists what happened from here …
    pub from: Timestamp,
    /// … to before here.
    pub until: Timestamp,
    /// Who brings it.
    pub by: String,
}

/// Reads a bill, compares it with our books, and keeps what was found. The same file again is the same bill.
pub async fn import(op: &Op, new: NewBill, file: &[u8]) -> Result<Bill, Failure<Refused>> {
    let layout = Layout::of(&new.gateway).ok_or(Refused::Gateway)?;
    period(new.from, new.until)?;
    let digest = sha256_hex(file);
    if let Some(known) = by_digest(op, &new.gateway, &digest).await? {
        return Ok(known);
    }
    let lines = layouts::read(layout, file).map_err(Refused::from)?;
    let inside = |line: &Line| line.at >= new.from && line.at < new.until;
    if !lines.is_empty() && !lines.iter().any(inside) {
        return Err(Refused::Period.into());
    }
    let wanted = Wanted { gateway: &new.gateway, from: new.from, until: new.until, lines: &lines };
    let ours = store::ours(op, &wanted).await?;
    let listed = store::listed(op, &new.gateway, &ours).await?;
    let theirs: Vec<Theirs> = lines.iter().map(|line| line.theirs.clone()).collect();
    let outcome = rules::compare(&theirs, &ours, &listed);
    let tx = op.begin().await?;
    let id: BillId = op.new_id();
    let row = table::ActiveModel {
        id: Set(id),
        gateway: Set(new.gateway.clone()),
        layout: Set(layout.name().to_owned()),
        file_name: Set(new.file_name),
        digest: Set(digest.clone()),
        from_at: Set(new.from),
        until_at: Set(new.until),
        lines: Set(i64::try_from(lines.len()).unwrap_or(i64::MAX)),
        matched: Set(outcome.matched.cast_signed()),
        differences: Set(0),
        open: Set(0),
        imported_by: Set(new.by),
        imported_at: Set(op.now()),
    };
    let once = OnConflict::columns([table::Column::Gateway, table::Column::Digest]).do_nothing().to_owned();
    if table::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await? == 0 {
        drop(tx);
        return Ok(by_digest(op, &new.gateway, &digest).await?.ok_or(Refused::NotFound)?);
    }
    store::write_lines(&tx, (id, &new.gateway), &lines).await?;
    store::write_differences(&tx, op, (id, &new.gateway, &outcome.differences)).await?;
    store::settle_listed(&tx, op, (id, &new.gateway, &lines)).await?;
    let open = store::open(&*tx, id).await?;
    table::Entity::update_many()
        .col_expr(table::Column::Differences, Expr::value(open))
        .col_expr(table::Column::Open, Expr::value(open))
        .filter(table::Column::Id.eq(id))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(get(op, id).await?.ok_or(Refused::NotFound)?)
}

fn named(file_name: &str) -> Result<String, Refused> {
    let file_name = file_name.trim();
    let usable = !file_name.is_empty() && file_name.chars().count() <= 200 && !file_name.chars().any(char::is_control);
    if usable { Ok(file_name.to_owned()) } else { Err(Refused::FileName) }
}

fn period(from: Timestamp, until: Timestamp) -> Result<(), Refused> {
    if from < until && until <= from + days(31) { Ok(()) } else { Err(Refused::Period) }
}

async fn by_digest(op: &Op, gateway: &str, digest: &str) -> Result<Option<Bill>, Fault> {
    let same = table::Column::Gateway.eq(gateway).and(table::Column::Digest.eq(digest));
    Ok(table::Entity::find().filter(same).one(op.platform.db.writer()).await?.map(Bill::of))
}

/// A bill. For those who may see the books.
pub async fn get(op: &Op, id: BillId) -> Result<Option<Bill>, Fault> {
    Ok(table::Entity::find_by_id(id).one(op.platform.db.writer()).await?.map(Bill::of))
}

/// Bills, the latest first. For those who may see the books.
pub async fn bills(op: &Op, (gateway, page): (Option<String>, PageRequest)) -> Result<Page<Bill>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<BillId>).transpose()?;
    let which = Condition::all()
        .add_option(gateway.map(|gateway| table::Column::Gateway.eq(gateway)))
        .add_option(after.map(|id| table::Column::Id.lt(id)));
    let rows = table::Entity::find().filter(which).order_by_desc(table::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows.into_iter().map(Bill::of).collect(), page.first, |bill| bill.id))
}

/// Something bill and books do not agree about, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub id: DifferenceId,
    /// Of which bill.
    pub bill: BillId,
    /// Whose.
    pub gateway: String,
    /// What it is about.
    pub kind: Kind,
    /// How they disagree.
    pub problem: Problem,
    /// Our number, or theirs when there is none of ours.
    pub number: String,
    /// Their number.
    pub provider_id: Option<String>,
    /// What we say.
    pub ours: Option<Money>,
    /// What they say.
    pub theirs: Option<Money>,
    /// Where it stands here.
    pub our_state: Option<String>,
    /// Where it stands there.
    pub their_state: Option<String>,
    /// Whether somebody settled it.
    pub state: DifferenceState,
    /// What whoever settled it said.
    pub note: Option<String>,
    /// Who settled it.
    pub resolved_by: Option<String>,
    /// When.
    pub resolved_at: Option<Timestamp>,
    /// When it was found.
    pub created_at: Timestamp,
}

/// Which differences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DifferenceFilter {
    /// Of this bill only.
    pub bill: Option<BillId>,
    /// Of this gateway only.
    pub gateway: Option<String>,
    /// That stand here only.
    pub state: Option<DifferenceState>,
}

/// Differences, the latest first. For those who may see the books.
pub async fn differences(op: &Op, (filter, page): (DifferenceFilter, PageRequest)) -> Result<Page<Difference>, Failure<CursorError>> {
    let after = page.after.as_ref().map(Cursor::key::<DifferenceId>).transpose()?;
    let which = Condition::all()
        .add_option(filter.bill.map(|bill| difference::Column::Bill.eq(bill)))
        .add_option(filter.gateway.map(|gateway| difference::Column::Gateway.eq(gateway)))
        .add_option(filter.state.map(|state| difference::Column::State.eq(state)))
        .add_option(after.map(|id| difference::Column::Id.lt(id)));
    let rows =
        difference::Entity::find().filter(which).order_by_desc(difference::Column::Id).limit(page.first + 1).all(op.reader()).await?;
    Ok(Page::take(rows.into_iter().map(Difference::of).collect(), page.first, |row| row.id))
}

/// Staff say what a difference was. The same words again change nothing.
pub async fn resolve(op: &Op, id: DifferenceId, note: &str) -> Result<Difference, Failure<Refused>> {
    let note = note.trim();
    if note.is_empty() || note.chars().count() > 500 || note.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refused::Note.into());
    }
    let tx = op.begin().await?;
    let row = difference::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Refused::NotFound)?;
    if !store::settle(&tx, op, (&row, note)).await? {
        let same = row.note.as_deref() == Some(note);
        return if same { Ok(Difference::of(row)) } else { Err(Refused::Settled.into()) };
    }
    tx.commit().await?;
    let row = difference::Entity::find_by_id(id).one(op.platform.db.writer()).await?;
    Ok(row.map(Difference::of).ok_or(Refused::NotFound)?)
}

impl Bill {
    fn of(row: table::Model) -> Self {
        Self {
            id: row.id,
            gateway: row.gateway,
            layout: row.layout,
            file_name: row.file_name,
            from: row.from_at,
            until: row.until_at,
            lines: row.lines,
            matched: row.matched,
            differences: row.differences,
            open: row.open,
            imported_by: row.imported_by,
            imported_at: row.imported_at,
        }
    }
}

impl Difference {
    fn of(row: difference::Model) -> Self {
        let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, row.currency));
        Self {
            id: row.id,
            bill: row.bill,
            kind: store::read(row.kind),
            problem: row.problem,
            ours: money(row.ours_minor),
            theirs: money(row.theirs_minor),
            gateway: row.gateway,
            number: row.number,
            provider_id: row.provider_id,
            our_state: row.our_state,
            their_state: row.their_state,
            state: row.state,
            note: row.note,
            resolved_by: row.resolved_by,
            resolved_at: row.resolved_at,
            created_at: row.created_at,
        }
    }
}
