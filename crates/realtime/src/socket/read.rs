//! Reads the messages of a socket and acts on them.

use std::{future::Future, pin::Pin, sync::Arc};

use futures_util::{FutureExt, future::OptionFuture};
use kernel::Locale;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{Session, operation};
use crate::{
    Authenticated, Code, Endpoint, Hello, Rejection,
    close::Close,
    outbox::NotOpened,
    protocol::{self, Incoming},
    transport::allowance_key,
    wire::peer::{Heard, Peer},
};

/// Points a refresh takes from the caller's allowance.
const REFRESH_COST: u64 = 10;

type Greeting<C> = Pin<Box<dyn Future<Output = Result<Authenticated<C>, Rejection>> + Send>>;

/// Reads until the socket must be closed, and says how.
pub(super) async fn run<E: Endpoint>(session: &Arc<Session<E>>, peer: &mut Peer) -> Close {
    let mut greeting: Option<Greeting<E::Caller>> = None;
    loop {
        // Messages are read while it is being decided who calls: an early `subscribe` or second init must be seen.
        let heard = tokio::select! {
            Some(decided) = OptionFuture::from(greeting.as_mut()) => {
                greeting = None;
                match welcome(session, decided) {
                    Ok(()) => continue,
                    Err(close) => return close,
                }
            }
            heard = peer.hear() => heard,
        };
        session.state().last_heard = Instant::now();
        let acted = match heard {
            Heard::Closed(code) => return Close::repeated(code),
            Heard::Broken(close) => return close,
            Heard::Sign => Ok(()),
            Heard::Binary => Err(Close::invalid("Binary messages are not part of the protocol")),
            Heard::Text(text) => match protocol::decode(&text, session.transport.settings.connections.id_bytes) {
                Err(why) => Err(Close::invalid(why)),
                Ok(Incoming::Init(payload)) => init(session, &payload).map(|started| greeting = Some(started)),
                Ok(Incoming::Ping(payload)) => {
                    ping(session, payload).await;
                    Ok(())
                }
                Ok(Incoming::Pong) => Ok(()),
                Ok(Incoming::Complete { id }) => {
                    session.outbox.complete(&id);
                    Ok(())
                }
                Ok(Incoming::Subscribe { id, params }) => subscribe(session, &id, params),
            },
        };
        if let Err(close) = acted {
            return close;
        }
    }
}

/// `connection_init`: begins to decide who calls.
fn init<E: Endpoint>(session: &Arc<Session<E>>, payload: &Map<String, Value>) -> Result<Greeting<E::Caller>, Close> {
    let upgraded = {
        let mut state = session.state();
        if std::mem::replace(&mut state.init_received, true) {
            return Err(Close::too_many_inits());
        }
        state.bearer.take()
    };
    session.changed.notify_one();
    if let Some(language) = ["locale", "accept-language", "acceptLanguage"].into_iter().find_map(|name| text(payload, name)) {
        session.state().locale = Locale::negotiate(language);
    }
    let hello = Hello { bearer: bearer(payload).or(upgraded), ..session.hello.clone() };
    let transport = session.transport.clone();
    Ok(async move { transport.authenticate(hello).await }.boxed())
}

/// Who calls is decided: the socket is acknowledged or closed.
fn welcome<E: Endpoint>(session: &Session<E>, decided: Result<Authenticated<E::Caller>, Rejection>) -> Result<(), Close> {
    let caller = decided.map_err(|rejection| match rejection.code {
        Code::Internal | Code::Unavailable => Close::internal(),
        _ => Close::forbidden(),
    })?;
    let mut state = session.state();
    session.transport.seat_caller(&mut state.place, caller.key.as_deref()).map_err(|_| Close::too_many_sockets())?;
    state.caller = Some(caller);
    drop(state);
    session.outbox.control(protocol::ack(session.transport.endpoint.clock().now()));
    session.changed.notify_one();
    Ok(())
}

/// `ping`: answered at once. One that brings a token answers whether the socket is now the newer token's.
async fn ping<E: Endpoint>(session: &Session<E>, payload: Option<Map<String, Value>>) {
    let answer = match payload {
        Some(payload) if payload.keys().any(|name| name.eq_ignore_ascii_case("authorization")) => {
            Some(json!({ "authenticated": refresh(session, &payload).await }))
        }
        other => other.map(Value::Object),
    };
    session.outbox.control(protocol::pong(answer));
}

/// Renews who calls on a live socket. The person must stay the same: what runs was started in their name.
async fn refresh<E: Endpoint>(session: &Session<E>, payload: &Map<String, Value>) -> bool {
    let Some(key) = session.state().caller.as_ref().map(|caller| caller.key.clone()) else { return false };
    let Some(token) = bearer(payload) else { return false };
    // Deciding who calls costs us as much as an operation does.
    if session.transport.charge(&allowance_key(key.as_deref(), session.hello.ip), REFRESH_COST).await.is_err() {
        return false;
    }
    let hello = Hello { bearer: Some(token), ..session.hello.clone() };
    match session.transport.authenticate(hello).await {
        Ok(caller) if caller.key == key => {
            session.state().caller = Some(caller);
            session.changed.notify_one();
            true
        }
        Ok(_) | Err(_) => false,
    }
}

/// `subscribe`: an operation of any kind starts as a task of its own.
fn subscribe<E: Endpoint>(session: &Arc<Session<E>>, id: &str, params: crate::Params) -> Result<(), Close> {
    let (caller, number) = {
        let mut state = session.state();
        state.operations += 1;
        (state.caller.clone().ok_or_else(Close::unauthorized)?, state.operations)
    };
    match session.outbox.open(id) {
        Ok(lane) => {
            operation::start(session, &caller, lane, params, number);
            Ok(())
        }
        Err(NotOpened::Duplicate) => Err(Close::duplicate(id)),
        Err(NotOpened::TooMany) => {
            let limit = session.transport.settings.connections.operations_per_socket;
            let rejection = Rejection::new(Code::TooManySubscriptions).with("limit", limit);
            let errors = json!([rejection.error(session.locale(), &session.hello.request_id)]);
            session.outbox.control(json!({ "id": id, "type": "error", "payload": errors }).to_string().into());
            Ok(())
        }
    }
}

/// The token in a payload: `{"authorization": "Bearer …"}`, however the name is cased.
fn bearer(payload: &Map<String, Value>) -> Option<String> {
    let (scheme, token) = text(payload, "authorization")?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.trim().to_owned())
}

/// A text in a payload, however its name is cased.
fn text<'a>(payload: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    payload.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?.1.as_str()
}
