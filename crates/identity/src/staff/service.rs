//! Staff sign in and look after their own password and authenticator.

use entity::identity::{sign_in_attempt, staff};
use kernel::{Failure, Fault, StaffId, minutes};
use platform::{Op, Tx, limiter::Rate};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    Passwords,
    error::{SecretRefused, SignInRefused},
    query::StaffMember,
    rules::{self, Attempts},
    totp::{self, Enrolment},
};
pub use super::{
    access::{
        NewRole, NewStaff, RoleUpdate, SetRoles, create, create_role, disable, enable, ensure_owner, reset_password, set_roles, update_role,
    },
    query::{member, members, permissions, roles},
};
use crate::session::{
    self, Ended, Owner, Sessions, SignedIn,
    service::{NewSession, Whose},
};

/// Attempts one address may make in a minute, at whatever emails.
const PER_ADDRESS: Rate = Rate { burst: 20, period: minutes(1) };

/// Who somebody says they are.
#[derive(Clone)]
pub struct SignIn {
    /// What they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The code of their authenticator.
    pub totp: Option<String>,
    /// What the device calls itself.
    pub device: Option<String>,
}

/// How a sign-in that was not refused ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffSignedIn {
    /// The session; none while a code is still to come.
    pub session: Option<SignedIn>,
    /// The password is right; come again with the code of the authenticator.
    pub totp_required: bool,
    /// They may nothing but choose a password.
    pub password_change_required: bool,
}

/// Lets somebody in who proves to be staff.
pub async fn sign_in(op: &Op, cmd: SignIn) -> Result<StaffSignedIn, Failure<SignInRefused>> {
    if let Some(ip) = op.request.ip {
        let key = format!("identity.staff-sign-in:{}", session::rules::network(ip));
        op.platform.limiter.take(&key, 1, PER_ADDRESS, op.now()).await.map_err(SignInRefused::TooOften)?;
    }
    let email: String = cmd.email.trim().to_lowercase().chars().take(254).collect();
    let door = Door::of(op, &email);
    door.take(op).await?;
    let known = staff::Entity::find().filter(staff::Column::Email.eq(&email)).one(op.reader()).await?;
    let hash = known.as_ref().filter(|row| row.disabled_at.is_none()).map(|row| row.password_hash.as_str());
    let right = op.port::<Passwords>()?.verify(&cmd.password, hash).await?;
    let Some(row) = known.filter(|_| right) else { return Err(SignInRefused::Credentials.into()) };
    let code = cmd.totp.as_deref().map(str::trim).filter(|code| !code.is_empty());
    if row.totp_confirmed_at.is_some() && code.is_none() {
        door.give_back(op).await?;
        let (totp_required, password_change_required) = (true, row.password_change_required);
        return Ok(StaffSignedIn { session: None, totp_required, password_change_required });
    }
    let mut tx = op.begin().await?;
    // Whatever happened while the password was hashed counts: locked, so nothing more happens until the commit.
    let unchanged = staff::Entity::find_by_id(row.id).lock_exclusive().one(&*tx).await?;
    let unchanged = unchanged.filter(|now| now.disabled_at.is_none() && now.password_hash == row.password_hash);
    let Some(row) = unchanged else { return Err(SignInRefused::Credentials.into()) };
    if row.totp_confirmed_at.is_some() {
        use_code(&tx, op, (&row, code.unwrap_or_default())).await?;
    }
    door.forget(&tx).await?;
    let owner = Owner::Staff(row.id);
    let session = session::service::open(&mut tx, op, NewSession { owner, device: cmd.device }).await?;
    tx.commit().await?;
    Ok(StaffSignedIn { session: Some(session), totp_required: false, password_change_required: row.password_change_required })
}

/// The door of one email: how often somebody failed to be its owner.
struct Door(String);

impl Door {
    fn of(op: &Op, email: &str) -> Self {
        Self(op.crypto().blind_index("sign_in_attempt.email", email))
    }

    /// Counts an attempt as failed, before it is known.
    async fn take(&self, op: &Op) -> Result<(), Failure<SignInRefused>> {
        let tx = op.begin().await?;
        let known = OnConflict::column(sign_in_attempt::Column::EmailIndex).do_nothing().to_owned();
        let none = self.row(op, Attempts::default());
        sign_in_attempt::Entity::insert(none).on_conflict(known).exec_without_returning(&*tx).await?;
        let taken = self.attempts(&tx).await?.take(op.now()).map_err(SignInRefused::Locked)?;
        sign_in_attempt::Entity::update(self.row(op, taken)).exec(&*tx).await?;
        Ok(tx.commit().await?)
    }

    /// The attempt was none.
    async fn give_back(&self, op: &Op) -> Result<(), Fault> {
        let tx = op.begin().await?;
        let back = self.attempts(&tx).await?.give_back();
        let same = sign_in_attempt::Column::EmailIndex.eq(&self.0);
        sign_in_attempt::Entity::update_many().set(self.row(op, back)).filter(same).exec(&*tx).await?;
        tx.commit().await
    }

    /// The owner came: whoever failed before is forgotten.
    async fn forget(&self, tx: &Tx) -> Result<(), Fault> {
        sign_in_attempt::Entity::delete_by_id(self.0.clone()).exec(&**tx).await?;
        Ok(())
    }

    async fn attempts(&self, tx: &Tx) -> Result<Attempts, Fault> {
        let row = sign_in_attempt::Entity::find_by_id(self.0.clone()).lock_exclusive().one(&**tx).await?;
        Ok(row.map(|row| Attempts { failures: row.failures, locked_until: row.locked_until }).unwrap_or_default())
    }

    fn row(&self, op: &Op, attempts: Attempts) -> sign_in_attempt::ActiveModel {
        sign_in_attempt::ActiveModel {
            email_index: Set(self.0.clone()),
            failures: Set(attempts.failures),
            locked_until: Set(attempts.locked_until),
            last_at: Set(op.now()),
        }
    }
}

/// Uses a code of somebody's authenticator up.
async fn use_code(tx: &Tx, op: &Op, (row, code): (&staff::Model, &str)) -> Result<(), Failure<SignInRefused>> {
    let step = right_step(op, row, code)?.filter(|step| rules::step_is_fresh(*step, row.totp_last_step)).ok_or(SignInRefused::Totp)?;
    let fresh = Condition::any().add(staff::Column::TotpLastStep.is_null()).add(staff::Column::TotpLastStep.lt(step));
    let used = staff::Entity::update_many()
        .col_expr(staff::Column::TotpLastStep, Expr::value(step))
        .filter(staff::Column::Id.eq(row.id))
        .filter(fresh)
        .exec(&**tx)
        .await?;
    if used.rows_affected == 1 { Ok(()) } else { Err(SignInRefused::Totp.into()) }
}

fn right_step(op: &Op, row: &staff::Model, code: &str) -> Result<Option<i64>, Fault> {
    let Some(sealed) = &row.totp_sealed else { return Ok(None) };
    let secret = op.crypto().open(&totp_place(row.id), sealed)?;
    totp::step(&secret, &row.email, (code, op.now()))
}

/// Where the secret of an authenticator is sealed for.
fn totp_place(id: StaffId) -> String {
    format!("staff:{id}:totp")
}

/// Whether the one who asks knows their own password; a wrong one counts like a failed sign-in.
async fn prove(op: &Op, password: &str) -> Result<staff::Model, Failure<SignInRefused>> {
    let row = myself(op).await?;
    let door = Door::of(op, &row.email);
    door.take(op).await?;
    if !op.port::<Passwords>()?.verify(password, Some(&row.password_hash)).await? {
        return Err(SignInRefused::Credentials.into());
    }
    door.give_back(op).await?;
    Ok(row)
}

async fn myself(op: &Op) -> Result<staff::Model, Fault> {
    let id = op.actor.staff().ok_or_else(|| Fault::internal("an operation of staff without staff"))?;
    staff::Entity::find_by_id(id).one(op.reader()).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))
}

async fn me(op: &Op) -> Result<StaffMember, Fault> {
    let id = myself(op).await?.id;
    super::query::member_in(op.reader(), id).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))
}

/// The one who asks.
pub async fn viewer(op: &Op) -> Result<StaffMember, Fault> {
    me(op).await
}

/// The old password and the new one.
#[derive(Clone)]
pub struct ChangePassword {
    /// The one that counts now.
    pub current: String,
    /// The one that shall.
    pub new: String,
}

/// Gives the one who asks another password and ends their other sessions.
pub async fn change_password(op: &Op, cmd: ChangePassword) -> Result<StaffMember, Failure<SecretRefused>> {
    let row = prove(op, &cmd.current).await.map_err(Failure::widen)?;
    rules::password(&cmd.new, &row.email).map_err(SecretRefused::from)?;
    if cmd.new == cmd.current {
        return Err(SecretRefused::Same.into());
    }
    let hash = op.port::<Passwords>()?.hash(&cmd.new).await?;
    let mut tx = op.begin().await?;
    let unchanged = staff::Entity::update_many()
        .col_expr(staff::Column::PasswordHash, Expr::value(hash))
        .col_expr(staff::Column::PasswordChangeRequired, Expr::value(false))
        .filter(staff::Column::Id.eq(row.id))
        .filter(staff::Column::PasswordHash.eq(&row.password_hash))
        .exec(&*tx)
        .await?;
    if unchanged.rows_affected != 1 {
        // Meanwhile it was changed elsewhere: what they proved is not so any more.
        return Err(SecretRefused::Proof(SignInRefused::Credentials).into());
    }
    let others = Whose::Others(Owner::Staff(row.id), op.actor.session());
    let ended = session::service::revoke_all(&mut tx, op, (others, Ended::PasswordChanged)).await?;
    tx.commit().await?;
    session::service::forget(op, &ended).await?;
    op.port::<Sessions>()?.permissions_changed();
    Ok(me(op).await?)
}

/// Begins to set an authenticator up; it counts when [`confirm_totp`] proves it.
pub async fn enrol_totp(op: &Op, password: &str) -> Result<Enrolment, Failure<SecretRefused>> {
    let row = prove(op, password).await.map_err(Failure::widen)?;
    let enrolment = totp::enrolment(op.random_bytes(), &row.email)?;
    let sealed = op.crypto().seal(&totp_place(row.id), &enrolment.secret)?;
    let tx = op.begin().await?;
    let begun = staff::Entity::update_many()
        .col_expr(staff::Column::TotpSealed, Expr::value(sealed))
        .col_expr(staff::Column::TotpLastStep, Expr::value(None::<i64>))
        .filter(staff::Column::Id.eq(row.id))
        .filter(staff::Column::TotpConfirmedAt.is_null())
        .exec(&*tx)
        .await?;
    if begun.rows_affected != 1 {
        return Err(SecretRefused::TotpOn.into());
    }
    tx.commit().await?;
    Ok(enrolment)
}

/// Ends setting an authenticator up: from now on its codes are asked for.
pub async fn confirm_totp(op: &Op, code: &str) -> Result<StaffMember, Failure<SecretRefused>> {
    let tx = op.begin().await?;
    let row = staff::Entity::find_by_id(myself(op).await?.id).lock_exclusive().one(&*tx).await?;
    let row = row.filter(|row| row.totp_sealed.is_some()).ok_or(SecretRefused::TotpOff)?;
    if row.totp_confirmed_at.is_some() {
        return Err(SecretRefused::TotpOn.into());
    }
    use_code(&tx, op, (&row, code)).await.map_err(Failure::widen)?;
    let on = staff::ActiveModel { id: Set(row.id), totp_confirmed_at: Set(Some(op.now())), ..Default::default() };
    staff::Entity::update(on).exec(&*tx).await?;
    tx.commit().await?;
    Ok(me(op).await?)
}

/// The proof that somebody may give their authenticator up.
#[derive(Clone)]
pub struct DisableTotp {
    /// Their password.
    pub password: String,
    /// A code of it.
    pub totp: String,
}

/// Gives the authenticator of the one who asks up.
pub async fn disable_totp(op: &Op, cmd: DisableTotp) -> Result<StaffMember, Failure<SecretRefused>> {
    let id = prove(op, &cmd.password).await.map_err(Failure::widen)?.id;
    let door = Door::of(op, &myself(op).await?.email);
    // A guessed code counts like a guessed password.
    door.take(op).await.map_err(Failure::widen)?;
    let tx = op.begin().await?;
    let row = staff::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?;
    let Some(row) = row.filter(|row| row.totp_confirmed_at.is_some()) else {
        drop(tx);
        door.give_back(op).await?;
        return Err(SecretRefused::TotpOff.into());
    };
    use_code(&tx, op, (&row, &cmd.totp)).await.map_err(Failure::widen)?;
    staff::Entity::update(without_totp(id)).exec(&*tx).await?;
    tx.commit().await?;
    door.give_back(op).await?;
    Ok(me(op).await?)
}

/// What giving an authenticator up writes.
pub(super) fn without_totp(id: StaffId) -> staff::ActiveModel {
    staff::ActiveModel {
        id: Set(id),
        totp_sealed: Set(None),
        totp_confirmed_at: Set(None),
        totp_last_step: Set(None),
        ..Default::default()
    }
}
