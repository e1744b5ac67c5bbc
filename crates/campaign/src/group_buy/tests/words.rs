//! Every refusal has a sentence in every language.

use kernel::{Locale, Refusal};

use crate::group_buy::{
    error::{EditRefused, PriceRefused, SitRefused},
    rules::{campaign::CampaignRefused, team::SeatRefused, terms::TermsRefused},
};

#[test]
fn every_refusal_is_written_in_every_language() {
    let refusals: Vec<Box<dyn Refusal>> = vec![
        Box::new(SitRefused::NotFound("teamId")),
        Box::new(SitRefused::NotSelling),
        Box::new(SitRefused::QuoteMismatch),
        Box::new(PriceRefused::NotFound("play.id")),
        Box::new(PriceRefused::NotSelling),
        Box::new(SeatRefused::Full { joinable: vec![] }),
        Box::new(SeatRefused::Closed),
        Box::new(SeatRefused::AlreadyInTeam),
        Box::new(SeatRefused::AlreadyGathering),
        Box::new(SeatRefused::NewCustomersOnly),
        Box::new(SeatRefused::SkuNotOffered),
        Box::new(SeatRefused::SizeNotOffered),
        Box::new(SeatRefused::OrderLimit(1)),
        Box::new(SeatRefused::CustomerLimit(1)),
        Box::new(EditRefused::NotFound),
        Box::new(EditRefused::Title),
        Box::new(EditRefused::ForeignSku),
        Box::new(EditRefused::Currency),
        Box::new(EditRefused::NotCheaper),
        Box::new(EditRefused::TwoDiscounts),
        Box::new(EditRefused::ProductFixed),
        Box::new(CampaignRefused::WrongState),
        Box::new(CampaignRefused::Window),
        Box::new(TermsRefused::Prices),
        Box::new(TermsRefused::PriceTooLow),
        Box::new(TermsRefused::LadderRises),
        Box::new(TermsRefused::Size),
        Box::new(TermsRefused::TeamHours),
        Box::new(TermsRefused::SeatHold),
        Box::new(TermsRefused::LeaderDiscount),
        Box::new(TermsRefused::LeaderCommission),
        Box::new(TermsRefused::Limits),
        Box::new(TermsRefused::VirtualPercent),
    ];
    for refusal in refusals {
        for locale in Locale::ALL {
            assert!(platform::messages::is_written(locale, refusal.code()), "{} in {}", refusal.code(), locale.tag());
        }
    }
}
