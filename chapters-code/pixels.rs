//! Chapter 1. What does the machine see? 784 numbers a picture, and what can be read from
//! them without learning.

use ndarray::{Array1, Array2, ArrayView1, Axis, s};

use crate::digits::handwriting;

/// A picture is 28 pixels high and 28 wide.
pub const SIDE: usize = 28;
/// 28 · 28 = 784 numbers a picture.
pub const PIXELS: usize = SIDE * SIDE;
/// Ten digits, 0 to 9.
pub const CLASSES: usize = 10;

/// Stops with a sentence if an array has another shape than the one it should have.
///
/// ```should_panic
/// neurons::pixels::assert_shape("y", &[1], &[3]); // y should have shape [3], but has [1]
/// ```
///
/// # Panics
/// If the shapes differ.
#[track_caller]
pub fn assert_shape(array: &str, shape: &[usize], wanted: &[usize]) {
    assert!(
        shape == wanted,
        "{array} should have shape {wanted:?}, but has {shape:?}"
    );
}

/// Pictures of digits, each with the digit that its writer meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Digits {
    /// Shape (m, 784), row by row; 0 is background, 255 is ink.
    pub images: Array2<u8>,
    /// m digits from 0 to 9.
    pub labels: Vec<u8>,
}

impl Digits {
    /// `n` digits drawn by the program itself ([`handwriting`]), the same for the same
    /// seed.
    ///
    /// ```
    /// let digits = neurons::pixels::Digits::handwriting(100, 1);
    /// assert_eq!(digits.images.dim(), (100, 784));
    /// assert_eq!(digits.counts(), [10; 10]);
    /// ```
    pub fn handwriting(n: usize, seed: u64) -> Self {
        let (images, labels) = handwriting::digits(n, seed);
        let images = Array2::from_shape_vec((n, PIXELS), images)
            .expect("784 bytes a digit");
        Digits { images, labels }
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Cuts off the first `n` pictures: (those, the rest).
    ///
    /// # Panics
    /// If there are fewer than `n`, or pictures and labels differ in number.
    pub fn split_at(&self, n: usize) -> (Digits, Digits) {
        assert_shape(
            "labels",
            &[self.labels.len()],
            &[self.images.nrows()],
        );
        let part = |from, to| Digits {
            images: self.images.slice(s![from..to, ..]).to_owned(),
            labels: self.labels[from..to].to_vec(),
        };
        (part(0, n), part(n, self.len()))
    }

    /// The pictures numbered `rows`, as ink: shape (rows, 784), each number p / 255 from
    /// 0 to 1.
    ///
    /// ```
    /// let digits = neurons::pixels::Digits::handwriting(10, 1);
    /// let x = digits.x(&[3, 7]);
    /// assert_eq!(x.dim(), (2, 784));
    /// assert_eq!(x[(1, 400)], f64::from(digits.images[(7, 400)]) / 255.0);
    /// ```
    ///
    /// # Panics
    /// If one of them does not exist, or pictures and labels differ in number.
    pub fn x(&self, rows: &[usize]) -> Array2<f64> {
        assert_shape(
            "labels",
            &[self.labels.len()],
            &[self.images.nrows()],
        );
        self.images.select(Axis(0), rows).mapv(ink)
    }

    /// The wanted answers for the pictures numbered `rows`: shape (rows, 10), a 1 in the
    /// column of the digit and 0 elsewhere.
    ///
    /// ```
    /// let digits = neurons::pixels::Digits::handwriting(10, 1);
    /// let y = digits.y(&[3]);
    /// assert_eq!(y.sum(), 1.0);
    /// assert_eq!(y[(0, digits.labels[3] as usize)], 1.0);
    /// ```
    ///
    /// # Panics
    /// If one of them does not exist, or pictures and labels differ in number.
    pub fn y(&self, rows: &[usize]) -> Array2<f64> {
        assert_shape(
            "labels",
            &[self.labels.len()],
            &[self.images.nrows()],
        );
        let mut y = Array2::zeros((rows.len(), CLASSES));
        for (mut wanted, &row) in y.rows_mut().into_iter().zip(rows) {
            wanted[self.labels[row] as usize] = 1.0;
        }
        y
    }

    /// How many pictures of each digit.
    pub fn counts(&self) -> [usize; CLASSES] {
        let mut counts = [0; CLASSES];
        for &label in &self.labels {
            counts[label as usize] += 1;
        }
        counts
    }

    /// The fraction of the pictures whose digit `classify` names correctly, from 0 to 1.
    ///
    /// # Panics
    /// If pictures and labels differ in number.
    pub fn accuracy(&self, classify: impl Fn(ArrayView1<u8>) -> u8) -> f64 {
        let named: Vec<u8> =
            self.images.rows().into_iter().map(classify).collect();
        fraction_correct(&named, &self.labels)
    }
}

/// The fraction of the labels that were named correctly, from 0 to 1.
///
/// ```
/// use neurons::pixels::fraction_correct;
/// assert_eq!(fraction_correct(&[7, 2, 1, 0], &[7, 2, 7, 0]), 0.75);
/// ```
///
/// # Panics
/// If there are not as many names as labels.
pub fn fraction_correct<T: PartialEq>(named: &[T], labels: &[T]) -> f64 {
    assert_shape("named", &[named.len()], &[labels.len()]);
    let pairs = named.iter().zip(labels);
    let correct = pairs.filter(|(named, label)| named == label).count();
    correct as f64 / labels.len() as f64
}

/// A file's byte as a number from 0.0 (background) to 1.0 (ink): p / 255.
///
/// ```
/// use neurons::pixels::ink;
/// assert_eq!([ink(0), ink(51), ink(255)], [0.0, 0.2, 1.0]);
/// ```
pub fn ink(p: u8) -> f64 {
    f64::from(p) / 255.0
}

/// The picture in characters, one for each pixel, darker where there is more ink.
///
/// ```
/// let digits = neurons::pixels::Digits::handwriting(1, 1);
/// assert_eq!(neurons::pixels::in_characters(digits.images.row(0)).lines().count(), 28);
/// ```
pub fn in_characters(image: ArrayView1<u8>) -> String {
    const SHADES: [char; 5] = [' ', '·', '░', '▒', '█'];
    let shade = |&p: &u8| SHADES[(usize::from(p) * SHADES.len()) / 256];
    let rows = image.to_vec();
    let rows = rows
        .chunks(SIDE)
        .map(|row| row.iter().map(shade).collect::<String>());
    rows.map(|row| row.trim_end().to_string() + "\n").collect()
}

/// The digit that is most common in `train`: a machine that always answers the same.
pub fn most_common(train: &Digits) -> u8 {
    let counts = train.counts();
    (0..CLASSES).max_by_key(|&digit| counts[digit]).expect("ten digits")
        as u8
}

/// The mean picture of each digit: shape (10, 784), each number an ink from 0 to 1.
///
/// # Panics
/// If the pictures do not have 784 pixels each, or are not as many as the labels.
pub fn mean_pictures(train: &Digits) -> Array2<f64> {
    assert_shape("images", train.images.shape(), &[train.len(), PIXELS]);
    let mut sums = Array2::<f64>::zeros((CLASSES, PIXELS));
    for (image, &label) in
        train.images.rows().into_iter().zip(&train.labels)
    {
        sums.row_mut(label as usize)
            .zip_mut_with(&image, |sum, &p| *sum += ink(p));
    }
    let counts = Array1::from_iter(train.counts().map(|n| n.max(1) as f64));
    sums / counts.insert_axis(Axis(1))
}

/// The digit whose mean amount of ink is nearest to the picture's.
///
/// ```
/// use neurons::pixels::{mean_pictures, nearest_darkness, Digits};
/// let digits = Digits::handwriting(500, 1);
/// let means = mean_pictures(&digits);
/// let accuracy = digits.accuracy(|image| nearest_darkness(&means, image));
/// assert!(accuracy > 0.13, "a little better than one in ten: {accuracy}");
/// ```
///
/// # Panics
/// If the picture does not have as many pixels as the means.
pub fn nearest_darkness(means: &Array2<f64>, image: ArrayView1<u8>) -> u8 {
    assert_shape("image", image.shape(), &[means.ncols()]);
    let darkness = image.mapv(ink).mean().expect("784 pixels");
    nearest(
        means.rows().into_iter().map(|mean| {
            (mean.mean().expect("784 pixels") - darkness).abs()
        }),
    )
}

/// The digit whose mean picture is nearest: least Σ (x_i − mean_i)² over the 784 pixels.
///
/// ```
/// use neurons::pixels::{mean_pictures, nearest_mean, Digits};
/// let digits = Digits::handwriting(500, 1);
/// let means = mean_pictures(&digits);
/// assert!(digits.accuracy(|image| nearest_mean(&means, image)) > 0.6);
/// ```
///
/// # Panics
/// If the picture does not have as many pixels as the means.
pub fn nearest_mean(means: &Array2<f64>, image: ArrayView1<u8>) -> u8 {
    assert_shape("image", image.shape(), &[means.ncols()]);
    let x = image.mapv(ink);
    nearest(
        means
            .rows()
            .into_iter()
            .map(|mean| (&x - &mean).mapv(|d| d * d).sum()),
    )
}

/// The digit that most of the `k` nearest training pictures show (the smaller one of a
/// tie).
///
/// ```
/// use neurons::pixels::{nearest_neighbours, Digits};
/// let digits = Digits::handwriting(200, 1);
/// // Its own nearest neighbour is the picture itself.
/// assert_eq!(digits.accuracy(|image| nearest_neighbours(&digits, 1, image)), 1.0);
/// ```
///
/// # Panics
/// If k is 0 or larger than the number of training pictures, or the picture does not have
/// as many pixels as they.
pub fn nearest_neighbours(
    train: &Digits,
    k: usize,
    image: ArrayView1<u8>,
) -> u8 {
    assert_shape(
        "images",
        train.images.shape(),
        &[train.len(), image.len()],
    );
    let square = |a: u8, b: u8| i32::from(a.abs_diff(b)).pow(2);
    let distance = |row: ArrayView1<u8>| {
        row.iter().zip(image).map(|(&a, &b)| square(a, b)).sum::<i32>()
    };
    let rows = train.images.rows().into_iter().zip(&train.labels);
    let mut by_distance: Vec<(i32, u8)> =
        rows.map(|(row, &label)| (distance(row), label)).collect();
    by_distance.select_nth_unstable(k - 1);
    let votes = |digit| {
        by_distance[..k].iter().filter(|(_, label)| *label == digit).count()
    };
    (0..CLASSES as u8)
        .rev()
        .max_by_key(|&digit| votes(digit))
        .expect("ten digits")
}

fn nearest(distances: impl Iterator<Item = f64>) -> u8 {
    let nearest =
        distances.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b));
    nearest.expect("at least one digit").0 as u8
}
