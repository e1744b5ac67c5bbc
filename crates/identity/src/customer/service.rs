//! Shoppers sign in and tell who they are.

use entity::identity::{customer, customer_identity};
use kernel::{CustomerId, Failure, Fault, Locale};
use platform::{Op, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr, sea_query::OnConflict};

pub use super::query::{find, get, registered_at, summaries};
use super::{
    Due, TextError, TextMessages, WeChatLogin, WeChatUser, codes,
    error::{ProfileRefused, SignInRefused},
    events::{CustomerRegistered, Via},
    query::{Customer, locale_of, nickname_key},
    rules::{self, Phone},
};
use crate::session::{self, Owner, SignedIn, service::NewSession};

/// A code of a mini-program.
#[derive(Clone)]
pub struct SignInByWeChat {
    /// What `wx.login` gave.
    pub code: String,
    /// What the device calls itself.
    pub device: Option<String>,
}

/// Signs in whoever WeChat says the code stands for; a new one becomes a customer.
pub async fn sign_in_by_wechat(op: &Op, cmd: SignInByWeChat) -> Result<(SignedIn, Customer), Failure<SignInRefused>> {
    codes::may_guess_from_here(op).await?;
    let user = match op.port::<dyn WeChatLogin>()?.exchange(&cmd.code).await {
        Ok(user) => user,
        Err(error) => return Err(error.refusal()?.into()),
    };
    let mut tx = op.begin().await?;
    let id = customer_of(&mut tx, op, user).await?;
    Ok(enter(tx, op, (id, cmd.device)).await?)
}

/// A phone and the code sent to it.
#[derive(Clone)]
pub struct SignInByCode {
    /// The phone, as typed.
    pub phone: String,
    /// The code, as typed.
    pub code: String,
    /// What the device calls itself.
    pub device: Option<String>,
}

/// Signs in whoever has the phone; a new one becomes a customer.
pub async fn sign_in_by_code(op: &Op, cmd: SignInByCode) -> Result<(SignedIn, Customer), Failure<SignInRefused>> {
    let phone = Phone::parse(&cmd.phone).map_err(|_| SignInRefused::Phone)?;
    codes::may_guess_from_here(op).await?;
    let mut tx = op.begin().await?;
    if let Err(refused) = codes::redeem(&tx, op, (&phone, &cmd.code)).await? {
        tx.commit().await?;
        return Err(refused.into());
    }
    let id = customer_with(&mut tx, op, &phone).await?;
    Ok(enter(tx, op, (id, cmd.device)).await?)
}

/// A phone to bind and the code sent to it.
#[derive(Clone)]
pub struct BindPhone {
    /// The phone, as typed.
    pub phone: String,
    /// The code, as typed.
    pub code: String,
}

/// Makes a phone the caller's, who proved to have it; theirs already is no error.
pub async fn bind_phone(op: &Op, cmd: BindPhone) -> Result<Customer, Failure<SignInRefused>> {
    let (me, phone) = (op.customer()?, Phone::parse(&cmd.phone).map_err(|_| SignInRefused::Phone)?);
    codes::may_guess_from_here(op).await?;
    let tx = op.begin().await?;
    if let Err(refused) = codes::redeem(&tx, op, (&phone, &cmd.code)).await? {
        tx.commit().await?;
        return Err(refused.into());
    }
    let index = phone_index(op, &phone);
    let owner = customer::Entity::find().filter(customer::Column::PhoneIndex.eq(&index)).one(&*tx).await?;
    if owner.is_some_and(|owner| owner.id != me) {
        // Committed all the same: the code was right and is used.
        tx.commit().await?;
        return Err(SignInRefused::PhoneTaken.into());
    }
    let sealed = op.crypto().seal(&phone_place(me), phone.e164())?;
    let row = customer::ActiveModel { id: Set(me), phone_sealed: Set(Some(sealed)), phone_index: Set(Some(index)), ..Default::default() };
    let row = customer::Entity::update(row).exec(&*tx).await.map_err(|error| match error.sql_err() {
        // Somebody bound it between our look and our write.
        Some(SqlErr::UniqueConstraintViolation(_)) => Failure::Refused(SignInRefused::PhoneTaken),
        _ => error.into(),
    })?;
    let customer = Customer::of(op, row)?;
    tx.commit().await?;
    Ok(customer)
}

/// What changes of a profile; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ProfileUpdate {
    /// Another nickname.
    pub nickname: Option<String>,
    /// Another picture, or none.
    pub avatar_url: Option<Option<String>>,
    /// Another language.
    pub locale: Option<Locale>,
}

/// Changes the caller's own profile.
pub async fn update_profile(op: &Op, cmd: ProfileUpdate) -> Result<Customer, Failure<ProfileRefused>> {
    let mut row = customer::ActiveModel { id: Set(op.customer()?), ..Default::default() };
    if let Some(nickname) = &cmd.nickname {
        let nickname = rules::nickname(nickname).ok_or(ProfileRefused::Nickname)?;
        row.nickname_key = Set(nickname_key(&nickname));
        row.nickname = Set(nickname);
    }
    if let Some(url) = cmd.avatar_url {
        row.avatar_url = Set(url.map(|url| rules::avatar_url(&url).ok_or(ProfileRefused::Avatar)).transpose()?);
    }
    if let Some(locale) = cmd.locale {
        row.locale = Set(locale.tag().to_owned());
    }
    let tx = op.begin().await?;
    let row = customer::Entity::update(row).exec(&*tx).await?;
    let customer = Customer::of(op, row)?;
    tx.commit().await?;
    Ok(customer)
}

/// Ends a sign-in: opens the session and commits.
pub(super) async fn enter(mut tx: Tx, op: &Op, (id, device): (CustomerId, Option<String>)) -> Result<(SignedIn, Customer), Fault> {
    let row = customer::Entity::find_by_id(id).one(&*tx).await?.ok_or_else(|| Fault::corrupt(format!("{id} is gone")))?;
    let signed_in = session::service::open(&mut tx, op, NewSession { owner: Owner::Customer(id), device }).await?;
    tx.commit().await?;
    Ok((signed_in, Customer::of(op, row)?))
}

/// The customer with this phone, made when there is none.
async fn customer_with(tx: &mut Tx, op: &Op, phone: &Phone) -> Result<CustomerId, Fault> {
    let index = phone_index(op, phone);
    let known = || customer::Entity::find().filter(customer::Column::PhoneIndex.eq(&index));
    if let Some(row) = known().one(&**tx).await? {
        return Ok(row.id);
    }
    let id = op.new_id::<CustomerId>();
    let row = customer::ActiveModel {
        phone_sealed: Set(Some(op.crypto().seal(&phone_place(id), phone.e164())?)),
        phone_index: Set(Some(index.clone())),
        ..new_row(op, id)
    };
    let taken = OnConflict::column(customer::Column::PhoneIndex).do_nothing().to_owned();
    if customer::Entity::insert(row).on_conflict(taken).exec_without_returning(&**tx).await? == 1 {
        tx.emit(&CustomerRegistered { customer: id, via: Via::Phone, at: op.now() });
        return Ok(id);
    }
    let row = known().one(&**tx).await?;
    row.map(|row| row.id).ok_or_else(|| Fault::corrupt("a taken phone has no customer"))
}

/// The customer whom WeChat means, made when there is none.
async fn customer_of(tx: &mut Tx, op: &Op, user: WeChatUser) -> Result<CustomerId, Fault> {
    let here = ("wechat", format!("{}:{}", user.appid, user.openid));
    // The wider id first: two mini-programs of one merchant must not make two customers at once.
    let ids: Vec<_> = user.unionid.map(|id| ("wechat_union", id)).into_iter().chain([here]).collect();
    for id in &ids {
        if let Some(customer) = identified(tx, id).await? {
            for id in &ids {
                identify(tx, op, (id, customer)).await?;
            }
            return Ok(customer);
        }
    }
    let new = op.new_id::<CustomerId>();
    customer::Entity::insert(new_row(op, new)).exec_without_returning(&**tx).await?;
    if !identify(tx, op, (&ids[0], new)).await? {
        // Somebody came first with the same id; theirs is the customer.
        customer::Entity::delete_by_id(new).exec(&**tx).await?;
        let first = identified(tx, &ids[0]).await?.ok_or_else(|| Fault::corrupt("a taken identity has no customer"))?;
        for id in &ids {
            identify(tx, op, (id, first)).await?;
        }
        return Ok(first);
    }
    for id in &ids[1..] {
        identify(tx, op, (id, new)).await?;
    }
    tx.emit(&CustomerRegistered { customer: new, via: Via::WeChat, at: op.now() });
    Ok(new)
}

async fn identified(tx: &Tx, (provider, subject): &(&str, String)) -> Result<Option<CustomerId>, Fault> {
    let row = customer_identity::Entity::find_by_id(((*provider).to_owned(), subject.clone())).one(&**tx).await?;
    Ok(row.map(|row| row.customer))
}

/// Says who a customer is elsewhere; false: that is known already.
pub(super) async fn identify(tx: &Tx, op: &Op, (id, customer): (&(&str, String), CustomerId)) -> Result<bool, Fault> {
    let row = customer_identity::ActiveModel {
        provider: Set(id.0.to_owned()),
        subject: Set(id.1.clone()),
        customer: Set(customer),
        created_at: Set(op.now()),
    };
    let known = OnConflict::new().do_nothing().to_owned();
    Ok(customer_identity::Entity::insert(row).on_conflict(known).exec_without_returning(&**tx).await? == 1)
}

/// A customer who has just come.
pub(super) fn new_row(op: &Op, id: CustomerId) -> customer::ActiveModel {
    let nickname = rules::first_nickname(id, op.locale);
    customer::ActiveModel {
        id: Set(id),
        nickname_key: Set(nickname_key(&nickname)),
        nickname: Set(nickname),
        avatar_url: Set(None),
        locale: Set(op.locale.tag().to_owned()),
        phone_sealed: Set(None),
        phone_index: Set(None),
        registered_at: Set(op.now()),
    }
}

/// What equal phones are found by.
pub(super) fn phone_index(op: &Op, phone: &Phone) -> String {
    op.crypto().blind_index("customer.phone", phone.e164())
}

/// Where a phone is sealed for.
pub(super) fn phone_place(id: CustomerId) -> String {
    format!("customer:{id}:phone")
}

/// Reminds a customer by a text message of what is due, in their language; false when they have no phone or nobody sends
/// such messages here.
pub async fn remind(op: &Op, id: CustomerId, due: impl FnOnce(Locale) -> Due) -> Result<bool, Fault> {
    let Some(row) = customer::Entity::find_by_id(id).one(op.reader()).await? else { return Ok(false) };
    let Some(phone) = open_phone(op, &row)? else { return Ok(false) };
    let locale = locale_of(&row.locale);
    match op.port::<dyn TextMessages>()?.send_due(&phone, &due(locale), locale).await {
        Ok(()) => Ok(true),
        Err(TextError::NotConfigured) => Ok(false),
        Err(error @ TextError::Unavailable(_)) => Err(Fault::upstream("text messages", error.to_string())),
    }
}

/// The phone in a row.
pub(super) fn open_phone(op: &Op, row: &customer::Model) -> Result<Option<Phone>, Fault> {
    let Some(sealed) = &row.phone_sealed else { return Ok(None) };
    let plain = op.crypto().open(&phone_place(row.id), sealed)?;
    Phone::parse(&plain).map(Some).map_err(|_| Fault::corrupt(format!("the phone of {} is not one", row.id)))
}
