//! Figures as a table for a spreadsheet.
//!
//! With a byte order mark, so that Excel takes it for UTF-8; with the separator the reader's Excel expects; and with nothing that
//! a spreadsheet would calculate.

/// A table that grows row by row.
pub struct Table {
    text: String,
    separator: char,
}

impl Table {
    /// An empty table. Where decimals are written with a comma, Excel wants `;` between values.
    pub fn new(decimal: &str) -> Table {
        Table {
            text: "\u{feff}".to_owned(),
            separator: if decimal == "," { ';' } else { ',' },
        }
    }

    /// Adds a row.
    pub fn row(&mut self, values: &[&str]) {
        for (column, value) in (0..).zip(values) {
            if column > 0 {
                self.text.push(self.separator);
            }
            self.text.push_str(&self.quoted(value));
        }
        self.text.push_str("\r\n");
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// RFC 4180 2.5 to 2.7. A value that a spreadsheet takes for a formula gets an apostrophe in front (OWASP, CSV injection).
    fn quoted(&self, value: &str) -> String {
        let begins = value.trim_start().chars().next();
        let is_formula = begins.is_some_and(|c| "=+-@＝＋－＠|%".contains(c))
            || value.starts_with(['\t', '\r', '\n']);
        let value = if is_formula {
            format!("'{value}")
        } else {
            value.to_owned()
        };
        if value.contains(['"', ',', ';', '\t', '\r', '\n']) || is_formula {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_french_excel_reads_it_and_calculates_nothing() {
        let mut table = Table::new(",");
        table.row(&["Reçus", "12,5", "a;b", "say \"hi\""]);
        table.row(&["=1+1", "@SUM(A1)", "-2+3", "\t=cmd", " +1", "x=1"]);
        let text = String::from_utf8(table.into_bytes()).unwrap();
        assert_eq!(
            text,
            "\u{feff}Reçus;\"12,5\";\"a;b\";\"say \"\"hi\"\"\"\r\n\"'=1+1\";\"'@SUM(A1)\";\"'-2+3\";\"'\t=cmd\";\"' +1\";x=1\r\n"
        );
        let mut english = Table::new(".");
        english.row(&["a", "1.5"]);
        assert_eq!(english.into_bytes(), "\u{feff}a,1.5\r\n".as_bytes());
    }
}
