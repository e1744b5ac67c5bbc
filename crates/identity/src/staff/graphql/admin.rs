//! What staff ask and do.

use async_graphql::{Context, Object, Result};
use kernel::Permission;
use platform::graphql::{Access, ContextExt, answer, page_request, payload};

use super::types::{
    Role, RoleCreateInput, RolePayload, RoleUpdateInput, StaffCreateInput, StaffInput, StaffMember, StaffMemberConnection,
    StaffMemberPayload, StaffOneTimePasswordPayload, StaffPasswordChangeInput, StaffRolesSetInput, StaffSignInInput, StaffSignInPayload,
    StaffTotpConfirmInput, StaffTotpDisableInput, StaffTotpEnrolInput, StaffTotpEnrolPayload, Viewer, ViewerPayload,
};
use crate::staff::service::{self, ChangePassword, DisableTotp, NewRole, NewStaff, RoleUpdate, SetRoles, SignIn};

/// Queries.
#[derive(Default)]
pub struct AdminQuery;

#[Object(name = "StaffAdminQuery")]
impl AdminQuery {
    /// The member of staff who asks, and what they may.
    #[graphql(guard = "Access::AnyStaff")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        answer(ctx, service::viewer(ctx.op()?).await).map(Viewer::from)
    }

    /// Staff, the oldest first.
    #[graphql(guard = "Access::Staff(Permission::StaffRead)")]
    async fn staff_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Behind this row.")] after: Option<String>,
    ) -> Result<StaffMemberConnection> {
        let page = page_request(ctx, first, after)?;
        let found = answer(ctx, service::members(ctx.op()?, page).await)?;
        Ok(found.map(StaffMember::from).into())
    }

    /// Every role, by name.
    #[graphql(guard = "Access::Staff(Permission::StaffRead)")]
    async fn roles(&self, ctx: &Context<'_>) -> Result<Vec<Role>> {
        let roles = answer(ctx, service::roles(ctx.op()?).await)?;
        Ok(roles.into_iter().map(Role::from).collect())
    }
}

/// How staff get in and look after their own password and authenticator.
#[derive(Default)]
pub struct SignInMutation;

#[Object(name = "StaffSignInMutation")]
impl SignInMutation {
    /// Lets a member of staff in. Five failures lock the email for 15 minutes, then twice as long each time; an email
    /// nobody has is answered as one somebody has.
    async fn staff_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who somebody says they are.")] input: StaffSignInInput,
    ) -> Result<StaffSignInPayload> {
        let cmd = SignIn { email: input.email, password: input.password, totp: input.totp, device: input.device };
        payload(ctx, service::sign_in(ctx.op()?, cmd).await, StaffSignInPayload::from)
    }

    /// Gives the caller another password and ends their other sessions.
    #[graphql(guard = "Access::AnyStaff")]
    async fn staff_password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old and the new one.")] input: StaffPasswordChangeInput,
    ) -> Result<ViewerPayload> {
        let cmd = ChangePassword { current: input.current_password, new: input.new_password };
        payload(ctx, service::change_password(ctx.op()?, cmd).await, ViewerPayload::from)
    }

    /// Begins to set an authenticator up for the caller.
    #[graphql(guard = "Access::AnyStaff")]
    async fn staff_totp_enrol(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The caller's password.")] input: StaffTotpEnrolInput,
    ) -> Result<StaffTotpEnrolPayload> {
        payload(ctx, service::enrol_totp(ctx.op()?, &input.password).await, StaffTotpEnrolPayload::from)
    }

    /// Ends setting the authenticator up: from now on signing in takes its code too.
    #[graphql(guard = "Access::AnyStaff")]
    async fn staff_totp_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A code of it.")] input: StaffTotpConfirmInput,
    ) -> Result<ViewerPayload> {
        payload(ctx, service::confirm_totp(ctx.op()?, &input.totp).await, ViewerPayload::from)
    }

    /// Gives the caller's authenticator up.
    #[graphql(guard = "Access::AnyStaff")]
    async fn staff_totp_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The caller's password and a code.")] input: StaffTotpDisableInput,
    ) -> Result<ViewerPayload> {
        let cmd = DisableTotp { password: input.password, totp: input.totp };
        payload(ctx, service::disable_totp(ctx.op()?, cmd).await, ViewerPayload::from)
    }
}

/// Who works here and what they may.
#[derive(Default)]
pub struct AccessMutation;

#[Object(name = "StaffAccessMutation")]
impl AccessMutation {
    /// Adds somebody; the answer holds a password to hand over to them.
    #[graphql(guard = "Access::Staff(Permission::StaffWrite)")]
    async fn staff_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: StaffCreateInput,
    ) -> Result<StaffOneTimePasswordPayload> {
        let new = NewStaff { email: input.email, name: input.name, roles: input.role_ids.into_iter().collect() };
        payload(ctx, service::create(ctx.op()?, new).await, StaffOneTimePasswordPayload::from)
    }

    /// Gives somebody who is locked out a password to hand over; their authenticator and sessions are gone.
    #[graphql(guard = "Access::Staff(Permission::StaffWrite)")]
    async fn staff_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: StaffInput,
    ) -> Result<StaffOneTimePasswordPayload> {
        payload(ctx, service::reset_password(ctx.op()?, input.staff_id).await, StaffOneTimePasswordPayload::from)
    }

    /// Takes the right to sign in from somebody and ends their sessions; the last owner keeps it.
    #[graphql(guard = "Access::Staff(Permission::StaffWrite)")]
    async fn staff_disable(&self, ctx: &Context<'_>, #[graphql(desc = "Who.")] input: StaffInput) -> Result<StaffMemberPayload> {
        payload(ctx, service::disable(ctx.op()?, input.staff_id).await, StaffMemberPayload::from)
    }

    /// Lets somebody sign in again.
    #[graphql(guard = "Access::Staff(Permission::StaffWrite)")]
    async fn staff_enable(&self, ctx: &Context<'_>, #[graphql(desc = "Who.")] input: StaffInput) -> Result<StaffMemberPayload> {
        payload(ctx, service::enable(ctx.op()?, input.staff_id).await, StaffMemberPayload::from)
    }

    /// Gives somebody other roles; they count at once.
    #[graphql(guard = "Access::Staff(Permission::StaffWrite)")]
    async fn staff_roles_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and which roles.")] input: StaffRolesSetInput,
    ) -> Result<StaffMemberPayload> {
        let cmd = SetRoles { staff: input.staff_id, roles: input.role_ids.into_iter().collect() };
        payload(ctx, service::set_roles(ctx.op()?, cmd).await, StaffMemberPayload::from)
    }

    /// Makes a role.
    #[graphql(guard = "Access::Staff(Permission::StaffWrite)")]
    async fn role_create(&self, ctx: &Context<'_>, #[graphql(desc = "The role.")] input: RoleCreateInput) -> Result<RolePayload> {
        let new = NewRole { name: input.name, permissions: input.permissions.into_iter().collect() };
        payload(ctx, service::create_role(ctx.op()?, new).await, RolePayload::from)
    }

    /// Changes a role for everybody who has it, at once.
    #[graphql(guard = "Access::Staff(Permission::StaffWrite)")]
    async fn role_update(&self, ctx: &Context<'_>, #[graphql(desc = "What changes.")] input: RoleUpdateInput) -> Result<RolePayload> {
        let permissions = input.permissions.map(|list| list.into_iter().collect());
        let cmd = RoleUpdate { id: input.role_id, name: input.name, permissions };
        payload(ctx, service::update_role(ctx.op()?, cmd).await, RolePayload::from)
    }
}
