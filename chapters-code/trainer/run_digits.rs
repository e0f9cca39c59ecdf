//! The digits of a run, by their use: to train on, to validate, to test.

use std::collections::BTreeMap;

use crate::digits::dataset::{Data, Source};
use crate::pixels::Digits;
use crate::trainer::checkpoint::fingerprint;

/// The digits of a run.
#[derive(Clone, Debug)]
pub struct RunDigits {
    /// To train on.
    pub train: Digits,
    /// To choose settings and epochs by: the last sixth of the training files.
    pub validation: Digits,
    /// To measure the accuracy on, once.
    pub test: Digits,
    /// Where they come from.
    pub source: Source,
    /// The SHA-256 of each set: `train`, `validation`, `test`.
    pub sha256: BTreeMap<String, String>,
}

/// Why digits cannot be divided: one sentence with what to do next.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum RunDigitsError {
    #[error(
        "there must be at least two pictures to train on: name other data"
    )]
    TooFew,
    #[error(
        "--pictures must be at most {most}, the number of pictures to train on, not {asked}"
    )]
    TooMany { asked: usize, most: usize },
}

impl RunDigits {
    /// Divides digits: the last sixth of those to train on is for validation; of the rest the
    /// first `pictures`, or all, to train on.
    ///
    /// ```
    /// use neurons::{digits::dataset::synthetic, trainer::run_digits::RunDigits};
    /// let digits = RunDigits::divided(synthetic(60, 10, 1), Some(30))?;
    /// assert_eq!((digits.train.len(), digits.validation.len()), (30, 10));
    /// # Ok::<(), neurons::trainer::run_digits::RunDigitsError>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error when there are fewer than two digits to train on, or fewer than
    /// `pictures`.
    pub fn divided(
        Data { train: digits, test, source }: Data,
        pictures: Option<usize>,
    ) -> Result<Self, RunDigitsError> {
        let most = digits.len() - digits.len().div_ceil(6);
        if most == 0 {
            return Err(RunDigitsError::TooFew);
        }
        let asked = pictures.unwrap_or(most);
        if asked > most {
            return Err(RunDigitsError::TooMany { asked, most });
        }
        let (mut train, validation) = digits.split_at(most);
        drop(digits);
        if asked < most {
            train = train.split_at(asked).0;
        }
        let sets = [
            ("train", &train),
            ("validation", &validation),
            ("test", &test),
        ];
        let sha256 = sets
            .map(|(set, digits)| (set.to_string(), fingerprint(&[digits])))
            .into();
        Ok(RunDigits { train, validation, test, source, sha256 })
    }

    /// The number of pictures in each set.
    pub fn pictures(&self) -> BTreeMap<String, usize> {
        [
            ("train", &self.train),
            ("validation", &self.validation),
            ("test", &self.test),
        ]
        .map(|(set, digits)| (set.to_string(), digits.len()))
        .into()
    }

    /// By which a checkpoint knows the digits that its run learns from: the SHA-256 of those to
    /// train on and of those to validate.
    pub fn fingerprint(&self) -> String {
        format!("{} {}", self.sha256["train"], self.sha256["validation"])
    }
}
