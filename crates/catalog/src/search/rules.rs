//! From text to terms, without a database.

use std::collections::{BTreeMap, BTreeSet};

/// Terms of one query; more say nothing new.
pub const MOST_TERMS: usize = 24;

/// Characters of one word that are looked at.
const WORD: usize = 32;

/// The longest beginning of a word that is kept.
const BEGINNING: usize = 12;

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// Letters and digits, small.
    Word(String),
    /// Characters of a script without spaces between words.
    Run(Vec<char>),
}

/// How well a text is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Importance {
    /// What a match in it counts.
    pub weight: i64,
    /// Whether single characters and beginnings of words are found too.
    pub loose: bool,
}

/// Words of the title.
pub const TITLE: Importance = Importance { weight: 8, loose: true };
/// Words of the subtitle, the shelves and the facts.
pub const FACTS: Importance = Importance { weight: 3, loose: true };
/// Words of the description.
pub const DESCRIPTION: Importance = Importance { weight: 1, loose: false };

/// Every term of these texts, with the weight of the most important place it stands in.
pub fn index<'a>(texts: impl IntoIterator<Item = (&'a str, Importance)>) -> BTreeMap<String, i64> {
    let mut terms = BTreeMap::new();
    for (text, importance) in texts {
        for token in tokens(text) {
            for term in indexed(&token, importance) {
                let weight: &mut i64 = terms.entry(term).or_default();
                *weight = importance.weight.max(*weight);
            }
        }
    }
    terms
}

fn indexed(token: &Token, importance: Importance) -> Vec<String> {
    match token {
        Token::Word(word) => {
            let beginnings = word.char_indices().map(|(i, c)| &word[..i + c.len_utf8()]).take(if importance.loose { BEGINNING } else { 0 });
            beginnings.chain([word.as_str()]).map(|beginning| format!("{beginning}*")).chain([word.clone()]).collect()
        }
        Token::Run(run) => {
            let pairs = run.windows(2).map(|pair| pair.iter().collect());
            let singles = run.iter().map(char::to_string).filter(|_| importance.loose || run.len() == 1);
            pairs.chain(singles).collect()
        }
    }
}

/// The terms a product must have to answer a query; none when there is nothing to look for.
pub fn query(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let last_word = tokens.iter().rposition(|token| matches!(token, Token::Word(_)));
    let terms = tokens.iter().enumerate().flat_map(|(i, token)| match token {
        Token::Word(word) if Some(i) == last_word && word.chars().count() <= BEGINNING => vec![format!("{word}*")],
        Token::Word(word) => vec![word.clone()],
        Token::Run(run) if run.len() == 1 => vec![run[0].to_string()],
        Token::Run(run) => run.windows(2).map(|pair| pair.iter().collect()).collect(),
    });
    terms.take(MOST_TERMS).collect()
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut run = Vec::new();
    let mut flush = |word: &mut String, run: &mut Vec<char>| {
        if !word.is_empty() {
            tokens.push(Token::Word(word.chars().take(WORD).collect()));
            word.clear();
        }
        if !run.is_empty() {
            tokens.push(Token::Run(std::mem::take(run)));
        }
    };
    for c in text.chars().map(half_width).flat_map(char::to_lowercase) {
        if is_unspaced(c) {
            if !word.is_empty() {
                flush(&mut word, &mut run);
            }
            run.push(c);
        } else if c.is_alphanumeric() {
            if !run.is_empty() {
                flush(&mut word, &mut run);
            }
            word.push(c);
        } else {
            flush(&mut word, &mut run);
        }
    }
    flush(&mut word, &mut run);
    tokens
}

/// `Ａ` is `A`, the ideographic space is a space.
fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// Whether words of this script are written without spaces: Han, kana, hangul.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}'
        | '\u{3005}' | '\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{AC00}'..='\u{D7AF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(text: &str, asked: &str) -> bool {
        let (terms, wanted) = (index([(text, TITLE)]), query(asked));
        !wanted.is_empty() && wanted.iter().all(|term| terms.contains_key(term))
    }

    #[test]
    fn both_languages_are_found() {
        let title = "武夷山大红袍 Ｔｅａ 500g Wuyi Da Hong Pao";
        for asked in
            ["大红", "大红袍", "红", "武夷山", "tea", "TEA", "te", "５００ｇ", "wuyi da", "武夷 hong", "da hong pao 红袍", "大红袍！"]
        {
            assert!(finds(title, asked), "{asked}");
        }
        for asked in ["大袍", "红大", "绿茶", "ea", "da wuy hong", "", "！？", "500gg"] {
            assert!(!finds(title, asked), "{asked}");
        }
    }

    #[test]
    fn a_description_gives_whole_words_and_pairs_only() {
        let terms = index([("新鲜 peach", DESCRIPTION)]);
        assert_eq!(terms.into_keys().collect::<Vec<_>>(), ["peach", "peach*", "新鲜"]);
    }

    #[test]
    fn the_most_important_place_counts() {
        assert_eq!(index([("tea", DESCRIPTION), ("tea", TITLE), ("tea", FACTS)])["tea"], TITLE.weight);
    }

    proptest! {
        #[test]
        fn every_text_is_found_by_itself(text in "[a-zA-Z0-9一-龥Ａ-Ｚ ，。!-/]{0,24}") {
            prop_assert!(query(&text).is_empty() || finds(&text, &text), "{text}");
        }

        #[test]
        fn every_neighbourhood_of_a_chinese_text_is_found(text in "[一-龥]{2,20}", from in 0..20_usize, length in 1..20_usize) {
            let part: String = text.chars().skip(from % text.chars().count()).take(length).collect();
            prop_assert!(finds(&text, &part), "{text}: {part}");
        }

        #[test]
        fn a_word_that_is_still_typed_is_found(word in "[a-z]{1,12}", typed in 1..13_usize) {
            let beginning: String = word.chars().take(typed).collect();
            prop_assert!(finds(&word, &beginning));
        }

        #[test]
        fn anything_at_all_is_survived_and_bounded(text in any::<String>()) {
            prop_assert!(query(&text).len() <= MOST_TERMS);
            prop_assert!(index([(text.as_str(), TITLE)]).keys().all(|term| term.chars().count() <= WORD + 1));
        }

        #[test]
        fn width_and_case_do_not_matter(text in "[a-zA-Z0-9]{1,12}") {
            let wide: String = text.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).expect("a full-width form")).collect();
            prop_assert_eq!(query(&wide), query(&text.to_uppercase()));
        }
    }
}
