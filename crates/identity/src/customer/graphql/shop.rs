//! What shoppers ask and do.

use async_graphql::{Context, Object, Result};
use kernel::Failure;
use platform::graphql::{Access, ContextExt, answer, payload};

use super::types::{
    Customer, CustomerOtpSendInput, CustomerOtpSendPayload, CustomerPhoneBindInput, CustomerPhoneBindPayload, CustomerProfileUpdateInput,
    CustomerProfileUpdatePayload, CustomerSignInByOtpInput, CustomerSignInByWeChatInput, CustomerSignInPayload,
};
use crate::{
    customer::{
        codes,
        error::SignInRefused,
        query,
        service::{self, BindPhone, ProfileUpdate, SignInByCode, SignInByWeChat},
    },
    session,
};

/// Queries.
#[derive(Default)]
pub struct ShopQuery;

#[Object(name = "CustomerShopQuery")]
impl ShopQuery {
    /// The shopper who asks.
    #[graphql(guard = "Access::Customer")]
    async fn me(&self, ctx: &Context<'_>) -> Result<Customer> {
        let op = ctx.op()?;
        let id = answer(ctx, op.customer())?;
        answer(ctx, service::get(op, id).await).map(Customer::from)
    }
}

/// Mutations.
#[derive(Default)]
pub struct ShopMutation;

#[Object(name = "CustomerShopMutation")]
impl ShopMutation {
    /// Signs in whoever a mini-program's code stands for; who comes for the first time becomes a customer.
    async fn customer_sign_in_by_we_chat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: CustomerSignInByWeChatInput,
    ) -> Result<CustomerSignInPayload> {
        let cmd = SignInByWeChat { code: input.code, device: input.device };
        signed_in(ctx, service::sign_in_by_wechat(ctx.op()?, cmd).await)
    }

    /// Sends six digits to a phone: once a minute, ten times a day.
    async fn customer_otp_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The phone.")] input: CustomerOtpSendInput,
    ) -> Result<CustomerOtpSendPayload> {
        let sent = codes::send(ctx.op()?, &input.phone).await;
        payload(ctx, sent, |resend_at| CustomerOtpSendPayload { resend_at: Some(resend_at), ..Default::default() })
    }

    /// Signs in whoever has the phone; who comes for the first time becomes a customer.
    async fn customer_sign_in_by_otp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The phone and the code.")] input: CustomerSignInByOtpInput,
    ) -> Result<CustomerSignInPayload> {
        let cmd = SignInByCode { phone: input.phone, code: input.code, device: input.device };
        signed_in(ctx, service::sign_in_by_code(ctx.op()?, cmd).await)
    }

    /// Makes a phone the caller's own; they prove to have it by the code sent to it.
    #[graphql(guard = "Access::Customer")]
    async fn customer_phone_bind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The phone and the code.")] input: CustomerPhoneBindInput,
    ) -> Result<CustomerPhoneBindPayload> {
        let bound = service::bind_phone(ctx.op()?, BindPhone { phone: input.phone, code: input.code }).await;
        payload(ctx, bound, |customer| CustomerPhoneBindPayload { customer: Some(customer.into()), ..Default::default() })
    }

    /// Changes the caller's profile.
    #[graphql(guard = "Access::Customer")]
    async fn customer_profile_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: CustomerProfileUpdateInput,
    ) -> Result<CustomerProfileUpdatePayload> {
        let cmd = ProfileUpdate { nickname: input.nickname, avatar_url: input.avatar_url.into(), locale: input.locale };
        let updated = service::update_profile(ctx.op()?, cmd).await;
        payload(ctx, updated, |customer| CustomerProfileUpdatePayload { customer: Some(customer.into()), ..Default::default() })
    }
}

fn signed_in(
    ctx: &Context<'_>,
    result: std::result::Result<(session::SignedIn, query::Customer), Failure<SignInRefused>>,
) -> Result<CustomerSignInPayload> {
    payload(ctx, result, |(session, customer)| CustomerSignInPayload {
        session: Some(session.into()),
        customer: Some(customer.into()),
        ..Default::default()
    })
}
