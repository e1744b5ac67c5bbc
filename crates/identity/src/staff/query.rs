//! Staff and roles as staff see them.

use std::collections::{BTreeSet, HashMap};

use entity::identity::{role, staff, staff_role};
use kernel::{Failure, Fault, Page, PageRequest, Permission, RoleId, StaffId, Timestamp};
use platform::Op;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    error::AccessRefused,
    rules::{self, RoleRights},
};

/// A set of permissions with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Which.
    pub id: RoleId,
    /// What it is called.
    pub name: String,
    /// The owner's: it may everything and cannot be changed.
    pub owner: bool,
    /// What it may.
    pub permissions: BTreeSet<Permission>,
}

impl Role {
    pub(super) fn of(row: role::Model) -> Self {
        let owner = row.builtin.is_some();
        // A permission this version does not know is none.
        let known = |value: &serde_json::Value| serde_json::from_value::<Permission>(value.clone()).ok();
        let stored = row.permissions.as_array().map(|list| list.iter().filter_map(known).collect()).unwrap_or_default();
        let permissions = if owner { Permission::ALL.into_iter().collect() } else { stored };
        Self { id: row.id, name: row.name, owner, permissions }
    }

    pub(super) fn rights(&self) -> RoleRights {
        RoleRights { owner: self.owner, permissions: self.permissions.clone() }
    }
}

/// Somebody who works for the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// Who.
    pub id: StaffId,
    /// What they sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their roles, by name.
    pub roles: Vec<Role>,
    /// Whether they sign in with an authenticator too.
    pub totp_on: bool,
    /// Whether they still have to choose a password.
    pub password_change_required: bool,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
}

impl StaffMember {
    fn of(row: staff::Model, roles: Vec<Role>) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            roles,
            totp_on: row.totp_confirmed_at.is_some(),
            password_change_required: row.password_change_required,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        }
    }

    /// What their roles let them do, whether or not they can sign in now.
    pub fn rights(&self) -> BTreeSet<Permission> {
        rules::rights(&self.roles.iter().map(Role::rights).collect::<Vec<_>>())
    }

    /// Whether they have the owner's role.
    pub fn is_owner(&self) -> bool {
        self.roles.iter().any(|role| role.owner)
    }
}

/// Staff, the oldest first.
pub async fn members(op: &Op, page: PageRequest) -> Result<Page<StaffMember>, Failure<AccessRefused>> {
    let mut rows = staff::Entity::find().order_by_asc(staff::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        rows = rows.filter(staff::Column::Id.gt(after.key::<StaffId>().map_err(AccessRefused::from)?));
    }
    let members = with_roles(op.reader(), rows.all(op.reader()).await?).await?;
    Ok(Page::take(members, page.first, |member| member.id))
}

/// One member of staff.
pub async fn member(op: &Op, id: StaffId) -> Result<StaffMember, Failure<AccessRefused>> {
    Ok(member_in(op.reader(), id).await?.ok_or(AccessRefused::NoStaff)?)
}

pub(super) async fn member_in(db: &impl ConnectionTrait, id: StaffId) -> Result<Option<StaffMember>, Fault> {
    let row = staff::Entity::find_by_id(id).one(db).await?;
    Ok(with_roles(db, row.into_iter().collect()).await?.pop())
}

/// Every role, by name.
pub async fn roles(op: &Op) -> Result<Vec<Role>, Fault> {
    let rows = role::Entity::find().order_by_asc(role::Column::Name).all(op.reader()).await?;
    Ok(rows.into_iter().map(Role::of).collect())
}

async fn with_roles(db: &impl ConnectionTrait, rows: Vec<staff::Model>) -> Result<Vec<StaffMember>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let held = staff_role::Entity::find().filter(staff_role::Column::Staff.is_in(ids)).all(db).await?;
    let wanted: BTreeSet<RoleId> = held.iter().map(|held| held.role).collect();
    let roles = roles_in(db, wanted).await?;
    let mut of: HashMap<StaffId, Vec<Role>> = HashMap::new();
    for held in held {
        of.entry(held.staff).or_default().extend(roles.get(&held.role).cloned());
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut roles = of.remove(&row.id).unwrap_or_default();
            roles.sort_by(|a, b| a.name.cmp(&b.name));
            StaffMember::of(row, roles)
        })
        .collect())
}

pub(super) async fn roles_in(db: &impl ConnectionTrait, ids: BTreeSet<RoleId>) -> Result<HashMap<RoleId, Role>, Fault> {
    let rows = role::Entity::find().filter(role::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, Role::of(row))).collect())
}

/// What a session of this member of staff may do: nothing while a password has to be chosen; none: they may not sign in.
pub async fn permissions(db: &impl ConnectionTrait, id: StaffId) -> Result<Option<BTreeSet<Permission>>, Fault> {
    let member = member_in(db, id).await?.filter(|member| member.disabled_at.is_none());
    Ok(member.map(|member| if member.password_change_required { BTreeSet::new() } else { member.rights() }))
}
