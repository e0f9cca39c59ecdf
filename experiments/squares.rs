//! Ten weighted sums of the pixels whose squared differences from the wanted answers are least.

use neurons::cost::largest;
use neurons::ndarray::{Array1, Array2, ArrayView1, Axis, concatenate};
use neurons::pixels::{Digits, ink};

/// The W that makes ‖XW − Y‖² least, shape (785, 10), where each row of X is a picture and a 1 for
/// the bias: XᵀX W = XᵀY, solved for one column after the other by conjugate gradients.
pub fn least_squares(train: &Digits) -> Array2<f64> {
    let all: Vec<usize> = (0..train.len()).collect();
    let ones = Array2::ones((train.len(), 1));
    let x = concatenate![Axis(1), train.x(&all), ones];
    let (a, b) = (x.t().dot(&x), x.t().dot(&train.y(&all)));
    let mut w = Array2::zeros(b.dim());
    for (mut w, b) in w.columns_mut().into_iter().zip(b.columns()) {
        let mut rest = b.to_owned();
        let mut direction = rest.clone();
        let mut square = rest.dot(&rest);
        let small = 1e-16 * square;
        while square > small {
            let turned = a.dot(&direction);
            let step = square / direction.dot(&turned);
            w.scaled_add(step, &direction);
            rest.scaled_add(-step, &turned);
            let next = rest.dot(&rest);
            direction = &rest + &(next / square * &direction);
            square = next;
        }
    }
    w
}

/// The digit whose sum is largest.
pub fn largest_sum(w: &Array2<f64>, image: ArrayView1<u8>) -> u8 {
    let x: Array1<f64> = image.iter().map(|&p| ink(p)).chain([1.0]).collect();
    largest(x.dot(w).view()) as u8
}
