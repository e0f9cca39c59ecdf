//! Chapter 15. A tape: write down every operation, then read it backwards.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::gradient::power_rule;
use crate::sigmoid::{
    relu, relu_prime, sigmoid, sigmoid_prime, tanh, tanh_prime,
};

/// The operations of a calculation, in the order in which they were done.
#[derive(Debug, Default)]
pub struct Tape {
    nodes: RefCell<Vec<Node>>,
}

/// One line of the tape: a number, and the (at most two) earlier lines that it was made
/// from, each with the slope ∂(this line)/∂(that line).
#[derive(Clone, Debug)]
struct Node {
    value: f64,
    parents: [Option<(usize, f64)>; 2],
}

/// A number on a tape. Calculating with it writes on the tape.
#[derive(Clone, Copy, Debug)]
pub struct Var<'t> {
    tape: &'t Tape,
    line: usize,
}

/// The derivatives of one result by the lines of its tape.
#[derive(Clone, Debug)]
pub struct Gradients<'t> {
    tape: &'t Tape,
    /// One entry a line; nothing where the result does not depend on the line.
    of_line: Vec<Option<f64>>,
}

impl Tape {
    /// An empty tape.
    pub fn new() -> Self {
        Tape::default()
    }

    /// Writes a number on the tape: an input, a weight, a bias.
    pub fn var(&self, value: f64) -> Var<'_> {
        self.write(value, [None, None])
    }

    /// How many lines are written.
    pub fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    /// Whether nothing is written yet.
    ///
    /// ```
    /// let tape = neurons::tape::Tape::new();
    /// assert!(tape.is_empty());
    /// tape.var(1.0);
    /// assert!(!tape.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn write(
        &self,
        value: f64,
        parents: [Option<(usize, f64)>; 2],
    ) -> Var<'_> {
        self.nodes.borrow_mut().push(Node { value, parents });
        Var { tape: self, line: self.len() - 1 }
    }
}

impl<'t> Var<'t> {
    /// The number itself.
    pub fn value(self) -> f64 {
        self.tape.nodes.borrow()[self.line].value
    }

    /// The derivative of this number by every line before it, in one pass from here to
    /// the top.
    ///
    /// A line is read only after all the lines that used it, because those were written
    /// later; what each of them contributes is *added*, since a number may be used more
    /// than once. A line that the result does not use hands nothing on: its slope may be
    /// infinite, and 0 · ∞ is not 0.
    ///
    /// ```
    /// let tape = neurons::tape::Tape::new();
    /// let a = tape.var(3.0);
    /// let twice = a + a;
    /// assert_eq!(twice.gradients().of(a), 2.0); // one from each use
    ///
    /// let x = tape.var(0.0);
    /// let unused = x.ln(); // its slope is 1/0
    /// assert_eq!((x * x + x).gradients().of(x), 1.0);
    /// ```
    pub fn gradients(self) -> Gradients<'t> {
        let nodes = self.tape.nodes.borrow();
        let mut of_line = vec![None; nodes.len()];
        of_line[self.line] = Some(1.0);
        for line in (0..=self.line).rev() {
            let Some(gradient) = of_line[line] else { continue };
            for (parent, slope) in nodes[line].parents.into_iter().flatten()
            {
                *of_line[parent].get_or_insert(0.0) += gradient * slope;
            }
        }
        Gradients { tape: self.tape, of_line }
    }

    /// f(x), with the slope f′(x) written beside it.
    fn map(self, value: f64, slope: f64) -> Var<'t> {
        self.tape.write(value, [Some((self.line, slope)), None])
    }

    /// A result of two numbers, with its slope in each.
    fn join(self, other: Var<'t>, value: f64, slopes: [f64; 2]) -> Var<'t> {
        same_tape(self.tape, other.tape);
        self.tape.write(
            value,
            [Some((self.line, slopes[0])), Some((other.line, slopes[1]))],
        )
    }

    /// eˣ, with slope eˣ.
    ///
    /// ```
    /// use neurons::{gradient::{central_difference, random_point, H}, tape::Tape};
    /// for x in random_point(1, 10) {
    ///     let tape = Tape::new();
    ///     let v = tape.var(x);
    ///     let nudged = central_difference(f64::exp, x, H);
    ///     approx::assert_relative_eq!(v.exp().gradients().of(v), nudged, max_relative = 1e-8);
    /// }
    /// ```
    pub fn exp(self) -> Var<'t> {
        let e = self.value().exp();
        self.map(e, e)
    }

    /// ln x, with slope 1/x.
    ///
    /// ```
    /// use neurons::{gradient::{central_difference, random_point, H}, tape::Tape};
    /// for x in random_point(2, 10).mapv(|x: f64| 0.1 + x.abs()) {
    ///     let tape = Tape::new();
    ///     let v = tape.var(x);
    ///     let nudged = central_difference(f64::ln, x, H);
    ///     approx::assert_relative_eq!(v.ln().gradients().of(v), nudged, max_relative = 1e-8);
    /// }
    /// ```
    pub fn ln(self) -> Var<'t> {
        self.map(self.value().ln(), 1.0 / self.value())
    }

    /// xⁿ for a whole number n, with slope n xⁿ⁻¹.
    ///
    /// ```
    /// use neurons::{gradient::{central_difference, random_point, H}, tape::Tape};
    /// for x in random_point(3, 10).mapv(|x: f64| 0.1 + x.abs()) {
    ///     for n in [-2, -1, 0, 1, 2, 5] {
    ///         let tape = Tape::new();
    ///         let v = tape.var(x);
    ///         let nudged = central_difference(|x: f64| x.powi(n), x, H);
    ///         approx::assert_relative_eq!(v.powi(n).gradients().of(v), nudged, epsilon = 1e-8, max_relative = 1e-6);
    ///     }
    /// }
    /// ```
    pub fn powi(self, n: i32) -> Var<'t> {
        let x = self.value();
        self.map(x.powi(n), power_rule(x, f64::from(n)))
    }

    /// σ(x), with slope σ′(x).
    ///
    /// ```
    /// use neurons::{gradient::{central_difference, random_point, H}, sigmoid, tape::Tape};
    /// for x in random_point(4, 10).into_iter().filter(|x| x.abs() > 1e-3) {
    ///     let tape = Tape::new();
    ///     let v = tape.var(x);
    ///     for (on_tape, f) in [
    ///         (v.sigmoid(), sigmoid::sigmoid as fn(f64) -> f64),
    ///         (v.tanh(), sigmoid::tanh),
    ///         (v.relu(), sigmoid::relu),
    ///     ] {
    ///         let nudged = central_difference(f, x, H);
    ///         approx::assert_relative_eq!(on_tape.gradients().of(v), nudged, epsilon = 1e-9, max_relative = 1e-7);
    ///     }
    /// }
    /// ```
    pub fn sigmoid(self) -> Var<'t> {
        self.map(sigmoid(self.value()), sigmoid_prime(self.value()))
    }

    /// tanh x, with slope tanh′ x; its check stands at [`Var::sigmoid`].
    pub fn tanh(self) -> Var<'t> {
        self.map(tanh(self.value()), tanh_prime(self.value()))
    }

    /// max(0, x), with slope 1 above 0, else 0; its check stands at [`Var::sigmoid`].
    pub fn relu(self) -> Var<'t> {
        self.map(relu(self.value()), relu_prime(self.value()))
    }
}

impl Gradients<'_> {
    /// The derivative by `v`; 0 if the result does not depend on it, as on everything that
    /// was written after it.
    ///
    /// ```
    /// let tape = neurons::tape::Tape::new();
    /// let a = tape.var(3.0);
    /// let gradients = (a * a).gradients();
    /// let later = tape.var(1.0);
    /// assert_eq!((gradients.of(a), gradients.of(later)), (6.0, 0.0));
    /// ```
    ///
    /// # Panics
    /// If `v` is on another tape.
    pub fn of(&self, v: Var) -> f64 {
        same_tape(self.tape, v.tape);
        self.of_line.get(v.line).copied().flatten().unwrap_or(0.0)
    }
}

/// A line is known by its number, which means something else on another tape.
fn same_tape(a: &Tape, b: &Tape) {
    assert!(std::ptr::eq(a, b), "both numbers must be on the same tape");
}

/// u + v, with slopes 1 and 1.
///
/// The check of the four operations of arithmetic, and of minus:
///
/// ```
/// use neurons::{gradient::{central_gradient, random_point}, ndarray::{array, Array1}, tape::{Tape, Var}};
///
/// fn check(on_tape: for<'t> fn(Var<'t>, Var<'t>) -> Var<'t>, plain: fn(f64, f64) -> f64) {
///     for seed in 0..10 {
///         let at = random_point(seed, 2).mapv(|v: f64| v + 0.2 * v.signum());
///         let tape = Tape::new();
///         let (u, v) = (tape.var(at[0]), tape.var(at[1]));
///         let g = on_tape(u, v).gradients();
///         let nudged = central_gradient(|at: &Array1<f64>| plain(at[0], at[1]), &at);
///         approx::assert_relative_eq!(array![g.of(u), g.of(v)], nudged, epsilon = 1e-8, max_relative = 1e-6);
///     }
/// }
/// check(|u, v| u + v, |u, v| u + v);
/// check(|u, v| u - v, |u, v| u - v);
/// check(|u, v| u * v, |u, v| u * v);
/// check(|u, v| u / v, |u, v| u / v);
/// check(|u, v| -u * v, |u, v| -u * v);
/// ```
impl<'t> Add for Var<'t> {
    type Output = Var<'t>;
    fn add(self, v: Var<'t>) -> Var<'t> {
        self.join(v, self.value() + v.value(), [1.0, 1.0])
    }
}

/// u − v, with slopes 1 and −1.
impl<'t> Sub for Var<'t> {
    type Output = Var<'t>;
    fn sub(self, v: Var<'t>) -> Var<'t> {
        self.join(v, self.value() - v.value(), [1.0, -1.0])
    }
}

/// u v, with slopes v and u.
impl<'t> Mul for Var<'t> {
    type Output = Var<'t>;
    fn mul(self, v: Var<'t>) -> Var<'t> {
        self.join(v, self.value() * v.value(), [v.value(), self.value()])
    }
}

/// u / v, with slopes 1/v and −u/v².
impl<'t> Div for Var<'t> {
    type Output = Var<'t>;
    fn div(self, v: Var<'t>) -> Var<'t> {
        let (u, d) = (self.value(), v.value());
        self.join(v, u / d, [1.0 / d, -u / (d * d)])
    }
}

/// −u, with slope −1.
impl<'t> Neg for Var<'t> {
    type Output = Var<'t>;
    fn neg(self) -> Var<'t> {
        self.map(-self.value(), -1.0)
    }
}
