//! Amounts as providers write them: decimal text on their side, whole minor units on ours. Nothing is ever rounded.

use kernel::{Currency, Money};

/// `21.47` for 2147 minor units; `300` where a currency has no smaller unit.
pub fn decimal(money: Money) -> String {
    let digits = usize::try_from(money.currency.exponent()).unwrap_or(0);
    let unit = 10_u64.pow(money.currency.exponent());
    let (sign, absolute) = (if money.minor < 0 { "-" } else { "" }, money.minor.unsigned_abs());
    if digits == 0 { format!("{sign}{absolute}") } else { format!("{sign}{}.{:0digits$}", absolute / unit, absolute % unit) }
}

/// Reads `21.47`, `21.4` or `21`; more decimals than the currency has are refused unless they are zeros.
pub fn money(text: &str, currency: Currency) -> Option<Money> {
    let digits = usize::try_from(currency.exponent()).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let numeric = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > digits {
        return None;
    }
    let minor: i64 = format!("{whole}{fraction:0<digits$}").parse().ok()?;
    Some(Money::new(minor, currency))
}

/// The ISO code.
pub fn code(currency: Currency) -> String {
    format!("{currency:?}").to_uppercase()
}

/// The currency of an ISO code, in any case.
pub fn currency(code_text: &str) -> Option<Currency> {
    use Currency::{Cny, Eur, Gbp, Hkd, Jpy, Kwd, Usd};
    [Cny, Usd, Eur, Gbp, Hkd, Jpy, Kwd].into_iter().find(|currency| code(*currency).eq_ignore_ascii_case(code_text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back_without_rounding() {
        for (minor, currency, text) in [
            (2147, Currency::Cny, "21.47"),
            (5, Currency::Usd, "0.05"),
            (300, Currency::Jpy, "300"),
            (1234, Currency::Kwd, "1.234"),
            (i64::MAX, Currency::Cny, "92233720368547758.07"),
        ] {
            assert_eq!(decimal(Money::new(minor, currency)), text);
            assert_eq!(money(text, currency), Some(Money::new(minor, currency)));
        }
        assert_eq!(money("21.4", Currency::Cny), Some(Money::new(2140, Currency::Cny)));
        assert_eq!(money("21.4700", Currency::Cny), Some(Money::new(2147, Currency::Cny)));
        assert_eq!(money("300.00", Currency::Jpy), Some(Money::new(300, Currency::Jpy)));
        for wrong in ["", ".5", "-1", "+1", "1,5", "1.2.3", "1e3", "21.475", "1 ", "92233720368547758.08", "٣"] {
            assert_eq!(money(wrong, Currency::Cny), None, "{wrong}");
        }
        assert_eq!(money("300.5", Currency::Jpy), None);
    }

    #[test]
    fn currencies_have_their_codes() {
        assert_eq!(currency("cny"), Some(Currency::Cny));
        assert_eq!(currency("XXX"), None);
        assert_eq!(code(Currency::Usd), "USD");
    }
}
