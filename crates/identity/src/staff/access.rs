//! Who works here and what they may do.

use std::collections::BTreeSet;

use entity::identity::{role, staff, staff_role};
use kernel::{Actor, Failure, Fault, Permission, RoleId, StaffId};
use platform::{Op, Tx, rows};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, SqlErr,
    sea_query::{OnConflict, Query},
};

use super::{
    Passwords,
    error::AccessRefused,
    events::{AccessChange, StaffAccessChanged},
    query::{Role, StaffMember, member_in, roles_in},
    rules::{self, Change, Locked},
    service::without_totp,
};
use crate::session::{self, Ended, Owner, Sessions, service::Whose};

/// The owner's role, as it is stored.
const OWNER: &str = "OWNER";

type Result<T> = std::result::Result<T, Failure<AccessRefused>>;

/// Somebody new.
#[derive(Clone, Debug)]
pub struct NewStaff {
    /// What they will sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they may.
    pub roles: BTreeSet<RoleId>,
}

/// Adds somebody, with a password to hand over; they choose their own when they first sign in.
pub async fn create(op: &Op, new: NewStaff) -> Result<(StaffMember, String)> {
    let email = rules::email(&new.email).ok_or(AccessRefused::Email)?;
    let name = rules::name(&new.name).ok_or(AccessRefused::Name)?;
    let (password, id) = (one_time_password(op), op.new_id());
    let hash = op.port::<Passwords>()?.hash(&password).await?;
    let mut tx = op.begin().await?;
    let me = Changer::lock(&tx, op).await?;
    let roles = given_roles(&tx, new.roles).await?;
    me.may_change(&tx, (id, None, Some(&roles))).await?;
    insert(&tx, op, staff_row(op, (id, email, name, hash))).await?;
    hold(&tx, (id, &roles)).await?;
    tell(&mut tx, op, (id, AccessChange::Created));
    let member = committed(tx, id).await?;
    Ok((member, password))
}

/// Takes the right to sign in from somebody and ends their sessions.
pub async fn disable(op: &Op, id: StaffId) -> Result<StaffMember> {
    let mut tx = op.begin().await?;
    let me = Changer::lock(&tx, op).await?;
    let member = member_in(&*tx, id).await?.ok_or(AccessRefused::NoStaff)?;
    if member.disabled_at.is_some() {
        return Ok(member);
    }
    me.may_change(&tx, (id, Some(&member.roles), None)).await?;
    staff::Entity::update(staff::ActiveModel { id: Set(id), disabled_at: Set(Some(op.now())), ..Default::default() }).exec(&*tx).await?;
    let ended = session::service::revoke_all(&mut tx, op, (Whose::Others(Owner::Staff(id), None), Ended::Disabled)).await?;
    tell(&mut tx, op, (id, AccessChange::Disabled));
    let member = committed(tx, id).await?;
    session::service::forget(op, &ended).await?;
    op.port::<Sessions>()?.permissions_changed();
    Ok(member)
}

/// Lets somebody sign in again.
pub async fn enable(op: &Op, id: StaffId) -> Result<StaffMember> {
    let mut tx = op.begin().await?;
    let me = Changer::lock(&tx, op).await?;
    let member = member_in(&*tx, id).await?.ok_or(AccessRefused::NoStaff)?;
    if member.disabled_at.is_none() {
        return Ok(member);
    }
    me.may_change(&tx, (id, None, Some(&member.roles))).await?;
    staff::Entity::update(staff::ActiveModel { id: Set(id), disabled_at: Set(None), ..Default::default() }).exec(&*tx).await?;
    tell(&mut tx, op, (id, AccessChange::Enabled));
    committed(tx, id).await
}

/// The roles somebody shall have, and no others.
#[derive(Clone, Debug)]
pub struct SetRoles {
    /// Who.
    pub staff: StaffId,
    /// Which.
    pub roles: BTreeSet<RoleId>,
}

/// Gives somebody other roles; they count at once.
pub async fn set_roles(op: &Op, cmd: SetRoles) -> Result<StaffMember> {
    let (mut tx, id) = (op.begin().await?, cmd.staff);
    let me = Changer::lock(&tx, op).await?;
    let member = member_in(&*tx, id).await?.ok_or(AccessRefused::NoStaff)?;
    let roles = given_roles(&tx, cmd.roles).await?;
    me.may_change(&tx, (id, Some(&member.roles), Some(&roles))).await?;
    staff_role::Entity::delete_many().filter(staff_role::Column::Staff.eq(id)).exec(&*tx).await?;
    hold(&tx, (id, &roles)).await?;
    tell(&mut tx, op, (id, AccessChange::RolesSet));
    let member = committed(tx, id).await?;
    op.port::<Sessions>()?.permissions_changed();
    Ok(member)
}

/// Gives somebody who is locked out a new password to hand over; their authenticator and sessions are gone.
pub async fn reset_password(op: &Op, id: StaffId) -> Result<(StaffMember, String)> {
    let password = one_time_password(op);
    let hash = op.port::<Passwords>()?.hash(&password).await?;
    let mut tx = op.begin().await?;
    let me = Changer::lock(&tx, op).await?;
    let member = member_in(&*tx, id).await?.ok_or(AccessRefused::NoStaff)?;
    me.may_change(&tx, (id, Some(&member.roles), Some(&member.roles))).await?;
    let row = staff::ActiveModel { password_hash: Set(hash), password_change_required: Set(true), ..without_totp(id) };
    staff::Entity::update(row).exec(&*tx).await?;
    let ended = session::service::revoke_all(&mut tx, op, (Whose::Others(Owner::Staff(id), None), Ended::PasswordChanged)).await?;
    tell(&mut tx, op, (id, AccessChange::PasswordReset));
    let member = committed(tx, id).await?;
    session::service::forget(op, &ended).await?;
    Ok((member, password))
}

/// A new set of permissions.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// What it is called.
    pub name: String,
    /// What it may.
    pub permissions: BTreeSet<Permission>,
}

/// Makes a role of permissions the one who asks has.
pub async fn create_role(op: &Op, new: NewRole) -> Result<Role> {
    let name = rules::name(&new.name).ok_or(AccessRefused::Name)?;
    let tx = op.begin().await?;
    let me = Changer::lock(&tx, op).await?;
    me.has(&new.permissions)?;
    let row = role::ActiveModel {
        id: Set(op.new_id()),
        name: Set(name),
        permissions: Set(serde_json::to_value(&new.permissions)?),
        builtin: Set(None),
        created_at: Set(op.now()),
        updated_at: Set(op.now()),
    };
    let row = role::Entity::insert(row).exec_with_returning(&*tx).await.map_err(|e| taken(e, AccessRefused::RoleTaken))?;
    tx.commit().await?;
    Ok(Role::of(row))
}

/// What changes of a role; what is absent stays.
#[derive(Clone, Debug)]
pub struct RoleUpdate {
    /// Which.
    pub id: RoleId,
    /// Another name.
    pub name: Option<String>,
    /// Other permissions.
    pub permissions: Option<BTreeSet<Permission>>,
}

/// Changes a role for everybody who has it, at once.
pub async fn update_role(op: &Op, cmd: RoleUpdate) -> Result<Role> {
    let tx = op.begin().await?;
    let me = Changer::lock(&tx, op).await?;
    let before = role::Entity::find_by_id(cmd.id).one(&*tx).await?.map(Role::of).ok_or(AccessRefused::NoRole)?;
    if before.owner {
        return Err(AccessRefused::BuiltIn.into());
    }
    let mut row = role::ActiveModel { id: Set(cmd.id), updated_at: Set(op.now()), ..Default::default() };
    if let Some(name) = &cmd.name {
        row.name = Set(rules::name(name).ok_or(AccessRefused::Name)?);
    }
    if let Some(after) = cmd.permissions {
        me.has(&before.permissions)?;
        me.has(&after)?;
        me.keeps_staff_write(&before, &after)?;
        row.permissions = Set(serde_json::to_value(&after)?);
    }
    let row = role::Entity::update(row).exec(&*tx).await.map_err(|e| taken(e, AccessRefused::RoleTaken))?;
    tx.commit().await?;
    op.port::<Sessions>()?.permissions_changed();
    Ok(Role::of(row))
}

/// Makes sure that somebody with this email is an owner: made with this password when there is nobody, left alone but
/// for the role otherwise.
pub async fn ensure_owner(op: &Op, email: &str, password: &str) -> Result<StaffMember> {
    let email = rules::email(email).ok_or(AccessRefused::Email)?;
    rules::password(password, &email).map_err(AccessRefused::from)?;
    let hash = op.port::<Passwords>()?.hash(password).await?;
    let mut tx = op.begin().await?;
    let owner = owner_role(&tx, op).await?;
    let known = staff::Entity::find().filter(staff::Column::Email.eq(&email)).one(&*tx).await?;
    let id = match known {
        Some(row) => row.id,
        None => {
            let id = op.new_id();
            let name = email.split('@').next().unwrap_or(&email).chars().take(64).collect();
            let row = staff::ActiveModel { password_change_required: Set(false), ..staff_row(op, (id, email, name, hash)) };
            insert(&tx, op, row).await?;
            tell(&mut tx, op, (id, AccessChange::Created));
            id
        }
    };
    hold(&tx, (id, std::slice::from_ref(&owner))).await?;
    committed(tx, id).await
}

/// The owner's role, made when it is not there yet.
async fn owner_role(tx: &Tx, op: &Op) -> std::result::Result<Role, Fault> {
    let row = role::ActiveModel {
        id: Set(op.new_id()),
        name: Set("Owner".to_owned()),
        permissions: Set(serde_json::json!([])),
        builtin: Set(Some(OWNER.to_owned())),
        created_at: Set(op.now()),
        updated_at: Set(op.now()),
    };
    let known = OnConflict::new().do_nothing().to_owned();
    role::Entity::insert(row).on_conflict(known).exec_without_returning(&**tx).await?;
    let row = role::Entity::find().filter(role::Column::Builtin.eq(OWNER)).lock_exclusive().one(&**tx).await?;
    row.map(Role::of).ok_or_else(|| Fault::corrupt("a role that is not the owner's has its name"))
}

fn staff_row(op: &Op, (id, email, name, password_hash): (StaffId, String, String, String)) -> staff::ActiveModel {
    staff::ActiveModel {
        id: Set(id),
        email: Set(email),
        name: Set(name),
        password_hash: Set(password_hash),
        password_change_required: Set(true),
        totp_sealed: Set(None),
        totp_confirmed_at: Set(None),
        totp_last_step: Set(None),
        disabled_at: Set(None),
        created_at: Set(op.now()),
    }
}

async fn insert(tx: &Tx, _: &Op, row: staff::ActiveModel) -> Result<()> {
    staff::Entity::insert(row).exec_without_returning(&**tx).await.map_err(|e| taken(e, AccessRefused::EmailTaken))?;
    Ok(())
}

fn taken(error: sea_orm::DbErr, refused: AccessRefused) -> Failure<AccessRefused> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => refused.into(),
        _ => error.into(),
    }
}

/// The roles with these ids: one at least, and all of them.
async fn given_roles(tx: &Tx, ids: BTreeSet<RoleId>) -> Result<Vec<Role>> {
    if ids.is_empty() {
        return Err(AccessRefused::RolesMissing.into());
    }
    let wanted = ids.len();
    let roles = roles_in(&**tx, ids).await?;
    if roles.len() == wanted { Ok(roles.into_values().collect()) } else { Err(AccessRefused::NoRole.into()) }
}

async fn hold(tx: &Tx, (id, roles): (StaffId, &[Role])) -> std::result::Result<(), Fault> {
    let rows = roles.iter().map(|role| staff_role::ActiveModel { staff: Set(id), role: Set(role.id) });
    let known = OnConflict::new().do_nothing().to_owned();
    rows::insert_or(&**tx, (rows, known)).await?;
    Ok(())
}

fn tell(tx: &mut Tx, op: &Op, (staff, change): (StaffId, AccessChange)) {
    tx.emit(&StaffAccessChanged { staff, change, at: op.now() });
}

async fn committed(tx: Tx, id: StaffId) -> Result<StaffMember> {
    let member = member_in(&*tx, id).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    tx.commit().await?;
    Ok(member)
}

/// Twenty letters and digits that cannot be mistaken for each other: a hundred bits.
fn one_time_password(op: &Op) -> String {
    const SPEAKABLE: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let letters = op.random_bytes::<20>().map(|byte| char::from(SPEAKABLE[usize::from(byte % 32)]));
    letters.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// The one who changes access, as they stand within the transaction.
struct Changer {
    id: Option<StaffId>,
    owner: bool,
    permissions: BTreeSet<Permission>,
    roles: Vec<Role>,
}

impl Changer {
    /// Waits for other changes of access, then looks who asks.
    async fn lock(tx: &Tx, op: &Op) -> std::result::Result<Self, Fault> {
        role::Entity::find().filter(role::Column::Builtin.eq(OWNER)).lock_exclusive().one(&**tx).await?;
        let all = || Permission::ALL.into_iter().collect();
        match &op.actor {
            Actor::System(_) => Ok(Self { id: None, owner: true, permissions: all(), roles: Vec::new() }),
            Actor::Staff { id, .. } => {
                let me = member_in(&**tx, *id).await?.filter(|me| me.disabled_at.is_none() && !me.password_change_required);
                let roles = me.map(|me| me.roles).unwrap_or_default();
                let permissions = rules::rights(&roles.iter().map(Role::rights).collect::<Vec<_>>());
                Ok(Self { id: Some(*id), owner: roles.iter().any(|role| role.owner), permissions, roles })
            }
            Actor::Anonymous | Actor::Customer { .. } => Err(Fault::internal("access is changed by staff only")),
        }
    }

    /// Whether somebody's roles may become others; no roles: they cannot sign in.
    async fn may_change(&self, tx: &Tx, (id, before, after): (StaffId, Option<&[Role]>, Option<&[Role]>)) -> Result<()> {
        let rights = |roles: Option<&[Role]>| rules::rights(&roles.unwrap_or_default().iter().map(Role::rights).collect::<Vec<_>>());
        let owner = |roles: Option<&[Role]>| roles.unwrap_or_default().iter().any(|role| role.owner);
        let change = Change {
            themselves: self.id == Some(id),
            before: rights(before),
            after: rights(after),
            owner_before: owner(before),
            owner_after: owner(after),
            other_owners: other_owners(tx, id).await?,
        };
        rules::change_access(&self.permissions, self.owner, &change).map_err(AccessRefused::from)?;
        Ok(())
    }

    /// Whether they may all of this themselves.
    fn has(&self, permissions: &BTreeSet<Permission>) -> Result<()> {
        if permissions.is_subset(&self.permissions) { Ok(()) } else { Err(AccessRefused::Locked(Locked::Outranked).into()) }
    }

    /// Whether they still manage staff when one of their roles changes so.
    fn keeps_staff_write(&self, changed: &Role, after: &BTreeSet<Permission>) -> Result<()> {
        let held = self.roles.iter().any(|role| role.id == changed.id);
        let still = |role: &Role| {
            if role.id == changed.id { after.contains(&Permission::StaffWrite) } else { role.permissions.contains(&Permission::StaffWrite) }
        };
        if held && self.permissions.contains(&Permission::StaffWrite) && !self.roles.iter().any(still) {
            return Err(AccessRefused::Locked(Locked::OwnStaffWrite).into());
        }
        Ok(())
    }
}

/// How many owners who can sign in there are beside this one.
async fn other_owners(tx: &Tx, id: StaffId) -> std::result::Result<u64, Fault> {
    let owner = Query::select().column(role::Column::Id).from(role::Entity).and_where(role::Column::Builtin.eq(OWNER)).to_owned();
    let holders = Query::select()
        .column(staff_role::Column::Staff)
        .from(staff_role::Entity)
        .and_where(staff_role::Column::Role.in_subquery(owner))
        .to_owned();
    let active = staff::Entity::find()
        .filter(staff::Column::Id.in_subquery(holders))
        .filter(staff::Column::Id.ne(id))
        .filter(staff::Column::DisabledAt.is_null());
    Ok(active.count(&**tx).await?)
}
