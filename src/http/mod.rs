//! Everything that speaks HTTP.

pub mod graphiql;
pub mod graphql;

/// Where a request really comes from, when a layer in front of the handlers knows better than the connection (a trusted
/// proxy's `X-Forwarded-For`). Put into the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct ClientIp(pub std::net::IpAddr);
