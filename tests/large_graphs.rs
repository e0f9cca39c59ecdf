//! Calculations of a million operations: written, walked and freed without recursion.

use std::thread;

use neurons::autograd::{Tensor, grad};
use neurons::tape::Tape;

const OPERATIONS: usize = 1_000_000;

/// Runs `f` on a stack of 256 kB, an eighth of a thread's own: a recursion of a few thousand
/// calls overflows it.
fn on_a_small_stack(f: fn()) {
    let thread =
        thread::Builder::new().stack_size(256 * 1024).spawn(f).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn a_tape_of_a_million_lines() {
    on_a_small_stack(|| {
        let tape = Tape::new();
        let (x, one) = (tape.var(0.5), tape.var(1.0));
        let y = (0..OPERATIONS).fold(x, |y, _| y + one);
        assert_eq!(tape.len(), OPERATIONS + 2);
        let gradients = y.gradients();
        assert_eq!((gradients.of(x), gradients.of(one)), (1.0, OPERATIONS as f64));
    });
}

#[test]
fn a_chain_of_a_million_tensors() {
    on_a_small_stack(|| {
        let (x, one) = (Tensor::scalar(0.5).requires_grad_(), Tensor::scalar(1.0));
        let y = (0..OPERATIONS).fold(x.clone(), |y, _| &y + &one);
        assert_eq!(grad(&y, &[&x]).expect("a gradient")[0].item(), 1.0);
        drop(y);
        assert_eq!(x.item(), 0.5);
    });
}

/// Each sum uses the one before it twice: a graph with 2ⁿ paths, and with n nodes.
#[test]
fn a_tensor_that_somebody_still_holds_is_not_freed() {
    let x = Tensor::scalar(1.0).requires_grad_();
    let mut sums = vec![x.clone()];
    for n in 0..50 {
        sums.push(&sums[n] + &sums[n]);
    }
    let middle = sums[25].clone();
    drop(sums);
    assert_eq!(grad(&middle, &[&x]).expect("a gradient")[0].item(), 2_f64.powi(25));
}

#[test]
#[should_panic(expected = "both numbers must be on the same tape")]
fn a_number_of_another_tape_has_no_derivative_here() {
    let (here, there) = (Tape::new(), Tape::new());
    let y = here.var(3.0) * here.var(2.0);
    y.gradients().of(there.var(1.0));
}
