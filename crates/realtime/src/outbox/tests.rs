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
        Outgoing::Close(_) => None,
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
    assert!(lane.cancelled.is_cancelled());
    assert_eq!(outbox.bytes(), 0);
    outbox.end(Close::normal());
    assert!(matches!(outbox.next().await, Outgoing::Close(close) if close == Close::slow_reader()));
}
