//! Chapter 16. An API like PyTorch's: tensors that remember how they were made.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use ndarray::{ArcArray, Array, ArrayD, Dimension, IxDyn};

mod operations;

/// Why a gradient cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AutogradError {
    /// Only a single number has a gradient.
    #[error(
        "a gradient is taken of one number, and this tensor has shape \
         {0:?}: call sum() or mean() first"
    )]
    NotScalar(Vec<usize>),
    /// No input of the calculation asked for a gradient when the calculation was done.
    #[error(
        "nothing in this calculation requires a gradient: call \
         requires_grad_() on an input, and then compute the loss again, \
         because a loss remembers only what was required when it was made"
    )]
    NothingRequiresGrad,
    /// The tensor was not part of the calculation, or did not require a gradient then.
    #[error(
        "input {0} is not part of this calculation, or did not require a \
         gradient when it was made"
    )]
    NotUsed(usize),
}

/// An array that may remember the operation that made it. A clone is the same tensor.
#[derive(Clone)]
pub struct Tensor(Rc<Node>);

struct Node {
    id: u64,
    value: RefCell<ArcArray<f64, IxDyn>>,
    requires_grad: Cell<bool>,
    grad: RefCell<Option<ArrayD<f64>>>,
    history: Option<History>,
}

/// What a tensor was made from, and its vector–Jacobian product: from ∂C/∂(the result) to
/// ∂C/∂(each parent). A parent that did not require a gradient then is left out.
struct History {
    parents: Vec<Option<Tensor>>,
    vjp: Box<Vjp>,
}

type Vjp = dyn Fn(&ArrayD<f64>) -> Vec<ArrayD<f64>>;

impl Drop for Node {
    /// Frees the history in a loop. Left to itself, each tensor would free its parents from
    /// within its own end, and a long calculation would overflow the stack.
    fn drop(&mut self) {
        let parents = |node: &mut Node| {
            let history = node.history.take();
            history
                .into_iter()
                .flat_map(|history| history.parents)
                .flatten()
        };
        let mut to_free: Vec<Tensor> = parents(self).collect();
        while let Some(tensor) = to_free.pop() {
            // Nobody else holds it, or it lives on.
            if let Some(mut node) = Rc::into_inner(tensor.0) {
                to_free.extend(parents(&mut node));
            }
        }
    }
}

thread_local! {
    static NEXT_ID: Cell<u64> = const { Cell::new(0) };
    static RECORDING: Cell<bool> = const { Cell::new(true) };
}

/// Runs `f` without remembering any operation: for updating weights, and for testing.
///
/// ```
/// use neurons::autograd::{no_grad, Tensor};
/// let w = Tensor::scalar(2.0).requires_grad_();
/// let y = no_grad(|| &w * &w);
/// assert!(!y.requires_grad());
/// ```
pub fn no_grad<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            RECORDING.set(self.0);
        }
    }
    let _restore = Restore(RECORDING.replace(false));
    f()
}

/// ∂loss/∂input for each of the inputs, without touching anybody's [`Tensor::grad`].
///
/// ```
/// use neurons::autograd::{grad, Tensor};
/// let (x, w, y) = (Tensor::scalar(1.0), Tensor::scalar(2.0).requires_grad_(), Tensor::scalar(1.0));
/// let mse = (&(&x * &w) - &y).powi(2).mean();
/// assert_eq!(mse.item(), 1.0);
/// assert_eq!(grad(&mse, &[&w])?[0].item(), 2.0); // 2 (x w − y) x
/// # Ok::<(), neurons::autograd::AutogradError>(())
/// ```
///
/// # Errors
/// If the loss is not one number, nothing in it required a gradient when it was computed,
/// or an input is not part of it.
pub fn grad(
    loss: &Tensor,
    inputs: &[&Tensor],
) -> Result<Vec<Tensor>, AutogradError> {
    let gradients = loss.gradients()?;
    let of = |(i, input): (usize, &&Tensor)| {
        let gradient =
            gradients.get(&input.0.id).ok_or(AutogradError::NotUsed(i))?;
        Ok(Tensor::from(gradient.clone()))
    };
    inputs.iter().enumerate().map(of).collect()
}

impl<D: Dimension> From<Array<f64, D>> for Tensor {
    fn from(value: Array<f64, D>) -> Self {
        Tensor::new(value.into_dyn(), false, None)
    }
}

impl Tensor {
    fn new(
        value: ArrayD<f64>,
        requires_grad: bool,
        history: Option<History>,
    ) -> Self {
        let id = NEXT_ID.get();
        NEXT_ID.set(id + 1);
        let (value, grad) =
            (RefCell::new(value.into_shared()), RefCell::new(None));
        Tensor(Rc::new(Node {
            id,
            value,
            requires_grad: Cell::new(requires_grad),
            grad,
            history,
        }))
    }

    /// The result of an operation, remembered if any parent requires a gradient.
    fn made(
        value: ArrayD<f64>,
        parents: &[&Tensor],
        vjp: impl Fn(&ArrayD<f64>) -> Vec<ArrayD<f64>> + 'static,
    ) -> Self {
        let remember = RECORDING.get()
            && parents.iter().any(|parent| parent.requires_grad());
        let required = |&parent: &&Tensor| {
            parent.requires_grad().then(|| parent.clone())
        };
        let history = || History {
            parents: parents.iter().map(required).collect(),
            vjp: Box::new(vjp),
        };
        Tensor::new(value, remember, remember.then(history))
    }

    /// A tensor of one number, with no axes.
    pub fn scalar(value: f64) -> Self {
        Tensor::from(ndarray::arr0(value))
    }

    /// The numbers, as a copy that shares memory until one of the two changes.
    pub fn value(&self) -> ArcArray<f64, IxDyn> {
        self.0.value.borrow().clone()
    }

    /// The only number of a tensor that has just one.
    ///
    /// # Panics
    /// If it has more, or none.
    pub fn item(&self) -> f64 {
        let value = self.value();
        assert_eq!(
            value.len(),
            1,
            "item() wants one number, and this tensor has shape {:?}",
            value.shape()
        );
        value.sum()
    }

    /// The length of each axis.
    pub fn shape(&self) -> Vec<usize> {
        self.value().shape().to_vec()
    }

    /// Whether a gradient will be computed for this tensor.
    pub fn requires_grad(&self) -> bool {
        self.0.requires_grad.get()
    }

    /// Asks for a gradient from now on. A loss computed before this does not know of it.
    pub fn requires_grad_(self) -> Self {
        self.0.requires_grad.set(true);
        self
    }

    /// The same numbers, cut off from their history.
    pub fn detach(&self) -> Tensor {
        Tensor::from(self.value().to_owned())
    }

    /// The gradients that [`Tensor::backward`] has added up here, if any.
    pub fn grad(&self) -> Option<ArrayD<f64>> {
        self.0.grad.borrow().clone()
    }

    /// Forgets the gradients added up so far.
    pub fn zero_grad(&self) {
        *self.0.grad.borrow_mut() = None;
    }

    /// Changes the numbers in place: v ← f(v).
    ///
    /// # Panics
    /// If a gradient is required and this is not inside [`no_grad`], or if `f` changes
    /// the shape.
    pub fn update_(
        &self,
        f: impl FnOnce(&ArcArray<f64, IxDyn>) -> ArrayD<f64>,
    ) {
        assert!(
            !(RECORDING.get() && self.requires_grad()),
            "a tensor that requires a gradient can be changed in place only \
             inside no_grad"
        );
        let new = f(&self.value());
        assert_eq!(
            new.shape(),
            self.shape(),
            "an update in place keeps the shape"
        );
        *self.0.value.borrow_mut() = new.into_shared();
    }

    /// Computes ∂self/∂leaf for every leaf that requires a gradient, and **adds** it to
    /// its [`Tensor::grad`]. A second call adds a second time.
    ///
    /// # Errors
    /// If this is not one number, or nothing in it required a gradient when it was
    /// computed.
    pub fn backward(&self) -> Result<(), AutogradError> {
        let gradients = self.gradients()?;
        for node in
            self.reachable().iter().filter(|node| node.0.history.is_none())
        {
            let gradient = &gradients[&node.0.id];
            let mut sum = node.0.grad.borrow_mut();
            *sum = Some(match sum.take() {
                Some(before) => before + gradient,
                None => gradient.clone(),
            });
        }
        Ok(())
    }

    /// ∂self/∂node for every node that led to self and requires a gradient, by id.
    fn gradients(
        &self,
    ) -> Result<HashMap<u64, ArrayD<f64>>, AutogradError> {
        if self.value().len() != 1 {
            return Err(AutogradError::NotScalar(self.shape()));
        }
        if !self.requires_grad() {
            return Err(AutogradError::NothingRequiresGrad);
        }
        let mut gradients = HashMap::from([(
            self.0.id,
            ArrayD::ones(self.value().raw_dim()),
        )]);
        for node in self.reachable() {
            let Some(history) = &node.0.history else { continue };
            let contributions = (history.vjp)(&gradients[&node.0.id]);
            for (parent, contribution) in
                history.parents.iter().zip(contributions)
            {
                if let Some(parent) = parent {
                    let zero = || ArrayD::zeros(contribution.raw_dim());
                    *gradients.entry(parent.0.id).or_insert_with(zero) +=
                        &contribution;
                }
            }
        }
        Ok(gradients)
    }

    /// Every node that led to self and requires a gradient, youngest first: what was made
    /// later cannot have been used by what was made before.
    fn reachable(&self) -> Vec<Tensor> {
        let (mut seen, mut found, mut to_visit) =
            (HashSet::new(), vec![], vec![self.clone()]);
        while let Some(node) = to_visit.pop() {
            if seen.insert(node.0.id) {
                let parents = node
                    .0
                    .history
                    .iter()
                    .flat_map(|history| &history.parents);
                to_visit.extend(parents.flatten().cloned());
                found.push(node);
            }
        }
        found.sort_by_key(|node| std::cmp::Reverse(node.0.id));
        found
    }
}
