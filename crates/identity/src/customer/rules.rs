//! Phones, codes and names.

use std::time::Duration;

use kernel::{CustomerId, Locale, Timestamp, days, minutes};

/// How long a code counts.
pub const CODE_LIVES: Duration = minutes(5);
/// Wrong guesses that end a code.
pub const CODE_TRIES: i64 = 5;
/// Between two codes to one phone.
const BETWEEN: Duration = minutes(1);
/// A day's codes are counted from the first of them.
const WINDOW: Duration = days(1);
/// Codes to one phone in a day.
const PER_WINDOW: i64 = 10;

/// A telephone number in E.164 form (`+8613800138000`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// The text is not a telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number")]
pub struct NotAPhone;

impl Phone {
    /// Reads a number as people write it. Without a country it is Chinese, and must be one of a mobile phone.
    pub fn parse(text: &str) -> Result<Self, NotAPhone> {
        let mut digits = String::new();
        for c in text.trim().chars() {
            match c {
                '0'..='9' => digits.push(c),
                '０'..='９' => digits.extend(char::from_digit(u32::from(c) - u32::from('０'), 10)),
                '+' | '＋' if digits.is_empty() => digits.push('+'),
                ' ' | '-' | '(' | ')' | '.' | '\u{a0}' | '\u{3000}' => {}
                _ => return Err(NotAPhone),
            }
            if digits.len() > 20 {
                return Err(NotAPhone);
            }
        }
        let international = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"));
        let number = match international {
            Some(number) => number.to_owned(),
            None if mainland_mobile(&digits) => format!("86{digits}"),
            None => digits.strip_prefix("86").filter(|rest| mainland_mobile(rest)).map(|rest| format!("86{rest}")).ok_or(NotAPhone)?,
        };
        let sound = (8..=15).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.starts_with('0')
            && number.strip_prefix("86").is_none_or(mainland_mobile);
        if sound { Ok(Self(format!("+{number}"))) } else { Err(NotAPhone) }
    }

    /// In E.164 form.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// What others may see of it: `138****8000`, `+44*******123`.
    pub fn masked(&self) -> String {
        if let Some(mobile) = self.0.strip_prefix("+86") {
            return format!("{}****{}", &mobile[..3], &mobile[7..]);
        }
        let (head, tail) = (&self.0[..3], &self.0[self.0.len() - 3..]);
        format!("{head}{}{tail}", "*".repeat(self.0.len() - 6))
    }
}

impl std::fmt::Debug for Phone {
    /// Masked: a log is no place for a number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

fn mainland_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]) && bytes.iter().all(u8::is_ascii_digit)
}

/// How often codes went to one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sends {
    /// The latest.
    pub last_at: Timestamp,
    /// The first of the counted ones.
    pub window_began_at: Timestamp,
    /// How many since.
    pub count: i64,
}

impl Sends {
    /// Another code goes out now; `Err`: not before then.
    pub fn another(before: Option<Self>, now: Timestamp) -> Result<Self, Timestamp> {
        let first = Self { last_at: now, window_began_at: now, count: 1 };
        let Some(before) = before else { return Ok(first) };
        let (next, window_ends) = (before.last_at + BETWEEN, before.window_began_at + WINDOW);
        match () {
            () if now < next => Err(next),
            () if now >= window_ends => Ok(first),
            () if before.count >= PER_WINDOW => Err(window_ends),
            () => Ok(Self { last_at: now, count: before.count + 1, ..before }),
        }
    }
}

/// A code as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct CodeState {
    /// Whether it was used already.
    pub used: bool,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Guesses so far.
    pub tries: i64,
}

/// Whether a guess is heard at all.
pub fn may_guess(code: &CodeState, now: Timestamp) -> bool {
    !code.used && now < code.expires_at && code.tries < CODE_TRIES
}

/// Six digits from random bytes, each as likely as the other (to one part in ten trillion).
pub fn six_digits(random: [u8; 8]) -> String {
    format!("{:06}", u64::from_be_bytes(random) % 1_000_000)
}

/// Reads a code as people type it.
pub fn typed_code(text: &str) -> Option<String> {
    let code: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())).then_some(code)
}

/// A nickname as it is kept: something to read, not too much of it.
pub fn nickname(text: &str) -> Option<String> {
    let text = text.trim();
    let invisible =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let sound = (1..=32).contains(&text.chars().count()) && !text.chars().any(invisible);
    sound.then(|| text.to_owned())
}

/// The nickname of somebody who has not chosen one.
pub fn first_nickname(id: CustomerId, locale: Locale) -> String {
    let id = id.0.simple().to_string();
    let tail = &id[id.len() - 6..];
    match locale {
        Locale::ZhCn => format!("用户{tail}"),
        Locale::En => format!("Member {tail}"),
    }
}

/// Where a picture may be: a file of the mall, or elsewhere over TLS.
pub fn avatar_url(text: &str) -> Option<String> {
    let text = text.trim();
    let elsewhere = text.strip_prefix("https://").is_some_and(|rest| rest.contains('.') && !rest.starts_with('/'));
    let ours = text.starts_with('/') && !text.starts_with("//");
    let sound = text.len() <= 512 && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '<' | '>' | '\\'));
    (sound && (elsewhere || ours)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::seconds;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in [
            "13800138000",
            "138 0013 8000",
            "138-0013-8000",
            "+86 138 0013 8000",
            "0086 13800138000",
            "8613800138000",
            "１３８００１３８０００",
        ] {
            assert_eq!(Phone::parse(text).map(|p| p.0).as_deref(), Ok("+8613800138000"), "{text}");
        }
        assert_eq!(Phone::parse("+44 (20) 7946-0123").map(|p| p.0).as_deref(), Ok("+442079460123"));
        for bad in [
            "",
            "+",
            "12345",
            "12800138000",
            "+8612345678901",
            "+86 138001380001",
            "+0123456789",
            "abc",
            "138001380+00",
            "+1234567890123456",
            &"1".repeat(500),
        ] {
            assert_eq!(Phone::parse(bad), Err(NotAPhone), "{bad}");
        }
    }

    #[test]
    fn only_a_part_of_a_number_is_shown() {
        let masked = |text| Phone::parse(text).map(|phone| phone.masked());
        assert_eq!(masked("13800138000").as_deref(), Ok("138****8000"));
        assert_eq!(masked("+442079460123").as_deref(), Ok("+44*******123"));
        assert_eq!(format!("{:?}", Phone::parse("13800138000")), "Ok(138****8000)");
    }

    #[test]
    fn one_code_a_minute_and_ten_a_day() {
        let t0 = Timestamp(1_000_000);
        let mut sends = Sends::another(None, t0).expect("the first goes out");
        assert_eq!(Sends::another(Some(sends), t0 + seconds(59)), Err(t0 + minutes(1)));
        for n in 1..10 {
            sends = Sends::another(Some(sends), t0 + minutes(n)).expect("a minute later the next goes out");
        }
        assert_eq!(Sends::another(Some(sends), t0 + minutes(30)), Err(t0 + days(1)));
        assert_eq!(Sends::another(Some(sends), t0 + days(1)).map(|sends| sends.count), Ok(1));
    }

    #[test]
    fn a_code_is_heard_five_times_within_five_minutes() {
        let (now, code) = (Timestamp(1_000), CodeState { used: false, expires_at: Timestamp(2_000), tries: 4 });
        assert!(may_guess(&code, now));
        assert!(!may_guess(&CodeState { tries: 5, ..code }, now));
        assert!(!may_guess(&CodeState { used: true, ..code }, now));
        assert!(!may_guess(&code, Timestamp(2_000)));
        assert_eq!(typed_code(" 123 456 ").as_deref(), Some("123456"));
        assert_eq!(typed_code("12345六"), None);
    }

    #[test]
    fn names_and_pictures_are_what_they_seem() {
        assert_eq!(nickname("  小明 ").as_deref(), Some("小明"));
        for bad in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(33)] {
            assert_eq!(nickname(bad), None, "{bad:?}");
        }
        for (text, sound) in [
            ("https://cdn.example/a.png", true),
            ("/media/a.png", true),
            ("//evil.example/a.png", false),
            ("http://cdn.example/a.png", false),
            ("javascript:alert(1)", false),
            ("https://cdn.example/\"onload=\"", false),
        ] {
            assert_eq!(avatar_url(text).is_some(), sound, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_number_or_refused(text in "\\PC{0,40}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert!(phone.e164().starts_with('+') && (9..=16).contains(&phone.e164().len()));
                prop_assert_eq!(Phone::parse(phone.e164()), Ok(phone.clone()));
                prop_assert!(!phone.masked().contains(&phone.e164()[3..]));
            }
        }

        #[test]
        fn every_mainland_mobile_is_read_with_and_without_its_country(number in "1[3-9][0-9]{9}") {
            let plain = Phone::parse(&number);
            prop_assert!(plain.is_ok());
            for spelling in [format!("+86{number}"), format!("0086 {number}"), format!("86{number}")] {
                prop_assert_eq!(Phone::parse(&spelling), plain.clone());
            }
        }

        #[test]
        fn no_day_has_more_than_ten_codes_from_its_first(waits in prop::collection::vec(0..7_200_000_i64, 1..60)) {
            let (mut sends, mut now, mut sent) = (None, Timestamp(0), Vec::new());
            for wait in waits {
                now = Timestamp(now.0 + wait);
                if let Ok(next) = Sends::another(sends, now) {
                    sent.push(now);
                    sends = Some(next);
                }
            }
            for pair in sent.windows(2) {
                prop_assert!(pair[1].since(pair[0]) >= minutes(1));
            }
            for many in sent.windows(11) {
                // A window begins with its first send, so eleven in a row span at least two windows.
                prop_assert!(many[10].since(many[0]) >= minutes(10));
            }
        }

        #[test]
        fn a_code_has_six_digits(random in any::<[u8; 8]>()) {
            prop_assert_eq!(typed_code(&six_digits(random)), Some(six_digits(random)));
        }
    }
}
