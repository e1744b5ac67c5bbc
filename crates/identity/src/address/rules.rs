//! What an address must be. Pure.

use super::Refused;

/// Entries of one book, at most.
pub const MOST: i64 = 50;

/// Pasted text, in characters, at most.
pub const MOST_TEXT: i64 = 500;

/// The words of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Who takes it.
    pub recipient: String,
    /// Where they are reached.
    pub phone: String,
    /// Province, city, district, and the street office where it is known.
    pub region: String,
    /// Street, house, door.
    pub street: String,
    /// What the shopper calls it.
    pub label: Option<String>,
}

impl Words {
    /// The words with outer blanks removed, if every one of them is right.
    pub fn checked(self) -> Result<Self, Refused> {
        let recipient = part(&self.recipient, 64).ok_or(Refused::Recipient)?;
        let phone = part(&self.phone, 24).ok_or(Refused::Phone)?;
        let digits = phone.bytes().filter(u8::is_ascii_digit).count();
        let speakable = phone.bytes().enumerate().all(|(i, b)| b.is_ascii_digit() || matches!(b, b' ' | b'-') || (b == b'+' && i == 0));
        if !(6..=15).contains(&digits) || !speakable {
            return Err(Refused::Phone);
        }
        let region = part(&self.region, 128).ok_or(Refused::Region)?;
        let street = part(&self.street, 256).ok_or(Refused::Street)?;
        let label = self.label.filter(|label| !label.trim().is_empty());
        let label = label.map(|label| part(&label, 16).ok_or(Refused::Label)).transpose()?;
        Ok(Self { recipient, phone, region, street, label })
    }
}

fn part(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let sane = !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
    sane.then(|| text.to_owned())
}
