//! What ends a socket without a word from the peer: no init in time, silence, a token that ran out or was taken back,
//! a server that drains.

use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::Session;
use crate::{Endpoint, close::Close, endpoint::revoked};

/// Watches until the socket must be closed, and says how.
pub(super) async fn run<E: Endpoint>(session: &Arc<Session<E>>) -> Close {
    let transport = &session.transport;
    let settings = &transport.settings.connections;
    let (started, jitter) = (Instant::now(), transport.jitter());
    let mut looks = transport.looks();
    let mut beat = started + settings.heartbeat;
    let mut leave: Option<Instant> = None;
    let mut revocation = None;
    loop {
        let now = Instant::now();
        let (init_received, last_heard, expires_at) = {
            let state = session.state();
            if let (None, Some(caller)) = (&revocation, &state.caller) {
                revocation = transport.endpoint.revocation(&caller.caller);
            }
            (state.init_received, state.last_heard, state.caller.as_ref().and_then(|caller| caller.expires_at))
        };
        if !init_received && now >= started + settings.init_timeout {
            return Close::init_timeout();
        }
        if transport.is_expired(expires_at) {
            return Close::token_expired();
        }
        // Who was promised an answer gets it, if it comes soon; a subscription is resumed elsewhere.
        let owes = session.outbox.is_answering();
        if leave.is_some_and(|leave| now >= if owes { leave + settings.linger } else { leave }) {
            return Close::draining();
        }
        if now >= beat {
            if now.duration_since(last_heard) >= settings.heartbeat * 2 {
                return Close::silent();
            }
            session.outbox.heartbeat();
            beat = now + settings.heartbeat;
        }
        let mut wake = match leave {
            Some(leave) if now < leave => leave.min(beat),
            Some(leave) => (leave + settings.linger).min(beat),
            None => beat,
        };
        if !init_received {
            wake = wake.min(started + settings.init_timeout);
        }
        if let Some(at) = expires_at {
            wake = wake.min(now + transport.until(at));
        }
        tokio::select! {
            () = sleep_until(wake) => {}
            () = session.changed.notified() => {}
            () = revoked(&mut revocation) => return Close::revoked(),
            _ = looks.changed() => {}
            () = session.outbox.answered.notified(), if leave.is_some() => {}
            () = transport.draining().cancelled(), if leave.is_none() => leave = Some(Instant::now() + jitter),
        }
    }
}
