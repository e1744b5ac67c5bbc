//! What Alipay signs: sorted parameters on the way there and in notifications, the exact text of an answer on the way back.

use std::collections::BTreeMap;

use reqwest::Url;

/// Parameters by name; empty ones do not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.insert(name.to_owned(), value);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// From a form; `None` when a parameter stands twice, which no signature can mean.
    pub(super) fn decoded(form: &str) -> Option<Self> {
        let url = Url::parse(&format!("http://form.invalid/?{form}")).ok()?;
        let mut params = BTreeMap::new();
        for (name, value) in url.query_pairs() {
            if !value.is_empty() && params.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(params))
    }

    /// The text that is signed: `name=value` by name, without these.
    pub(super) fn text(&self, without: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !without.contains(&name.as_str()));
        kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// As a form.
    pub(super) fn encoded(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
    }
}

/// Percent-encoded but for letters, digits and `-._~`.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The text of one member of the outermost object, exactly as it stands there: that, and not its meaning, is signed.
pub(super) fn signed_text<'a>(raw: &'a str, name: &str) -> Option<&'a str> {
    let bytes = raw.as_bytes();
    let mut at = skip(bytes, 0);
    (bytes.get(at) == Some(&b'{')).then_some(())?;
    at = skip(bytes, at + 1);
    while bytes.get(at) == Some(&b'"') {
        let end = value_end(bytes, at)?;
        let key = raw.get(at + 1..end - 1)?;
        at = skip(bytes, end);
        (bytes.get(at) == Some(&b':')).then_some(())?;
        at = skip(bytes, at + 1);
        let end = value_end(bytes, at)?;
        if key == name {
            return raw.get(at..end);
        }
        at = skip(bytes, end);
        (bytes.get(at) == Some(&b',')).then_some(())?;
        at = skip(bytes, at + 1);
    }
    None
}

fn skip(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Where the value that begins here ends.
fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth, mut quoted) = (start, 0_usize, false);
    loop {
        let byte = *bytes.get(at)?;
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => {
                quoted = !quoted;
                if !quoted && depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth <= 1 {
                    return if depth == 1 { Some(at + 1) } else { Some(at) };
                }
                depth -= 1;
            }
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}
