//! Chapter 2. What can one neuron do? A weighted sum, a bias, a decision, and a rule that finds
//! the weights.

use ndarray::{Array1, Array2, ArrayView1, array};

use crate::pixels::{PIXELS, SIDE, assert_shape};

/// z = w · x + b: how strongly the input x resembles the pattern w, shifted by the bias
/// b.
///
/// ```
/// use neurons::{ndarray::array, neuron::weighted_sum};
/// let z = weighted_sum(array![0.5, -1.0].view(), array![2.0, 3.0].view(), 0.25);
/// assert_eq!(z, 0.5 * 2.0 - 1.0 * 3.0 + 0.25);
/// ```
///
/// # Panics
/// If w and x differ in length.
pub fn weighted_sum(w: ArrayView1<f64>, x: ArrayView1<f64>, b: f64) -> f64 {
    assert_shape("x", x.shape(), w.shape());
    w.dot(&x) + b
}

/// 1 if z > 0, else 0: all or nothing.
///
/// ```
/// use neurons::neuron::step;
/// assert_eq!([step(-0.1), step(0.0), step(0.1)], [0.0, 0.0, 1.0]);
/// ```
pub fn step(z: f64) -> f64 {
    if z > 0.0 { 1.0 } else { 0.0 }
}

/// A neuron that answers all or nothing: step(w · x + b).
#[derive(Clone, Debug, PartialEq)]
pub struct StepNeuron {
    /// One weight for each input.
    pub w: Array1<f64>,
    /// What is added to the weighted sum: minus the threshold.
    pub b: f64,
}

impl StepNeuron {
    /// NAND: 1 unless both inputs are 1.
    ///
    /// ```
    /// use neurons::{ndarray::array, neuron::StepNeuron};
    /// let nand = StepNeuron::nand();
    /// let table = [[0., 0.], [0., 1.], [1., 0.], [1., 1.]].map(|x| nand.fires(array![x[0], x[1]].view()));
    /// assert_eq!(table, [1.0, 1.0, 1.0, 0.0]);
    /// ```
    pub fn nand() -> Self {
        StepNeuron { w: array![-2.0, -2.0], b: 3.0 }
    }

    /// 1 if the neuron fires for x, else 0.
    ///
    /// # Panics
    /// If w and x differ in length.
    pub fn fires(&self, x: ArrayView1<f64>) -> f64 {
        step(weighted_sum(self.w.view(), x, self.b))
    }

    /// (w · x + b) / ‖w‖: how far x lies from the border w · x + b = 0, positive on the side
    /// that fires, negative on the other.
    ///
    /// ```
    /// use neurons::{ndarray::array, neuron::StepNeuron};
    /// let neuron = StepNeuron { w: array![3.0, 4.0], b: -10.0 };
    /// assert_eq!(neuron.distance(array![4.0, 2.0].view()), 2.0);
    /// assert_eq!(neuron.distance(array![0.0, 0.0].view()), -2.0);
    /// ```
    ///
    /// # Panics
    /// If w and x differ in length.
    pub fn distance(&self, x: ArrayView1<f64>) -> f64 {
        weighted_sum(self.w.view(), x, self.b) / self.w.dot(&self.w).sqrt()
    }

    /// The perceptron rule: when the answer is wrong, move the weights towards the input
    /// (if it should have fired) or away from it (if it should not). Returns the number
    /// of corrections in one pass over the rows of x.
    ///
    /// Source: Rosenblatt, *Principles of Neurodynamics* (1962); his perceptron is of 1958.
    ///
    /// ```
    /// use neurons::{ndarray::array, neuron::StepNeuron};
    /// let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    /// let or = array![0.0, 1.0, 1.0, 1.0];
    /// let mut neuron = StepNeuron { w: array![0.0, 0.0], b: 0.0 };
    /// let corrections: Vec<usize> = (0..5).map(|_| neuron.learn(&x, &or)).collect();
    /// assert_eq!(corrections.last(), Some(&0)); // nothing left to correct
    /// ```
    ///
    /// # Panics
    /// If X does not have a row for each entry of y and a column for each weight.
    pub fn learn(&mut self, x: &Array2<f64>, y: &Array1<f64>) -> usize {
        assert_shape("X", x.shape(), &[y.len(), self.w.len()]);
        let mut corrections = 0;
        for (x, &y) in x.rows().into_iter().zip(y) {
            let error = y - self.fires(x);
            if error != 0.0 {
                self.w.scaled_add(error, &x);
                self.b += error;
                corrections += 1;
            }
        }
        corrections
    }
}

/// The weights of a neuron that looks for a horizontal stroke: +1 on a short bar of the
/// 28 × 28 field, −1 on the rows just above and below it, 0 elsewhere. The weights add up
/// to 0, so that a field of even grey gives 0.
///
/// `row` is the bar's upper row, `columns` where it runs from and to; the bar is two rows
/// thick.
///
/// ```
/// use neurons::neuron::stroke_template;
/// let w = stroke_template(22, 8..18);
/// assert_eq!((w.len(), w.sum()), (784, 0.0));
/// ```
///
/// # Panics
/// If the bar or its surround leaves the field.
pub fn stroke_template(
    row: usize,
    columns: std::ops::Range<usize>,
) -> Array1<f64> {
    assert!(
        row >= 1 && row + 2 < SIDE && columns.end <= SIDE,
        "the stroke must lie in the field"
    );
    let mut field = Array2::zeros((SIDE, SIDE));
    for column in columns {
        for (offset, weight) in
            [-1.0, 1.0, 1.0, -1.0].into_iter().enumerate()
        {
            field[(row + offset - 1, column)] = weight;
        }
    }
    field.into_shape_with_order(PIXELS).expect("28 · 28 = 784")
}
