//! A glance at a document before it is parsed: how many tokens, how deeply nested.
//!
//! The parser recurses and allocates per token, so a hostile document must be refused before it gets there. This pass
//! allocates nothing and reads each byte once; what is not GraphQL is left for the parser to say so.

/// What a glance tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Lexical tokens.
    pub tokens: usize,
    /// The deepest nesting of brackets of any kind.
    pub nesting: usize,
}

/// Reads `document` once.
pub fn scan(document: &str) -> Scan {
    let bytes = document.as_bytes();
    let mut found = Scan::default();
    let (mut at, mut open) = (0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => at + 1,
            b'#' => skip(bytes, at, |b| b != b'\n' && b != b'\r'),
            b'"' => {
                found.tokens += 1;
                string(bytes, at)
            }
            _ if is_word(byte) => {
                found.tokens += 1;
                skip(bytes, at, is_word)
            }
            _ => {
                found.tokens += 1;
                match byte {
                    b'{' | b'[' | b'(' => open += 1,
                    b'}' | b']' | b')' => open = open.saturating_sub(1),
                    _ => {}
                }
                found.nesting = found.nesting.max(open);
                at + 1
            }
        };
    }
    found
}

/// Names and numbers; anything outside ASCII counts as a word, too.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.') || byte >= 0x80
}

/// The first position at or after `at` where `within` fails.
fn skip(bytes: &[u8], at: usize, within: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|&b| !within(b)).map_or(bytes.len(), |n| at + n)
}

/// The position after the string that starts at `at`.
fn string(bytes: &[u8], at: usize) -> usize {
    let block = bytes[at..].starts_with(b"\"\"\"");
    let mut at = at + if block { 3 } else { 1 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        if block && rest.starts_with(b"\\\"\"\"") {
            at += 4;
        } else if block && rest.starts_with(b"\"\"\"") {
            return at + 3;
        } else if block {
            at += 1;
        } else {
            match rest[0] {
                b'\\' => at += 2,
                b'"' | b'\n' | b'\r' => return at + 1,
                _ => at += 1,
            }
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_nesting_are_counted_outside_strings_and_comments() {
        for (document, tokens, nesting) in [
            ("", 0, 0),
            ("{ a }", 3, 1),
            ("query Q($a: [Int!] = [1, -2.5e3]) { a(x: $a) { ...F } } # { { {", 28, 2),
            (r#"{ a(x: "{{{ \" }}") }"#, 8, 2),
            (r#"{ a(x: """ {{ " \""" }} """) }"#, 8, 2),
            ("[[[[", 4, 4),
            ("\"never closed", 1, 0),
            ("\"back\\", 1, 0),
        ] {
            assert_eq!(scan(document), Scan { tokens, nesting }, "{document}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "\\PC{0,200}") {
            proptest::prop_assert!(scan(&text).tokens <= text.len());
        }

        #[test]
        fn any_lexical_soup_is_read_to_its_end(text in "[\"\\\\{}()#\n a1.]{0,100}") {
            proptest::prop_assert!(scan(&text).nesting <= text.len());
        }
    }
}
