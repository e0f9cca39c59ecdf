//! The operations on tensors, each with its vector–Jacobian product.
//!
//! An operation y = f(x) inside a larger calculation is handed v = ∂C/∂y and must answer
//! ∂C/∂x = Jᵀ v, without ever building its Jacobian J.

use std::ops::{Add, Div, Mul, Neg, Sub};

use ndarray::{ArrayD, Axis, Ix2, Zip};

use super::Tensor;
use crate::cost::Cost;
use crate::gradient::power_rule;
use crate::sigmoid::Activation;
use crate::softmax::SoftmaxCrossEntropy;

impl Tensor {
    /// A B for matrices: ∂C/∂A = V Bᵀ and ∂C/∂B = Aᵀ V. Shapes (m, k)(k, n) = (m, n).
    ///
    /// ```
    /// use neurons::autograd::{grad, Tensor};
    /// use neurons::gradient::{central_gradient, random_point};
    /// let (a, b, v) = (random_point(1, (3, 4)), random_point(2, (4, 2)), random_point(3, (3, 2)));
    /// let (at, bt) = (Tensor::from(a.clone()).requires_grad_(), Tensor::from(b.clone()).requires_grad_());
    /// let loss = (&at.matmul(&bt) * &Tensor::from(v.clone())).sum();
    /// let g = grad(&loss, &[&at, &bt])?;
    /// let by_a = central_gradient(|a| (a.dot(&b) * &v).sum(), &a).into_dyn();
    /// let by_b = central_gradient(|b| (a.dot(b) * &v).sum(), &b).into_dyn();
    /// approx::assert_relative_eq!(g[0].value().to_owned(), by_a, epsilon = 1e-8, max_relative = 1e-7);
    /// approx::assert_relative_eq!(g[1].value().to_owned(), by_b, epsilon = 1e-8, max_relative = 1e-7);
    /// # Ok::<(), neurons::autograd::AutogradError>(())
    /// ```
    ///
    /// # Panics
    /// If one of them is not a matrix, or A has not one column for each row of B.
    pub fn matmul(&self, other: &Tensor) -> Tensor {
        let matrix = |tensor: &Tensor| {
            let shape = tensor.shape();
            let value =
                tensor.value().to_owned().into_dimensionality::<Ix2>();
            value.unwrap_or_else(|_| {
                panic!("matmul needs matrices, and got shape {shape:?}")
            })
        };
        let (a, b) = (matrix(self), matrix(other));
        assert_eq!(
            a.ncols(),
            b.nrows(),
            "matmul of {:?} and {:?}: the inner two must agree",
            a.dim(),
            b.dim()
        );
        Tensor::made(a.dot(&b).into_dyn(), &[self, other], move |v| {
            let v = v
                .view()
                .into_dimensionality::<Ix2>()
                .expect("the shape of the product");
            vec![v.dot(&b.t()).into_dyn(), a.t().dot(&v).into_dyn()]
        })
    }

    /// Aᵀ, rows for columns: ∂C/∂A = Vᵀ.
    ///
    /// ```
    /// use neurons::autograd::{grad, Tensor};
    /// use neurons::gradient::random_point;
    /// let (a, v) = (Tensor::from(random_point(1, (3, 4))).requires_grad_(), random_point(2, (4, 3)));
    /// let loss = (&a.t() * &Tensor::from(v.clone())).sum();
    /// assert_eq!(grad(&loss, &[&a])?[0].value().to_owned(), v.t().to_owned().into_dyn());
    /// # Ok::<(), neurons::autograd::AutogradError>(())
    /// ```
    pub fn t(&self) -> Tensor {
        Tensor::made(self.value().t().to_owned(), &[self], |v| {
            vec![v.t().to_owned()]
        })
    }

    /// The sum of all entries, one number: ∂C/∂x_i = v for every i.
    ///
    /// ```
    /// use neurons::autograd::{grad, Tensor};
    /// use neurons::gradient::{central_gradient, random_point};
    /// let x = random_point(1, (3, 4));
    /// let xt = Tensor::from(x.clone()).requires_grad_();
    /// for (loss, plain) in [
    ///     (xt.sum().powi(2), (|x| x.sum().powi(2)) as fn(&neurons::ndarray::Array2<f64>) -> f64),
    ///     (xt.mean().powi(2), |x| x.mean().unwrap().powi(2)),
    /// ] {
    ///     let nudged = central_gradient(plain, &x).into_dyn();
    ///     let g = grad(&loss, &[&xt])?[0].value().to_owned();
    ///     approx::assert_relative_eq!(g, nudged, epsilon = 1e-8, max_relative = 1e-7);
    /// }
    /// # Ok::<(), neurons::autograd::AutogradError>(())
    /// ```
    pub fn sum(&self) -> Tensor {
        let shape = self.shape();
        Tensor::made(
            ndarray::arr0(self.value().sum()).into_dyn(),
            &[self],
            move |v| vec![ArrayD::from_elem(shape.clone(), v.sum())],
        )
    }

    /// The mean of all entries, one number; its check stands at [`Tensor::sum`].
    pub fn mean(&self) -> Tensor {
        &self.sum() * (1.0 / self.value().len() as f64)
    }

    /// f(x) for each entry: ∂C/∂x_i = v_i f′(x_i).
    fn map(
        &self,
        f: impl Fn(f64) -> f64,
        f_prime: impl Fn(f64) -> f64 + 'static,
    ) -> Tensor {
        let x = self.value();
        Tensor::made(x.mapv(f).to_owned(), &[self], move |v| {
            vec![Zip::from(v).and(&x).map_collect(|v, &x| v * f_prime(x))]
        })
    }

    /// An activation of each entry: ∂C/∂x_i = v_i f′(x_i).
    ///
    /// The check of all the functions that work entry by entry:
    ///
    /// ```
    /// use neurons::autograd::{grad, Tensor};
    /// use neurons::gradient::{central_gradient, random_point};
    /// use neurons::{ndarray::Array2, sigmoid::Activation};
    ///
    /// fn check(on_tensor: impl Fn(&Tensor) -> Tensor, plain: impl Fn(f64) -> f64) {
    ///     // Positive, so that ln is defined, and away from every kink.
    ///     let (x, v) = (random_point(1, (3, 4)).mapv(|x| 0.1 + f64::abs(x)), random_point(2, (3, 4)));
    ///     let xt = Tensor::from(x.clone()).requires_grad_();
    ///     let loss = (&on_tensor(&xt) * &Tensor::from(v.clone())).sum();
    ///     let g = grad(&loss, &[&xt]).unwrap()[0].value().to_owned();
    ///     let nudged = central_gradient(|x: &Array2<f64>| (x.mapv(&plain) * &v).sum(), &x).into_dyn();
    ///     approx::assert_relative_eq!(g, nudged, epsilon = 1e-8, max_relative = 1e-6);
    /// }
    /// for f in Activation::ALL {
    ///     check(|x| x.activation(f), |x| f.of(x));
    ///     check(|x| (-x).activation(f), |x| f.of(-x)); // the other side of the kink
    /// }
    /// check(Tensor::exp, f64::exp);
    /// check(Tensor::ln, f64::ln);
    /// for n in [-2, 0, 1, 2, 3] {
    ///     check(|x| x.powi(n), |x| x.powi(n));
    /// }
    /// check(|x| x * 2.5, |x| x * 2.5);
    /// ```
    pub fn activation(&self, f: Activation) -> Tensor {
        self.map(move |x| f.of(x), move |x| f.prime(x))
    }

    /// σ of each entry.
    pub fn sigmoid(&self) -> Tensor {
        self.activation(Activation::Sigmoid)
    }

    /// tanh of each entry.
    pub fn tanh(&self) -> Tensor {
        self.activation(Activation::Tanh)
    }

    /// max(0, x) of each entry.
    pub fn relu(&self) -> Tensor {
        self.activation(Activation::Relu)
    }

    /// eˣ of each entry, with slope eˣ.
    pub fn exp(&self) -> Tensor {
        self.map(f64::exp, f64::exp)
    }

    /// ln x of each entry, with slope 1/x.
    pub fn ln(&self) -> Tensor {
        self.map(f64::ln, |x| 1.0 / x)
    }

    /// xⁿ of each entry, with slope n xⁿ⁻¹.
    pub fn powi(&self, n: i32) -> Tensor {
        self.map(move |x| x.powi(n), move |x| power_rule(x, f64::from(n)))
    }

    /// Softmax and cross-entropy in one, averaged over the m rows: from logits of shape
    /// (m, n) and wanted answers of the same shape to one number. ∂C/∂z = v (p Σy − y) /
    /// m.
    ///
    /// ```
    /// use neurons::autograd::{grad, Tensor};
    /// use neurons::gradient::{central_gradient, random_point};
    /// use neurons::{cost::Cost, ndarray::array, softmax::SoftmaxCrossEntropy};
    /// let z = random_point(1, (2, 3));
    /// let y = array![[0.0, 1.0, 0.0], [0.2, 0.3, 0.5]];
    /// let logits = Tensor::from(z.clone()).requires_grad_();
    /// let loss = logits.cross_entropy(&Tensor::from(y.clone()));
    /// approx::assert_relative_eq!(loss.item(), SoftmaxCrossEntropy.value(&z, &y), max_relative = 1e-14);
    /// let nudged = central_gradient(|z| SoftmaxCrossEntropy.value(z, &y), &z).into_dyn();
    /// let g = grad(&loss, &[&logits])?[0].value().to_owned();
    /// approx::assert_relative_eq!(g, nudged, epsilon = 1e-9, max_relative = 1e-7);
    /// # Ok::<(), neurons::autograd::AutogradError>(())
    /// ```
    ///
    /// # Panics
    /// If the two shapes differ or are not (m, n), or if the wanted answers require a
    /// gradient.
    pub fn cross_entropy(&self, wanted: &Tensor) -> Tensor {
        assert_eq!(
            self.shape(),
            wanted.shape(),
            "cross_entropy needs one wanted answer for each logit"
        );
        assert!(
            !wanted.requires_grad(),
            "cross_entropy has no gradient for the wanted answers"
        );
        let matrix = |tensor: &Tensor| {
            let value =
                tensor.value().to_owned().into_dimensionality::<Ix2>();
            let shape = tensor.shape();
            value.unwrap_or_else(|_| {
                panic!(
                    "cross_entropy needs shape (m, n), and got {shape:?}"
                )
            })
        };
        let (z, y) = (matrix(self), matrix(wanted));
        let cost = SoftmaxCrossEntropy.value(&z, &y);
        Tensor::made(ndarray::arr0(cost).into_dyn(), &[self], move |v| {
            let each = v.sum() / z.nrows() as f64;
            vec![(SoftmaxCrossEntropy.gradient(&z, &y) * each).into_dyn()]
        })
    }

    /// An operation of two tensors, entry by entry, with the slopes of the result in
    /// each. A tensor that is too small is repeated along the missing or one-long axes,
    /// as in NumPy.
    fn join(
        &self,
        other: &Tensor,
        f: impl Fn(f64, f64) -> f64,
        slopes: impl Fn(f64, f64) -> (f64, f64) + 'static,
    ) -> Tensor {
        let (a, b) = (self.value(), other.value());
        let shape = broadcast(a.shape(), b.shape());
        let [a, b] = [a, b].map(|x| {
            x.broadcast(shape.clone()).expect("checked").to_owned()
        });
        let shapes = [self.shape(), other.shape()];
        let value = Zip::from(&a).and(&b).map_collect(|&a, &b| f(a, b));
        Tensor::made(value, &[self, other], move |v| {
            let by_a = Zip::from(v)
                .and(&a)
                .and(&b)
                .map_collect(|v, &a, &b| v * slopes(a, b).0);
            let by_b = Zip::from(v)
                .and(&a)
                .and(&b)
                .map_collect(|v, &a, &b| v * slopes(a, b).1);
            vec![summed_to(by_a, &shapes[0]), summed_to(by_b, &shapes[1])]
        })
    }
}

impl std::fmt::Debug for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(
            f,
            "Tensor({}, requires_grad: {})",
            self.value(),
            self.requires_grad()
        )
    }
}

/// The shape that two shapes are repeated to, as in NumPy: from the last axis backwards,
/// equal lengths stay, and a length of 1 gives way.
fn broadcast(a: &[usize], b: &[usize]) -> Vec<usize> {
    let axes = a.len().max(b.len());
    let length = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(axes).map_or(1, |axis| shape[axis])
    };
    let agreed = |axis| match (length(a, axis), length(b, axis)) {
        (one, n) | (n, one) if one == 1 || one == n => n,
        _ => panic!("shapes {a:?} and {b:?} do not fit each other"),
    };
    (0..axes).map(agreed).collect()
}

/// What was repeated on the way forward is added up on the way back: every copy is one
/// use.
fn summed_to(mut gradient: ArrayD<f64>, shape: &[usize]) -> ArrayD<f64> {
    while gradient.ndim() > shape.len() {
        gradient = gradient.sum_axis(Axis(0));
    }
    for (axis, &length) in shape.iter().enumerate() {
        if length == 1 {
            gradient =
                gradient.sum_axis(Axis(axis)).insert_axis(Axis(axis));
        }
    }
    gradient
}

/// a + b: ∂C/∂a = v and ∂C/∂b = v, added up over what was repeated.
///
/// The check of the four operations of arithmetic, with and without repetition:
///
/// ```
/// use neurons::autograd::{grad, Tensor};
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::ndarray::{Array, ArrayD, IxDyn};
///
/// type Plain = fn(&ArrayD<f64>, &ArrayD<f64>) -> ArrayD<f64>;
/// fn check(on_tensors: fn(&Tensor, &Tensor) -> Tensor, plain: Plain) {
///     for shapes in [[&[3, 4][..], &[3, 4]], [&[3, 4], &[4]], [&[3, 1], &[1, 4]], [&[], &[3, 4]]] {
///         // Away from 0, so that the quotient is defined.
///         let away = |seed, shape: &[usize]| random_point(seed, IxDyn(shape)).mapv(|x: f64| x + 0.5 * x.signum());
///         let (a, b) = (away(1, shapes[0]), away(2, shapes[1]));
///         let (at, bt) = (Tensor::from(a.clone()).requires_grad_(), Tensor::from(b.clone()).requires_grad_());
///         let v = random_point(3, IxDyn(on_tensors(&at, &bt).shape().as_slice()));
///         let loss = (&on_tensors(&at, &bt) * &Tensor::from(v.clone())).sum();
///         let g = grad(&loss, &[&at, &bt]).unwrap();
///         let by_a = central_gradient(|a| (plain(a, &b) * &v).sum(), &a);
///         let by_b = central_gradient(|b| (plain(&a, b) * &v).sum(), &b);
///         approx::assert_relative_eq!(g[0].value().to_owned(), by_a, epsilon = 1e-8, max_relative = 1e-6);
///         approx::assert_relative_eq!(g[1].value().to_owned(), by_b, epsilon = 1e-8, max_relative = 1e-6);
///     }
/// }
/// check(|a, b| a + b, |a, b| a + b);
/// check(|a, b| a - b, |a, b| a - b);
/// check(|a, b| a * b, |a, b| a * b);
/// check(|a, b| a / b, |a, b| a / b);
/// ```
///
/// # Panics
/// If the shapes do not fit each other, for these four.
impl Add for &Tensor {
    type Output = Tensor;
    fn add(self, b: &Tensor) -> Tensor {
        self.join(b, |a, b| a + b, |_, _| (1.0, 1.0))
    }
}

/// a − b: ∂C/∂a = v and ∂C/∂b = −v.
impl Sub for &Tensor {
    type Output = Tensor;
    fn sub(self, b: &Tensor) -> Tensor {
        self.join(b, |a, b| a - b, |_, _| (1.0, -1.0))
    }
}

/// a b, entry by entry: ∂C/∂a = v b and ∂C/∂b = v a.
impl Mul for &Tensor {
    type Output = Tensor;
    fn mul(self, b: &Tensor) -> Tensor {
        self.join(b, |a, b| a * b, |a, b| (b, a))
    }
}

/// a / b, entry by entry: ∂C/∂a = v / b and ∂C/∂b = −v a / b².
impl Div for &Tensor {
    type Output = Tensor;
    fn div(self, b: &Tensor) -> Tensor {
        self.join(b, |a, b| a / b, |a, b| (1.0 / b, -a / (b * b)))
    }
}

/// a c for a plain number c: ∂C/∂a = v c.
impl Mul<f64> for &Tensor {
    type Output = Tensor;
    fn mul(self, c: f64) -> Tensor {
        self.map(|a| a * c, move |_| c)
    }
}

/// −a: ∂C/∂a = −v.
impl Neg for &Tensor {
    type Output = Tensor;
    fn neg(self) -> Tensor {
        self * -1.0
    }
}
