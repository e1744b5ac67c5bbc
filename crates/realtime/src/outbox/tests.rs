//! Lanes without a socket.

use super::*;

fn next(body: &str) -> Frame {
    Frame { says: Says::Next, body: body.into() }
}
fn complete() -> Frame {
    Frame { says: Says::Complete, body: Utf8Bytes::default() }
}
fn texts(outbox: &Outbox) -> Vec<String> {
    std::iter::from_fn(|| match outbox.try_next()? {
        Outgoing::Text(text) => Some(text.to_string()),
        Outgoing::Heartbeat => Some("heartbeat".into()),
        Outgoing::Pong(_) | Outgoing::Close(_) => None,
    })
    .collect()
}

#[tokio::test]
async fn lanes_take_turns_and_control_goes_first() {
    let outbox = Outbox::new(4, 10_000, 9);
    let (hot, cold) = (outbox.open("hot").unwrap(), outbox.open("cold").unwrap());
    for n in 0..3 {
        hot.push(next(&n.to_string())).await.unwrap();
    }
    cold.push(next("9")).await.unwrap();
    outbox.heartbeat();
    outbox.heartbeat();
    outbox.control("pong".into());
    let sent = texts(&outbox);
    assert_eq!(sent[..2], ["heartbeat", "pong"]);
    let bodies: Vec<char> = sent[2..].iter().map(|text| text.chars().nth_back(1).unwrap()).collect();
    assert_eq!(bodies, ['0', '9', '1', '2']);
    outbox.flushed();
    assert_eq!(outbox.bytes(), 0);
}

#[tokio::test]
async fn a_full_lane_waits_and_an_ended_one_lets_go() {
    let outbox = Outbox::new(1, 10_000, 9);
    let lane = outbox.open("1").unwrap();
    lane.push(next("1")).await.unwrap();
    let waiting = tokio::spawn({
        let lane = lane.clone();
        async move { lane.push(next("2")).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(texts(&outbox).len(), 1);
    waiting.await.unwrap().unwrap();
    let waiting = tokio::spawn(async move { lane.push(next("3")).await });
    tokio::task::yield_now().await;
    outbox.complete("1");
    assert_eq!(waiting.await.unwrap(), Err(Gone));
    assert!(texts(&outbox).is_empty(), "nothing of a completed operation is sent");
    outbox.flushed();
    assert_eq!(outbox.bytes(), 0);
}

#[tokio::test]
async fn an_id_is_free_when_its_last_frame_goes_out() {
    let outbox = Outbox::new(1, 10_000, 2);
    let lane = outbox.open("1").unwrap();
    assert_eq!(outbox.open("1").err(), Some(NotOpened::Duplicate));
    lane.push(next("1")).await.unwrap();
    lane.push(complete()).await.unwrap();
    assert_eq!(outbox.open("1").err(), Some(NotOpened::Duplicate));
    assert_eq!(texts(&outbox).len(), 2);
    let again = outbox.open("1").unwrap();
    assert_eq!(lane.push(next("old")).await, Err(Gone), "an old operation cannot speak under a reused id");
    again.push(next("new")).await.unwrap();
    outbox.open("2").unwrap();
    assert_eq!(outbox.open("3").err(), Some(NotOpened::TooMany));
}

#[tokio::test]
async fn a_mutation_counts_until_it_is_done() {
    let outbox = Outbox::new(1, 10_000, 1);
    let lane = outbox.open("1").unwrap();
    lane.runs_on();
    outbox.complete("1");
    assert_eq!(outbox.open("2").err(), Some(NotOpened::TooMany));
    lane.ran_on();
    assert!(outbox.open("2").is_ok());
}

#[tokio::test]
async fn too_many_bytes_end_the_socket() {
    let outbox = Outbox::new(1_000, 1_000, 9);
    let lane = outbox.open("1").unwrap();
    let body = "x".repeat(400);
    lane.push(next(&body)).await.unwrap();
    lane.push(next(&body)).await.unwrap();
    assert_eq!(lane.push(next(&body)).await, Err(Gone));
    assert!(lane.is_over());
    assert_eq!(outbox.bytes(), 0);
    outbox.end(Close::normal());
    assert!(matches!(outbox.next().await, Outgoing::Close(close) if close == Close::slow_reader()));
}

/// A connection that takes so many bytes and keeps them.
#[derive(Default)]
struct Narrow {
    took: Mutex<Vec<u8>>,
    room: std::sync::atomic::AtomicUsize,
    broken: AtomicBool,
}

impl Pipe for Narrow {
    fn try_write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        let takes = bytes.len().min(self.room.load(Ordering::SeqCst));
        if takes == 0 {
            return Err(std::io::ErrorKind::WouldBlock.into());
        }
        self.took.lock().unwrap().extend_from_slice(&bytes[..takes]);
        self.room.fetch_sub(takes, Ordering::SeqCst);
        Ok(takes)
    }
}

impl Narrow {
    fn widen(&self, by: usize) {
        self.room.fetch_add(by, Ordering::SeqCst);
    }

    /// What a client reads: texts, and the kinds of what is none. It reads whole frames or nothing.
    fn read(&self) -> Vec<String> {
        let took = self.took.lock().unwrap();
        let (mut read, mut at) = (Vec::new(), 0);
        while at < took.len() {
            let (start, length) = match took[at + 1] {
                126 => (at + 4, usize::from(u16::from_be_bytes([took[at + 2], took[at + 3]]))),
                127 => (at + 10, usize::try_from(u64::from_be_bytes(took[at + 2..at + 10].try_into().unwrap())).unwrap()),
                short => (at + 2, usize::from(short)),
            };
            let payload = &took[start..start + length];
            read.push(match took[at] {
                0x81 => std::str::from_utf8(payload).unwrap().to_owned(),
                0x88 => format!("close {}", u16::from_be_bytes([payload[0], payload[1]])),
                0x89 => "ping".to_owned(),
                0x8A => "pong".to_owned(),
                other => panic!("{other:x} is no head of a frame"),
            });
            at = start + length;
        }
        read
    }
}

#[test]
fn a_clear_connection_is_written_at_once_and_a_full_one_later() {
    let pipe = Arc::<Narrow>::default();
    let outbox = Outbox::over(pipe.clone(), (4, 1 << 20, 4));
    let lane = outbox.open("1").unwrap();
    pipe.widen(1_000);
    lane.show(&next("1")).unwrap();
    assert_eq!((pipe.read(), outbox.bytes()), (vec![r#"{"id":"1","type":"next","payload":1}"#.to_owned()], 0));
    // Three bytes of the next go out; what comes meanwhile replaces what was not begun.
    pipe.room.store(3, Ordering::SeqCst);
    for n in 2..=9 {
        lane.show(&next(&n.to_string())).unwrap();
    }
    outbox.heartbeat();
    outbox.pong(Bytes::from_static(b"a"));
    outbox.pong(Bytes::from_static(b"b"));
    assert_eq!(outbox.pour(), Poured::Stuck);
    pipe.widen(1 << 20);
    assert_eq!(outbox.pour(), Poured::All);
    let read = pipe.read();
    assert_eq!(
        read[1..].iter().map(|text| text.replace(r#"{"id":"1","type":"next","payload":"#, "")).collect::<Vec<_>>(),
        ["2}", "ping", "pong", "9}"]
    );
    assert_eq!(outbox.bytes(), 0);
    lane.tell(&[next("10"), complete()]).unwrap();
    assert_eq!(lane.tell(&[next("11")]), Err(Gone), "the id is free");
    outbox.end(Close::draining());
    assert_eq!(outbox.pour(), Poured::Finished);
    assert_eq!(pipe.read().last().unwrap(), "close 4503");
}

#[test]
fn a_broken_connection_finishes() {
    let pipe = Arc::<Narrow>::default();
    let outbox = Outbox::over(pipe.clone(), (4, 1 << 20, 4));
    let lane = outbox.open("1").unwrap();
    pipe.broken.store(true, Ordering::SeqCst);
    lane.show(&next("1")).unwrap();
    assert_eq!(outbox.pour(), Poured::Finished);
}

#[test]
fn a_lane_at_rest_holds_little() {
    assert!(size_of::<Outbox>() <= 400, "{}", size_of::<Outbox>());
    assert!(size_of::<Lane>() <= 160, "{}", size_of::<Lane>());
}

#[derive(Clone, Debug)]
enum Step {
    Show(usize, usize),
    Tell(usize, Vec<usize>),
    Ping,
    Pong,
    Room(usize),
    Pour,
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    use proptest::prelude::*;
    let size = prop_oneof![4 => 0..40_usize, 2 => 60..200_usize, 1 => 15_000..70_000_usize];
    proptest::collection::vec(
        prop_oneof![
            3 => (0..2_usize, size.clone()).prop_map(|(lane, size)| Step::Show(lane, size)),
            3 => (2..4_usize, proptest::collection::vec(size, 1..5)).prop_map(|(lane, sizes)| Step::Tell(lane, sizes)),
            1 => Just(Step::Ping),
            1 => Just(Step::Pong),
            4 => prop_oneof![0..5_usize, 0..400_usize, 0..100_000_usize].prop_map(Step::Room),
            2 => Just(Step::Pour),
        ],
        1..60,
    )
}

proptest::proptest! {
    /// Whatever the connection takes when: frames go out whole, facts all and in order, of a state the latest last.
    #[test]
    fn frames_are_never_torn_nor_out_of_order(steps in steps(), ends in proptest::prelude::any::<bool>()) {
        let pipe = Arc::<Narrow>::default();
        let outbox = Outbox::over(pipe.clone(), (4, usize::MAX, 9));
        let lanes: Vec<LaneHandle> = (0..4).map(|id| outbox.open(&id.to_string()).unwrap()).collect();
        let (mut count, mut latest, mut facts) = (0_usize, [None, None], [Vec::new(), Vec::new()]);
        let mut body = |size: usize| {
            count += 1;
            (count, next(&format!("\"{count} {}\"", "x".repeat(size))))
        };
        for step in steps {
            match step {
                Step::Show(lane, size) => {
                    let (number, frame) = body(size);
                    latest[lane] = Some(number);
                    lanes[lane].show(&frame).unwrap();
                }
                Step::Tell(lane, sizes) => {
                    let frames: Vec<Frame> = sizes.into_iter().map(|size| {
                        let (number, frame) = body(size);
                        facts[lane - 2].push(number);
                        frame
                    }).collect();
                    lanes[lane].tell(&frames).unwrap();
                }
                Step::Ping => outbox.heartbeat(),
                Step::Pong => outbox.pong(Bytes::from_static(b"x")),
                Step::Room(more) => pipe.widen(more),
                Step::Pour => { outbox.pour(); }
            }
        }
        if ends {
            outbox.end(Close::draining());
        }
        pipe.room.store(1 << 40, Ordering::SeqCst);
        while outbox.pour() == Poured::Stuck {}
        proptest::prop_assert_eq!(outbox.bytes(), 0);
        let read = pipe.read();
        let told = |id: usize| -> Vec<usize> {
            let of_lane = read.iter().filter_map(|text| text.strip_prefix(&format!(r#"{{"id":"{id}","type":"next","payload":""#)));
            of_lane.map(|text| text.split(' ').next().unwrap().parse().unwrap()).collect()
        };
        for lane in 0..2 {
            let seen = told(lane);
            proptest::prop_assert!(seen.is_sorted());
            if !ends {
                proptest::prop_assert_eq!(seen.last().copied(), latest[lane]);
                proptest::prop_assert_eq!(told(lane + 2), facts[lane].clone());
            } else {
                proptest::prop_assert!(facts[lane].starts_with(&told(lane + 2)));
            }
        }
        proptest::prop_assert_eq!(ends, read.last().is_some_and(|last| last == "close 4503"));
    }
}
