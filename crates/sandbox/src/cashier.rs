//! The page where the shopper pays: one amount, one deadline, two buttons. No script is needed to pay; one small script
//! counts down. Whoever knows the address may pay: it carries 128 random bits.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use kernel::{Currency, Money, Timestamp};

use crate::{
    bank::{Bank, CallError},
    books::{Charge, CloseReason, Key},
    protocol::{ChargeStatus, random_hex},
};

/// `GET /cashier/{charge_id}`
pub(crate) async fn show(State(bank): State<Bank>, Path(charge_id): Path<String>) -> Response {
    match bank.charge_by_id(&charge_id) {
        Some((_, charge)) => page(StatusCode::OK, &charge_body(&charge, bank.0.clock.now())),
        None => page(StatusCode::NOT_FOUND, &message("没有这笔付款", "There is no such payment", "muted")),
    }
}

/// `POST /cashier/{charge_id}/pay`
pub(crate) async fn pay(State(bank): State<Bank>, Path(charge_id): Path<String>) -> Response {
    act(&bank, &charge_id, |key| bank.pay_key(key))
}

/// `POST /cashier/{charge_id}/cancel`
pub(crate) async fn cancel(State(bank): State<Bank>, Path(charge_id): Path<String>) -> Response {
    act(&bank, &charge_id, |key| bank.close_key(key, CloseReason::Cancelled).map(|_| ()))
}

/// Presses a button. Done or refused, the page then shows how things stand.
fn act(bank: &Bank, charge_id: &str, press: impl FnOnce(&Key) -> Result<(), CallError>) -> Response {
    let Some((key, _)) = bank.charge_by_id(charge_id) else {
        return page(StatusCode::NOT_FOUND, &message("没有这笔付款", "There is no such payment", "muted"));
    };
    match press(&key) {
        // Relative, so that it holds wherever the bank is mounted: `…/cashier/chg_1/pay` → `…/cashier/chg_1`.
        Ok(()) => Redirect::to(&format!("../{charge_id}")).into_response(),
        Err(CallError::Refused(_)) => match bank.charge_by_id(charge_id) {
            Some((_, charge)) => page(StatusCode::CONFLICT, &charge_body(&charge, bank.0.clock.now())),
            None => page(StatusCode::NOT_FOUND, &message("没有这笔付款", "There is no such payment", "muted")),
        },
        Err(CallError::Journal(error)) => {
            tracing::error!(%error, "the bank cannot write its journal");
            page(StatusCode::INTERNAL_SERVER_ERROR, &message("银行忙，请重试", "The bank is busy, please try again", "muted"))
        }
    }
}

fn charge_body(charge: &Charge, now: Timestamp) -> String {
    let request = &charge.request;
    let amount = format!(
        r#"<p class="what">{}</p><p class="amount">{}</p><p class="muted">商户单号 <span lang="en">No.</span> {}</p>"#,
        escape(&request.description),
        escape(&shown(request.amount.into())),
        escape(&request.merchant_charge_no),
    );
    let back = request.return_url.as_deref().map_or_else(String::new, |url| {
        format!(r#"<a class="button" href="{}" rel="noreferrer">返回商城 <span lang="en">Back to the shop</span></a>"#, escape(url))
    });
    match charge.status {
        ChargeStatus::Succeeded => format!("{}{amount}{back}", message("支付成功", "Paid", "good")),
        ChargeStatus::Closed => format!("{}{amount}{back}", message("付款已关闭", "This payment is closed", "muted")),
        ChargeStatus::Pending => {
            let id = escape(&charge.charge_id);
            format!(
                r#"<h1>收银台 <span lang="en">Cashier</span></h1>{amount}
<p class="muted" id="left" role="timer" data-left="{left}">请在 {deadline} 前付款 <span lang="en">Pay before then</span></p>
<form method="post" action="{id}/pay"><button class="button pay" type="submit">支付 <span lang="en">Pay</span></button></form>
<form method="post" action="{id}/cancel"><button class="button quiet" type="submit">取消 <span lang="en">Cancel</span></button></form>"#,
                left = request.expires_at.since(now).as_millis(),
                deadline = request.expires_at.to_rfc3339(),
            )
        }
    }
}

fn message(chinese: &str, english: &str, class: &str) -> String {
    format!(r#"<h1 class="{class}" role="status">{chinese} <span lang="en">{english}</span></h1>"#)
}

/// `¥59.00`, `US$3.50`; the code where no sign is usual.
fn shown(money: Money) -> String {
    let text = money.to_string();
    let digits = text.split_once(' ').map_or(text.as_str(), |(_, digits)| digits);
    match money.currency {
        Currency::Cny => format!("¥{digits}"),
        Currency::Usd => format!("US${digits}"),
        Currency::Eur => format!("€{digits}"),
        Currency::Gbp => format!("£{digits}"),
        Currency::Hkd => format!("HK${digits}"),
        Currency::Jpy | Currency::Kwd => text,
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5b6575;--paper:#fff;--ground:#f2f4f7;--go:#067a46;--line:#c8cfda}
@media(prefers-color-scheme:dark){:root{--ink:#eef1f6;--soft:#a9b3c3;--paper:#1b212b;--ground:#11151c;--go:#0b8f55;--line:#4a5568}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);
font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}
main{width:min(26rem,100vw - 2rem);margin:1rem;padding:2rem 1.5rem;background:var(--paper);border-radius:1rem;text-align:center}
h1{margin:0 0 1rem;font-size:1.35rem}h1.good{color:var(--go)}
[lang=en]{font-size:.85em}
.what{margin:0;overflow-wrap:anywhere}.amount{margin:.25rem 0;font-size:2.6rem;font-weight:700;font-variant-numeric:tabular-nums}
.muted{color:var(--soft);overflow-wrap:anywhere}
.button{display:block;width:100%;margin-top:.75rem;padding:.8rem;border:1px solid var(--line);border-radius:.6rem;font:inherit;
background:none;color:inherit;text-decoration:none;cursor:pointer}
.pay{background:var(--go);border-color:var(--go);color:#fff;font-weight:600}
.button:focus-visible{outline:3px solid #2f6fed;outline-offset:2px}
footer{margin-top:1.5rem;font-size:.85rem;color:var(--soft)}
";

const SCRIPT: &str = "
const left=document.getElementById('left');
if(left){const end=performance.now()+Number(left.dataset.left);
const tick=()=>{const s=Math.max(0,Math.ceil((end-performance.now())/1000));
const two=n=>String(n).padStart(2,'0');
const clock=(s>=3600?Math.floor(s/3600)+':':'')+two(Math.floor(s/60)%60)+':'+two(s%60);
left.textContent='剩余时间 Time left '+clock;
if(s===0){location.reload()}else{setTimeout(tick,1000)}};tick()}
";

fn page(status: StatusCode, body: &str) -> Response {
    let nonce = random_hex::<16>();
    let html = format!(
        r#"<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>沙箱银行 Sandbox Bank</title>
<style nonce="{nonce}">{STYLE}</style>
</head>
<body>
<main>
{body}
<footer>沙箱银行：不涉及真实资金 <span lang="en">Sandbox bank: no real money moves</span></footer>
</main>
<script nonce="{nonce}">{SCRIPT}</script>
</body>
</html>
"#
    );
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).expect("a policy is plain text"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_look_as_at_a_till_and_text_cannot_become_markup() {
        assert_eq!(shown(Money::new(5900, Currency::Cny)), "¥59.00");
        assert_eq!(shown(Money::new(300, Currency::Jpy)), "JPY 300");
        assert_eq!(escape("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
    }
}
