//! Sessions: opened, carried, continued, listed, ended.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use entity::identity::{refresh_token, session};
use kernel::{Actor, Failure, Fault, SessionId, Timestamp};
use platform::{Op, Platform, Tx, crypto::sha256_hex, rows};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{
    AuthRefused, Ended, Kind, Owner, RefreshRefused, RevokeRefused, Sessions, events,
    rules::{self, Verdict},
    tokens::{Carried, Standing},
};

/// The longest list of sessions that is shown.
const SHOWN: u64 = 100;

/// What a sign-in or a refresh gives.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Carries the session; sent with every request.
    pub access_token: String,
    /// When it ends.
    pub access_expires_at: Timestamp,
    /// Continues the session, once.
    pub refresh_token: String,
    /// When it ends.
    pub refresh_expires_at: Timestamp,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("access_expires_at", &self.access_expires_at).finish_non_exhaustive()
    }
}

/// Who a request comes from, and until when that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who.
    pub actor: Actor,
    /// When the access token ends; none for nobody.
    pub expires_at: Option<Timestamp>,
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Its id.
    pub id: SessionId,
    /// What it calls itself.
    pub device: Option<String>,
    /// Where it was last refreshed from.
    pub ip: Option<String>,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it signed in or was last refreshed.
    pub used_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Says who a request comes from: nobody without a token, a refusal with a bad one.
pub async fn authenticate(platform: &Arc<Platform>, bearer: Option<&str>) -> Result<Authenticated, Failure<AuthRefused>> {
    let Some(token) = bearer else { return Ok(Authenticated { actor: Actor::Anonymous, expires_at: None }) };
    let (sessions, now) = (platform.ports.get::<Sessions>()?, platform.clock.now());
    let claims = sessions.verify(&platform.crypto, token, now)??;
    let standing = match sessions.recall(claims.sid, now).await {
        Some(standing) => standing,
        None => {
            let read = (now, sessions.generation());
            let standing = read_standing(platform, claims.sid).await?;
            sessions.learn(claims.sid, standing.clone(), read).await;
            standing
        }
    };
    let Standing::Live(owner, permissions) = standing else { return Err(AuthRefused::Revoked.into()) };
    if owner.to_string() != claims.sub || owner.kind() != claims.kind {
        return Err(AuthRefused::Invalid.into());
    }
    let actor = match owner {
        Owner::Customer(id) => Actor::Customer { id, session: claims.sid },
        Owner::Staff(id) => Actor::Staff { id, session: claims.sid, permissions: permissions.as_ref().clone() },
    };
    Ok(Authenticated { actor, expires_at: Some(Timestamp(claims.exp.saturating_mul(1000))) })
}

async fn read_standing(platform: &Arc<Platform>, id: SessionId) -> Result<Standing, Fault> {
    let db = platform.db.reader();
    let row = session::Entity::find_by_id(id).one(db).await?.filter(|row| row.revoked_at.is_none());
    let Some(row) = row else { return Ok(Standing::Ended) };
    Ok(match owner(&row)? {
        owner @ Owner::Customer(_) => Standing::Live(owner, Arc::new(BTreeSet::new())),
        owner @ Owner::Staff(id) => match crate::staff::service::permissions(db, id).await? {
            Some(permissions) => Standing::Live(owner, Arc::new(permissions)),
            None => Standing::Ended,
        },
    })
}

/// Opens a session within a sign-in's transaction.
pub async fn open(tx: &mut Tx, op: &Op, new: NewSession) -> Result<SignedIn, Fault> {
    let (id, now, settings) = (op.new_id::<SessionId>(), op.now(), op.port::<Sessions>()?.settings);
    let row = new.row(op, id, now + settings.refresh);
    session::Entity::insert(row).exec_without_returning(&**tx).await?;
    give_tokens(&**tx, op, (id, new.owner)).await
}

/// A session about to be opened.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Whose.
    pub owner: Owner,
    /// What the device calls itself.
    pub device: Option<String>,
}

impl NewSession {
    fn row(&self, op: &Op, id: SessionId, expires_at: Timestamp) -> session::ActiveModel {
        let (customer, staff) = match self.owner {
            Owner::Customer(id) => (Some(id), None),
            Owner::Staff(id) => (None, Some(id)),
        };
        session::ActiveModel {
            id: Set(id),
            customer: Set(customer),
            staff: Set(staff),
            device: Set(rules::device_name(self.device.clone())),
            ip: Set(op.request.ip.map(|ip| ip.to_string())),
            created_at: Set(op.now()),
            used_at: Set(op.now()),
            expires_at: Set(expires_at),
            revoked_at: Set(None),
            revoked_for: Set(None),
        }
    }
}

/// Signs an access token and stores a new refresh token.
async fn give_tokens(db: &impl ConnectionTrait, op: &Op, (session, owner): (SessionId, Owner)) -> Result<SignedIn, Fault> {
    let (sessions, now) = (op.port::<Sessions>()?, op.now());
    let carried = Carried { owner, session, now, lifetime: sessions.settings.access };
    let (access_token, access_expires_at) = sessions.sign(op.crypto(), carried)?;
    let (refresh_token, refresh_expires_at) = (format!("rt_{}", hex::encode(op.random_bytes::<32>())), now + sessions.settings.refresh);
    let row = refresh_token::ActiveModel {
        hash: Set(sha256_hex(&refresh_token)),
        session: Set(session),
        created_at: Set(now),
        expires_at: Set(refresh_expires_at),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row).exec_without_returning(db).await?;
    Ok(SignedIn { access_token, access_expires_at, refresh_token, refresh_expires_at })
}

/// A refresh token at a door.
#[derive(Clone)]
pub struct RefreshSession {
    /// Which door.
    pub kind: Kind,
    /// The token.
    pub token: String,
}

/// Trades a refresh token for new tokens, once.
pub async fn refresh(op: &Op, cmd: RefreshSession) -> Result<SignedIn, Failure<RefreshRefused>> {
    let (hash, now) = (sha256_hex(&cmd.token), op.now());
    let mut tx = op.begin().await?;
    let Some(found) = find_token(&tx, &hash).await? else { return Err(RefreshRefused::Invalid.into()) };
    let owner = owner(&found.session)?;
    let refused = match rules::judge(&found.token(owner.kind()), cmd.kind, now) {
        Verdict::Rotate => {
            if !use_up(&tx, &hash, now).await? {
                // Somebody who came at the same moment got it.
                return Err(RefreshRefused::JustUsed.into());
            }
            touch(&tx, op, found.session.id).await?;
            let signed_in = give_tokens(&*tx, op, (found.session.id, owner)).await?;
            tx.commit().await?;
            return Ok(signed_in);
        }
        Verdict::Reused => {
            let ended = revoke_all(&mut tx, op, (Whose::Session(found.session.id, owner), Ended::Reused)).await?;
            tx.commit().await?;
            tracing::warn!(session = %found.session.id, %owner, request = %op.request.id, "a used refresh token came again; the session is ended");
            forget(op, &ended).await?;
            RefreshRefused::Reused
        }
        Verdict::Foreign => RefreshRefused::Invalid,
        Verdict::Revoked => RefreshRefused::Revoked,
        Verdict::Expired => RefreshRefused::Expired,
        Verdict::JustUsed => RefreshRefused::JustUsed,
    };
    Err(refused.into())
}

struct Found {
    token: refresh_token::Model,
    session: session::Model,
}

impl Found {
    fn token(&self, kind: Kind) -> rules::Token {
        rules::Token { kind, revoked: self.session.revoked_at.is_some(), expires_at: self.token.expires_at, used_at: self.token.used_at }
    }
}

async fn find_token(tx: &Tx, hash: &str) -> Result<Option<Found>, Fault> {
    let Some(token) = refresh_token::Entity::find_by_id(hash.to_owned()).one(&**tx).await? else { return Ok(None) };
    // The session is locked, so an end and a refresh of it happen one after the other.
    let session = session::Entity::find_by_id(token.session).lock_exclusive().one(&**tx).await?;
    Ok(session.map(|session| Found { token, session }))
}

async fn use_up(tx: &Tx, hash: &str, now: Timestamp) -> Result<bool, Fault> {
    let used = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(now))
        .filter(refresh_token::Column::Hash.eq(hash))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(used.rows_affected == 1)
}

async fn touch(tx: &Tx, op: &Op, id: SessionId) -> Result<(), Fault> {
    let settings = op.port::<Sessions>()?.settings;
    let row = session::ActiveModel {
        id: Set(id),
        used_at: Set(op.now()),
        expires_at: Set(op.now() + settings.refresh),
        ip: op.request.ip.map_or(NotSet, |ip| Set(Some(ip.to_string()))),
        ..Default::default()
    };
    session::Entity::update(row).exec(&**tx).await?;
    Ok(())
}

/// The live sessions of whoever asks, the latest used first.
pub async fn list(op: &Op) -> Result<Vec<SessionInfo>, Fault> {
    let Some(owner) = Owner::of(&op.actor) else { return Ok(Vec::new()) };
    let current = op.actor.session();
    let rows = session::Entity::find()
        .filter(Whose::Others(owner, None).condition())
        .filter(session::Column::ExpiresAt.gt(op.now()))
        .order_by_desc(session::Column::UsedAt)
        .order_by_desc(session::Column::Id)
        .limit(SHOWN)
        .all(op.reader())
        .await?;
    Ok(rows.into_iter().map(|row| info(row, current)).collect())
}

/// Ends one of the caller's own sessions; one that has ended already is no error.
pub async fn revoke(op: &Op, id: SessionId) -> Result<SessionInfo, Failure<RevokeRefused>> {
    let owner = Owner::of(&op.actor).ok_or(RevokeRefused::NotFound)?;
    let mut tx = op.begin().await?;
    let row = session::Entity::find_by_id(id).filter(owned_by(owner)).one(&*tx).await?.ok_or(RevokeRefused::NotFound)?;
    let ended = revoke_all(&mut tx, op, (Whose::Session(id, owner), Ended::SignedOut)).await?;
    tx.commit().await?;
    forget(op, &ended).await?;
    Ok(info(row, op.actor.session()))
}

/// Ends every session of the caller but the one that asks; tells how many.
pub async fn revoke_others(op: &Op) -> Result<usize, Failure<RevokeRefused>> {
    let owner = Owner::of(&op.actor).ok_or(RevokeRefused::NotFound)?;
    let mut tx = op.begin().await?;
    let ended = revoke_all(&mut tx, op, (Whose::Others(owner, op.actor.session()), Ended::SignedOut)).await?;
    tx.commit().await?;
    forget(op, &ended).await?;
    Ok(ended.0.len())
}

/// Which sessions to end.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// This one, of this owner.
    Session(SessionId, Owner),
    /// All of this owner, but for the one named.
    Others(Owner, Option<SessionId>),
}

impl Whose {
    fn owner(self) -> Owner {
        match self {
            Self::Session(_, owner) | Self::Others(owner, _) => owner,
        }
    }

    fn condition(self) -> sea_orm::Condition {
        let live = owned_by(self.owner()).add(session::Column::RevokedAt.is_null());
        match self {
            Self::Session(id, _) => live.add(session::Column::Id.eq(id)),
            Self::Others(_, Some(but)) => live.add(session::Column::Id.ne(but)),
            Self::Others(_, None) => live,
        }
    }
}

/// Sessions that a transaction ends: give them to [`forget`] once it is committed.
#[must_use = "after the commit this node must forget them"]
#[derive(Debug)]
pub struct EndedSessions(Vec<SessionId>);

/// Ends sessions within a transaction and tells so.
pub async fn revoke_all(tx: &mut Tx, op: &Op, (whose, reason): (Whose, Ended)) -> Result<EndedSessions, Fault> {
    let rows = session::Entity::find().filter(whose.condition()).order_by_asc(session::Column::Id).lock_exclusive().all(&**tx).await?;
    let (ids, now): (Vec<_>, _) = (rows.iter().map(|row| row.id).collect(), op.now());
    if ids.is_empty() {
        return Ok(EndedSessions(ids));
    }
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .col_expr(session::Column::RevokedFor, Expr::value(reason.name()))
        .filter(session::Column::Id.is_in(ids.iter().copied()))
        .exec(&**tx)
        .await?;
    for id in &ids {
        tx.emit(&events::SessionRevoked { session: *id, owner: whose.owner(), reason, at: now });
    }
    Ok(EndedSessions(ids))
}

/// Lets this node refuse ended sessions at once.
pub async fn forget(op: &Op, ended: &EndedSessions) -> Result<(), Fault> {
    let sessions = op.port::<Sessions>()?;
    for id in &ended.0 {
        sessions.end(*id, op.now()).await;
    }
    Ok(())
}

/// Opens a session for each owner without refresh tokens and gives their access tokens, in the same order: for the load
/// tests of a demo mall.
pub(crate) async fn mint(op: &Op, owners: &[Owner], lifetime: Duration) -> Result<Vec<String>, Fault> {
    let (sessions, now) = (op.port::<Sessions>()?, op.now());
    let opened: Vec<(SessionId, Owner)> = owners.iter().map(|owner| (op.new_id(), *owner)).collect();
    for some in opened.chunks(500) {
        let tx = op.begin().await?;
        let rows =
            some.iter().map(|(id, owner)| NewSession { owner: *owner, device: Some("load test".into()) }.row(op, *id, now + lifetime));
        rows::insert(&*tx, rows).await?;
        tx.commit().await?;
    }
    let token = |(session, owner)| Ok(sessions.sign(op.crypto(), Carried { owner, session, now, lifetime })?.0);
    opened.into_iter().map(token).collect()
}

fn owned_by(owner: Owner) -> sea_orm::Condition {
    sea_orm::Condition::all().add(match owner {
        Owner::Customer(id) => session::Column::Customer.eq(id),
        Owner::Staff(id) => session::Column::Staff.eq(id),
    })
}

fn owner(row: &session::Model) -> Result<Owner, Fault> {
    match (row.customer, row.staff) {
        (Some(id), None) => Ok(Owner::Customer(id)),
        (None, Some(id)) => Ok(Owner::Staff(id)),
        _ => Err(Fault::corrupt(format!("the session {} has no one owner", row.id))),
    }
}

fn info(row: session::Model, current: Option<SessionId>) -> SessionInfo {
    SessionInfo {
        id: row.id,
        device: row.device,
        ip: row.ip,
        created_at: row.created_at,
        used_at: row.used_at,
        expires_at: row.expires_at,
        current: current == Some(row.id),
    }
}
