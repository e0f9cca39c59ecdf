//! The operations on tensors refuse shapes that do not fit each other, and name both.

use std::panic::{self, AssertUnwindSafe};

use neurons::autograd::{Tensor, no_grad};
use neurons::ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;

fn tensor(shape: &[usize]) -> Tensor {
    Tensor::from(ArrayD::<f64>::zeros(IxDyn(shape)))
}

/// What the panic of `f` says.
fn refusal(f: impl FnOnce()) -> String {
    let panic = panic::catch_unwind(AssertUnwindSafe(f)).expect_err("it was not refused");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()))
        .expect("a panic with a text")
}

fn names(text: &str, shapes: [&[usize]; 2]) -> bool {
    // Of a matrix the panic may name the dimensions, as (2, 3), or the shape, as [2, 3].
    let text = text.replace('(', "[").replace(')', "]");
    shapes.iter().all(|shape| text.contains(&format!("{shape:?}")))
}

type Operation = fn(&Tensor, &Tensor) -> Tensor;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn entry_by_entry(m in 2_usize..6, n in 2_usize..6, more in 1_usize..3) {
        let (a, b) = ([m, n], [m, n + more]);
        let operations: [Operation; 4] =
            [|a, b| a + b, |a, b| a - b, |a, b| a * b, |a, b| a / b];
        for operation in operations {
            let text = refusal(|| drop(operation(&tensor(&a), &tensor(&b))));
            prop_assert!(names(&text, [&a, &b]), "{text}");
        }
    }

    #[test]
    fn products_and_costs(m in 1_usize..6, n in 1_usize..6, more in 1_usize..3) {
        let (a, b) = ([m, n], [n + more, m]);
        let text = refusal(|| drop(tensor(&a).matmul(&tensor(&b))));
        prop_assert!(names(&text, [&a, &b]), "{text}");
        let (z, y) = ([m, n], [m, n + more]);
        let text = refusal(|| drop(tensor(&z).cross_entropy(&tensor(&y))));
        prop_assert!(names(&text, [&z, &y]), "{text}");
        let text = refusal(|| no_grad(|| tensor(&z).update_(|_| ArrayD::zeros(IxDyn(&y)))));
        prop_assert!(names(&text, [&z, &y]), "{text}");
    }
}

#[test]
fn what_is_no_matrix_is_named() {
    let text = refusal(|| drop(tensor(&[3]).matmul(&tensor(&[3, 2]))));
    assert!(text.contains("matrices") && text.contains("[3]"), "{text}");
    let text = refusal(|| drop(tensor(&[3]).cross_entropy(&tensor(&[3]))));
    assert!(text.contains("(m, n)") && text.contains("[3]"), "{text}");
}
