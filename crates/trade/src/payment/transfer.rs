//! Money from the mall to a person, where a provider pays people out: what it is asked for, and where that stands.

use kernel::Money;

/// A transfer to ask for. The same number with the same content is the same transfer, however often it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTransfer {
    /// Our number: 1–32 letters and digits.
    pub transfer_no: String,
    /// The payee as the provider knows them (a WeChat openid).
    pub payee: String,
    /// The payee's real name, where the provider wants to know it.
    pub real_name: Option<String>,
    /// How much.
    pub amount: Money,
    /// What the payee reads.
    pub remark: String,
    /// Where the provider reports to, absolute.
    pub notify_url: String,
}

/// Where a transfer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// The provider never heard of it: the request did not arrive and may be sent again.
    Absent,
    /// The provider is at it.
    Processing,
    /// The payee must confirm.
    AwaitingPayee {
        /// What the payee's device is handed for it (`wx.requestMerchantTransfer`); told when the transfer is asked for.
        package: Option<String>,
    },
    /// The payee has the money.
    Succeeded {
        /// The provider's own number.
        provider_id: String,
    },
    /// It came to nothing, and may be asked for anew under another number.
    Failed {
        /// In the provider's words.
        reason: String,
    },
}
