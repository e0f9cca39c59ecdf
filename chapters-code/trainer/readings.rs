//! How a trained network reads each picture: where it is wrong, how confident it is, and whether
//! confident answers are right.

use std::cmp::Reverse;

use ndarray::Array2;

use crate::mnist::{predictions, probabilities};
use crate::pixels::Digits;
use crate::trainer::model_file::Model;

/// How a network read one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReadPicture {
    /// The number of the picture, 0 for the first.
    pub row: usize,
    /// The true digit.
    pub label: u8,
    /// The digit that the network named.
    pub named: u8,
    /// The probability of that digit according to the network: its confidence.
    pub p: f64,
}

impl ReadPicture {
    /// Whether the network named the true digit.
    pub fn is_right(&self) -> bool {
        self.named == self.label
    }
}

/// How the network reads every picture, in their order.
///
/// ```
/// use neurons::{trainer::readings::read_pictures, mnist::{Objective, Recipe}, trainer::model_file::Model, pixels::Digits};
/// let model = Model { network: Recipe::book().network(), objective: Objective::Softmax };
/// let readings = read_pictures(&model, &Digits::handwriting(30, 1));
/// assert_eq!(readings[29].row, 29);
/// assert!(readings.iter().all(|reading| reading.p >= 0.1)); // the largest of ten that make 1
/// ```
pub fn read_pictures(model: &Model, digits: &Digits) -> Vec<ReadPicture> {
    let named = predictions(&model.network, digits);
    let p = probabilities(&model.network, model.objective, digits);
    let reading = |(row, (named, &label)): (usize, (u8, &u8))| {
        let p = p[(row, usize::from(named))];
        ReadPicture { row, label, named, p }
    };
    named.into_iter().zip(&digits.labels).enumerate().map(reading).collect()
}

/// The pictures that were read wrongly, the most confident answer first.
///
/// ```
/// use neurons::trainer::readings::{mistakes, ReadPicture};
/// let reading = |row, named, p| ReadPicture { row, label: 7, named, p };
/// let wrong = mistakes(&[reading(0, 1, 0.6), reading(1, 7, 0.9), reading(2, 2, 0.8)]);
/// assert_eq!(wrong.map(|wrong| wrong.row).collect::<Vec<_>>(), [2, 0]);
/// ```
pub fn mistakes(
    readings: &[ReadPicture],
) -> impl ExactSizeIterator<Item = ReadPicture> + use<> {
    let mut wrong: Vec<ReadPicture> = readings
        .iter()
        .filter(|reading| !reading.is_right())
        .copied()
        .collect();
    wrong.sort_by(|a, b| b.p.total_cmp(&a.p));
    wrong.into_iter()
}

/// (i, j, n): the digit i was read as the digit j n times; the most frequent confusion first.
/// `counts` is that of [`confusions`](crate::mnist::confusions), shape (10, 10).
///
/// ```
/// use neurons::{trainer::readings::most_confused, ndarray::array};
/// assert_eq!(most_confused(&array![[9, 1], [4, 6]]), [(1, 0, 4), (0, 1, 1)]);
/// ```
pub fn most_confused(counts: &Array2<usize>) -> Vec<(usize, usize, usize)> {
    let wrong =
        counts.indexed_iter().filter(|((i, j), n)| i != j && **n > 0);
    let mut worst: Vec<_> = wrong.map(|((i, j), &n)| (i, j, n)).collect();
    worst.sort_by_key(|&(_, _, n)| Reverse(n));
    worst
}

/// The number of bins of confidence.
pub const BINS: usize = 10;

/// The pictures whose answers have about the same confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// k of the bin from k/10 to (k + 1)/10; 1 itself belongs to the last one.
    pub number: usize,
    /// How many pictures are in it.
    pub pictures: usize,
    /// Mean confidence of the answers to them.
    pub confidence: f64,
    /// Fraction of those answers that is right.
    pub accuracy: f64,
}

/// The bins of a reliability diagram: the readings in ten bins of p, without the empty ones.
///
/// ```
/// use neurons::trainer::readings::{reliability, Bin, ReadPicture};
/// let reading = |named, p| ReadPicture { row: 0, label: 7, named, p };
/// let bins = reliability(&[reading(7, 0.625), reading(1, 0.6875), reading(7, 1.0)]);
/// assert_eq!(bins, [
///     Bin { number: 6, pictures: 2, confidence: 0.65625, accuracy: 0.5 },
///     Bin { number: 9, pictures: 1, confidence: 1.0, accuracy: 1.0 },
/// ]);
/// ```
pub fn reliability(readings: &[ReadPicture]) -> Vec<Bin> {
    let number = |p: f64| ((p * BINS as f64) as usize).min(BINS - 1);
    let bin = |k| {
        let (mut pictures, mut right, mut sum) = (0, 0, 0.0);
        for reading in
            readings.iter().filter(|reading| number(reading.p) == k)
        {
            pictures += 1;
            right += usize::from(reading.is_right());
            sum += reading.p;
        }
        let n = pictures as f64;
        let (confidence, accuracy) = (sum / n, right as f64 / n);
        (pictures > 0).then_some(Bin {
            number: k,
            pictures,
            confidence,
            accuracy,
        })
    };
    (0..BINS).filter_map(bin).collect()
}

/// Σ (n_k / n) |accuracy_k − confidence_k| over the bins k of n_k pictures: the mean difference
/// between confidence and accuracy over all pictures. 0 if there are no pictures.
///
/// Source: Naeini, Cooper and Hauskrecht, *Obtaining well calibrated probabilities using
/// Bayesian binning* (2015); Guo, Pleiss, Sun and Weinberger, *On calibration of modern neural
/// networks* (2017).
///
/// ```
/// use neurons::trainer::readings::{expected_calibration_error, Bin};
/// let bins = [
///     Bin { number: 6, pictures: 3, confidence: 0.65, accuracy: 0.75 },
///     Bin { number: 9, pictures: 1, confidence: 0.95, accuracy: 0.75 },
/// ];
/// approx::assert_relative_eq!(expected_calibration_error(&bins), (3.0 * 0.1 + 0.2) / 4.0);
/// ```
pub fn expected_calibration_error(bins: &[Bin]) -> f64 {
    let all: usize = bins.iter().map(|bin| bin.pictures).sum();
    let gap = |bin: &Bin| {
        bin.pictures as f64 * (bin.accuracy - bin.confidence).abs()
    };
    bins.iter().map(gap).sum::<f64>() / all.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(named: u8, p: f64) -> ReadPicture {
        ReadPicture { row: 0, label: 0, named, p }
    }

    #[test]
    fn no_picture_is_lost() {
        let readings: Vec<_> = (0..=1000)
            .map(|i| reading(i as u8 % 2, f64::from(i) / 1000.0))
            .collect();
        let bins = reliability(&readings);
        assert_eq!(
            bins.iter().map(|bin| bin.pictures).sum::<usize>(),
            readings.len()
        );
        assert_eq!(
            bins.iter().map(|bin| bin.number).collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        );
        assert_eq!(bins[9].pictures, 101);
        assert_eq!(bins[3].accuracy, 0.5);
        approx::assert_abs_diff_eq!(
            bins[3].confidence,
            0.3495,
            epsilon = 1e-12
        );
        assert_eq!(mistakes(&readings).len(), 500);
        assert_eq!(
            mistakes(&readings).next().map(|wrong| wrong.p),
            Some(0.999)
        );
    }

    #[test]
    fn confident_answers_that_are_right_are_calibrated() {
        let sure = [reading(0, 1.0); 5];
        assert_eq!(expected_calibration_error(&reliability(&sure)), 0.0);
        // Confident and wrong: the worst case.
        let wrong = [reading(1, 1.0); 5];
        assert_eq!(expected_calibration_error(&reliability(&wrong)), 1.0);
        assert_eq!(expected_calibration_error(&reliability(&[])), 0.0);
    }
}
