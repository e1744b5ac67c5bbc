//! Address books as shoppers see them.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use kernel::{AddressId, Failure, Timestamp};
use platform::graphql::{Access, ContextExt, answer, payload};

use super::{
    Refused, parse,
    regions::{self, Region},
    rules::{MOST_TEXT, Words},
    service::{self, Entry, SaveAddress},
};

/// An entry of the shopper's address book.
#[derive(SimpleObject)]
pub struct Address {
    /// Its id.
    id: AddressId,
    /// Who takes it.
    recipient: String,
    /// Where they are reached.
    phone: String,
    /// Province, city, district, and the street office where it is known.
    region: String,
    /// Street, house, door.
    street: String,
    /// The region's official code, as deep as it is known: 2, 4, 6 or 9 digits.
    region_code: Option<String>,
    /// What the shopper calls it.
    label: Option<String>,
    /// Whether it is filled in when nothing is said.
    is_default: bool,
    /// When it was last changed.
    updated_at: Timestamp,
}

impl From<Entry> for Address {
    fn from(entry: Entry) -> Self {
        let Entry { id, recipient, phone, region, street, region_code, label, is_default, updated_at, .. } = entry;
        Self { id, recipient, phone, region, street, region_code, label, is_default, updated_at }
    }
}

/// A province, a city, a district or a street office.
#[derive(SimpleObject)]
#[graphql(name = "Region")]
pub struct RegionObject {
    /// Its official code: 2, 4, 6 or 9 digits.
    code: String,
    /// Its name.
    name: String,
    /// Whether there are regions inside it.
    has_parts: bool,
}

impl From<Region<'_>> for RegionObject {
    fn from(region: Region<'_>) -> Self {
        Self { code: region.code(), name: region.name().to_owned(), has_parts: region.parts().next().is_some() }
    }
}

/// What was read out of pasted text; what was not found is left out.
#[derive(SimpleObject)]
pub struct ParsedAddress {
    /// Who takes it.
    recipient: Option<String>,
    /// Where they are reached.
    phone: Option<String>,
    /// Province, city, district, street office, from the widest.
    regions: Vec<RegionObject>,
    /// Their names as one text.
    region: Option<String>,
    /// The deepest region's official code.
    region_code: Option<String>,
    /// Street, house, door.
    street: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
}

impl From<parse::Parsed> for ParsedAddress {
    fn from(parsed: parse::Parsed) -> Self {
        let path = parsed.region_code.as_deref().and_then(|code| regions::get().by_code(code)).map(Region::path).unwrap_or_default();
        Self {
            recipient: parsed.recipient,
            phone: parsed.phone,
            regions: path.into_iter().map(Into::into).collect(),
            region: parsed.region,
            region_code: parsed.region_code,
            street: parsed.street,
            postal_code: parsed.postal_code,
        }
    }
}

/// What shoppers ask of their address book.
#[derive(Default)]
pub struct AddressShopQuery;

#[Object]
impl AddressShopQuery {
    /// The signed-in shopper's address book: the default first, then the latest changed.
    #[graphql(guard = "Access::Customer")]
    async fn addresses(&self, ctx: &Context<'_>) -> Result<Vec<Address>> {
        Ok(answer(ctx, service::list(ctx.op()?).await)?.into_iter().map(Into::into).collect())
    }

    /// Reads an address as people paste it: name, phone, region and street in any order.
    async fn address_parse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text; 500 characters at most.", secret)] text: String,
    ) -> Result<ParsedAddress> {
        let short = text.chars().count() <= usize::try_from(MOST_TEXT).unwrap_or(usize::MAX);
        let read = if short { Ok(parse::parse(&text)) } else { Err(Failure::Refused(Refused::TooLong(MOST_TEXT))) };
        Ok(answer(ctx, read)?.into())
    }

    /// The regions inside another, in the order of their codes; the provinces when none is named.
    async fn regions(&self, #[graphql(desc = "Inside which: 2, 4 or 6 digits.")] parent: Option<String>) -> Vec<RegionObject> {
        let all = regions::get();
        match parent {
            None => all.provinces().map(Into::into).collect(),
            Some(code) => all.by_code(&code).map(|region| region.parts().map(Into::into).collect()).unwrap_or_default(),
        }
    }
}

/// An entry as it is to be.
#[derive(InputObject)]
pub struct AddressSaveInput {
    /// Which; a new one when not said.
    id: Option<AddressId>,
    /// Who takes it; 64 characters at most.
    #[graphql(secret)]
    recipient: String,
    /// Where they are reached: 6 to 15 digits, with + - and blanks as people write them.
    #[graphql(secret)]
    phone: String,
    /// Province, city, district, street office; 128 characters at most.
    region: String,
    /// Street, house, door; 256 characters at most.
    #[graphql(secret)]
    street: String,
    /// The region's official code; found by the region's name when not said.
    region_code: Option<String>,
    /// What the shopper calls it; 16 characters at most.
    label: Option<String>,
    /// Whether it is filled in when nothing is said; the first one always is.
    #[graphql(default)]
    is_default: bool,
}

platform::payload! {
    /// What became of an entry of the address book.
    pub struct AddressPayload {
        /// As it is now.
        address: Address,
    }
}

platform::payload! {
    /// What became of an entry that was to be taken out.
    pub struct AddressRemovePayload {
        /// Which.
        id: AddressId,
    }
}

/// What shoppers do with their address book.
#[derive(Default)]
pub struct AddressShopMutation;

#[Object]
impl AddressShopMutation {
    /// Keeps an address in the signed-in shopper's book, or changes it; 50 at most.
    #[graphql(guard = "Access::Customer")]
    async fn address_save(&self, ctx: &Context<'_>, #[graphql(desc = "The address.")] input: AddressSaveInput) -> Result<AddressPayload> {
        let AddressSaveInput { id, recipient, phone, region, street, region_code, label, is_default } = input;
        let words = Words { recipient, phone, region, street, label };
        let saved = service::save(ctx.op()?, SaveAddress { id, words, region_code, is_default }).await;
        payload(ctx, saved, |entry| AddressPayload { address: Some(entry.into()), ..Default::default() })
    }

    /// Takes an address out of the signed-in shopper's book; orders keep their copy.
    #[graphql(guard = "Access::Customer")]
    async fn address_remove(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: AddressId) -> Result<AddressRemovePayload> {
        let removed = service::remove(ctx.op()?, id).await;
        payload(ctx, removed, |()| AddressRemovePayload { id: Some(id), ..Default::default() })
    }
}
