//! Sentences for people, by refusal code and language: Fluent files under `locales/`, one per context.

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, static_loader};
use kernel::{Detail, Locale};
use unic_langid::langid;

static_loader! {
    static MESSAGES = {
        locales: "./locales",
        fallback_language: "zh-CN",
        // No invisible direction marks around arguments: they break text messages and pushes.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The sentence for a code, or the code itself when nobody wrote one (a test finds those).
pub fn message(locale: Locale, code: &str, detail: &Detail) -> String {
    let arguments = arguments(detail);
    MESSAGES.try_lookup_with_args(&language(locale), code, &arguments).unwrap_or_else(|| code.to_owned())
}

/// The sentence of that name with these words in it; none when nobody wrote one. For what is told, not refused.
pub fn sentence(locale: Locale, name: &str, words: impl IntoIterator<Item = (String, String)>) -> Option<String> {
    let words = words.into_iter().map(|(name, word)| (Cow::Owned(name), FluentValue::from(word))).collect();
    MESSAGES.try_lookup_with_args(&language(locale), name, &words)
}

/// Whether a sentence is written for a code in a language, not only in the fallback.
pub fn is_written(locale: Locale, code: &str) -> bool {
    let any: HashMap<_, _> =
        ["available", "limit", "until", "actual", "mine", "theirs"].map(|name| (Cow::Borrowed(name), FluentValue::from(1))).into();
    MESSAGES.lookup_no_default_fallback(&language(locale), code, Some(&any)).is_some()
}

fn language(locale: Locale) -> LanguageIdentifier {
    match locale {
        Locale::ZhCn => langid!("zh-CN"),
        Locale::En => langid!("en"),
    }
}

fn arguments(detail: &Detail) -> HashMap<Cow<'static, str>, FluentValue<'static>> {
    let argument: Option<(&'static str, FluentValue<'static>)> = match detail {
        Detail::None | Detail::Joinable(_) => None,
        Detail::Available(n) => Some(("available", FluentValue::from(*n))),
        Detail::Limit(n) => Some(("limit", FluentValue::from(*n))),
        Detail::Until(at) => Some(("until", FluentValue::from(at.to_rfc3339()))),
        Detail::Price { actual, .. } => Some(("actual", FluentValue::from(actual.to_string()))),
        Detail::Between { mine, theirs } => {
            let names = [("mine", mine), ("theirs", theirs)];
            return names.map(|(name, value)| (Cow::Borrowed(name), FluentValue::from(value.clone()))).into();
        }
    };
    argument.map(|(name, value)| (Cow::Borrowed(name), value)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_it_without_hidden_marks() {
        assert_eq!(message(Locale::En, "NOT_FOUND", &Detail::None), "There is no such thing, or it is not yours.");
        assert!(!message(Locale::ZhCn, "RATE_LIMITED", &Detail::Limit(7)).is_ascii());
        assert_eq!(message(Locale::En, "NO_SUCH_CODE", &Detail::None), "NO_SUCH_CODE");
        assert!(!is_written(Locale::En, "NO_SUCH_CODE"));
    }
}
