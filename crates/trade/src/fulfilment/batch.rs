//! Shipping by spreadsheet: what waits is written out, carriers and numbers are filled in, and it is read back.
//!
//! A file is CSV (UTF-8 or GB 18030, as office programs in China write it) or XLSX, with a row of headings. Rows of the same
//! order and number are one parcel. Each parcel is a transaction of its own: a row that is refused says why and holds up no
//! other, and a file that is read again finds its parcels known. What is written as CSV never begins with a character that
//! makes a spreadsheet calculate.

use std::{collections::HashMap, io::Cursor};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use catalog::product::service::skus;
use kernel::{Detail, Failure, Fault, Locale, OrderId, PageRequest, Refusal, SkuId};
use platform::{Op, messages::message};
use rust_xlsxwriter::Workbook;

use super::{
    Refused,
    service::{self, PartOfLine, ShipOrder},
};
use crate::order::{
    query::{self, OrderFilter, OrderLine},
    rules::{Method, ShippingAddress, Status},
    service::{self as orders, Order},
};

/// The most rows of one file.
pub const MOST_ROWS: usize = 1_000;

/// The largest file, in bytes.
pub const LARGEST: usize = 700 * 1024;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with commas, UTF-8.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// Why a file is not read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetRefused {
    /// Not CSV and not XLSX, or broken.
    #[error("this is neither CSV nor XLSX")]
    Unreadable,
    /// Too large.
    #[error("a file has at most {0} bytes")]
    TooLarge(i64),
    /// Too many rows.
    #[error("a file has at most {0} rows")]
    TooManyRows(i64),
    /// The row of headings lacks one that is needed.
    #[error("the first row names the columns 订单号, 快递公司 and 快递单号")]
    Headings,
}

impl Refusal for SheetRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "SHEET_UNREADABLE",
            Self::TooLarge(_) => "SHEET_TOO_LARGE",
            Self::TooManyRows(_) => "SHEET_TOO_MANY_ROWS",
            Self::Headings => "SHEET_HEADINGS_MISSING",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("content")
    }

    fn detail(&self) -> Detail {
        match self {
            Self::TooLarge(most) | Self::TooManyRows(most) => Detail::Limit(*most),
            _ => Detail::None,
        }
    }
}

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its place in the file, from 1; the headings are 1.
    pub number: usize,
    /// Which order.
    pub order_no: String,
    /// Who carries it.
    pub carrier: String,
    /// Their number for it.
    pub tracking_no: String,
    /// Which of its goods; everything that is left when blank.
    pub sku: String,
    /// How many of those; all that are left when blank.
    pub quantity: String,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its parcel left the house.
    Shipped,
    /// Its parcel had left before: nothing changed.
    Known,
    /// It did not; the code says why.
    Refused(&'static str),
}

/// A row and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The row.
    pub row: Row,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, for people.
    pub message: Option<String>,
}

/// The names a column goes by.
const HEADINGS: [&[&str]; 5] = [
    &["订单号", "订单编号", "order_no", "orderno", "order no", "order number"],
    &["快递公司", "物流公司", "承运商", "carrier"],
    &["快递单号", "物流单号", "运单号", "tracking_no", "trackingno", "tracking no", "tracking number"],
    &["商品编码", "sku编码", "sku", "sku_code"],
    &["发货数量", "数量", "quantity"],
];

/// Reads the rows of a file.
pub fn read(file: &[u8]) -> Result<Vec<Row>, SheetRefused> {
    if file.len() > LARGEST {
        return Err(SheetRefused::TooLarge(i64::try_from(LARGEST).unwrap_or(i64::MAX)));
    }
    let mut cells = if file.starts_with(b"PK\x03\x04") { workbook(file)? } else { text(file)? }.into_iter();
    let headings = cells.next().ok_or(SheetRefused::Headings)?;
    let place = |names: &[&str]| headings.iter().position(|heading| names.contains(&heading.to_lowercase().as_str()));
    let places = HEADINGS.map(place);
    if places[..3].iter().any(Option::is_none) {
        return Err(SheetRefused::Headings);
    }
    let mut rows = Vec::new();
    for (number, cells) in (2..).zip(cells) {
        let cell = |column: usize| places[column].and_then(|place| cells.get(place)).cloned().unwrap_or_default();
        let row = Row { number, order_no: cell(0), carrier: cell(1), tracking_no: cell(2), sku: cell(3), quantity: cell(4) };
        // What is not filled in yet is not meant.
        if row.tracking_no.is_empty() {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(SheetRefused::TooManyRows(i64::try_from(MOST_ROWS).unwrap_or(i64::MAX)));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn workbook(file: &[u8]) -> Result<Vec<Vec<String>>, SheetRefused> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(file)).map_err(|_| SheetRefused::Unreadable)?;
    let range = book.worksheet_range_at(0).and_then(Result::ok).ok_or(SheetRefused::Unreadable)?;
    let cell = |data: &Data| match data {
        // A number loses its last digits beyond 2^53: what was lost is not guessed.
        #[allow(clippy::cast_possible_truncation, reason = "checked against 2^53")]
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => (*number as i64).to_string(),
        other => bare(&other.to_string()),
    };
    Ok(range.rows().map(|row| row.iter().map(cell).collect()).collect())
}

fn text(file: &[u8]) -> Result<Vec<Vec<String>>, SheetRefused> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let text = match std::str::from_utf8(file) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(file).ok_or(SheetRefused::Unreadable)?,
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| SheetRefused::Unreadable)?;
        rows.push(record.iter().map(bare).collect());
        // Far more than are read: not worth the memory.
        if rows.len() > 10 * MOST_ROWS {
            return Err(SheetRefused::TooManyRows(i64::try_from(MOST_ROWS).unwrap_or(i64::MAX)));
        }
    }
    Ok(rows)
}

/// A cell without what spreadsheets put around numbers to keep them whole: ="73…", '73….
fn bare(cell: &str) -> String {
    let cell = cell.trim();
    let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.unwrap_or_else(|| cell.strip_prefix('\'').unwrap_or(cell)).trim().to_owned()
}

/// A cell that no spreadsheet calculates.
pub fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell.to_owned() }
}

/// Rows that are one parcel: the same order and the same number.
fn parcels(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut parcels: Vec<Vec<Row>> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for row in rows {
        let fresh = parcels.len();
        let place = *places.entry((row.order_no.to_uppercase(), row.tracking_no.clone())).or_insert(fresh);
        match parcels.get_mut(place) {
            Some(parcel) => parcel.push(row),
            None => parcels.push(vec![row]),
        }
    }
    parcels
}

/// Ships what a file says, parcel by parcel, and reports on every row in the order of the file. The same file again
/// changes nothing.
pub async fn ship(op: &Op, file: &[u8]) -> Result<Vec<Reported>, Failure<SheetRefused>> {
    let mut reported = Vec::new();
    for rows in parcels(read(file)?) {
        let (outcome, message) = match ship_one(op, &rows).await {
            Ok(true) => (Outcome::Known, None),
            Ok(false) => (Outcome::Shipped, None),
            Err(Failure::Refused(refused)) => {
                let code = refused.code();
                (Outcome::Refused(code), Some(message(op.locale, code, &refused.detail())))
            }
            Err(Failure::Fault(fault)) => {
                tracing::error!(order = rows.first().map(|row| row.order_no.as_str()), %fault, "a row of a spreadsheet could not be shipped");
                (Outcome::Refused("INTERNAL"), Some(message(op.locale, "INTERNAL", &Detail::None)))
            }
        };
        reported.extend(rows.into_iter().map(|row| Reported { row, outcome, message: message.clone() }));
    }
    reported.sort_by_key(|reported| reported.row.number);
    Ok(reported)
}

/// Why a parcel of a file is not shipped.
#[derive(Debug, thiserror::Error)]
enum RowRefused {
    /// No such order.
    #[error("there is no such order")]
    NoOrder,
    /// Rows of one parcel name two carriers.
    #[error("one number, two carriers")]
    TwoCarriers,
    /// Some rows of a parcel say what is in it, others do not.
    #[error("a parcel's rows name its goods, or none does")]
    Goods,
    /// Not a quantity.
    #[error("not a quantity")]
    Quantity,
    /// The parcel is refused.
    #[error(transparent)]
    Ship(#[from] Refused),
}

impl Refusal for RowRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::NoOrder => "SHEET_ORDER_UNKNOWN",
            Self::TwoCarriers => "SHEET_TWO_CARRIERS",
            Self::Goods => "SHEET_GOODS_INVALID",
            Self::Quantity => "SHEET_QUANTITY_INVALID",
            Self::Ship(inner) => inner.code(),
        }
    }

    fn detail(&self) -> Detail {
        match self {
            Self::Ship(inner) => inner.detail(),
            _ => Detail::None,
        }
    }
}

/// Ships one parcel; whether it was known.
async fn ship_one(op: &Op, rows: &[Row]) -> Result<bool, Failure<RowRefused>> {
    let first = rows.first().ok_or(RowRefused::Goods)?;
    if rows.iter().any(|row| row.carrier != first.carrier) {
        return Err(RowRefused::TwoCarriers.into());
    }
    let order = query::by_number(op, &first.order_no.to_uppercase()).await?.ok_or(RowRefused::NoOrder)?;
    let lines = match rows {
        [only] if only.sku.is_empty() && only.quantity.is_empty() => None,
        rows if rows.iter().all(|row| !row.sku.is_empty()) => Some(goods(op, (order.id, rows)).await?),
        _ => return Err(RowRefused::Goods.into()),
    };
    let parcel = ShipOrder { lines, ..ShipOrder::all(order.id, &first.carrier, &first.tracking_no) };
    let mut tx = op.begin().await?;
    let shipped = service::ship_in(&mut tx, op, parcel).await.map_err(Failure::widen)?;
    if !shipped.known {
        tx.commit().await?;
    }
    Ok(shipped.known)
}

/// The lines that rows name by the codes of their SKUs.
async fn goods(op: &Op, (order, rows): (OrderId, &[Row])) -> Result<Vec<PartOfLine>, Failure<RowRefused>> {
    let lines = query::lines(op, &[order]).await?.remove(&order).unwrap_or_default();
    let ids: Vec<SkuId> = lines.iter().map(|line| line.sku).collect();
    let known = skus(op, &ids).await?;
    let code = |line: &OrderLine| known.get(&line.sku).map(|sku| sku.code.as_str());
    let mut parts = Vec::new();
    for row in rows {
        let line = lines.iter().find(|line| code(line).is_some_and(|code| code.eq_ignore_ascii_case(&row.sku))).ok_or(RowRefused::Goods)?;
        let quantity = if row.quantity.is_empty() {
            line.here()
        } else {
            row.quantity.parse().ok().filter(|quantity| *quantity > 0).ok_or(RowRefused::Quantity)?
        };
        parts.push(PartOfLine { line: line.id, quantity });
    }
    Ok(parts)
}

/// The report as CSV.
pub fn report(reported: &[Reported]) -> Result<String, Fault> {
    let mut rows = vec![["行", "订单号", "快递公司", "快递单号", "结果", "代码", "说明"].map(str::to_owned)];
    for one in reported {
        let (outcome, code) = match one.outcome {
            Outcome::Shipped => ("SHIPPED", ""),
            Outcome::Known => ("KNOWN", ""),
            Outcome::Refused(code) => ("REFUSED", code),
        };
        let Row { number, order_no, carrier, tracking_no, .. } = &one.row;
        let said = one.message.clone().unwrap_or_default();
        rows.push([number.to_string(), order_no.clone(), carrier.clone(), tracking_no.clone(), outcome.into(), code.into(), said]);
    }
    written(rows.iter().map(|row| row.as_slice()))
}

fn written<'a>(rows: impl Iterator<Item = &'a [String]>) -> Result<String, Fault> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell))).map_err(|error| Fault::internal(format!("csv: {error}")))?;
    }
    let bytes = writer.into_inner().map_err(|error| Fault::internal(format!("csv: {error}")))?;
    String::from_utf8(bytes).map_err(|error| Fault::internal(format!("csv: {error}")))
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub content: Vec<u8>,
    /// How many orders.
    pub orders: usize,
}

/// Writes out what waits to be shipped, the oldest of the latest thousand first: who takes it, where it goes, what it is,
/// with empty columns for the carrier and the number. For staff who ship.
pub async fn waiting(op: &Op, format: Format) -> Result<Sheet, Fault> {
    let filter = OrderFilter { status: Some(Status::ToShip), ..OrderFilter::default() };
    let page = PageRequest { first: u64::try_from(MOST_ROWS).unwrap_or(u64::MAX), after: None };
    let found = match query::list(op, filter, page).await {
        Ok(page) => page,
        Err(Failure::Refused(refused)) => return Err(Fault::internal(refused.to_string())),
        Err(Failure::Fault(fault)) => return Err(fault),
    };
    let mut waiting: Vec<Order> = found.rows.into_iter().map(|(_, order)| order).filter(|order| order.method == Method::Parcel).collect();
    waiting.reverse();
    let ids: Vec<OrderId> = waiting.iter().map(|order| order.id).collect();
    let mut lines = query::lines(op, &ids).await?;
    let mut rows =
        vec![["订单号", "收件人", "电话", "地区", "详细地址", "商品", "买家备注", "下单时间", "快递公司", "快递单号"].map(str::to_owned)];
    for order in &waiting {
        let ShippingAddress { recipient, phone, region, street, .. } = orders::address(op, order)?;
        let goods = contents(op.locale, &lines.remove(&order.id).unwrap_or_default());
        let note = order.buyer_note.clone().unwrap_or_default();
        let at = order.created_at.to_rfc3339();
        rows.push([order.order_no.clone(), recipient, phone, region, street, goods, note, at, String::new(), String::new()]);
    }
    let (name, media_type, content) = match format {
        Format::Csv => {
            // The mark tells office programs that it is UTF-8.
            let text = format!("\u{feff}{}", written(rows.iter().map(|row| row.as_slice()))?);
            ("csv", "text/csv; charset=utf-8", text.into_bytes())
        }
        Format::Xlsx => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book(&rows)?),
    };
    Ok(Sheet { name: format!("to-ship-{}.{name}", op.now().yyyymmdd()), media_type, content, orders: waiting.len() })
}

/// What is still here of an order, in words: 龙井 50 克 ×2; …
fn contents(locale: Locale, lines: &[OrderLine]) -> String {
    let one = |line: &OrderLine| format!("{} {} ×{}", line.title.get(locale), line.options_label.get(locale), line.here());
    lines.iter().filter(|line| line.here() > 0).map(one).collect::<Vec<_>>().join("; ")
}

/// Every cell is text: a workbook's text never calculates.
fn book(rows: &[[String; 10]]) -> Result<Vec<u8>, Fault> {
    let broken = |error: rust_xlsxwriter::XlsxError| Fault::internal(format!("xlsx: {error}"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).map_err(broken)?;
        }
    }
    book.save_to_buffer().map_err(broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_of_an_office_program_is_read() {
        let text =
            "\u{feff}订单号,收件人,快递公司,快递单号\r\n2026A,王,顺丰,\"=\"\"SF123456\"\"\"\r\n2026B,李,中通,'73111\r\n2026C,张,,\r\n";
        let rows = read(text.as_bytes()).expect("is read");
        let shown: Vec<_> =
            rows.iter().map(|row| (row.number, row.order_no.as_str(), row.carrier.as_str(), row.tracking_no.as_str())).collect();
        assert_eq!(shown, [(2, "2026A", "顺丰", "SF123456"), (3, "2026B", "中通", "73111")]);
        let (chinese, _, _) = encoding_rs::GB18030.encode("订单号,快递公司,快递单号\n2026A,顺丰,SF1\n");
        assert_eq!(read(&chinese).expect("is read")[0].carrier, "顺丰");
    }

    #[test]
    fn a_workbook_is_read_and_its_numbers_stay_whole() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, heading) in (0..).zip(["Order No", "Carrier", "Tracking No", "SKU", "Quantity"]) {
            sheet.write_string(0, column, heading).expect("is written");
        }
        sheet.write_string(1, 0, "2026A").expect("is written");
        sheet.write_string(1, 1, "ZTO").expect("is written");
        sheet.write_number(1, 2, 731_234_567_890_123.0).expect("is written");
        sheet.write_string(1, 3, "TEA-50").expect("is written");
        sheet.write_number(1, 4, 2.0).expect("is written");
        let rows = read(&book.save_to_buffer().expect("is saved")).expect("is read");
        let expected = Row {
            number: 2,
            order_no: "2026A".into(),
            carrier: "ZTO".into(),
            tracking_no: "731234567890123".into(),
            sku: "TEA-50".into(),
            quantity: "2".into(),
        };
        assert_eq!(rows, [expected]);
    }

    #[test]
    fn nonsense_is_refused_as_a_whole() {
        assert_eq!(read(b"PK\x03\x04 not a workbook"), Err(SheetRefused::Unreadable));
        assert_eq!(read(b"\xff\xff\xff"), Err(SheetRefused::Unreadable));
        assert_eq!(read(b""), Err(SheetRefused::Headings));
        assert_eq!(read("订单号,快递公司\n1,2\n".as_bytes()), Err(SheetRefused::Headings));
        assert_eq!(read(&vec![b' '; LARGEST + 1]), Err(SheetRefused::TooLarge(716_800)));
        let many = format!("order_no,carrier,tracking_no\n{}", "1,SF,SF123\n".repeat(MOST_ROWS + 1));
        assert_eq!(read(many.as_bytes()), Err(SheetRefused::TooManyRows(1_000)));
    }

    proptest! {
        #[test]
        fn no_cell_that_is_written_calculates_and_each_is_read_as_it_was(cell in "[=+@'\t -][a-zA-Z0-9(\"|! ]{0,20}") {
            let line = written([vec![cell.clone()]].iter().map(Vec::as_slice)).expect("is written");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let back = reader.records().next().expect("a row").expect("sound")[0].to_owned();
            prop_assert!(!back.starts_with(['=', '+', '-', '@', '\t', '\r']), "{back:?}");
        }

        #[test]
        fn any_bytes_are_rows_or_a_refusal(file in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&file);
        }
    }
}
