//! The result of a test in a sentence, with advice for a network that has hardly learned.

use ndarray::Array2;

use crate::mnist::{Objective, binomial_error, probabilities};
use crate::pixels::Digits;
use crate::trainer::model_file::Model;
use crate::trainer::number_text::{grouped, percent};

/// After fewer steps than this, a network has hardly learned.
const FEW_STEPS: u64 = 200;
/// Mean slope of a saturated sigmoid, at most; the slope at 0 is 0.25.
const SATURATED: f64 = 0.01;

/// The test accuracy in a sentence, and advice if there are digits that the network never names.
/// `steps` are those of its training, if they are known.
pub fn test_sentence(
    model: &Model,
    test: &Digits,
    counts: &Array2<usize>,
    steps: Option<u64>,
) -> String {
    let (right, n) = (counts.diag().sum(), counts.sum());
    let p = right as f64 / n as f64;
    let result = format!(
        "Test accuracy {} ± {}: {} of {} digits (± one standard deviation).",
        percent(p),
        percent(binomial_error(p, n)),
        grouped(right),
        grouped(n),
    );
    let named: Vec<usize> =
        counts.columns().into_iter().map(|column| column.sum()).collect();
    let silent: Vec<usize> =
        (0..named.len()).filter(|&digit| named[digit] == 0).collect();
    if silent.is_empty() {
        return result;
    }
    let few = steps.filter(|&steps| steps < FEW_STEPS);
    if let Some(digit) = named.iter().position(|&times| times == n) {
        let learned = match few {
            Some(steps) => {
                format!("in {steps} steps it has learned nothing")
            }
            None => "it has learned nothing".into(),
        };
        return format!(
            "{result} It reads every digit as {digit}, whatever it sees: {learned}. Try more \
             --epochs, or a smaller --rate."
        );
    }
    let names: Vec<String> =
        silent.iter().map(ToString::to_string).collect();
    let never = format!("{result} It never names {}", names.join(" or "));
    match few {
        Some(steps) => format!(
            "{never}: after {steps} steps it has hardly learned yet. Try more --epochs."
        ),
        None if silent
            .iter()
            .any(|&digit| is_saturated(model, test, digit)) =>
        {
            format!(
                "{never}: a sigmoid output that is saturated hardly learns by the quadratic cost. Try \
             another --seed, a smaller --rate, or --cost softmax."
            )
        }
        None => format!(
            "{never}. Try more --epochs, another --rate, or another --seed."
        ),
    }
}

/// Whether the output of a digit is saturated at the pictures of that digit, so that the quadratic
/// cost, whose gradient has the slope as a factor, hardly moves it.
fn is_saturated(model: &Model, test: &Digits, digit: usize) -> bool {
    if model.objective != Objective::Quadratic {
        return false;
    }
    let outputs = probabilities(&model.network, model.objective, test);
    let its = outputs.rows().into_iter().zip(&test.labels);
    let slopes: Vec<f64> = its
        .filter(|(_, label)| usize::from(**label) == digit)
        .map(|(row, _)| row[digit] * (1.0 - row[digit]))
        .collect();
    !slopes.is_empty()
        && slopes.iter().sum::<f64>() / (slopes.len() as f64) < SATURATED
}
