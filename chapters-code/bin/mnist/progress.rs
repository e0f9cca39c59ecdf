//! How far a training run is: a bar for each epoch on stderr, a line of a table on stdout.

use std::fmt::Display;

use indicatif::style::TemplateError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use neurons::mnist::{Epoch, Training};

use crate::terminal::{say, warn};

/// The bar and the table of a run.
pub struct Progress {
    bar: ProgressBar,
    /// The digit that the warning was about, if every validation picture was read as one.
    constant: Option<u8>,
}

impl Progress {
    /// Prints the head of the table, and the epochs that are done already.
    pub fn new(
        training: &Training,
        pictures: usize,
        quiet: bool,
    ) -> Result<Self, TemplateError> {
        let bar = ProgressBar::new(pictures as u64);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = "epoch {msg}  {bar:40}  {pos}/{len} pictures  {eta}";
        bar.set_style(ProgressStyle::with_template(style)?);
        bar.set_message((training.epochs.len() + 1).to_string());
        say!("epoch       rate   training cost   validation   seconds");
        training.epochs.iter().for_each(|epoch| say!("{}", row(epoch)));
        Ok(Progress { bar, constant: None })
    }

    /// The bar of the present epoch.
    pub fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Prints the line of the last epoch, and a warning if its answers are all the same digit.
    pub fn end_epoch(&mut self, epoch: &Epoch) {
        self.bar.suspend(|| say!("{}", row(epoch)));
        self.bar.reset();
        self.bar.set_message((epoch.number + 1).to_string());
        if epoch.constant != self.constant {
            self.constant = epoch.constant;
            if let Some(digit) = epoch.constant {
                self.warn(&format_args!(
                    "so far it reads every validation picture as {digit}, whatever it sees"
                ));
            }
        }
    }

    /// Prints a warning above the bar.
    pub fn warn(&self, sentence: &dyn Display) {
        self.bar.suspend(|| warn(sentence));
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// One line of the table.
fn row(
    &Epoch { number, rate, cost, validation, seconds, .. }: &Epoch,
) -> String {
    let short = |number: f64, digits| match number {
        number if number < 1e9 => format!("{number:.digits$}"),
        number => format!("{number:.1e}"),
    };
    let (rate, cost, validation) =
        (short(rate, 5), short(cost, 4), 100.0 * validation);
    format!(
        "{number:5} {rate:>10} {cost:>15} {validation:10.2} % {seconds:9.1}"
    )
}
