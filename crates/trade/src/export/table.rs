//! Rows as CSV and as a spreadsheet.

use kernel::{Fault, Locale, Money};
use rust_xlsxwriter::{Format, Workbook};

use crate::ledger::{Unit, service::StatementLine};

/// The most rows of a CSV file.
pub const MOST_CSV: usize = 200_000;

/// The most rows of a spreadsheet.
pub const MOST_XLSX: usize = 20_000;

/// Text as a spreadsheet must take it: what could be a formula gets an apostrophe in front.
pub fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

/// The columns' names.
pub fn heading(locale: Locale) -> [&'static str; 7] {
    match locale {
        Locale::ZhCn => ["序号", "时间（UTC）", "类型", "单号", "变动", "余额", "单位"],
        Locale::En => ["No.", "Time (UTC)", "Kind", "Reference", "Change", "Balance", "Unit"],
    }
}

/// A line's cells.
pub fn cells(line: &StatementLine) -> [String; 7] {
    let shown = |minor| decimal(minor, line.amount.unit);
    [
        line.sequence.to_string(),
        line.at.to_rfc3339(),
        safe(&line.business_type),
        safe(&line.business_id),
        shown(line.amount.minor),
        shown(line.balance),
        line.amount.unit.code(),
    ]
}

/// An amount in major units, as plain digits.
fn decimal(minor: i64, unit: Unit) -> String {
    match unit {
        Unit::Points => minor.to_string(),
        Unit::Money(currency) => {
            let text = Money::new(minor, currency).to_string();
            text.split_once(' ').map(|(_, digits)| digits.to_owned()).unwrap_or(text)
        }
    }
}

/// The mark by which spreadsheets know UTF-8.
pub const BOM: &[u8] = "\u{feff}".as_bytes();

/// Rows as CSV.
pub fn csv<R: AsRef<[u8]>>(rows: impl IntoIterator<Item = impl IntoIterator<Item = R>>) -> Result<Vec<u8>, Fault> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|e| Fault::internal(e.to_string()))?;
    }
    writer.into_inner().map_err(|e| Fault::internal(e.to_string()))
}

/// Lines as a spreadsheet. Numbers are text too: a spreadsheet's floats lose cents.
pub fn xlsx(locale: Locale, lines: &[StatementLine]) -> Result<Vec<u8>, Fault> {
    let broken = |e: rust_xlsxwriter::XlsxError| Fault::internal(e.to_string());
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(heading(locale)) {
        sheet.write_string_with_format(0, column, name, &bold).map_err(broken)?;
    }
    for (row, line) in (1..).zip(lines) {
        for (column, cell) in (0..).zip(cells(line)) {
            sheet.write_string(row, column, cell).map_err(broken)?;
        }
    }
    book.save_to_buffer().map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Amount;
    use kernel::{Currency, PostingId, Timestamp};

    fn line(reference: &str, minor: i64) -> StatementLine {
        StatementLine {
            posting: PostingId(Default::default()),
            sequence: 7,
            business_type: "wallet_adjusted".into(),
            business_id: reference.into(),
            amount: Amount::from(Money::new(minor, Currency::Cny)),
            balance: 12_345,
            actor: "system:test".into(),
            at: Timestamp(0),
        }
    }

    #[test]
    fn what_could_be_a_formula_is_text() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert!(safe(evil).starts_with('\''), "{evil:?}");
        }
        assert_eq!(safe("2026=1"), "2026=1");
        let csv = csv([cells(&line("=HYPERLINK(\"http://evil\",\"a,b\")", -5))]).expect("is written");
        assert_eq!(
            String::from_utf8(csv).expect("is text"),
            "7,1970-01-01T00:00:00.000Z,wallet_adjusted,\"'=HYPERLINK(\"\"http://evil\"\",\"\"a,b\"\")\",-0.05,123.45,CNY\r\n"
        );
    }

    #[test]
    fn a_spreadsheet_is_one() {
        let file = xlsx(Locale::ZhCn, &[line("t1", 5), line("t2", -5)]).expect("is written");
        assert!(file.starts_with(b"PK") && file.len() > 1_000);
    }
}
