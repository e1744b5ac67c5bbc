//! What is paid beside the goods: freight, tax and duty, donations.

use std::collections::BTreeMap;

use kernel::{Bps, FreightTemplateId, SkuId};

use crate::{
    freight::rules::{Delivery, Fee, Load},
    pricing::{Calculator, Param, PricingRefused, Tally, Why},
    settings::rules::TaxMode,
};

/// What bringing the goods costs: each template's fee for what goes by it.
pub(super) struct Shipping;

impl Calculator for Shipping {
    fn step(&self) -> &'static str {
        "shipping"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let offers = &price.input().offers;
        let free = price.money(0);
        let region = match &offers.delivery {
            Delivery::PickUp => return price.add_shipping(self.step(), free, Why::of("PICK_UP")),
            Delivery::Virtual => return price.add_shipping(self.step(), free, Why::of("NOTHING_TO_SHIP")),
            Delivery::Ship { region } => region.as_deref(),
        };
        let mut loads: BTreeMap<FreightTemplateId, (Load, SkuId)> = BTreeMap::new();
        for (line, priced) in price.basket().iter().zip(price.lines()) {
            let Some(template) = line.facts.freight.or(offers.settings.freight) else { continue };
            let (load, _) = loads.entry(template).or_insert((Load::default(), line.sku));
            load.pieces = load.pieces.saturating_add(line.quantity);
            load.grams = load.grams.saturating_add(line.facts.weight_grams.saturating_mul(line.quantity));
            load.cm3 = load.cm3.saturating_add(line.facts.volume_cm3.saturating_mul(line.quantity));
            load.goods_minor = load.goods_minor.saturating_add(priced.payable.minor);
        }
        let mut charged = false;
        for (id, (load, sku)) in loads {
            let Some(template) = offers.freight.get(&id).filter(|template| template.currency == price.input().currency) else { continue };
            charged = true;
            match template.fee(load, region) {
                Fee::Refused => return Err(PricingRefused::NotCarried(sku)),
                Fee::Free(saved) => {
                    let why = Why::of("FREIGHT_FREE").with("saved", Param::Money(price.money(saved)));
                    price.add_shipping(self.step(), free, why)?;
                }
                Fee::Minor(minor) => {
                    let why = Why::of("FREIGHT").with("pieces", Param::Number(load.pieces));
                    price.add_shipping(self.step(), price.money(minor), why)?;
                }
            }
        }
        if charged { Ok(()) } else { price.add_shipping(self.step(), free, Why::of("FREE_SHIPPING")) }
    }
}

/// Tax and duty, where they are added: each line's rate of what it costs.
pub(super) struct Tax;

impl Calculator for Tax {
    fn step(&self) -> &'static str {
        "tax"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        if price.input().offers.settings.tax == TaxMode::Included {
            return Ok(());
        }
        for (index, line) in price.basket().iter().enumerate() {
            let rate = line.facts.tax_bps;
            if rate > 0 {
                let tax = Bps(rate).of(price.lines()[index].payable)?;
                price.add_tax(self.step(), (line.sku, tax), Why::of("TAX").with("rate", Param::Bps(rate)))?;
            }
        }
        Ok(())
    }
}

/// What the shopper gives to others.
pub(super) struct Donation;

impl Calculator for Donation {
    fn step(&self) -> &'static str {
        "donation"
    }

    fn apply(&self, price: &mut Tally<'_>) -> Result<(), PricingRefused> {
        let minor = price.input().offers.donation_minor;
        if minor == 0 {
            return Ok(());
        }
        price.add_donation(self.step(), price.money(minor), Why::of("DONATION"))
    }
}
