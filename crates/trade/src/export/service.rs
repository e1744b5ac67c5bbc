//! Addresses of files, and the files.

use async_stream::try_stream;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use futures_util::{StreamExt, stream::BoxStream};
use kernel::{Currency, Cursor, CustomerId, Failure, Fault, Locale, PageRequest, Timestamp, days, minutes};
use platform::Op;
use serde::{Deserialize, Serialize};

use super::{
    Refused,
    table::{self, MOST_CSV, MOST_XLSX},
};
use crate::{
    ledger::service::{Period, StatementLine},
    points::service::{self as points, Which},
    wallet::service as wallets,
};

/// Files are read at `{PATH}/{token}`.
pub const PATH: &str = "/exports";

/// How long an address is good for.
const OPEN: std::time::Duration = minutes(15);

/// What tokens are sealed for.
const PLACE: &str = "statement.export";

/// Lines read at once.
const LINES: u64 = 500;

/// Of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// A wallet, in one currency.
    Wallet(Currency),
    /// Points that can be spent.
    Points,
    /// Points that wait.
    FrozenPoints,
}

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Comma-separated values, UTF-8.
    Csv,
    /// A spreadsheet.
    Xlsx,
}

/// A statement as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Whose.
    pub customer: CustomerId,
    /// Of what.
    pub subject: Subject,
    /// In which form.
    pub form: Form,
    /// Not before this.
    pub from: Timestamp,
    /// Before this.
    pub until: Timestamp,
}

/// Where the file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// A path on this server.
    pub url: String,
    /// Not later than this.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    wanted: Wanted,
    locale: Locale,
    until: Timestamp,
}

/// Gives an address of a file. For those who may see the statement.
pub fn begin(op: &Op, wanted: Wanted) -> Result<Ticket, Failure<Refused>> {
    if wanted.from >= wanted.until || wanted.until > wanted.from + days(366) {
        return Err(Refused::Period.into());
    }
    let until = op.now() + OPEN;
    let sealed = Sealed { wanted, locale: op.locale, until };
    let token = BASE64.encode(op.crypto().seal(PLACE, &serde_json::to_string(&sealed)?)?);
    Ok(Ticket { url: format!("{PATH}/{token}"), expires_at: until })
}

/// A file.
pub struct File {
    /// Its name.
    pub name: String,
    /// Its MIME type.
    pub content_type: &'static str,
    /// Its bytes, as they are read.
    pub body: BoxStream<'static, Result<Vec<u8>, Fault>>,
}

/// Opens the file of an address; the token is the right to read it.
pub async fn open(op: &Op, token: &str) -> Result<File, Failure<Refused>> {
    let sealed = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Refused::Token)?;
    let sealed = op.crypto().open(PLACE, &sealed).map_err(|_| Refused::Token)?;
    let Sealed { wanted, locale, until } = serde_json::from_str(&sealed)?;
    if until < op.now() {
        return Err(Refused::Token.into());
    }
    let subject = match wanted.subject {
        Subject::Wallet(_) => "wallet",
        Subject::Points => "points",
        Subject::FrozenPoints => "points-frozen",
    };
    let name = format!("{subject}-{}-{}", wanted.from.yyyymmdd(), wanted.until.yyyymmdd());
    Ok(match wanted.form {
        Form::Csv => File { name: format!("{name}.csv"), content_type: "text/csv; charset=utf-8", body: csv(op.clone(), (wanted, locale)) },
        Form::Xlsx => {
            let lines = all(op, &wanted, MOST_XLSX).await?;
            let file = tokio::task::spawn_blocking(move || table::xlsx(locale, &lines)).await;
            let file = file.map_err(|e| Fault::internal(e.to_string()))??;
            let content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            File { name: format!("{name}.xlsx"), content_type, body: futures_util::stream::once(async { Ok(file) }).boxed() }
        }
    })
}

/// Page by page, the latest first, as far as the limit goes.
fn csv(op: Op, (wanted, locale): (Wanted, Locale)) -> BoxStream<'static, Result<Vec<u8>, Fault>> {
    let pages = try_stream! {
        yield [table::BOM, &table::csv([table::heading(locale)])?].concat();
        let (mut after, mut written) = (None, 0);
        loop {
            let (lines, next) = page(&op, &wanted, after).await?;
            written += lines.len();
            if !lines.is_empty() {
                yield table::csv(lines.iter().map(table::cells))?;
            }
            match next {
                Some(next) if written < MOST_CSV => after = Some(next),
                _ => break,
            }
        }
    };
    pages.boxed()
}

async fn all(op: &Op, wanted: &Wanted, most: usize) -> Result<Vec<StatementLine>, Fault> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (lines, next) = page(op, wanted, after).await?;
        all.extend(lines);
        match next {
            Some(next) if all.len() < most => after = Some(next),
            _ => break,
        }
    }
    all.truncate(most);
    Ok(all)
}

async fn page(op: &Op, wanted: &Wanted, after: Option<Cursor>) -> Result<(Vec<StatementLine>, Option<Cursor>), Fault> {
    let what = (Period { from: Some(wanted.from), until: Some(wanted.until) }, PageRequest { first: LINES, after });
    let page = match wanted.subject {
        Subject::Wallet(currency) => wallets::statement(op, (wanted.customer, currency), what).await,
        Subject::Points => points::statement(op, (wanted.customer, Which::Available), what).await,
        Subject::FrozenPoints => points::statement(op, (wanted.customer, Which::Frozen), what).await,
    };
    let page = page.map_err(|failure| match failure {
        Failure::Fault(fault) => fault,
        Failure::Refused(refused) => Fault::internal(refused.to_string()),
    })?;
    let next = page.rows.last().filter(|_| page.more).map(|(cursor, _)| cursor.clone());
    Ok((page.rows.into_iter().map(|(_, line)| line).collect(), next))
}
