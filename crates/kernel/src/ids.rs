//! Typed ids: a swapped argument does not compile, and a foreign id does not parse.
//!
//! Outside, an id is opaque and prefixed (`ord_0198c0de…`); inside it is a UUIDv7, so keys sort by birth.

use uuid::Uuid;

/// Declares id types: `ids! { /// docs OrderId = "ord" }`.
///
/// Each is a `uuid` column for SeaORM, the `ID` scalar for GraphQL and its prefixed text form for JSON.
macro_rules! ids { ($($(#[$doc:meta])* $id:ident = $prefix:literal),* $(,)?) => {$(
    $(#[$doc])*
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sea_orm::DeriveValueType)]
    pub struct $id(pub Uuid);

    impl $id {
        /// The prefix of the text form.
        pub const PREFIX: &'static str = $prefix;
    }

    impl From<Uuid> for $id {
        fn from(uuid: Uuid) -> Self { Self(uuid) }
    }

    impl std::fmt::Display for $id {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{}_{}", $prefix, self.0.simple())
        }
    }

    impl std::fmt::Debug for $id {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { std::fmt::Display::fmt(self, f) }
    }

    impl std::str::FromStr for $id {
        type Err = InvalidId;
        fn from_str(text: &str) -> Result<Self, Self::Err> { parse_id($prefix, text).map(Self) }
    }

    impl serde::Serialize for $id {
        fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
    }

    impl<'de> serde::Deserialize<'de> for $id {
        fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
            text.parse().map_err(serde::de::Error::custom)
        }
    }

    impl sea_orm::TryFromU64 for $id {
        fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
            Err(sea_orm::DbErr::ConvertFromU64(stringify!($id)))
        }
    }

    id_scalar!($id);
)*}; }

/// Makes a `FromStr + Display` type the GraphQL `ID` scalar. Used by [`ids!`].
macro_rules! id_scalar {
    ($id:ident) => {
        impl async_graphql::InputType for $id {
            type RawValueType = Self;
            fn type_name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed("ID")
            }
            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                <async_graphql::ID as async_graphql::InputType>::create_type_info(registry)
            }
            fn parse(value: Option<async_graphql::Value>) -> async_graphql::InputValueResult<Self> {
                match value {
                    Some(async_graphql::Value::String(text)) => {
                        text.parse().map_err(|error: InvalidId| async_graphql::InputValueError::custom(error))
                    }
                    other => Err(async_graphql::InputValueError::expected_type(other.unwrap_or_default())),
                }
            }
            fn to_value(&self) -> async_graphql::Value {
                async_graphql::Value::String(self.to_string())
            }
            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }

        impl async_graphql::OutputType for $id {
            fn type_name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed("ID")
            }
            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                <async_graphql::ID as async_graphql::OutputType>::create_type_info(registry)
            }
            async fn resolve(
                &self,
                _: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                Ok(async_graphql::Value::String(self.to_string()))
            }
        }
    };
}

/// The text is not an id of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {0}_…")]
pub struct InvalidId(pub &'static str);

/// Parses `prefix_` followed by 32 lower-case hexadecimal digits.
fn parse_id(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(InvalidId(prefix))?;
    let canonical = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if !canonical {
        return Err(InvalidId(prefix));
    }
    Uuid::try_parse(digits).map_err(|_| InvalidId(prefix))
}

ids! {
    /// A shopper.
    CustomerId = "cus",
    /// A person who works for the merchant.
    StaffId = "stf",
    /// A signed-in device of a customer or of staff.
    SessionId = "ses",
    /// A set of permissions.
    RoleId = "rol",
    /// A shelf of the mall.
    CategoryId = "cat",
    /// What is shown as one article; it is sold as one of its SKUs.
    ProductId = "prd",
    /// What is priced, stocked and bought.
    SkuId = "sku",
    /// A picture or film.
    MediaId = "med",
    /// A kind of coupon that is given out.
    CouponTemplateId = "cpt",
    /// A customer's coupon.
    CouponId = "cpn",
    /// A reduction of the whole basket: so much off from so much on, bundles, gifts.
    ReductionId = "rdc",
    /// Lower prices for a while.
    TimeDiscountId = "tds",
    /// A level of membership.
    MemberLevelId = "mlv",
    /// What bringing things costs, by region.
    FreightTemplateId = "frt",
    /// Stock put aside for one order.
    ReservationId = "rsv",
    /// One change of what lies on the shelf.
    MovementId = "mov",
    /// A price promised for a while.
    QuoteId = "quo",
    /// A purchase.
    OrderId = "ord",
    /// One SKU of a purchase.
    OrderLineId = "oln",
    /// What leaves the house in one piece for one order.
    ParcelId = "pcl",
    /// A shop with a door, where orders are picked up.
    StoreId = "sto",
    /// An entry of a shopper's address book.
    AddressId = "adr",
    /// One attempt to pay one order.
    PaymentId = "pay",
    /// Money on its way back.
    RefundId = "rfd",
    /// A wish to give goods back, or to have them changed, after they were paid.
    AfterSaleId = "asc",
    /// A complaint staff decide.
    ComplaintId = "cpl",
    /// A set of ledger entries that sums to zero.
    PostingId = "pst",
    /// A proof that the books agree with what they record.
    ReconciliationId = "rec",
    /// Money on its way into a wallet.
    TopUpId = "top",
    /// Money on its way out of a wallet.
    WithdrawalId = "wdl",
    /// Points that came together and expire together.
    PointsLotId = "ptl",
    /// A payment provider's list of what it did for us.
    BillId = "bil",
    /// Something a provider's bill and our books do not agree about.
    DifferenceId = "dif",
    /// A group-buy campaign.
    GroupBuyId = "gbc",
    /// A team of buyers gathering for one price.
    TeamId = "gbt",
    /// A place in a team.
    SeatId = "gbs",
    /// A crowdfunding.
    CrowdfundingId = "cfd",
    /// A reward of a crowdfunding.
    TierId = "cft",
    /// What a backer promised to a crowdfunding.
    PledgeId = "cfp",
    /// News of a crowdfunding.
    CrowdfundingUpdateId = "cfu",
    /// A question to the backers of a crowdfunding.
    CrowdfundingPollId = "cfv",
    /// A presale.
    PresaleId = "psl",
    /// What a customer reserved in a presale.
    PresaleReservationId = "psr",
    /// A price of a SKU from one moment to another.
    PriceSpanId = "prs",
    /// A flash sale: a session and what it sells.
    FlashSaleId = "fls",
    /// A purchase in a flash sale, prepared before it counts.
    FlashSalePassId = "flp",
    /// Stock put aside for a play.
    AllotmentId = "alt",
    /// A bargain campaign.
    BargainId = "bgc",
    /// One customer's bargain: a price that friends cut down.
    BargainRecordId = "bgr",
    /// A row of the outbox.
    EventId = "evt",
    /// A unit of background work.
    JobId = "job",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form_and_no_other_kind_parses_it() {
        let id = OrderId(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
        assert_eq!(id.to_string().parse::<SkuId>(), Err(InvalidId("sku")));
        for bad in [
            "",
            "ord",
            "ord_",
            "ord_zz",
            "ord_0000000000000000000000000000000G",
            "ORD_00000000000000000000000000000007",
            "ord_00000000-0000-0000-0000-000000000007",
        ] {
            assert_eq!(bad.parse::<OrderId>(), Err(InvalidId("ord")), "{bad}");
        }
    }
}
