//! A step of gradient descent: three phases, between which the threads wait for each other.
//!
//! What a phase only reads it borrows; of what it writes, each thread claims a part of its own.

use pulp::{Arch, Simd, WithSimd};

use super::pool::Pool;
use super::workspace::Workspace;
use plan::Phase;

pub mod first_layer;
mod pass;
pub mod plan;
pub mod update;
pub mod upper_layers;

/// Does one phase on all threads. Each has a workspace of its own.
pub fn run(
    phase: &impl Phase,
    arch: Arch,
    pool: &mut Pool,
    workspaces: &mut [Workspace],
) {
    pool.run_with(workspaces, |t, workspace| {
        arch.dispatch(OnThread { phase, t, workspace });
    });
}

/// What thread t does in a phase.
struct OnThread<'a, P> {
    phase: &'a P,
    t: usize,
    workspace: &'a mut Workspace,
}

impl<P: Phase> WithSimd for OnThread<'_, P> {
    type Output = ();

    /// A phase is compiled once for each kind of processor, with its vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // SAFETY: only `run` makes these, and its pool calls the job once for each t.
        unsafe { self.phase.run(simd, self.t, self.workspace) }
    }
}
