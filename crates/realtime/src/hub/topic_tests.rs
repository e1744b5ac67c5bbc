//! A turn through the subscribers that goes on with what is newer.

use std::sync::Arc;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::topic::{Told, Topic};
use crate::{
    outbox::{LaneHandle, Outbox},
    protocol::Frame,
    sharing::Flow,
};

struct Watcher {
    outbox: Arc<Outbox>,
    _lane: LaneHandle,
    heard: Vec<u64>,
}

impl Watcher {
    fn of(topic: &Arc<Topic>) -> Self {
        let outbox = Outbox::new(4, 1 << 20, 4);
        let lane = outbox.open("1").unwrap();
        topic.join(&lane).unwrap();
        Self { outbox, _lane: lane, heard: Vec::new() }
    }

    fn hear(&mut self) {
        while let Some(Some(frame)) = self.outbox.next_frame().now_or_never() {
            self.outbox.flushed();
            self.heard.push(frame.body.parse().unwrap());
        }
    }
}

fn told(n: u64) -> Vec<Told> {
    vec![Told { frame: Frame::next(n.to_string().into_bytes()), position: None }]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn everybody_ends_with_the_newest_and_nobody_hears_anything_older(
        many in 0..500_usize,
        steps in prop::collection::vec(0..5_u8, 0..30),
    ) {
        let topic = Arc::new(Topic::new(Flow::State, 8));
        let mut watchers: Vec<Watcher> = (0..many).map(|_| Watcher::of(&topic)).collect();
        let mut n = 1;
        let mut round = topic.begin(told(n));
        for step in steps {
            match step {
                0 | 1 => drop(topic.go_on(&mut round)),
                2 => {
                    n += 1;
                    topic.renew(&mut round, told(n));
                }
                3 => watchers.push(Watcher::of(&topic)),
                _ => drop(watchers.pop()),
            }
            watchers.iter_mut().for_each(Watcher::hear);
        }
        while !topic.go_on(&mut round) {}
        for watcher in &mut watchers {
            watcher.hear();
            prop_assert_eq!(watcher.heard.last(), Some(&n));
            prop_assert!(watcher.heard.is_sorted_by(|one, next| one < next), "{:?}", watcher.heard);
        }
    }
}
