//! A run that several processes share, on one machine or on many, over MPI: each computes
//! the gradient of its part of every mini-batch, and the parts are added.
//!
//! All processes hold the same digits and the same network, and take the same steps. What
//! travels is one number for each knob and step.

use std::ops::ControlFlow;

use mpi::collective::{Root, SystemOperation};
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::Communicator;

use crate::engine::pool::share;
use crate::engine::watch_if;
use crate::mnist::{Diverged, Pause, Training, batch_gradient};
use crate::pixels::Digits;

/// The processes that mpirun started, of which this is one.
pub struct Ranks {
    world: SimpleCommunicator,
    /// MPI ends when it is dropped.
    _universe: Universe,
}

impl Ranks {
    /// Joins the others; alone, if the program was not started by mpirun.
    ///
    /// # Panics
    /// If this process did so before.
    pub fn join() -> Ranks {
        let universe = mpi::initialize().expect("MPI is started once");
        Ranks { world: universe.world(), _universe: universe }
    }

    /// Which one this is, from 0.
    pub fn rank(&self) -> usize {
        self.world.rank() as usize
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.world.size() as usize
    }

    /// Ends all of them at once, with this exit code.
    pub fn abort(&self, code: i32) -> ! {
        self.world.abort(code)
    }

    /// Gives the bytes of rank 0 to all.
    pub fn share(&self, bytes: &mut Vec<u8>) {
        let root = self.world.process_at_rank(0);
        let mut length = bytes.len() as u64;
        root.broadcast_into(&mut length);
        bytes.resize(length as usize, 0);
        root.broadcast_into(&mut bytes[..]);
    }

    /// The sum of what all processes have in its place: the same bits for each, as rank 0 adds.
    fn add(&self, numbers: &mut [f64]) {
        let root = self.world.process_at_rank(0);
        if self.rank() == 0 {
            let mut sum = vec![0.0; numbers.len()];
            root.reduce_into_root(&*numbers, &mut sum[..], SystemOperation::sum());
            numbers.copy_from_slice(&sum);
        } else {
            root.reduce_into(&*numbers, SystemOperation::sum());
        }
        root.broadcast_into(numbers);
    }

    /// [`engine::go_on`](crate::engine::go_on) of a run that all processes have in the same
    /// state, to weights that differ from those of one process by rounding.
    ///
    /// # Errors
    /// As [`Training::go_on`].
    ///
    /// # Panics
    /// As [`Training::go_on`].
    pub fn go_on(
        &self,
        training: &mut Training,
        train: &Digits,
        validation: &Digits,
        wanted: impl FnMut(&Training) -> bool,
        watch: impl FnMut(&Training, Pause) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Diverged> {
        let step = |training: &mut Training, rows: &[usize]| {
            let epoch = training.epochs.len() + 1;
            let own = &rows[share(rows.len(), self.rank(), self.size())];
            let Training { network, recipe, .. } = training;
            let mut numbers = vec![0.0; 1 + network.parameters()];
            if !own.is_empty() {
                let (cost, gradients) =
                    batch_gradient(network, recipe, train, own, epoch);
                let part = own.len() as f64 / rows.len() as f64;
                let knobs = gradients.iter().flat_map(|l| l.w.iter().chain(&l.b));
                numbers[0] = part * cost;
                numbers[1..].iter_mut().zip(knobs).for_each(|(to, g)| *to = part * g);
            }
            self.add(&mut numbers);
            let sums = numbers.split_off(1).into();
            let gradients = network.with_vector(&sums).layers;
            training.descend(numbers[0], gradients, rows.len())
        };
        training.go_on_by(step, train.len(), validation, watch_if(wanted, watch))
    }
}
