//! What is a picture, decided by its bytes.

use kernel::{Detail, Refusal};

/// The largest picture, in bytes.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// The longest side, in pixels: what a phone's camera gives, and no decompression bomb.
pub const MOST_PIXELS: u32 = 12_000;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not JPEG, PNG or WebP; or not what it says it is.
    #[error("a picture is JPEG, PNG or WebP, and what its type says")]
    Type,
    /// Nothing, or more than [`MOST_BYTES`].
    #[error("a picture has between 1 and {MOST_BYTES} bytes")]
    Size,
    /// A side is longer than [`MOST_PIXELS`].
    #[error("a side of the picture is longer than {MOST_PIXELS} pixels")]
    Pixels,
    /// A name of 1 to 200 characters is needed.
    #[error("a file name of 1 to 200 characters is needed")]
    FileName,
    /// The upload's token is not ours, or its time is over.
    #[error("the upload was not begun here, or its time is over")]
    Token,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::Type => "MEDIA_TYPE_UNSUPPORTED",
            Self::Size => "MEDIA_SIZE_INVALID",
            Self::Pixels => "MEDIA_TOO_MANY_PIXELS",
            Self::FileName => "MEDIA_FILE_NAME_INVALID",
            Self::Token => "MEDIA_UPLOAD_TOKEN_INVALID",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Type => Some("contentType"),
            Self::Size => Some("bytes"),
            Self::FileName => Some("fileName"),
            Self::Pixels | Self::Token => None,
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Size => Detail::Limit(i64::try_from(MOST_BYTES).unwrap_or(i64::MAX)),
            Self::Pixels => Detail::Limit(i64::from(MOST_PIXELS)),
            Self::FileName => Detail::Limit(200),
            Self::Type | Self::Token => Detail::None,
        }
    }
}

/// A format of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Photographs.
    Jpeg,
    /// Screens and drawings.
    Png,
    /// Either.
    WebP,
    /// Drawings by us; never taken from people, because it can carry scripts.
    Svg,
}

impl Format {
    /// By its first bytes.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.len() >= 16 && bytes.starts_with(b"RIFF") && &bytes[8..12] == b"WEBP" {
            Some(Self::WebP)
        } else if bytes.starts_with(b"<svg ") {
            Some(Self::Svg)
        } else {
            None
        }
    }

    /// The format people may upload under this type.
    pub fn uploadable(content_type: &str) -> Option<Self> {
        match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "image/jpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/webp" => Some(Self::WebP),
            _ => None,
        }
    }

    /// Its MIME type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Svg => "image/svg+xml",
        }
    }

    /// How its files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Svg => "svg",
        }
    }

    /// Width and height, when the bytes tell.
    pub fn dimensions(self, bytes: &[u8]) -> Option<(u32, u32)> {
        let (width, height) = match self {
            Self::Png => (big(bytes.get(16..20)?), big(bytes.get(20..24)?)),
            Self::Jpeg => jpeg(bytes)?,
            Self::WebP => webp(bytes)?,
            Self::Svg => return None,
        };
        (width > 0 && height > 0).then_some((width, height))
    }
}

/// The frame header among a JPEG's segments.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let &[0xFF, marker] = bytes.get(at..at + 2)? else { return None };
        if marker == 0xFF {
            at += 1;
            continue;
        }
        if matches!(marker, 0x01 | 0xD0..=0xD8) {
            at += 2;
            continue;
        }
        if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            return Some((big(bytes.get(at + 7..at + 9)?), big(bytes.get(at + 5..at + 7)?)));
        }
        at += 2 + usize::try_from(big(bytes.get(at + 2..at + 4)?)).ok()?.max(2);
    }
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((little(bytes.get(24..27)?) + 1, little(bytes.get(27..30)?) + 1)),
        b"VP8L" => {
            let bits = little(bytes.get(21..25)?);
            Some(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
        }
        b"VP8 " => Some((little(bytes.get(26..28)?) & 0x3FFF, little(bytes.get(28..30)?) & 0x3FFF)),
        _ => None,
    }
}

fn big(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, &byte| (number << 8) | u32::from(byte))
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| (number << 8) | u32::from(byte))
}

/// What a person's upload is, or why it is not taken.
pub fn check(content_type: &str, bytes: &[u8]) -> Result<(Format, Option<(u32, u32)>), Refused> {
    let claimed = Format::uploadable(content_type).ok_or(Refused::Type)?;
    if bytes.is_empty() || bytes.len() > MOST_BYTES {
        return Err(Refused::Size);
    }
    if Format::sniff(bytes) != Some(claimed) {
        return Err(Refused::Type);
    }
    // A picture whose size cannot be read is not a picture.
    let (width, height) = claimed.dimensions(bytes).ok_or(Refused::Type)?;
    if width.max(height) > MOST_PIXELS {
        return Err(Refused::Pixels);
    }
    Ok((claimed, Some((width, height))))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A PNG as far as its header goes.
    pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0]);
        bytes
    }

    fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xC2, 0, 11, 8];
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes
    }

    #[test]
    fn pictures_are_known_by_their_bytes() {
        assert_eq!(check("image/png", &png(640, 480)), Ok((Format::Png, Some((640, 480)))));
        assert_eq!(check("image/jpeg; q=1", &jpeg_of(300, 200)), Ok((Format::Jpeg, Some((300, 200)))));
        let mut webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
        webp.extend([0x7F, 2, 0, 0xDF, 1, 0]);
        assert_eq!(check("image/webp", &webp), Ok((Format::WebP, Some((640, 480)))));
    }

    #[test]
    fn what_is_not_a_picture_is_refused() {
        for (content_type, bytes, refused) in [
            ("image/jpeg", png(1, 1), Refused::Type),
            ("image/png", b"<html>".to_vec(), Refused::Type),
            ("image/png", png(0, 1), Refused::Type),
            ("image/png", b"\x89PNG\r\n\x1a\n".to_vec(), Refused::Type),
            ("image/svg+xml", b"<svg onload='alert(1)'/>".to_vec(), Refused::Type),
            ("text/html", png(1, 1), Refused::Type),
            ("image/png", vec![], Refused::Size),
            ("image/png", vec![0; MOST_BYTES + 1], Refused::Size),
            ("image/png", png(MOST_PIXELS + 1, 1), Refused::Pixels),
        ] {
            assert_eq!(check(content_type, &bytes), Err(refused), "{content_type} {}", bytes.len());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(head in 0..4_usize, tail in prop::collection::vec(any::<u8>(), 0..64)) {
            let heads: [&[u8]; 4] = [&[0xFF, 0xD8, 0xFF], b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8X", b"RIFF\0\0\0\0WEBPVP8L"];
            let bytes = [heads[head], &tail].concat();
            for content_type in ["image/jpeg", "image/png", "image/webp"] {
                let _ = check(content_type, &bytes);
            }
        }
    }
}
