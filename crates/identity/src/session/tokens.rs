//! Access tokens: made and checked without the database, but for the standing of their session.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use kernel::{Fault, Permission, SessionId, Timestamp, days, minutes, seconds};
use moka::{future::Cache, ops::compute::Op as Change};
use platform::crypto::Crypto;
use serde::{Deserialize, Serialize};

use super::{AuthRefused, Kind, Owner};

/// How long a node may believe what it read about a session.
const BELIEVED: Duration = seconds(5);
/// Longer texts are not tokens of ours.
const LONGEST: usize = 1024;

/// How long tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// An access token.
    pub access: Duration,
    /// A refresh token; each use gives a new one, so a session in use goes on.
    pub refresh: Duration,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { access: minutes(15), refresh: days(30) }
    }
}

/// The port behind sessions: their settings, the signing keys, and what this node knows about live sessions.
pub struct Sessions {
    pub(super) settings: SessionSettings,
    keys: OnceLock<Keys>,
    known: Cache<SessionId, Known>,
    /// Grows when permissions change; what was read before is not believed.
    generation: AtomicU64,
}

struct Keys {
    signing: (String, EncodingKey),
    verifying: HashMap<String, DecodingKey>,
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) sid: SessionId,
    pub(super) kind: Kind,
    pub(super) iat: i64,
    pub(super) exp: i64,
}

/// How a session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is live; staff may do so much.
    Live(Owner, Arc<BTreeSet<Permission>>),
    /// It was ended, for ever.
    Ended,
}

#[derive(Clone)]
struct Known {
    standing: Standing,
    read_at: Timestamp,
    generation: u64,
}

impl Sessions {
    /// With these lifetimes.
    pub fn new(settings: SessionSettings) -> Self {
        Self { settings, keys: OnceLock::new(), known: Cache::new(100_000), generation: AtomicU64::new(0) }
    }

    /// Signs a token for `lifetime` from now; tells when it ends, to the second.
    pub(super) fn sign(&self, crypto: &Crypto, carried: Carried) -> Result<(String, Timestamp), Fault> {
        let iat = carried.now.0.div_euclid(1000);
        let exp = iat + i64::try_from(carried.lifetime.as_secs()).unwrap_or(0);
        let claims = Claims { sub: carried.owner.to_string(), sid: carried.session, kind: carried.owner.kind(), iat, exp };
        let (kid, key) = &self.keys(crypto)?.signing;
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = encode(&header, &claims, key).map_err(|e| Fault::internal(format!("an access token was not signed: {e}")))?;
        Ok((token, Timestamp(exp * 1000)))
    }

    /// What a token says, when we signed it and its time is not over.
    pub(super) fn verify(&self, crypto: &Crypto, token: &str, now: Timestamp) -> Result<Result<Claims, AuthRefused>, Fault> {
        let keys = self.keys(crypto)?;
        let kid = decode_header(token).ok().filter(|_| token.len() <= LONGEST).and_then(|header| header.kid);
        let Some(key) = kid.and_then(|kid| keys.verifying.get(&kid)) else { return Ok(Err(AuthRefused::Invalid)) };
        // The library would ask the machine for the time; the injected clock is asked below.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let Ok(token) = decode::<Claims>(token, key, &validation) else { return Ok(Err(AuthRefused::Invalid)) };
        let claims = token.claims;
        Ok(if claims.exp.saturating_mul(1000) <= now.0 { Err(AuthRefused::Expired) } else { Ok(claims) })
    }

    fn keys(&self, crypto: &Crypto) -> Result<&Keys, Fault> {
        if let Some(keys) = self.keys.get() {
            return Ok(keys);
        }
        let keys = Keys::derive(crypto)?;
        Ok(self.keys.get_or_init(|| keys))
    }

    /// How a session stood a moment ago, if this node has looked.
    pub(super) async fn recall(&self, session: SessionId, now: Timestamp) -> Option<Standing> {
        let known = self.known.get(&session).await?;
        let believed = known.standing == Standing::Ended
            || (known.generation == self.generation() && now.since(known.read_at) < BELIEVED && now >= known.read_at);
        believed.then_some(known.standing)
    }

    /// The number to take before reading and to give to [`Sessions::learn`].
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Keeps what was read; an end that came meanwhile stays.
    pub(super) async fn learn(&self, session: SessionId, standing: Standing, read: (Timestamp, u64)) {
        let known = Known { standing, read_at: read.0, generation: read.1 };
        self.known
            .entry(session)
            .and_compute_with(|entry| {
                let ended = entry.is_some_and(|entry| entry.into_value().standing == Standing::Ended);
                std::future::ready(if ended { Change::Nop } else { Change::Put(known) })
            })
            .await;
    }

    /// A session ended: from now on this node refuses it.
    pub(super) async fn end(&self, session: SessionId, now: Timestamp) {
        self.known.insert(session, Known { standing: Standing::Ended, read_at: now, generation: 0 }).await;
    }

    /// Permissions changed: nothing that was read before is believed on this node.
    pub(crate) fn permissions_changed(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }
}

/// What an access token carries.
#[derive(Clone, Copy)]
pub(super) struct Carried {
    pub(super) owner: Owner,
    pub(super) session: SessionId,
    pub(super) now: Timestamp,
    pub(super) lifetime: Duration,
}

impl Keys {
    /// One pair per master key: the first signs, all verify, so rotating the master keys signs nobody out.
    fn derive(crypto: &Crypto) -> Result<Self, Fault> {
        let refused = || Fault::internal("a signing key was refused");
        let (mut signing, mut verifying) = (None, HashMap::new());
        for kid in crypto.key_ids() {
            let seed = crypto.derive(kid, "access-token").ok_or_else(refused)?;
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| refused())?;
            if signing.is_none() {
                let pkcs8 = pair.to_pkcs8().map_err(|_| refused())?;
                signing = Some((kid.to_owned(), EncodingKey::from_ed_der(pkcs8.as_ref())));
            }
            verifying.insert(kid.to_owned(), DecodingKey::from_ed_der(pair.public_key().as_ref()));
        }
        Ok(Self { signing: signing.ok_or_else(refused)?, verifying })
    }
}
