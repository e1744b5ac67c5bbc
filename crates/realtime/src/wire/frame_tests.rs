//! The decoder beside tungstenite's, over anything.

use std::io::{self, Read, Write};

use proptest::prelude::*;
use tokio_tungstenite::tungstenite::{
    self,
    protocol::{Role, WebSocket, WebSocketConfig},
};

use super::*;

const MOST: usize = 300;

/// Reads what it is given, then would have to wait; forgets what is written.
struct Given<'a>(&'a [u8]);

impl Read for Given<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.0.read(into)
    }
}

impl Write for Given<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What tungstenite reads, up to a close or an error.
fn theirs(bytes: &[u8]) -> Vec<Result<Message, Broken>> {
    let config = WebSocketConfig::default().max_message_size(Some(MOST)).max_frame_size(Some(MOST));
    let mut socket = WebSocket::from_raw_socket(Given(bytes), Role::Server, Some(config));
    let mut read = Vec::new();
    loop {
        use tungstenite::Message as Theirs;
        read.push(match socket.read() {
            Ok(Theirs::Text(text)) => Ok(Message::Text(text.to_string())),
            Ok(Theirs::Binary(_)) => Ok(Message::Binary),
            Ok(Theirs::Ping(payload)) => Ok(Message::Ping(payload)),
            Ok(Theirs::Pong(_)) => Ok(Message::Pong),
            Ok(Theirs::Close(_)) => {
                read.push(Ok(Message::Close(None)));
                return read;
            }
            Ok(Theirs::Frame(_)) => continue,
            Err(tungstenite::Error::Io(_)) => return read,
            Err(tungstenite::Error::Capacity(_)) => Err(Broken::TooBig),
            Err(tungstenite::Error::Utf8(_)) => Err(Broken::NotUtf8),
            Err(_) => Err(Broken::Protocol),
        });
        if read.last().is_some_and(Result::is_err) {
            return read;
        }
    }
}

/// What ours reads when the bytes come in pieces that end at `cuts`.
fn ours(bytes: &[u8], cuts: &[usize]) -> (Vec<Result<Message, Broken>>, Decoder) {
    let mut decoder = Decoder::new(MOST);
    let mut read = Vec::new();
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).chain([bytes.len()]).collect();
    ends.sort_unstable();
    let mut from = 0;
    for end in ends {
        decoder.feed(&bytes[from..end]);
        from = end;
        loop {
            match decoder.next() {
                Ok(None) => break,
                Ok(Some(Message::Close(_))) => {
                    read.push(Ok(Message::Close(None)));
                    return (read, decoder);
                }
                Ok(Some(message)) => read.push(Ok(message)),
                Err(broken) => {
                    read.push(Err(broken));
                    return (read, decoder);
                }
            }
        }
    }
    (read, decoder)
}

/// A frame of a client.
fn masked(first: u8, payload: &[u8], mask: [u8; 4], form: u8) -> Vec<u8> {
    let mut frame = vec![first];
    match (form, payload.len()) {
        (0, short @ 0..=125) => frame.push(MASKED | u8::try_from(short).unwrap()),
        (0 | 1, medium) => {
            frame.push(MASKED | 126);
            frame.extend(u16::try_from(medium).unwrap().to_be_bytes());
        }
        (_, long) => {
            frame.push(MASKED | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

fn some_frame() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x81, 0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A]),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        6 => ".{0,40}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => prop::collection::vec(any::<u8>(), 290..310),
    ];
    (first, payload, any::<[u8; 4]>(), 0..12_u8).prop_map(|(first, payload, mask, form)| {
        // Control frames have one form.
        masked(first, &payload, mask, if first & 0x08 == 0 && form < 3 { form } else { 0 })
    })
}

fn same(bytes: &[u8], cuts: &[usize]) -> Result<(), TestCaseError> {
    let (read, decoder) = ours(bytes, cuts);
    let theirs = theirs(bytes);
    // Ours does not wait for the rest of a frame that is wrong already, and refuses codes nobody may send.
    let good = read.iter().take_while(|read| read.is_ok()).count();
    prop_assert_eq!(&read[..good], &theirs[..good.min(theirs.len())], "{:02x?}", bytes);
    match theirs.get(good) {
        None => {}
        Some(Err(_) | Ok(Message::Close(_))) => prop_assert!(good < read.len(), "{:02x?}: {:?} but {:?}", bytes, read, theirs),
        Some(other) => prop_assert!(false, "{:02x?}: {:?} but {:?}", bytes, read, other),
    }
    prop_assert!(decoder.came.len() <= bytes.len());
    prop_assert_eq!(&ours(bytes, &[]).0, &read, "cuts change nothing");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_mean_what_they_mean_to_tungstenite(
        bytes in prop::collection::vec(any::<u8>(), 0..64), cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        same(&bytes, &cuts)?;
    }

    #[test]
    fn any_frames_cut_anywhere_mean_what_they_mean_to_tungstenite(
        frames in prop::collection::vec(some_frame(), 0..6), cuts in prop::collection::vec(any::<usize>(), 0..9), end in any::<usize>(),
    ) {
        let bytes = frames.concat();
        same(&bytes, &cuts)?;
        same(&bytes[..end % (bytes.len() + 1)], &cuts)?;
    }

    #[test]
    fn what_we_write_is_what_a_client_reads(lengths in prop::collection::vec(0..70_000_usize, 1..4)) {
        let mut bytes = Vec::new();
        for length in &lengths {
            let before = bytes.len();
            head(Kind::Text, *length, &mut bytes);
            prop_assert_eq!(bytes.len() - before, head_length(*length));
            bytes.resize(bytes.len() + length, b'x');
        }
        let mut client = WebSocket::from_raw_socket(Given(&bytes), Role::Client, None);
        for length in lengths {
            prop_assert_eq!(client.read().unwrap().into_text().unwrap().len(), length);
        }
    }
}

#[test]
fn close_codes_that_may_not_be_sent_are_refused() {
    let close = |payload: &[u8]| {
        let mut decoder = Decoder::new(MOST);
        decoder.feed(&masked(0x88, payload, [1, 2, 3, 4], 0));
        decoder.next()
    };
    assert_eq!(close(b""), Ok(Some(Message::Close(None))));
    assert_eq!(close(&[0x0F, 0xA1, b'o', b'k']), Ok(Some(Message::Close(Some(4001)))));
    for bad in [&[3][..], &[0x03, 0xED], &[0, 0], &[0x13, 0x88], &[0x03, 0xEC]] {
        assert_eq!(close(bad), Err(Broken::Protocol), "{bad:?}");
    }
    assert_eq!(close(&[0x03, 0xE8, 0xC3, 0x28]), Err(Broken::NotUtf8));
}

#[test]
fn a_quiet_decoder_holds_nothing() {
    let mut decoder = Decoder::new(1 << 20);
    let bytes = masked(0x81, &[b'x'; 5_000], [7; 4], 0);
    decoder.feed(&bytes[..4_000]);
    assert_eq!(decoder.next(), Ok(None));
    decoder.feed(&bytes[4_000..]);
    assert!(matches!(decoder.next(), Ok(Some(Message::Text(_)))));
    assert_eq!((decoder.came.capacity(), decoder.next()), (0, Ok(None)));
}
