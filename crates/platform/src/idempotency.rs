//! One effect per key, however often and however concurrently it is sent.
//!
//! The key row is claimed in the transaction of the effect: an equal key that runs at the same time waits for that
//! transaction, then reads what it answered. A refused command rolls its claim back, so the key can be used again.

use entity::platform::idempotency_key as table;
use kernel::{Failure, Fault, Refusal, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Op, crypto::sha256_hex};

/// How long an answer is kept.
pub const KEPT: std::time::Duration = kernel::hours(24);

/// A caller's key for one command.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    scope: String,
    key: String,
    fingerprint: String,
    at: Timestamp,
}

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// Not 8 to 64 letters, digits, `.`, `-` or `_`.
    #[error("the idempotency key is malformed")]
    Invalid,
    /// It was used with another input.
    #[error("the idempotency key was used with another input")]
    Reused,
}

impl Refusal for KeyRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "IDEMPOTENCY_KEY_INVALID",
            Self::Reused => "IDEMPOTENCY_KEY_REUSED",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("idempotencyKey")
    }
}

impl IdempotencyKey {
    /// The key of this actor for this command; `input` is what must be equal when the key is.
    pub fn new(op: &Op, command: &'static str, key: &str, input: &impl Serialize) -> Result<Self, Failure<KeyRefused>> {
        let speakable = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if !(8..=64).contains(&key.len()) || !key.bytes().all(speakable) {
            return Err(KeyRefused::Invalid.into());
        }
        let fingerprint = sha256_hex(serde_json::to_vec(input)?);
        Ok(Self { scope: format!("{}:{command}", op.actor), key: key.to_owned(), fingerprint, at: op.now() })
    }

    /// `None`: nobody used it, go on; it answers `answer` from now on. `Some`: it has had its effect, and this was the answer.
    pub(crate) async fn claim<T: DeserializeOwned>(
        &self,
        db: &impl ConnectionTrait,
        answer: Option<serde_json::Value>,
    ) -> Result<Option<T>, Failure<KeyRefused>> {
        let row = table::ActiveModel {
            scope: Set(self.scope.clone()),
            key: Set(self.key.clone()),
            fingerprint: Set(self.fingerprint.clone()),
            result: Set(answer),
            created_at: Set(self.at),
        };
        let claimed = table::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned()).exec_without_returning(db).await?;
        if claimed == 1 {
            return Ok(None);
        }
        let known = table::Entity::find_by_id((self.scope.clone(), self.key.clone())).one(db).await?;
        let known = known.ok_or_else(|| Fault::corrupt("a claimed key is gone"))?;
        if known.fingerprint != self.fingerprint {
            return Err(KeyRefused::Reused.into());
        }
        let answer = known.result.ok_or_else(|| Fault::corrupt("a claimed key has no answer"))?;
        Ok(Some(serde_json::from_value(answer)?))
    }

    pub(crate) async fn remember(&self, db: &impl ConnectionTrait, answer: serde_json::Value) -> Result<(), Fault> {
        let row = table::ActiveModel {
            scope: Set(self.scope.clone()),
            key: Set(self.key.clone()),
            result: Set(Some(answer)),
            ..Default::default()
        };
        table::Entity::update(row).exec(db).await?;
        Ok(())
    }
}

/// Forgets answers older than [`KEPT`].
pub async fn forget_old(op: Op) -> Result<(), Fault> {
    let tx = op.begin().await?;
    table::Entity::delete_many().filter(table::Column::CreatedAt.lt(op.now() - KEPT)).exec(&*tx).await?;
    tx.commit().await
}
