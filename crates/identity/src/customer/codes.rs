//! One-time codes: sent, guessed, used.

use entity::identity::phone_code as table;
use kernel::{Failure, Timestamp, days, minutes};
use platform::{Op, Tx, crypto::same, limiter::Rate};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::{
    TextError, TextMessages,
    error::{SendRefused, SignInRefused},
    rules::{self, CodeState, Phone, Sends},
    service::phone_index,
};
use crate::session::rules::network;

/// How often one address may ask. A mobile carrier puts thousands of phones behind one, so these are wider than what one
/// phone may.
#[derive(Clone, Copy, Debug)]
pub struct CodeSettings {
    /// Codes one address may have sent in a minute.
    pub sends_per_minute: u32,
    /// Codes one address may have sent in a day.
    pub sends_per_day: u32,
    /// Guesses one address may make in a minute, at whatever phones.
    pub guesses_per_minute: u32,
}

impl Default for CodeSettings {
    fn default() -> Self {
        Self { sends_per_minute: 10, sends_per_day: 100, guesses_per_minute: 30 }
    }
}

/// Sends a code to a phone; tells when the next may be asked for. Whether anybody has the phone plays no part.
pub async fn send(op: &Op, phone: &str) -> Result<Timestamp, Failure<SendRefused>> {
    let phone = Phone::parse(phone).map_err(|_| SendRefused::Phone)?;
    let settings = *op.port::<CodeSettings>()?;
    from_one_address(op, "send-minute", Rate { burst: settings.sends_per_minute, period: minutes(1) })
        .await
        .map_err(SendRefused::TooOften)?;
    from_one_address(op, "send-day", Rate { burst: settings.sends_per_day, period: days(1) }).await.map_err(SendRefused::TooOften)?;
    let code = rules::six_digits(op.random_bytes());
    store(op, &phone, &code).await?;
    // Sent while the caller waits, outside the transaction: a code that is never sent costs a minute, no more.
    let sent = op.port::<dyn TextMessages>()?.send_code(&phone, &code, op.locale).await;
    match sent {
        Ok(()) => Ok(op.now() + minutes(1)),
        Err(TextError::NotConfigured) => Err(SendRefused::NotOffered.into()),
        Err(TextError::Unavailable(reason)) => {
            tracing::warn!(reason, request = %op.request.id, "a one-time code was not sent");
            Err(SendRefused::NotSent.into())
        }
    }
}

async fn store(op: &Op, phone: &Phone, code: &str) -> Result<(), Failure<SendRefused>> {
    let (index, now) = (phone_index(op, phone), op.now());
    let tx = op.begin().await?;
    // The row exists before it is locked, so that two first sends wait for each other too.
    let nothing = row(&index, None, &Sends { last_at: Timestamp(0), window_began_at: Timestamp(0), count: 0 });
    let known = OnConflict::column(table::Column::PhoneIndex).do_nothing().to_owned();
    table::Entity::insert(nothing).on_conflict(known).exec_without_returning(&*tx).await?;
    let before = table::Entity::find_by_id(index.clone()).lock_exclusive().one(&*tx).await?;
    let before = before.map(|row| Sends { last_at: row.sent_at, window_began_at: row.window_began_at, count: row.window_sends });
    let sends = Sends::another(before, now).map_err(SendRefused::TooOften)?;
    table::Entity::update(row(&index, Some(code_hash(op, phone, code)), &sends)).exec(&*tx).await?;
    Ok(tx.commit().await?)
}

fn row(index: &str, code_hash: Option<String>, sends: &Sends) -> table::ActiveModel {
    table::ActiveModel {
        phone_index: Set(index.to_owned()),
        code_hash: Set(code_hash),
        sent_at: Set(sends.last_at),
        expires_at: Set(sends.last_at + rules::CODE_LIVES),
        tries: Set(0),
        window_began_at: Set(sends.window_began_at),
        window_sends: Set(sends.count),
    }
}

/// A guess. The caller commits whatever is answered, so that a wrong one counts.
pub(super) async fn redeem(tx: &Tx, op: &Op, (phone, typed): (&Phone, &str)) -> Result<Result<(), SignInRefused>, kernel::Fault> {
    let row = table::Entity::find_by_id(phone_index(op, phone)).lock_exclusive().one(&**tx).await?;
    let state = |row: &table::Model| CodeState { used: row.code_hash.is_none(), expires_at: row.expires_at, tries: row.tries };
    let Some(row) = row.filter(|row| rules::may_guess(&state(row), op.now())) else { return Ok(Err(SignInRefused::CodeExpired)) };
    let typed = rules::typed_code(typed).map(|code| code_hash(op, phone, &code)).unwrap_or_default();
    let right = row.code_hash.as_deref().is_some_and(|hash| same(hash.as_bytes(), typed.as_bytes()));
    let after = table::ActiveModel {
        phone_index: Set(row.phone_index),
        code_hash: if right { Set(None) } else { Set(row.code_hash) },
        tries: Set(row.tries + 1),
        ..Default::default()
    };
    table::Entity::update(after).exec(&**tx).await?;
    Ok(if right { Ok(()) } else { Err(SignInRefused::CodeWrong) })
}

/// Whether this address may guess again now.
pub(super) async fn may_guess_from_here(op: &Op) -> Result<(), Failure<SignInRefused>> {
    let rate = Rate { burst: op.port::<CodeSettings>()?.guesses_per_minute, period: minutes(1) };
    Ok(from_one_address(op, "guess", rate).await.map_err(SignInRefused::TooOften)?)
}

async fn from_one_address(op: &Op, what: &str, rate: Rate) -> Result<(), Timestamp> {
    let Some(ip) = op.request.ip else { return Ok(()) };
    op.platform.limiter.take(&format!("identity.phone-code.{what}:{}", network(ip)), 1, rate, op.now()).await
}

/// Keyed, so that six digits cannot be tried out on a stolen table.
fn code_hash(op: &Op, phone: &Phone, code: &str) -> String {
    op.crypto().blind_index("phone_code.code", &format!("{}:{code}", phone.e164()))
}

/// Deletes the rows whose counts do not matter any more.
pub(super) async fn forget_old(op: &Op) -> Result<(), kernel::Fault> {
    let old = table::Column::SentAt.lt(op.now() - days(2));
    if table::Entity::find().filter(old.clone()).limit(1).one(op.reader()).await?.is_none() {
        return Ok(());
    }
    let tx = op.begin().await?;
    table::Entity::delete_many().filter(old).exec(&*tx).await?;
    tx.commit().await
}
