//! Training pictures that are never twice the same.

use ndarray::{Array1, Array2, ArrayView1};
use rand::{Rng, RngExt};

use crate::pixels::{PIXELS, SIDE};

/// How a training picture is changed each time it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distortion {
    /// Nothing.
    None,
    /// It is moved by −1, 0 or 1 pixel across, and as much down.
    Shift,
    /// It is bent, as a hand that wrote it again would: Simard's elastic distortion.
    Elastic,
}

/// How far neighbouring pixels of a bent picture move together: the width of a bell curve.
pub const SMOOTH: f64 = 4.0;
/// How far they move: 34 times a mean of numbers between −1 and 1.
pub const STRENGTH: f64 = 34.0;

impl Distortion {
    /// The picture x, 784 numbers, as it is shown this time.
    ///
    /// ```
    /// use neurons::{mnist::distortion::Distortion, ndarray::Array1};
    /// use rand::SeedableRng;
    /// let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    /// let mut x = Array1::zeros(784);
    /// x[14 * 28 + 14] = 1.0;
    /// assert_eq!(Distortion::None.of(x.view(), &mut random), x);
    /// let shifted = Distortion::Shift.of(x.view(), &mut random);
    /// assert_eq!(shifted.sum(), 1.0); // one pixel of ink, somewhere near the middle
    /// ```
    ///
    /// # Panics
    /// If there are not 784 numbers.
    pub fn of(
        self,
        x: ArrayView1<f64>,
        random: &mut impl Rng,
    ) -> Array1<f64> {
        match self {
            Distortion::None => x.to_owned(),
            Distortion::Shift => {
                let [down, across] = [(); 2]
                    .map(|()| f64::from(random.random_range(-1..=1)));
                moved(x, |_| (down, across))
            }
            Distortion::Elastic => {
                let [down, across] =
                    [(); 2].map(|()| displacements(random));
                moved(x, |at| (down[at], across[at]))
            }
        }
    }
}

/// How far each pixel moves along one axis: random numbers from −1 to 1, each replaced by
/// [`STRENGTH`] times a mean of those around it, with weights of a bell curve of width
/// [`SMOOTH`].
fn displacements(random: &mut impl Rng) -> Array2<f64> {
    let noise = Array2::from_shape_simple_fn((SIDE, SIDE), || {
        random.random_range(-1.0..1.0)
    });
    let bell = bell();
    STRENGTH * bell.dot(&noise).dot(&bell.t())
}

/// Shape (28, 28): row i holds the weights with which pixel i looks at the pixels of its
/// line. The bell curve of two dimensions is one down times one across, so smoothing a
/// picture is two matrix products.
fn bell() -> Array2<f64> {
    let height = |d: f64| (-0.5 * (d / SMOOTH).powi(2)).exp();
    // The whole bell, also beyond the border, where there is no ink.
    let whole: f64 =
        (-(SIDE as i32)..=SIDE as i32).map(|d| height(f64::from(d))).sum();
    Array2::from_shape_fn((SIDE, SIDE), |(i, j)| {
        height(i as f64 - j as f64) / whole
    })
}

/// The picture in which each pixel shows the point that was `by` (down, across) away from it.
/// Between pixels, that is a mean of the four around; outside there is no ink.
fn moved(
    x: ArrayView1<f64>,
    by: impl Fn((usize, usize)) -> (f64, f64),
) -> Array1<f64> {
    assert_eq!(x.len(), PIXELS, "a picture has 784 numbers");
    let ink = |row: f64, column: f64| {
        let inside = |at: f64| (0.0..SIDE as f64).contains(&at);
        if inside(row) && inside(column) {
            x[row as usize * SIDE + column as usize]
        } else {
            0.0
        }
    };
    let pixel = |i: usize| {
        let (row, column) = (i / SIDE, i % SIDE);
        let (down, across) = by((row, column));
        let (y, x) = (row as f64 + down, column as f64 + across);
        let (top, left) = (y.floor(), x.floor());
        let (low, right) = (y - top, x - left);
        (1.0 - low)
            * ((1.0 - right) * ink(top, left)
                + right * ink(top, left + 1.0))
            + low
                * ((1.0 - right) * ink(top + 1.0, left)
                    + right * ink(top + 1.0, left + 1.0))
    };
    (0..PIXELS).map(pixel).collect()
}
