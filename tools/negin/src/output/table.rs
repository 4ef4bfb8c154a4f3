//! Tables whose columns stand straight with Latin and Persian text in them.

use super::style::{Paint, Style};
use super::text::{LEFT_TO_RIGHT_MARK, columns, harmless, runs_right_to_left};

/// To which side of its column a text is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// To the left: names and words in Latin script.
    Left,
    /// To the right: figures, and Persian text.
    Right,
}

/// One text of a table, with its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    paint: Option<Paint>,
}

impl Cell {
    /// A text; what could steer a terminal is taken out of it.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self {
            text: harmless(text.as_ref()),
            paint: None,
        }
    }

    /// The same text in a colour.
    #[must_use]
    pub fn painted(self, paint: Paint) -> Self {
        Self {
            paint: Some(paint),
            ..self
        }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// Rows under a heading. A column's width is that of its widest text.
#[derive(Debug, Clone)]
pub struct Table {
    heading: Vec<(Cell, Align)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            heading: columns
                .iter()
                .map(|&(name, align)| (Cell::new(name).painted(Paint::Muted), align))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// A table of names and values, without a heading.
    #[must_use]
    pub fn facts<N: AsRef<str>, V: Into<Cell>>(facts: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut table = Self::new(&[("", Align::Left), ("", Align::Left)]);
        for (name, value) in facts {
            table.row([Cell::new(name).painted(Paint::Muted), value.into()]);
        }
        table
    }

    /// Adds a row. Texts beyond the last column are left out; missing ones are empty.
    pub fn row<I>(&mut self, cells: I)
    where
        I: IntoIterator,
        I::Item: Into<Cell>,
    {
        let mut row: Vec<Cell> = cells
            .into_iter()
            .map(Into::into)
            .take(self.heading.len())
            .collect();
        row.resize(self.heading.len(), Cell::new(""));
        self.rows.push(row);
    }

    /// The table as text, a line a row, two spaces between columns and none at the end of a line.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let heading: Vec<Cell> = self.heading.iter().map(|(cell, _)| cell.clone()).collect();
        let named = heading.iter().any(|cell| !cell.text.is_empty());
        let lines: Vec<&Vec<Cell>> = named
            .then_some(&heading)
            .into_iter()
            .chain(&self.rows)
            .collect();
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| {
                lines
                    .iter()
                    .filter_map(|line| line.get(column))
                    .map(|cell| columns(&cell.text))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        for line in lines {
            let mut text = String::new();
            for ((cell, (_, align)), width) in line.iter().zip(&self.heading).zip(&widths) {
                if !text.is_empty() {
                    text.push_str("  ");
                }
                text.push_str(&aligned(cell, *align, *width, style));
            }
            out.push_str(text.trim_end());
            out.push('\n');
        }
        out
    }
}

fn aligned(cell: &Cell, align: Align, width: usize, style: Style) -> String {
    let padding = " ".repeat(width.saturating_sub(columns(&cell.text)));
    let mut text = match cell.paint {
        Some(paint) => style.paint(paint, &cell.text),
        None => cell.text.clone(),
    };
    // A terminal that orders right-to-left text would otherwise swap two such cells that stand side by side.
    if style.is_terminal() && runs_right_to_left(&cell.text) {
        text.push(LEFT_TO_RIGHT_MARK);
    }
    match align {
        Align::Left => text + &padding,
        Align::Right => padding + &text,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn people() -> Table {
        let mut table = Table::new(&[
            ("Name", Align::Left),
            ("نام", Align::Right),
            ("Score", Align::Right),
        ]);
        table.row([
            Cell::new("Golnar"),
            "گل\u{200C}نار".into(),
            Cell::new("7").painted(Paint::Good),
        ]);
        table.row(["Ali", "علی", "120"]);
        table
    }

    #[test]
    fn columns_stand_straight() {
        assert_eq!(
            people().render(Style::plain()),
            "Name      نام  Score\nGolnar  گل\u{200C}نار      7\nAli       علی    120\n"
        );
    }

    #[test]
    fn colour_does_not_move_a_column() {
        let style = Style::decide(true, None, Some(OsStr::new("xterm")));
        let painted = people().render(style);
        assert!(painted.contains("\u{1b}[32m7\u{1b}[0m"));
        let mut bare = painted.replace(LEFT_TO_RIGHT_MARK, "");
        for code in ["\u{1b}[32m", "\u{1b}[2m", "\u{1b}[0m"] {
            bare = bare.replace(code, "");
        }
        assert_eq!(bare, people().render(Style::plain()));
    }

    #[test]
    fn on_a_terminal_a_mark_ends_each_right_to_left_text() {
        let style = Style::decide(true, Some(OsStr::new("1")), None);
        assert!(people().render(style).contains("علی\u{200E}"));
        assert!(!people().render(Style::plain()).contains(LEFT_TO_RIGHT_MARK));
    }

    #[test]
    fn rows_too_long_or_too_short_fit_the_columns() {
        let mut table = Table::new(&[("a", Align::Left), ("b", Align::Left)]);
        table.row(["1", "2", "3"]);
        table.row(["4"]);
        assert_eq!(table.render(Style::plain()), "a  b\n1  2\n4\n");
    }

    #[test]
    fn facts_have_no_heading() {
        let table = Table::facts([("chip", "01"), ("state", "SECURED")]);
        assert_eq!(table.render(Style::plain()), "chip   01\nstate  SECURED\n");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let table = Table::facts([("name", "x\u{1b}]0;owned\u{7}")]);
        assert!(!table.render(Style::plain()).contains(['\u{1b}', '\u{7}']));
    }
}
