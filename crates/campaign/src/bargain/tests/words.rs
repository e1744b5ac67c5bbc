//! Every refusal and every rule has a sentence in every language.

use kernel::{Currency, Locale, Money, Refusal};

use crate::bargain::{
    error::{EditRefused, PlayRefused},
    rules::{
        campaign::CampaignRefused,
        record::{BuyRefused, CutRefused},
        terms::TermsRefused,
    },
};

#[test]
fn every_refusal_is_written_in_every_language() {
    let refusals: Vec<Box<dyn Refusal>> = vec![
        Box::new(PlayRefused::NotFound("recordId")),
        Box::new(PlayRefused::NotRunning),
        Box::new(PlayRefused::SkuNotOffered),
        Box::new(PlayRefused::AlreadyBargaining),
        Box::new(PlayRefused::CustomerLimit(1)),
        Box::new(PlayRefused::DailyLimit(1)),
        Box::new(PlayRefused::Salt),
        Box::new(PlayRefused::QuoteMismatch),
        Box::new(CutRefused::FloorReached),
        Box::new(CutRefused::Ordered),
        Box::new(CutRefused::Closed),
        Box::new(CutRefused::OwnRecord),
        Box::new(BuyRefused::NotAtFloor(Money::new(1, Currency::Cny))),
        Box::new(BuyRefused::Ordered),
        Box::new(BuyRefused::Closed),
        Box::new(EditRefused::NotFound),
        Box::new(EditRefused::Title),
        Box::new(EditRefused::ForeignSku),
        Box::new(EditRefused::Currency),
        Box::new(EditRefused::FirstPrice),
        Box::new(EditRefused::Goal),
        Box::new(CampaignRefused::WrongState),
        Box::new(CampaignRefused::Window),
        Box::new(CampaignRefused::Frozen),
        Box::new(TermsRefused::Prices),
        Box::new(TermsRefused::Floor),
        Box::new(TermsRefused::Cuts),
        Box::new(TermsRefused::RunHours),
        Box::new(TermsRefused::PayHours),
        Box::new(TermsRefused::NewCustomerDraws),
        Box::new(TermsRefused::Limits),
    ];
    let rules = [
        "RUN_HOURS",
        "CUTS",
        "EXACT",
        "OWNER_CUT",
        "NEW_CUSTOMERS",
        "ONCE",
        "DAILY_LIMIT",
        "FLOOR_ONLY",
        "ANY_PRICE",
        "PAY_HOURS",
        "CUSTOMER_LIMIT",
        "FAIR",
    ];
    let codes = refusals.iter().map(|refusal| refusal.code().to_owned());
    for code in codes.chain(rules.map(|rule| format!("BARGAIN_RULE_{rule}"))).chain(["TRACE_BARGAIN".to_owned()]) {
        for locale in Locale::ALL {
            assert!(platform::messages::is_written(locale, &code), "{code} in {}", locale.tag());
        }
    }
}
