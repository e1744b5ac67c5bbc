//! Reads addresses as people paste them: name, phone, region and street in any order, with labels or without. Pure.

use super::regions::{self, Found};

/// What was read; what was not found is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Who takes it.
    pub recipient: Option<String>,
    /// Where they are reached.
    pub phone: Option<String>,
    /// Province, city, district, street office, as far as they are named, by their whole names.
    pub region: Option<String>,
    /// The deepest region's official code.
    pub region_code: Option<String>,
    /// Street, house, door.
    pub street: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
}

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    Phone,
    Region,
    Street,
    Post,
}

/// The longer before those they contain.
const LABELS: [(&str, Kind); 30] = [
    ("收货人姓名", Kind::Name),
    ("收件人姓名", Kind::Name),
    ("联系人姓名", Kind::Name),
    ("收货人", Kind::Name),
    ("收件人", Kind::Name),
    ("联系人", Kind::Name),
    ("姓名", Kind::Name),
    ("名字", Kind::Name),
    ("收货电话", Kind::Phone),
    ("联系电话", Kind::Phone),
    ("联系方式", Kind::Phone),
    ("手机号码", Kind::Phone),
    ("电话号码", Kind::Phone),
    ("手机号", Kind::Phone),
    ("手机", Kind::Phone),
    ("电话", Kind::Phone),
    ("所在地区", Kind::Region),
    ("所在区域", Kind::Region),
    ("省市区", Kind::Region),
    ("地区", Kind::Region),
    ("详细地址", Kind::Street),
    ("收货地址", Kind::Street),
    ("收件地址", Kind::Street),
    ("邮寄地址", Kind::Street),
    ("街道地址", Kind::Street),
    ("联系地址", Kind::Street),
    ("地址", Kind::Street),
    ("邮政编码", Kind::Post),
    ("邮编", Kind::Post),
    ("区号", Kind::Post),
];

/// Reads a pasted address.
pub fn parse(text: &str) -> Parsed {
    let text = plain(text);
    let (text, phone) = take_phone(&text);
    let mut parsed = Parsed { phone, ..Parsed::default() };
    let mut loose = Vec::new();
    let mut placed = Vec::new();
    for piece in text.split(['\n', ',', ';', '|', '、']).map(str::trim).filter(|piece| !piece.is_empty()) {
        for (kind, words) in labelled(piece) {
            match kind {
                Some(Kind::Name) if parsed.recipient.is_none() => {
                    let mut words = words.split_whitespace();
                    parsed.recipient = words.next().map(str::to_owned);
                    loose.extend(words.map(str::to_owned));
                }
                Some(Kind::Post) => parsed.postal_code = parsed.postal_code.or_else(|| postal_code(&words)),
                Some(Kind::Region | Kind::Street) => placed.push(words),
                Some(Kind::Phone) => {}
                Some(Kind::Name) | None => loose.push(words),
            }
        }
    }
    let tokens: Vec<String> = loose.iter().flat_map(|words| words.split_whitespace()).map(str::to_owned).collect();
    let mut tokens: Vec<String> = tokens
        .into_iter()
        .filter(|token| match postal_code(token) {
            Some(code) if parsed.postal_code.is_none() => {
                parsed.postal_code = Some(code);
                false
            }
            _ => true,
        })
        .collect();
    if placed.is_empty() {
        let place = begin(&tokens);
        let behind = place.map_or_else(Vec::new, |(token, at)| {
            let mut behind = tokens.split_off(token);
            let rest = behind[0].split_off(at);
            let before = std::mem::replace(&mut behind[0], rest);
            tokens.extend(Some(before).filter(|before| !before.is_empty()));
            behind
        });
        placed = behind;
        if parsed.recipient.is_none() {
            parsed.recipient = take_name(&mut tokens).or_else(|| take_last_name(&mut placed));
        }
        // Without a region, whatever is left is the street.
        placed = if placed.is_empty() { std::mem::take(&mut tokens) } else { placed };
    } else if parsed.recipient.is_none() {
        parsed.recipient = take_name(&mut tokens);
    }
    settle(&mut parsed, &placed.join(" "));
    parsed
}

/// Splits what names a place into the region and the street.
fn settle(parsed: &mut Parsed, place: &str) {
    let place = place.trim();
    let found = regions::get().find(place);
    let rest = found.map_or(place, |found| &place[found.length..]);
    if let Some(Found { region, .. }) = found {
        parsed.region = Some(region.full_name());
        parsed.region_code = Some(region.code());
    }
    let street = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-' | '.' | '。'));
    let street = street.split_whitespace().collect::<Vec<_>>().join(" ");
    parsed.street = Some(tight(&street)).filter(|street| !street.is_empty());
}

/// Removes the blanks between Chinese characters: people break lines where they like.
fn tight(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let wide = |at: Option<&char>| at.is_some_and(|c| is_han(*c));
    let keep = |(i, c): (usize, &char)| !(*c == ' ' && wide(i.checked_sub(1).and_then(|i| chars.get(i))) && wide(chars.get(i + 1)));
    chars.iter().enumerate().filter(|&at| keep(at)).map(|(_, c)| *c).collect()
}

/// One width, one kind of comma and colon, no invisible characters.
fn plain(text: &str) -> String {
    let plain = |c: char| match c {
        '，' => ',',
        '；' => ';',
        '：' => ':',
        '｜' => '|',
        '（' => '(',
        '）' => ')',
        '\t' | '\u{a0}' | '\u{3000}' => ' ',
        '\r' => '\n',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')).map(plain).collect()
}

/// Cuts a piece at its labels: 收货人:王小明 手机:… Blanks and colons behind a label are its own.
fn labelled(piece: &str) -> Vec<(Option<Kind>, String)> {
    let mut found: Vec<(Option<Kind>, String)> = vec![(None, String::new())];
    let mut rest = piece;
    while let Some(c) = rest.chars().next() {
        let begins = found.last().is_none_or(|(_, words)| words.is_empty() || words.ends_with([' ', ':']));
        let label = LABELS.iter().find(|(label, _)| begins && rest.starts_with(label)).filter(|(label, _)| {
            let behind = &rest[label.len()..];
            behind.starts_with(':')
                || behind.starts_with(' ') && behind.trim_start().starts_with(':')
                || (found.len() == 1 && behind.starts_with(' '))
        });
        if let Some((label, kind)) = label {
            rest = rest[label.len()..].trim_start_matches([' ', ':']);
            found.push((Some(*kind), String::new()));
            continue;
        }
        if let Some((_, words)) = found.last_mut() {
            words.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    found.into_iter().map(|(kind, words)| (kind, words.trim().to_owned())).filter(|(_, words)| !words.is_empty()).collect()
}

/// Takes the phone out: a mobile number, with a country and an extension if they are there; else a landline.
fn take_phone(text: &str) -> (String, Option<String>) {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mobile = (0..chars.len()).find_map(|at| number_at(&chars, at, is_mobile));
    let found = mobile.or_else(|| (0..chars.len()).find_map(|at| number_at(&chars, at, is_landline)));
    let Some((from, to, digits)) = found else { return (text.to_owned(), None) };
    let end = chars.get(to).map_or(text.len(), |(i, _)| *i);
    let (head, tail) = (&text[..chars[from].0], &text[end..]);
    let (extension, tail) = extension(tail);
    let phone = match extension {
        Some(extension) => format!("{digits}-{extension}"),
        None => digits,
    };
    (format!("{head}\n{tail}"), Some(phone))
}

/// The digits from here on with single blanks and dashes between them, if they are a number as a whole.
fn number_at(chars: &[(usize, char)], at: usize, is_number: fn(&str) -> Option<String>) -> Option<(usize, usize, String)> {
    let begins = |c: char| c.is_ascii_digit() || matches!(c, '+' | '(');
    if !begins(chars[at].1) || at > 0 && (chars[at - 1].1.is_ascii_digit() || chars[at - 1].1 == '+') {
        return None;
    }
    let mut digits = String::new();
    let mut gap = 0;
    let mut best = None;
    for (i, &(_, c)) in chars.iter().enumerate().skip(at) {
        match c {
            '0'..='9' => {
                digits.push(c);
                gap = 0;
            }
            '+' if i == at => digits.push(c),
            ' ' | '-' | '(' | ')' if gap < 2 => gap += 1,
            _ => break,
        }
        let ends = chars.get(i + 1).is_none_or(|(_, next)| !next.is_ascii_digit());
        if gap == 0
            && ends
            && let Some(number) = is_number(&digits)
        {
            best = Some((at, i + 1, number));
        }
        if digits.len() > 15 {
            break;
        }
    }
    best
}

fn is_mobile(digits: &str) -> Option<String> {
    let bare = digits
        .strip_prefix("+86")
        .or_else(|| digits.strip_prefix("0086"))
        .or_else(|| digits.strip_prefix("86").filter(|rest| rest.len() == 11));
    let number = bare.unwrap_or(digits);
    let bytes = number.as_bytes();
    let mobile = bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]);
    (mobile && bytes.iter().all(u8::is_ascii_digit)).then(|| number.to_owned())
}

fn is_landline(digits: &str) -> Option<String> {
    let bytes = digits.as_bytes();
    let area = match bytes {
        [b'0', b'1' | b'2', ..] => 3,
        [b'0', b'3'..=b'9', ..] => 4,
        [b'4' | b'8', b'0', b'0', ..] if bytes.len() == 10 => return Some(digits.to_owned()),
        _ => return None,
    };
    let whole = matches!(bytes.len() - area.min(bytes.len()), 7 | 8) && bytes.iter().all(u8::is_ascii_digit);
    whole.then(|| format!("{}-{}", &digits[..area], &digits[area..]))
}

/// 转1234, -1234, ext 1234 behind a number: the numbers that hide a phone have one.
fn extension(tail: &str) -> (Option<String>, &str) {
    let trimmed = tail.trim_start_matches([' ', '[', '(']);
    let behind = ["转", "分机", "ext.", "ext", "-", "#"].iter().find_map(|word| trimmed.strip_prefix(word));
    let Some(behind) = behind else { return (None, tail) };
    let behind = behind.trim_start_matches([' ', ':', '号']);
    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
    if (1..=6).contains(&digits.len()) {
        let rest = behind[digits.len()..].trim_start_matches([']', ')']);
        (Some(digits), rest)
    } else {
        (None, tail)
    }
}

/// Six digits that are nothing else.
fn postal_code(token: &str) -> Option<String> {
    let token = token.trim();
    let sound = token.len() == 6 && token.bytes().all(|b| b.is_ascii_digit()) && token.as_bytes()[0] <= b'8';
    sound.then(|| token.to_owned())
}

/// Where the place begins: the token and the byte in it. The reading that names the most levels counts; a name may be
/// glued to its front.
fn begin(tokens: &[String]) -> Option<(usize, usize)> {
    let mut best = None;
    for (token, words) in tokens.iter().enumerate() {
        let behind = tokens[token..].join(" ");
        for (at, _) in words.char_indices().take(12) {
            let Some(found) = regions::get().find(&behind[at..]) else { continue };
            // In the middle of a word one level is a coincidence (大丰收 is no 大丰).
            if at > 0 && found.named < 2 {
                continue;
            }
            let rank = (found.named, found.length, usize::MAX - at - token * 1_000);
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, (token, at)));
            }
        }
    }
    best.map(|(_, place)| place)
}

/// The first token that could be a name.
fn take_name(tokens: &mut Vec<String>) -> Option<String> {
    let at = tokens.iter().position(|token| is_name(token))?;
    Some(tokens.remove(at))
}

/// The last token behind a street, if it could only be a name.
fn take_last_name(place: &mut Vec<String>) -> Option<String> {
    let last = place.last().filter(|last| place.len() > 1 && is_name(last) && !is_place(last))?.clone();
    place.pop();
    Some(last)
}

fn is_name(token: &str) -> bool {
    let bare = token.trim_end_matches([')', '(']).split('(').next().unwrap_or_default();
    let count = bare.chars().count();
    let han = bare.chars().all(|c| is_han(c) || c == '·');
    let latin = bare.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '.' | '\'' | '-'));
    (han && (1..=if bare.contains('·') { 20 } else { 5 }).contains(&count)) || (latin && (2..=20).contains(&count))
}

/// Whether a word ends as places do.
fn is_place(token: &str) -> bool {
    const ENDS: &str = "号室楼栋单元路街村弄幢层座店厦苑园院区巷组社屋城庄镇乡县市省旁边口内侧校场站港湾府墅";
    token.chars().next_back().is_some_and(|c| ENDS.contains(c) || c.is_ascii_digit())
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}')
}
