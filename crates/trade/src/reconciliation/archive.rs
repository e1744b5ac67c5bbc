//! The files in a ZIP archive, as far as providers pack their bills: stored or deflated, of bounded size.

use std::io::Read;

use flate2::read::DeflateDecoder;

/// The most an archive unpacks to.
const MOST: u64 = 64 << 20;

/// The most files that are looked at.
const FILES: usize = 16;

/// Whether it is an archive.
pub(super) fn is_one(file: &[u8]) -> bool {
    file.starts_with(b"PK\x03\x04")
}

/// The files in it; nothing when it is broken, too large, or packed in another way.
pub(super) fn files(archive: &[u8]) -> Option<Vec<Vec<u8>>> {
    // The end of the directory stands behind everything, before a comment of 64 KiB at most.
    let last = archive.len().checked_sub(22)?;
    let end = (last.saturating_sub(65_535)..=last).rev().find(|at| archive[*at..].starts_with(b"PK\x05\x06"))?;
    let count = usize::from(u16_at(archive, end + 10)?);
    let mut at = usize::try_from(u32_at(archive, end + 16)?).ok()?;
    if count > FILES {
        return None;
    }
    let (mut files, mut left) = (Vec::new(), MOST);
    for _ in 0..count {
        if !archive.get(at..)?.starts_with(b"PK\x01\x02") {
            return None;
        }
        let method = u16_at(archive, at + 10)?;
        let packed = usize::try_from(u32_at(archive, at + 20)?).ok()?;
        let [name, extra, comment] = [28, 30, 32].map(|field| u16_at(archive, at + field).map(usize::from));
        let local = usize::try_from(u32_at(archive, at + 42)?).ok()?;
        let data = local + 30 + usize::from(u16_at(archive, local + 26)?) + usize::from(u16_at(archive, local + 28)?);
        let data = archive.get(data..data.checked_add(packed)?)?;
        let mut file = Vec::new();
        match method {
            0 => file.extend_from_slice(data),
            8 => {
                DeflateDecoder::new(data).take(left).read_to_end(&mut file).ok()?;
            }
            _ => return None,
        }
        left = left.checked_sub(file.len() as u64).filter(|left| *left > 0)?;
        files.push(file);
        at += 46 + name? + extra? + comment?;
    }
    Some(files)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use flate2::{Compression, write::DeflateEncoder};
    use proptest::prelude::*;

    use super::*;

    /// Packs files as Alipay does: deflated, with a directory at the end.
    pub(in super::super) fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut archive, mut directory) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(content).expect("is packed");
            let data = encoder.finish().expect("is packed");
            let local = archive.len() as u32;
            let middle =
                [&[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..], &[0; 4], &(data.len() as u32).to_le_bytes(), &(content.len() as u32).to_le_bytes()]
                    .concat();
            let name_len = (name.len() as u16).to_le_bytes();
            archive.extend([b"PK\x03\x04", &middle[..], &name_len, &[0, 0], name.as_bytes(), &data].concat());
            directory.extend([b"PK\x01\x02", &[20, 0][..], &middle, &name_len, &[0; 12], &local.to_le_bytes(), name.as_bytes()].concat());
        }
        let (count, start, size) = (files.len() as u16, archive.len() as u32, directory.len() as u32);
        archive.extend(directory);
        archive.extend(
            [b"PK\x05\x06", &[0; 4][..], &count.to_le_bytes(), &count.to_le_bytes(), &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]]
                .concat(),
        );
        archive
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        let long = "line\n".repeat(10_000);
        let archive = packed(&[("a.csv", b"one"), ("b.csv", long.as_bytes())]);
        assert!(is_one(&archive));
        assert_eq!(files(&archive), Some(vec![b"one".to_vec(), long.into_bytes()]));
    }

    proptest! {
        #[test]
        fn a_broken_archive_is_none_and_never_a_panic(cut in 0..200_usize, at in 0..200_usize, byte: u8) {
            let mut archive = packed(&[("a.csv", b"some text"), ("b.csv", b"more of it")]);
            let last = archive.len();
            archive[at % last] = byte;
            let _ = files(&archive);
            let _ = files(&archive[..cut.min(last)]);
        }
    }
}
