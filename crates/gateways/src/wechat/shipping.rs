//! The shipping-info upload (发货信息录入): WeChat keeps the money of a mini-program's order until it is told that the goods
//! left. It belongs to the mini-program API, which wants an access token instead of a signature.

use std::sync::{Mutex, PoisonError};

use kernel::{Timestamp, seconds};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use trade::payment::gateway::{GatewayError, ShippedGoods};

use super::wire::Wire;
use crate::http;

/// The most parcels WeChat takes of one order.
const MOST_PARCELS: usize = 10;

/// Reports shipments of one mini-program.
pub(super) struct Reports {
    api_url: String,
    appid: String,
    secret: SecretString,
    token: Mutex<Option<(String, Timestamp)>>,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    expires_in: u64,
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

impl Reports {
    pub(super) fn new(api_url: String, appid: String, secret: SecretString) -> Self {
        Self { api_url, appid, secret, token: Mutex::default() }
    }

    pub(super) async fn upload(&self, wire: &Wire, goods: &ShippedGoods) -> Result<(), GatewayError> {
        let item = json!({ "item_desc": http::shortened(&goods.description, 120) });
        let parcel = |(carrier, number): &(String, String)| {
            let mut item = item.clone();
            item["tracking_no"] = json!(number);
            item["express_company"] = json!(carrier);
            if let Some(tail) = &goods.phone_tail {
                item["contact"] = json!({ "receiver_contact": format!("+86-*******{tail}") });
            }
            item
        };
        let list =
            if goods.parcels.is_empty() { vec![item.clone()] } else { goods.parcels.iter().take(MOST_PARCELS).map(parcel).collect() };
        let split = list.len() > 1;
        let mut report = json!({
            "order_key": { "order_number_type": 1, "mchid": wire.mchid, "out_trade_no": goods.charge.charge_no },
            "logistics_type": if goods.parcels.is_empty() { 3 } else { 1 },
            "delivery_mode": if split { 2 } else { 1 },
            "shipping_list": list,
            "upload_time": super::beijing(goods.shipped_at),
            "payer": { "openid": goods.payer.as_deref().unwrap_or_default() },
        });
        if split {
            // It is told when the last of it has left.
            report["is_all_delivered"] = json!(true);
        }
        for fresh in [false, true] {
            let token = self.token(wire, fresh).await?;
            let url = format!("{}/wxa/sec/order/upload_shipping_info?access_token={token}", self.api_url);
            let request = wire.client.post(url).header("Content-Type", "application/json").body(report.to_string());
            let answer = http::send(request).await?;
            let said: Said = answer.json()?;
            match said.errcode {
                // Told before: that is what we wanted.
                0 | 10_060_002 | 10_060_003 | 10_060_023 => return Ok(()),
                // The token was replaced elsewhere.
                40_001 | 40_014 | 42_001 if !fresh => {}
                -1 | 45_009 | 45_011 | 10_060_001 => {
                    return Err(GatewayError::Unavailable(format!("{}: {}", said.errcode, said.errmsg)));
                }
                code => return Err(GatewayError::Refused { code: code.to_string(), message: said.errmsg }),
            }
        }
        Err(GatewayError::Unavailable("WeChat takes no access token of ours".into()))
    }

    /// The access token; two minutes before its end it is asked for again.
    async fn token(&self, wire: &Wire, fresh: bool) -> Result<String, GatewayError> {
        let known = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((token, until)) = known.filter(|(_, until)| !fresh && *until > wire.clock.now() + seconds(120)) {
            let _ = until;
            return Ok(token);
        }
        let asked = json!({
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret.expose_secret(),
            "force_refresh": fresh,
        });
        let url = format!("{}/cgi-bin/stable_token", self.api_url);
        let request = wire.client.post(url).header("Content-Type", "application/json").body(asked.to_string());
        let told: Token = http::send(request).await?.json()?;
        if told.errcode != 0 || told.access_token.is_empty() {
            return Err(GatewayError::Unavailable(format!("no access token: {}: {}", told.errcode, told.errmsg)));
        }
        let until = wire.clock.now() + seconds(told.expires_in);
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some((told.access_token.clone(), until));
        Ok(told.access_token)
    }
}
