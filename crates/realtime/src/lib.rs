mod admission;
mod answer;
mod close;
mod code;
mod endpoint;
mod outbox;
mod protocol;
mod seats;
mod settings;
mod socket;
mod transport;

pub use admission::{
    Admitted, Kind, Params,
    bucket::{Bucket, Level, MemoryBuckets},
    trusted::{TrustError, TrustedDocuments},
};
pub use answer::{Answer, is_request_error, to_json};
pub use close::Close;
pub use code::{Code, Rejection};
pub use endpoint::{Authenticated, Call, Denied, Endpoint, Hello, Via};
pub use settings::{Allowance, Connections, Limits, Settings};
pub use socket::upgrade;
pub use transport::{Transport, allowance_key};
