//! A table of text, which a terminal shows in columns and a page as HTML.

/// A table of text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextTable {
    /// A title for each column.
    pub titles: Vec<String>,
    /// In each row, one text for each title.
    pub rows: Vec<Vec<String>>,
}

impl TextTable {
    /// The table in lines of at most `width` columns. The columns that do not fit follow below, after
    /// the first column again.
    ///
    /// ```
    /// use neurons::trainer::text_table::TextTable;
    /// let table = TextTable {
    ///     titles: vec!["run".into(), "rate".into()],
    ///     rows: vec![vec!["one".into(), "0.1".into()], vec!["two".into(), "0.25".into()]],
    /// };
    /// assert_eq!(table.text(80), "run  rate\none   0.1\ntwo  0.25\n");
    /// ```
    pub fn text(&self, width: usize) -> String {
        const GAP: usize = 2;
        let cut =
            |text: &String| shortened(text, width.saturating_sub(GAP) / 2);
        let lines: Vec<Vec<String>> = [&self.titles]
            .into_iter()
            .chain(&self.rows)
            .map(|row| row.iter().map(cut).collect())
            .collect();
        let widest = |column: usize| {
            lines
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> =
            (0..self.titles.len()).map(widest).collect();
        let mut text = String::new();
        let mut from = 1;
        loop {
            let mut used = widths.first().copied().unwrap_or(0);
            let mut to = from;
            while to < widths.len() && used + GAP + widths[to] <= width {
                used += GAP + widths[to];
                to += 1;
            }
            for row in &lines {
                let first = row.first().map_or("", String::as_str);
                let mut line = format!(
                    "{first:0$}",
                    widths.first().copied().unwrap_or(0)
                );
                for column in from..to {
                    line += &format!(
                        "{:>1$}",
                        row[column],
                        GAP + widths[column]
                    );
                }
                text += line.trim_end();
                text.push('\n');
            }
            from = to.max(from + 1);
            if from >= widths.len() {
                return text;
            }
            text.push('\n');
        }
    }
}

/// At most `most` characters of a text: its end, in which the names of runs differ.
fn shortened(text: &str, most: usize) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    let length = text.chars().count();
    if length <= most {
        return text;
    }
    let end = text.chars().skip(length + 1 - most);
    std::iter::once('…').chain(end).collect()
}
