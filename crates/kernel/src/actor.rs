//! Who acts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{CustomerId, SessionId, StaffId};

/// What a member of staff may do. Roles are sets of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Permission {
    /// See staff and roles.
    StaffRead,
    /// Invite, disable and change staff and roles.
    StaffWrite,
    /// See customers, with masked personal data.
    CustomerRead,
    /// See products, stock and categories as staff do.
    CatalogRead,
    /// Change products, stock and categories.
    CatalogWrite,
    /// See orders and payments of all customers.
    OrderRead,
    /// Ship and annotate orders.
    OrderWrite,
    /// Give money back.
    RefundWrite,
    /// See after-sale cases and complaints.
    AfterSaleRead,
    /// Answer after-sale cases and complaints, take goods back, set the after-sale policy.
    AfterSaleWrite,
    /// Decide complaints between shopper and merchant.
    ComplaintDecide,
    /// See flash sales and what they sold.
    FlashSaleRead,
    /// Create, publish, pause and end flash sales.
    FlashSaleWrite,
    /// See group-buy campaigns and their teams.
    GroupBuyRead,
    /// Create, publish, pause and end group-buy campaigns.
    GroupBuyWrite,
    /// See presales and what was reserved in them.
    PresaleRead,
    /// Create, publish, pause and end presales.
    PresaleWrite,
    /// See crowdfundings and their pledges.
    CrowdfundingRead,
    /// Create, publish, pause and end crowdfundings; tell and ask their backers.
    CrowdfundingWrite,
    /// See bargain campaigns, their records and cuts.
    BargainRead,
    /// Create, publish, pause and end bargain campaigns.
    BargainWrite,
    /// See coupons, reductions, discounts, member prices and freight.
    PromotionRead,
    /// Change coupons, reductions, discounts, member prices and freight; give coupons out.
    PromotionWrite,
    /// See the ledger, wallets, points and providers' bills.
    LedgerRead,
    /// Change wallets and points by hand, import and settle providers' bills.
    LedgerWrite,
    /// See background work, its backlog and its failures.
    SystemRead,
    /// Give parked background work another try.
    SystemWrite,
}

impl Permission {
    /// Every permission, in the order of the enum.
    pub const ALL: [Self; 27] = [
        Self::StaffRead,
        Self::StaffWrite,
        Self::CustomerRead,
        Self::CatalogRead,
        Self::CatalogWrite,
        Self::OrderRead,
        Self::OrderWrite,
        Self::RefundWrite,
        Self::AfterSaleRead,
        Self::AfterSaleWrite,
        Self::ComplaintDecide,
        Self::FlashSaleRead,
        Self::FlashSaleWrite,
        Self::GroupBuyRead,
        Self::GroupBuyWrite,
        Self::PresaleRead,
        Self::PresaleWrite,
        Self::CrowdfundingRead,
        Self::CrowdfundingWrite,
        Self::BargainRead,
        Self::BargainWrite,
        Self::PromotionRead,
        Self::PromotionWrite,
        Self::LedgerRead,
        Self::LedgerWrite,
        Self::SystemRead,
        Self::SystemWrite,
    ];
}

/// On whose behalf something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody signed in.
    Anonymous,
    /// A signed-in shopper.
    Customer {
        /// Who.
        id: CustomerId,
        /// On which device.
        session: SessionId,
    },
    /// A signed-in member of staff.
    Staff {
        /// Who.
        id: StaffId,
        /// On which device.
        session: SessionId,
        /// What they may do.
        permissions: BTreeSet<Permission>,
    },
    /// Background work, by the name of the job, sweep or command.
    System(&'static str),
}

impl Actor {
    /// The shopper, if it is one.
    pub fn customer(&self) -> Option<CustomerId> {
        match self {
            Self::Customer { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The member of staff, if it is one.
    pub fn staff(&self) -> Option<StaffId> {
        match self {
            Self::Staff { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The same rights and nobody's id, for what is worked out once and shown to many: a shopper is anybody, staff are
    /// their permissions.
    #[must_use]
    pub fn faceless(&self) -> Self {
        match self {
            Self::Anonymous | Self::Customer { .. } => Self::Anonymous,
            Self::Staff { permissions, .. } => {
                Self::Staff { id: StaffId(uuid::Uuid::nil()), session: SessionId(uuid::Uuid::nil()), permissions: permissions.clone() }
            }
            Self::System(name) => Self::System(name),
        }
    }

    /// The session of a signed-in person.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Customer { session, .. } | Self::Staff { session, .. } => Some(*session),
            Self::Anonymous | Self::System(_) => None,
        }
    }

    /// Whether the actor may do what `permission` covers. The system may do everything.
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::System(_) => true,
            Self::Staff { permissions, .. } => permissions.contains(&permission),
            Self::Anonymous | Self::Customer { .. } => false,
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Customer { id, .. } => id.fmt(f),
            Self::Staff { id, .. } => id.fmt(f),
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}
