//! The columns in which providers write their bills.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord, Trim};
use kernel::{Currency, Money, Timestamp};

use super::{
    archive,
    rules::{Kind, Theirs, minor},
};

/// The most lines a bill has.
pub const MOST_LINES: usize = 100_000;

/// A provider's way to write a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// WeChat Pay v3, `tradebill` of all trades: a backtick before every value, amounts in yuan, Beijing's time.
    WeChat,
    /// Alipay's business details (业务明细): comments around the table, amounts in yuan, usually GBK, Beijing's time.
    Alipay,
    /// Stripe's balance transactions: the itemised report, or the export of the dashboard.
    Stripe,
    /// PayPal's settlement report (`STL-….CSV`): records that say what they are, amounts in the smallest unit.
    PayPal,
    /// Ours, for the sandbox: `happened_at,kind,merchant_no,provider_no,amount_minor,currency,status`.
    Sandbox,
}

impl Layout {
    /// In which columns a gateway writes.
    pub fn of(gateway: &str) -> Option<Self> {
        match gateway {
            "wechat" => Some(Self::WeChat),
            "alipay" => Some(Self::Alipay),
            "stripe" => Some(Self::Stripe),
            "paypal" => Some(Self::PayPal),
            "sandbox" => Some(Self::Sandbox),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::WeChat => "wechat_tradebill",
            Self::Alipay => "alipay_business_details",
            Self::Stripe => "stripe_balance_transactions",
            Self::PayPal => "paypal_settlement_report",
            Self::Sandbox => "sandbox",
        }
    }
}

/// One charge or refund of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub theirs: Theirs,
    /// What the provider kept for it, in minor units of the amount's currency.
    pub fee: Option<i64>,
    /// When, at the provider.
    pub at: Timestamp,
}

/// Why a file is not a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The columns are not the provider's.
    #[error("the columns are not the provider's")]
    Layout,
    /// A line does not say what it should.
    #[error("line {0} cannot be read")]
    Line(i64),
    /// More lines than are taken.
    #[error("a bill has at most {0} lines")]
    TooMany(i64),
}

/// Reads a bill, also out of the archive some providers pack it into. Lines about anything but charges and refunds
/// (payouts, fees, disputes) are left out.
pub fn read(layout: Layout, file: &[u8]) -> Result<Vec<Line>, Unreadable> {
    if !archive::is_one(file) {
        return plain(layout, file);
    }
    // Beside the details there is a summary, in columns of its own.
    let mut found = Err(Unreadable::Layout);
    for packed in archive::files(file).ok_or(Unreadable::Layout)? {
        match plain(layout, &packed) {
            Err(Unreadable::Layout) => {}
            read => found = read,
        }
    }
    found
}

fn plain(layout: Layout, file: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let text = decoded(file);
    let text = text.trim_start_matches('\u{feff}');
    let lines = match layout {
        Layout::WeChat => wechat(text),
        Layout::Alipay => alipay(text),
        Layout::Stripe => stripe(text),
        Layout::PayPal => paypal(text),
        Layout::Sandbox => sandbox(text),
    }?;
    if lines.len() > MOST_LINES {
        return Err(Unreadable::TooMany(i64::try_from(MOST_LINES).unwrap_or(i64::MAX)));
    }
    Ok(lines)
}

/// UTF-8 where it is, else what China's banks write.
fn decoded(file: &[u8]) -> String {
    match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(file).0.into_owned(),
    }
}

/// A table's columns by name.
struct Columns(HashMap<String, usize>);

impl Columns {
    fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().enumerate().map(|(at, name)| (name.trim().trim_matches('`').to_owned(), at)).collect())
    }

    /// Where one of these is; the first that is there counts.
    fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.0.get(*name).copied())
    }

    fn need(&self, names: &[&str]) -> Result<usize, Unreadable> {
        self.find(names).ok_or(Unreadable::Layout)
    }
}

/// A row and where it stands in the file.
struct Row<'a> {
    number: i64,
    fields: Vec<&'a str>,
}

impl Row<'_> {
    fn get(&self, at: usize) -> Result<&str, Unreadable> {
        self.fields.get(at).map(|field| field.trim()).ok_or(Unreadable::Line(self.number))
    }

    fn bad(&self) -> Unreadable {
        Unreadable::Line(self.number)
    }

    fn amount(&self, at: usize, currency: Currency) -> Result<i64, Unreadable> {
        minor(self.get(at)?, currency).ok_or(self.bad())
    }

    fn named(&self, at: usize) -> Result<String, Unreadable> {
        let name = self.get(at)?;
        let usable = !name.is_empty() && name.len() <= 200 && !name.chars().any(char::is_control);
        if usable { Ok(name.to_owned()) } else { Err(self.bad()) }
    }

    fn money(&self, minor: i64, currency: Currency) -> Result<Money, Unreadable> {
        let minor = minor.checked_abs().filter(|minor| *minor > 0).ok_or(self.bad())?;
        Ok(Money { minor, currency })
    }
}

fn currency(code: &str) -> Option<Currency> {
    const ALL: [Currency; 7] = [Currency::Cny, Currency::Usd, Currency::Eur, Currency::Gbp, Currency::Hkd, Currency::Jpy, Currency::Kwd];
    ALL.into_iter().find(|currency| format!("{currency:?}").eq_ignore_ascii_case(code.trim()))
}

/// `2026-11-11 12:00:00` at an offset; seconds may be missing.
fn at(text: &str, offset: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.contains('T') {
        return Timestamp::parse_rfc3339(text);
    }
    let (date, time) = text.split_once(' ')?;
    let time = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    Timestamp::parse_rfc3339(&format!("{date}T{time}{offset}"))
}

const BEIJING: &str = "+08:00";

/// WeChat Pay: goods may have commas in their names, so rows are cut at `,` with a backtick behind it.
fn wechat(text: &str) -> Result<Vec<Line>, Unreadable> {
    let mut rows = text.lines().zip(1..);
    let header = rows.by_ref().map(|(line, _)| line).find(|line| line.contains("微信订单号")).ok_or(Unreadable::Layout)?;
    let columns = Columns::of(header.split(','));
    let when = columns.need(&["交易时间"])?;
    let (theirs, ours, state) = (columns.need(&["微信订单号"])?, columns.need(&["商户订单号"])?, columns.need(&["交易状态"])?);
    let (of_currency, paid) = (columns.need(&["货币种类"])?, columns.need(&["订单金额", "总金额"])?);
    let (their_refund, our_refund) = (columns.need(&["微信退款单号"])?, columns.need(&["商户退款单号"])?);
    let (refunded, refund_state) = (columns.need(&["申请退款金额", "退款金额"])?, columns.need(&["退款状态"])?);
    let fee = columns.find(&["手续费"]);
    let mut lines = Vec::new();
    for (line, number) in rows {
        // The summary at the end has a heading without backticks.
        let Some(line) = line.trim_end().strip_prefix('`') else { break };
        let row = Row { number, fields: line.split(",`").collect() };
        let currency = currency(row.get(of_currency)?).ok_or(row.bad())?;
        let at = at(row.get(when)?, BEIJING).ok_or(row.bad())?;
        let fee = fee.map(|fee| fee_of(row.get(fee)?, currency).ok_or(row.bad())).transpose()?;
        let theirs = match row.get(state)? {
            "SUCCESS" => Theirs {
                kind: Kind::Charge,
                number: row.named(ours)?,
                provider_id: row.named(theirs)?,
                amount: row.money(row.amount(paid, currency)?, currency)?,
                settled: true,
            },
            "REFUND" | "REVOKED" => Theirs {
                kind: Kind::Refund,
                number: row.named(our_refund)?,
                provider_id: row.named(their_refund)?,
                amount: row.money(row.amount(refunded, currency)?, currency)?,
                settled: row.get(refund_state)? == "SUCCESS",
            },
            _ => return Err(row.bad()),
        };
        lines.push(Line { theirs, fee, at });
    }
    Ok(lines)
}

/// WeChat writes fees with five decimals.
fn fee_of(text: &str, currency: Currency) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    let cents = text.find('.').map_or(text.len(), |dot| (dot + 1 + currency.exponent() as usize).min(text.len()));
    minor(text.get(..cents)?, currency)
}

/// Alipay: the table stands between lines that begin with `#`; values end with tabs.
fn alipay(text: &str) -> Result<Vec<Line>, Unreadable> {
    let mut columns = None;
    let mut lines = Vec::new();
    for (record, number) in records(text)? {
        let row = Row { number, fields: record.iter().collect() };
        if row.fields.first().is_some_and(|field| field.starts_with('#')) {
            continue;
        }
        let Some(columns) = &columns else {
            if record.iter().any(|field| field == "支付宝交易号") {
                columns = Some(Alipay::of(&Columns::of(record.iter()))?);
            }
            continue;
        };
        lines.push(columns.line(&row)?);
    }
    if columns.is_none() { Err(Unreadable::Layout) } else { Ok(lines) }
}

struct Alipay {
    theirs: usize,
    ours: usize,
    kind: usize,
    done: usize,
    paid: usize,
    refund: usize,
    fee: Option<usize>,
}

impl Alipay {
    fn of(columns: &Columns) -> Result<Self, Unreadable> {
        Ok(Self {
            theirs: columns.need(&["支付宝交易号"])?,
            ours: columns.need(&["商户订单号"])?,
            kind: columns.need(&["业务类型"])?,
            done: columns.need(&["完成时间"])?,
            paid: columns.need(&["订单金额（元）", "订单金额(元)"])?,
            refund: columns.need(&["退款批次号/请求号"])?,
            fee: columns.find(&["服务费（元）", "服务费(元)"]),
        })
    }

    fn line(&self, row: &Row<'_>) -> Result<Line, Unreadable> {
        // Alipay takes no dashes in our numbers; ours have no underscores.
        let named = |at| row.named(at).map(|name| name.replace('_', "-"));
        let amount = row.money(row.amount(self.paid, Currency::Cny)?, Currency::Cny)?;
        let (kind, number) = match row.get(self.kind)? {
            "交易" => (Kind::Charge, named(self.ours)?),
            "退款" => (Kind::Refund, named(self.refund)?),
            _ => return Err(row.bad()),
        };
        let provider_id = match kind {
            Kind::Charge => row.named(self.theirs)?,
            // A refund has no number of its own there.
            Kind::Refund => format!("{}/{number}", row.named(self.theirs)?),
        };
        let fee = self.fee.map(|fee| row.amount(fee, Currency::Cny)).transpose()?;
        let at = at(row.get(self.done)?, BEIJING).ok_or(row.bad())?;
        Ok(Line { theirs: Theirs { kind, number, provider_id, amount, settled: true }, fee: fee.map(i64::abs), at })
    }
}

/// Stripe: the itemised report of the balance, or the dashboard's export. Our number stands in the metadata when those
/// columns were chosen; else charges are found by their payment intent and refunds by their own number.
fn stripe(text: &str) -> Result<Vec<Line>, Unreadable> {
    let mut records = records(text)?.into_iter();
    let (header, _) = records.next().ok_or(Unreadable::Layout)?;
    let columns = Columns::of(header.iter());
    let kind = columns.need(&["reporting_category", "Type", "type"])?;
    let (amount, of_currency) = (columns.need(&["gross", "Amount", "amount"])?, columns.need(&["currency", "Currency"])?);
    let (source, when) = (columns.need(&["source_id", "Source", "source"])?, columns.need(&["created_utc", "Created (UTC)", "created"])?);
    let (intent, fee) = (columns.find(&["payment_intent_id", "PaymentIntent ID"]), columns.find(&["fee", "Fee"]));
    let charge_no = columns.find(&["payment_metadata[charge_no]", "charge_no (metadata)"]);
    let refund_no = columns.find(&["refund_metadata[refund_no]", "refund_no (metadata)"]);
    let mut lines = Vec::new();
    for (record, number) in records {
        let row = Row { number, fields: record.iter().collect() };
        let kind = match row.get(kind)? {
            "charge" | "payment" => Kind::Charge,
            "refund" | "payment_refund" => Kind::Refund,
            _ => continue,
        };
        let currency = currency(row.get(of_currency)?).ok_or(row.bad())?;
        let optional = |at: Option<usize>| at.map(|at| row.get(at)).transpose().map(Option::unwrap_or_default);
        let (number, provider_id) = match kind {
            Kind::Charge => (optional(charge_no)?, Some(optional(intent)?).filter(|intent| !intent.is_empty())),
            Kind::Refund => (optional(refund_no)?, None),
        };
        let provider_id = provider_id.map_or_else(|| row.named(source), |id| Ok(id.to_owned()))?;
        let theirs = Theirs {
            kind,
            number: number.to_owned(),
            provider_id,
            amount: row.money(row.amount(amount, currency)?, currency)?,
            settled: true,
        };
        let fee = fee.map(|fee| row.amount(fee, currency)).transpose()?;
        lines.push(Line { theirs, fee, at: at(row.get(when)?, "Z").ok_or(row.bad())? });
    }
    Ok(lines)
}

/// PayPal: every record begins with what it is; `CH` names the columns of the `SB` below it, and every section of another
/// currency has columns of its own. Payments are events `T00…`, refunds `T11…`; our number is the custom field.
fn paypal(text: &str) -> Result<Vec<Line>, Unreadable> {
    let (mut columns, mut lines) = (None, Vec::new());
    for (record, number) in records(text)? {
        let row = Row { number, fields: record.iter().collect() };
        match (row.get(0)?, &columns) {
            ("CH", _) => columns = Some(PayPalColumns::of(&Columns::of(record.iter()))?),
            ("SB", Some(columns)) => lines.extend(columns.line(&row)?),
            ("SB", None) => return Err(row.bad()),
            _ => {}
        }
    }
    if columns.is_none() { Err(Unreadable::Layout) } else { Ok(lines) }
}

/// Where PayPal writes what.
struct PayPalColumns {
    id: usize,
    event: usize,
    when: usize,
    gross: usize,
    currency: usize,
    fee: usize,
    custom: usize,
}

impl PayPalColumns {
    fn of(columns: &Columns) -> Result<Self, Unreadable> {
        Ok(Self {
            id: columns.need(&["Transaction ID"])?,
            event: columns.need(&["Transaction Event Code"])?,
            when: columns.need(&["Transaction Completion Date"])?,
            gross: columns.need(&["Gross Transaction Amount"])?,
            currency: columns.need(&["Gross Transaction Currency"])?,
            fee: columns.need(&["Fee Amount"])?,
            custom: columns.need(&["Custom Field"])?,
        })
    }

    fn line(&self, row: &Row<'_>) -> Result<Option<Line>, Unreadable> {
        let kind = match row.get(self.event)? {
            event if event.starts_with("T00") => Kind::Charge,
            event if event.starts_with("T11") => Kind::Refund,
            _ => return Ok(None),
        };
        let currency = currency(row.get(self.currency)?).ok_or(row.bad())?;
        let whole = |at: usize| row.get(at)?.parse::<i64>().map_err(|_| row.bad());
        let theirs = Theirs {
            kind,
            number: row.get(self.custom)?.to_owned(),
            provider_id: row.named(self.id)?,
            amount: row.money(whole(self.gross)?, currency)?,
            settled: true,
        };
        let fee = if row.get(self.fee)?.is_empty() { None } else { Some(whole(self.fee)?) };
        // `2026/11/11 04:00:01 -0800`
        let when = row.get(self.when)?.replace('/', "-");
        let offset = when.rsplit_once(' ').and_then(|(time, offset)| Some((time, offset.split_at_checked(3)?)));
        let when = offset.and_then(|(time, (hours, minutes))| at(time, &format!("{hours}:{minutes}")));
        Ok(Some(Line { theirs, fee, at: when.ok_or(row.bad())? }))
    }
}

fn sandbox(text: &str) -> Result<Vec<Line>, Unreadable> {
    let mut records = records(text)?.into_iter();
    let (header, _) = records.next().ok_or(Unreadable::Layout)?;
    let columns = Columns::of(header.iter());
    let (when, kind, ours) = (columns.need(&["happened_at"])?, columns.need(&["kind"])?, columns.need(&["merchant_no"])?);
    let (theirs, amount) = (columns.need(&["provider_no"])?, columns.need(&["amount_minor"])?);
    let (of_currency, status) = (columns.need(&["currency"])?, columns.need(&["status"])?);
    let mut lines = Vec::new();
    for (record, number) in records {
        let row = Row { number, fields: record.iter().collect() };
        let kind = match row.get(kind)? {
            "CHARGE" => Kind::Charge,
            "REFUND" => Kind::Refund,
            _ => return Err(row.bad()),
        };
        let currency = currency(row.get(of_currency)?).ok_or(row.bad())?;
        let minor: i64 = row.get(amount)?.parse().map_err(|_| row.bad())?;
        let theirs = Theirs {
            kind,
            number: row.named(ours)?,
            provider_id: row.named(theirs)?,
            amount: row.money(minor, currency)?,
            settled: row.get(status)? == "SUCCEEDED",
        };
        lines.push(Line { theirs, fee: None, at: at(row.get(when)?, "Z").ok_or(row.bad())? });
    }
    Ok(lines)
}

/// The records of a table, of whatever length, with their lines.
fn records(text: &str) -> Result<Vec<(StringRecord, i64)>, Unreadable> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let mut found = Vec::new();
    for record in reader.records() {
        let line = |position: Option<&csv::Position>| position.and_then(|p| i64::try_from(p.line()).ok()).unwrap_or_default();
        let record = record.map_err(|error| Unreadable::Line(line(error.position())))?;
        let number = line(record.position());
        found.push((record, number));
        if found.len() > MOST_LINES + 100 {
            return Err(Unreadable::TooMany(i64::try_from(MOST_LINES).unwrap_or(i64::MAX)));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WECHAT: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r
`2026-11-11 12:00:01,`wx0000000000000001,`1900000001,`0,`,`4200002511202611110000000001,`20261111AAAAAAAAAAA-1,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`SUCCESS,`OTHERS,`CNY,`59.00,`0.00,`0,`0,`0.00,`0.00,`,`,`裂变 茶, 三人团,`,`0.35000,`0.60%,`59.00,`0.00,`\r
`2026-11-11 13:30:00,`wx0000000000000001,`1900000001,`0,`,`4200002511202611110000000002,`20261111BBBBBBBBBBB-1,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`NATIVE,`REFUND,`CMB_DEBIT,`CNY,`0.00,`0.00,`50300000002026111100000000001,`20261111BBBBBBBBBBB-staff-1,`7.00,`0.00,`ORIGINAL,`SUCCESS,`裂变,`,`-0.04000,`0.60%,`0.00,`7.00,`\r
`2026-11-11 14:00:00,`wx0000000000000001,`1900000001,`0,`,`4200002511202611110000000003,`20261111CCCCCCCCCCC-1,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`H5,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50300000002026111100000000002,`20261111CCCCCCCCCCC-late,`1.00,`0.00,`ORIGINAL,`PROCESSING,`裂变,`,`0.00000,`0.60%,`0.00,`1.00,`\r
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r
`3,`59.00,`8.00,`0.00,`0.31000,`59.00,`8.00\r
";

    const ALIPAY: &str = "#支付宝业务明细查询
#账号：[20880000000000000156]
#起始日期：[2026年11月11日 00:00:00]   终止日期：[2026年11月12日 00:00:00]
#-----------------------------------------业务明细列表----------------------------------------
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注
2026111122001400001\t,20261111AAAAAAAAAAA_1\t,交易\t,裂变\t,2026-11-11 11:59:00\t,2026-11-11 12:00:01\t,\t,\t,\t,\t,*明(138***@qq.com)\t,59.00\t,59.00\t,0.00\t,0.00\t,0.00\t,0.00\t,0.00\t,\t,0.00\t,0.00\t,\t,-0.35\t,0.00\t,\t
2026111122001400001\t,20261111AAAAAAAAAAA_1\t,退款\t,裂变\t,2026-11-11 15:00:00\t,2026-11-11 15:00:02\t,\t,\t,\t,\t,*明(138***@qq.com)\t,-7.00\t,-7.00\t,0.00\t,0.00\t,0.00\t,0.00\t,0.00\t,\t,0.00\t,0.00\t,20261111AAAAAAAAAAA_staff_1\t,0.04\t,0.00\t,\t
#-----------------------------------------业务明细列表结束------------------------------------
#交易合计：1笔，商家实收共59.00元，商家优惠共0.00元
#退款合计：1笔，商家实收退款共-7.00元，商家优惠退款共0.00元
#导出时间：[2026年11月12日 09:30:00]
";

    const STRIPE: &str = "balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,description,customer_facing_amount,customer_facing_currency,automatic_payout_id,charge_id,payment_intent_id,payment_metadata[charge_no]
txn_1,2026-11-11 04:00:01,2026-11-11 04:00:01,2026-11-13 00:00:00,2026-11-13 00:00:00,usd,59.00,2.01,56.99,charge,ch_1,\"Tea, for three\",59.00,usd,,ch_1,pi_1,20261111AAAAAAAAAAA-1
txn_2,2026-11-11 07:00:00,2026-11-11 07:00:00,2026-11-11 07:00:00,2026-11-11 07:00:00,usd,-7.00,0.00,-7.00,refund,re_1,REFUND FOR CHARGE,-7.00,usd,,ch_1,pi_1,20261111AAAAAAAAAAA-1
txn_3,2026-11-11 08:00:00,2026-11-11 08:00:00,2026-11-11 08:00:00,2026-11-11 08:00:00,usd,-50.00,0.00,-50.00,payout,po_1,STRIPE PAYOUT,,,po_1,,,
";

    const DASHBOARD: &str =
        "id,Type,Source,Amount,Fee,Destination Platform Fee,Net,Currency,Created (UTC),Available On (UTC),Description,charge_no (metadata)
txn_1,charge,ch_1,\"1,590\",57,,1533,jpy,2026-11-11 04:00,2026-11-13 00:00,Tea,20261111AAAAAAAAAAA-1
";

    const PAYPAL: &str = "\"RH\",\"2026/11/12 03:00:00 -0800\",\"A\",\"8XAWSDLPLSUAW\",\"011\"
\"FH\",\"01\"
\"SH\",\"2026/11/11 00:00:00 -0800\",\"2026/11/11 23:59:59 -0800\",\"8XAWSDLPLSUAW\",\"\"
\"CH\",\"Transaction ID\",\"Invoice ID\",\"PayPal Reference ID\",\"PayPal Reference ID Type\",\"Transaction Event Code\",\"Transaction Initiation Date\",\"Transaction Completion Date\",\"Transaction Debit or Credit\",\"Gross Transaction Amount\",\"Gross Transaction Currency\",\"Fee Debit or Credit\",\"Fee Amount\",\"Fee Currency\",\"Custom Field\",\"Consumer ID\",\"Payment Tracking ID\"
\"SB\",\"3C679366HH908993F\",\"20261111AAAAAAAAAAA-1\",\"\",\"\",\"T0006\",\"2026/11/11 04:00:00 -0800\",\"2026/11/11 04:00:01 -0800\",\"CR\",\"5900\",\"USD\",\"DR\",\"235\",\"USD\",\"20261111AAAAAAAAAAA-1\",\"QYR5Z8XDVJNXQ\",\"\"
\"SB\",\"1JU08902781691411\",\"\",\"3C679366HH908993F\",\"TXN\",\"T1107\",\"2026/11/11 07:00:00 -0800\",\"2026/11/11 07:00:00 -0800\",\"DR\",\"700\",\"USD\",\"\",\"\",\"\",\"20261111AAAAAAAAAAA-staff-1\",\"QYR5Z8XDVJNXQ\",\"\"
\"SB\",\"9XY00000000000001\",\"\",\"\",\"\",\"T0400\",\"2026/11/11 08:00:00 -0800\",\"2026/11/11 08:00:00 -0800\",\"DR\",\"5000\",\"USD\",\"\",\"\",\"\",\"\",\"\",\"\"
\"SF\",\"USD\",\"5900\",\"5700\",\"235\",\"0\",\"\",\"\",\"\",\"\",\"\"
\"SC\",\"3\"
\"RC\",\"3\"
\"FF\",\"3\"
";

    type Shown<'a> = (Kind, &'a str, &'a str, Money, Option<i64>, bool, String);

    fn shown(lines: &[Line]) -> Vec<Shown<'_>> {
        lines
            .iter()
            .map(|line| {
                let t = &line.theirs;
                (t.kind, t.number.as_str(), t.provider_id.as_str(), t.amount, line.fee, t.settled, line.at.to_rfc3339())
            })
            .collect()
    }

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::Cny)
    }

    #[test]
    fn wechat_pays_trade_bill_with_its_backticks() {
        let lines = read(Layout::WeChat, WECHAT.as_bytes()).expect("is read");
        assert_eq!(
            shown(&lines),
            [
                (
                    Kind::Charge,
                    "20261111AAAAAAAAAAA-1",
                    "4200002511202611110000000001",
                    cny(5_900),
                    Some(35),
                    true,
                    "2026-11-11T04:00:01.000Z".into()
                ),
                (
                    Kind::Refund,
                    "20261111BBBBBBBBBBB-staff-1",
                    "50300000002026111100000000001",
                    cny(700),
                    Some(-4),
                    true,
                    "2026-11-11T05:30:00.000Z".into()
                ),
                (
                    Kind::Refund,
                    "20261111CCCCCCCCCCC-late",
                    "50300000002026111100000000002",
                    cny(100),
                    Some(0),
                    false,
                    "2026-11-11T06:00:00.000Z".into()
                ),
            ]
        );
    }

    #[test]
    fn alipays_business_details_in_gbk_and_in_utf_8() {
        let (gbk, _, lost) = encoding_rs::GBK.encode(ALIPAY);
        assert!(!lost);
        for file in [gbk.as_ref(), ALIPAY.as_bytes()] {
            let lines = read(Layout::Alipay, file).expect("is read");
            assert_eq!(
                shown(&lines),
                [
                    (
                        Kind::Charge,
                        "20261111AAAAAAAAAAA-1",
                        "2026111122001400001",
                        cny(5_900),
                        Some(35),
                        true,
                        "2026-11-11T04:00:01.000Z".into()
                    ),
                    (
                        Kind::Refund,
                        "20261111AAAAAAAAAAA-staff-1",
                        "2026111122001400001/20261111AAAAAAAAAAA-staff-1",
                        cny(700),
                        Some(4),
                        true,
                        "2026-11-11T07:00:02.000Z".into()
                    ),
                ]
            );
        }
    }

    #[test]
    fn alipays_archive_with_its_summary() {
        let summary = "#支付宝业务汇总查询\n门店编号,门店名称,交易订单总笔数\n合计,,1\n";
        let (gbk, _, _) = encoding_rs::GBK.encode(ALIPAY);
        let packed = archive::tests::packed(&[("汇总.csv", summary.as_bytes()), ("业务明细.csv", gbk.as_ref())]);
        assert_eq!(read(Layout::Alipay, &packed).map(|lines| lines.len()), Ok(2));
        assert_eq!(read(Layout::Alipay, &packed[..packed.len() / 2]), Err(Unreadable::Layout));
    }

    #[test]
    fn stripes_report_and_the_dashboards_export() {
        let usd = |minor| Money::new(minor, Currency::Usd);
        let lines = read(Layout::Stripe, STRIPE.as_bytes()).expect("is read");
        assert_eq!(
            shown(&lines),
            [
                (Kind::Charge, "20261111AAAAAAAAAAA-1", "pi_1", usd(5_900), Some(201), true, "2026-11-11T04:00:01.000Z".into()),
                (Kind::Refund, "", "re_1", usd(700), Some(0), true, "2026-11-11T07:00:00.000Z".into()),
            ]
        );
        let lines = read(Layout::Stripe, DASHBOARD.as_bytes()).expect("is read");
        let yen = Money::new(1_590, Currency::Jpy);
        assert_eq!(
            shown(&lines),
            [(Kind::Charge, "20261111AAAAAAAAAAA-1", "ch_1", yen, Some(57), true, "2026-11-11T04:00:00.000Z".into())]
        );
    }

    #[test]
    fn paypals_settlement_report_section_by_section() {
        let usd = |minor| Money::new(minor, Currency::Usd);
        let lines = read(Layout::PayPal, PAYPAL.as_bytes()).expect("is read");
        let (charge, refund) = ("20261111AAAAAAAAAAA-1", "20261111AAAAAAAAAAA-staff-1");
        assert_eq!(
            shown(&lines),
            [
                (Kind::Charge, charge, "3C679366HH908993F", usd(5_900), Some(235), true, "2026-11-11T12:00:01.000Z".into()),
                (Kind::Refund, refund, "1JU08902781691411", usd(700), None, true, "2026-11-11T15:00:00.000Z".into()),
            ]
        );
        let broken = PAYPAL.replace("\"5900\",\"USD\",\"DR\"", "\"59.00\",\"USD\",\"DR\"");
        assert_eq!(read(Layout::PayPal, broken.as_bytes()), Err(Unreadable::Line(5)));
    }

    #[test]
    fn what_is_not_a_bill_is_not_read() {
        for layout in [Layout::WeChat, Layout::Alipay, Layout::Stripe, Layout::PayPal, Layout::Sandbox] {
            for file in ["", "a,b,c\n1,2,3\n", "<html>", "\u{feff}"] {
                assert_eq!(read(layout, file.as_bytes()), Err(Unreadable::Layout), "{layout:?} {file:?}");
            }
        }
        let broken = WECHAT.replace("`59.00,`0.00,`\r\n`2026-11-11 13", "`fifty,`0.00,`\r\n`2026-11-11 13");
        assert_eq!(read(Layout::WeChat, broken.as_bytes()), Err(Unreadable::Line(2)));
        let cut = ALIPAY.replace("2026-11-11 12:00:01\t", "yesterday\t");
        assert_eq!(read(Layout::Alipay, cut.as_bytes()), Err(Unreadable::Line(6)));
        let unknown = STRIPE.replace("usd,59.00", "xyz,59.00");
        assert_eq!(read(Layout::Stripe, unknown.as_bytes()), Err(Unreadable::Line(2)));
    }
}
