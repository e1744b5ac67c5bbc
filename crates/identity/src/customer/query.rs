//! Customers as others see them.

use std::collections::HashMap;

use entity::identity::{customer, customer_identity};
use kernel::{CustomerId, Failure, Fault, Locale, Page, PageRequest, Timestamp};
use platform::Op;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{ExprTrait, LikeExpr},
};

use super::{
    error::CustomerRefused,
    rules::Phone,
    service::{open_phone, phone_index},
};

/// A shopper's public face: what other shoppers may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerSummary {
    /// Who.
    pub id: CustomerId,
    /// What they call themselves.
    pub nickname: String,
    /// Their picture.
    pub avatar_url: Option<String>,
}

/// A shopper as they and staff see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Who.
    pub id: CustomerId,
    /// What they call themselves.
    pub nickname: String,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// The language they read.
    pub locale: Locale,
    /// Their phone, masked: `138****8000`.
    pub phone_masked: Option<String>,
    /// When they came.
    pub registered_at: Timestamp,
}

impl Customer {
    pub(super) fn of(op: &Op, row: customer::Model) -> Result<Self, Fault> {
        let phone_masked = open_phone(op, &row)?.map(|phone| phone.masked());
        Ok(Self {
            id: row.id,
            nickname: row.nickname,
            avatar_url: row.avatar_url,
            locale: locale_of(&row.locale),
            phone_masked,
            registered_at: row.registered_at,
        })
    }
}

pub(super) fn locale_of(tag: &str) -> Locale {
    Locale::ALL.into_iter().find(|locale| locale.tag() == tag).unwrap_or_default()
}

/// The public faces of many customers, by one statement; unknown ids are absent.
pub async fn summaries(op: &Op, ids: &[CustomerId]) -> Result<HashMap<CustomerId, CustomerSummary>, Fault> {
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(1000) {
        let rows = customer::Entity::find()
            .select_only()
            .columns([customer::Column::Id, customer::Column::Nickname, customer::Column::AvatarUrl])
            .filter(customer::Column::Id.is_in(some.iter().copied()))
            .into_tuple::<(CustomerId, String, Option<String>)>()
            .all(op.reader())
            .await?;
        found.extend(rows.into_iter().map(|(id, nickname, avatar_url)| (id, CustomerSummary { id, nickname, avatar_url })));
    }
    Ok(found)
}

/// One customer.
pub async fn get(op: &Op, id: CustomerId) -> Result<Customer, Failure<CustomerRefused>> {
    let row = customer::Entity::find_by_id(id).one(op.reader()).await?.ok_or(CustomerRefused::NotFound)?;
    Ok(Customer::of(op, row)?)
}

/// When a customer came; none when there is no such customer.
pub async fn registered_at(op: &Op, id: CustomerId) -> Result<Option<Timestamp>, Fault> {
    let row = customer::Entity::find_by_id(id).select_only().column(customer::Column::RegisteredAt);
    Ok(row.into_tuple().one(op.reader()).await?)
}

/// Who a customer is elsewhere: their id at a provider, within a scope of it (`wechat`, an appid → the openid).
pub async fn subject_of(op: &Op, id: CustomerId, (provider, scope): (&str, &str)) -> Result<Option<String>, Fault> {
    let known = customer_identity::Entity::find()
        .filter(customer_identity::Column::Customer.eq(id).and(customer_identity::Column::Provider.eq(provider)))
        .all(op.reader())
        .await?;
    Ok(known.into_iter().find_map(|row| row.subject.strip_prefix(scope)?.strip_prefix(':').map(str::to_owned)))
}

/// Customers, the newest first. A search finds the exact phone, or nicknames that begin so.
pub async fn find(op: &Op, search: Option<String>, page: PageRequest) -> Result<Page<Customer>, Failure<CustomerRefused>> {
    let mut rows = customer::Entity::find().order_by_desc(customer::Column::Id).limit(page.first + 1);
    if let Some(after) = &page.after {
        rows = rows.filter(customer::Column::Id.lt(after.key::<CustomerId>().map_err(CustomerRefused::from)?));
    }
    if let Some(search) = search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        let by_nickname = customer::Column::NicknameKey.like(begins_with(&search.to_lowercase()));
        let by_phone = Phone::parse(search).ok().map(|phone| customer::Column::PhoneIndex.eq(phone_index(op, &phone)));
        rows = rows.filter(Condition::any().add(by_nickname).add_option(by_phone));
    }
    let rows = rows.all(op.reader()).await?;
    let customers = rows.into_iter().map(|row| Customer::of(op, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::take(customers, page.first, |customer| customer.id))
}

fn begins_with(text: &str) -> LikeExpr {
    let escaped = text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]));
    LikeExpr::new(format!("{}%", escaped.collect::<String>())).escape('\\')
}

/// The nickname as it is searched by.
pub(super) fn nickname_key(nickname: &str) -> String {
    nickname.to_lowercase()
}
