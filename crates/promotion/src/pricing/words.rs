//! What a trace line says to people, in their language.

use kernel::{Currency, Locale, Money};
use platform::messages::sentence;

use super::{Param, TraceLine};

/// What a trace line says.
pub fn text(locale: Locale, line: &TraceLine) -> String {
    let words = || line.params.iter().map(|(name, param)| (name.clone(), word(locale, param)));
    sentence(locale, &format!("TRACE_{}", line.code), words())
        .or_else(|| sentence(locale, "TRACE_PLAY", words()))
        .unwrap_or_else(|| line.code.to_string())
}

fn word(locale: Locale, param: &Param) -> String {
    match param {
        Param::Text(text) => text.get(locale).to_owned(),
        Param::Money(money) => amount(*money),
        Param::Number(n) => n.to_string(),
        Param::Bps(bps) if bps % 100 == 0 => format!("{}%", bps / 100),
        Param::Bps(bps) => format!("{}.{}%", bps / 100, format!("{:02}", bps % 100).trim_end_matches('0')),
    }
}

/// `¥21.47`: short, for a line of explanation.
fn amount(money: Money) -> String {
    let sign = match money.currency {
        Currency::Cny | Currency::Jpy => "¥",
        Currency::Usd => "$",
        Currency::Eur => "€",
        Currency::Gbp => "£",
        Currency::Hkd => "HK$",
        Currency::Kwd => "KWD ",
    };
    let plain = money.to_string();
    format!("{sign}{}", plain.split_once(' ').map_or(plain.as_str(), |(_, digits)| digits))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::LocalizedText;

    use super::*;

    #[test]
    fn every_line_explains_itself_in_every_language() {
        let money = |minor| Money::new(minor, Currency::Cny);
        let line = |code: &'static str, params: &[(&str, Param)]| TraceLine {
            step: "step".into(),
            code: code.into(),
            sku: None,
            amount: money(0),
            params: params.iter().map(|(name, param)| ((*name).to_owned(), param.clone())).collect::<BTreeMap<_, _>>(),
        };
        let title = ("title", Param::Text(LocalizedText::new("双十一", "Singles' Day")));
        let off = line("COUPON_PERCENT", &[title.clone(), ("off", Param::Bps(1_250))]);
        assert_eq!(text(Locale::ZhCn, &off), "折扣券“双十一”（减 12.5%）");
        assert_eq!(text(Locale::En, &off), "Coupon: Singles' Day (12.5% off)");
        let member = line("TIME_DISCOUNT", &[title, ("price", Param::Money(money(2_147)))]);
        assert_eq!(text(Locale::En, &member), "Singles' Day: ¥21.47 each");
        assert_eq!(text(Locale::En, &line("A_LATER_PLAY", &[])), "Promotion's price");
        let codes = ["BASE_PRICE", "POINTS", "FREIGHT", "FREIGHT_FREE", "FREE_SHIPPING", "PICK_UP", "NOTHING_TO_SHIP", "TAX", "DONATION"];
        for (locale, code) in Locale::ALL.into_iter().flat_map(|locale| codes.map(|code| (locale, code))) {
            let any = ["points", "saved", "rate"].map(|name| (name, Param::Number(1)));
            assert_ne!(text(locale, &line(code, &any)), text(locale, &line("A_LATER_PLAY", &[])), "{code}");
        }
    }
}
