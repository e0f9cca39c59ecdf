//! Output for a terminal: plain text without colour, 80 columns wide.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use neurons::cost::largest;
use neurons::ndarray::{Array1, ArrayView1};
use neurons::pixels::SIDE;

/// The columns that every terminal has.
pub const WIDTH: usize = 80;

/// Whether only results are printed.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Prints results only from now on.
pub fn be_quiet() {
    QUIET.store(true, Relaxed);
}

/// Whether only results are printed.
pub fn is_quiet() -> bool {
    QUIET.load(Relaxed)
}

/// Prints a line as `println!` does, but ends the program where that panics: when the reader of a
/// pipe has gone, or the disk is full. Prints nothing if [`is_quiet`].
macro_rules! say {
    ($($argument:tt)*) => {
        if !$crate::terminal::is_quiet() {
            $crate::terminal::line(format_args!($($argument)*));
        }
    };
}
pub(crate) use say;

/// As [`say!`], for a result: prints it always.
macro_rules! tell {
    ($($argument:tt)*) => { $crate::terminal::line(format_args!($($argument)*)) };
}
pub(crate) use tell;

pub fn line(line: fmt::Arguments) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        if error.kind() != io::ErrorKind::BrokenPipe {
            complain(&format!("nothing can be printed: {error}"));
        }
        std::process::exit(1);
    }
}

/// One sentence on stderr.
pub fn note(sentence: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

/// One sentence on stderr about an error.
pub fn complain(sentence: &dyn fmt::Display) {
    note(&format_args!("error: {sentence}"));
}

/// One sentence on stderr about something after which the program goes on.
pub fn warn(sentence: &dyn fmt::Display) {
    note(&format_args!("warning: {sentence}"));
}

/// A file that the system does not take, and the option that names another.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {error}; name another file with {option}", path.display())]
pub struct NotWritten {
    path: PathBuf,
    option: &'static str,
    error: io::Error,
}

impl NotWritten {
    pub fn file(
        path: &Path,
        option: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        move |error| NotWritten { path: path.into(), option, error }
    }
}

/// The text in lines of at most [`WIDTH`] columns, broken at spaces.
pub fn wrapped(text: &str) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 {
            let fits = column + 1 + length <= WIDTH;
            wrapped.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// A picture in half-block characters, two pixels high each: `height` / 2 lines of `width` columns,
/// cut out around the middle of its ink.
pub fn picture(
    image: ArrayView1<u8>,
    width: usize,
    height: usize,
) -> Vec<String> {
    let inked = |y: usize, x: usize| image[y * SIDE + x] >= 96;
    let middle = |inked: &dyn Fn(usize) -> bool| {
        let first = (0..SIDE).position(inked).unwrap_or(0);
        first + (0..SIDE).rposition(inked).unwrap_or(SIDE - 1)
    };
    // Twice the middle, less the length: the corner, where it is on the picture.
    let corner = |middle: usize, length: usize| {
        ((middle + 1).saturating_sub(length) / 2).min(SIDE - length)
    };
    let top = corner(middle(&|y| (0..SIDE).any(|x| inked(y, x))), height);
    let left = corner(middle(&|x| (0..SIDE).any(|y| inked(y, x))), width);
    let character = |y, x| match (inked(y, x), inked(y + 1, x)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let line = |y| (left..left + width).map(|x| character(y, x)).collect();
    (top..top + height).step_by(2).map(line).collect()
}

/// Blocks of text beside each other, each `width` columns wide, as many as fit.
pub fn side_by_side(blocks: &[Vec<String>], width: usize) -> String {
    let mut text = String::new();
    for row in blocks.chunks(WIDTH / width) {
        for y in 0..row.iter().map(Vec::len).max().unwrap_or(0) {
            let part = |block: &Vec<String>| {
                format!(
                    "{:width$}",
                    block.get(y).map_or("", String::as_str)
                )
            };
            let line: String = row.iter().map(part).collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// Ten bars, one a digit, the longest marked.
pub fn bars(probabilities: &Array1<f64>) -> Vec<String> {
    const LONGEST: f64 = 30.0;
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let named = largest(probabilities.view());
    let bar = |(digit, p): (usize, &f64)| {
        let eighths = (p * LONGEST * 8.0).round() as usize;
        let bar = "█".repeat(eighths / 8) + EIGHTHS[eighths % 8];
        let mark = if digit == named { '>' } else { ' ' };
        format!("{mark} {digit} {bar:30} {:5.1} %", 100.0 * p)
    };
    probabilities.iter().enumerate().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_cut_around_their_ink() {
        let mut image = Array1::zeros(SIDE * SIDE);
        image[0] = 255;
        image[SIDE + 1] = 255;
        let cut = picture(image.view(), 4, 4);
        assert_eq!(cut, ["▀▄  ", "    "]);
        assert_eq!(picture(image.view(), SIDE, SIDE).len(), SIDE / 2);
        image.fill(0);
        assert_eq!(picture(image.view(), 20, 20), vec![" ".repeat(20); 10]);
    }

    #[test]
    fn no_line_is_too_long() {
        let text = wrapped(&"four or five ".repeat(40));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(text.split_whitespace().count(), 120);
        let blocks = vec![vec!["█".repeat(19); 3]; 9];
        let text = side_by_side(&blocks, 20);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        let all: Array1<f64> = Array1::from_elem(10, 1.0);
        assert!(
            bars(&all)
                .iter()
                .all(|bar| bar.chars().count() < WIDTH - SIDE - 3)
        );
    }
}
