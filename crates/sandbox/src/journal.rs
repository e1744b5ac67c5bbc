//! The bank's memory on disk: one JSON line per [`Entry`], appended before anything is acknowledged.
//!
//! A process killed while writing leaves at most one line without its end; it was never acknowledged and is cut off at
//! the next start. Anything else that does not read is an error: a bank that forgets is worse than one that is closed.
//! A written line survives the process, not a power cut (there is no fsync): enough for a simulator.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::books::Entry;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("journal {}: {error}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What happened.
        error: io::Error,
    },
    /// Another bank has it open.
    #[error("journal {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A complete line does not read.
    #[error("journal {} line {line}: {error}", .path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        error: String,
    },
}

/// An open journal; in memory (that is: nowhere) without a path.
#[derive(Debug)]
pub struct Journal(Option<Disk>);

#[derive(Debug)]
struct Disk {
    file: File,
    path: PathBuf,
    /// Where the last whole line ends.
    end: u64,
}

impl Journal {
    /// A journal that remembers nothing after the process.
    pub fn in_memory() -> Self {
        Self(None)
    }

    /// Opens or creates the file, locks it for this process, cuts off a last line without an end, and answers what is in it.
    pub fn open(path: &Path) -> Result<(Self, Vec<Entry>), JournalError> {
        let failed = |error| JournalError::Io { path: path.to_owned(), error };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::InUse(path.to_owned()),
            TryLockError::Error(error) => failed(error),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let mut entries = Vec::new();
        for (n, line) in bytes[..whole].split(|&b| b == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
            let entry = serde_json::from_slice(line).map_err(|error| JournalError::Corrupt {
                path: path.to_owned(),
                line: n + 1,
                error: error.to_string(),
            })?;
            entries.push(entry);
        }
        let end = u64::try_from(whole).unwrap_or(u64::MAX);
        if whole < bytes.len() {
            tracing::warn!(path = %path.display(), bytes = bytes.len() - whole, "cutting off an unfinished journal line");
            file.set_len(end).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(end)).map_err(failed)?;
        Ok((Self(Some(Disk { file, path: path.to_owned(), end })), entries))
    }

    /// Appends the entries as whole lines, or none of them.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        let Some(disk) = &mut self.0 else { return Ok(()) };
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry).expect("an entry is plain data");
            lines.push(b'\n');
        }
        let written = disk.file.write_all(&lines).and_then(|()| disk.file.flush());
        if let Err(error) = written {
            // What was half written must not become the beginning of the next line.
            let repaired = disk.file.set_len(disk.end).and_then(|()| disk.file.seek(SeekFrom::Start(disk.end)));
            if let Err(error) = repaired {
                tracing::error!(path = %disk.path.display(), %error, "the journal cannot be repaired");
            }
            return Err(JournalError::Io { path: disk.path.clone(), error });
        }
        disk.end += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: usize) -> Entry {
        Entry::CallbackDelivered { event_id: format!("evt_{n}") }
    }

    #[test]
    fn a_truncated_last_line_is_cut_off_at_every_byte_and_the_next_line_stands_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/journal.jsonl");
        let (mut journal, none) = Journal::open(&path).unwrap();
        assert!(none.is_empty());
        journal.append(&[entry(1), entry(2)]).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        let first = whole.iter().position(|&b| b == b'\n').unwrap() + 1;
        for cut in first..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut journal, kept) = Journal::open(&path).unwrap();
            assert_eq!(kept, [entry(1)], "cut at {cut}");
            journal.append(&[entry(3)]).unwrap();
            drop(journal);
            assert_eq!(Journal::open(&path).unwrap().1, [entry(1), entry(3)]);
        }
    }

    #[test]
    fn a_broken_line_in_the_middle_closes_the_bank() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, b"{\"entry\":\"callback_delivered\",\"event_id\":\"e\"}\n{\"entry\"\n\n").unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::Corrupt { line: 2, .. })));
    }

    #[test]
    fn two_banks_do_not_share_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (_held, _) = Journal::open(&path).unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::InUse(_))));
    }
}
