//! A run that several processes share over MPI, on one machine or on many: each computes the
//! gradient of its share of every mini-batch, and the shares are added.
//!
//! All processes have the same digits and the same network, and take the same steps. In each step
//! they exchange one number for each knob.

use std::ops::ControlFlow;

use mpi::collective::{Root, SystemOperation};
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::Communicator;

use crate::engine::pool::share;
use crate::engine::watch_if;
use crate::mnist::training::batch_gradient;
use crate::mnist::{Diverged, Pause, Training};
use crate::pixels::Digits;

/// All processes that mpirun started, this one among them.
pub struct Ranks {
    world: SimpleCommunicator,
    /// MPI ends when it is dropped.
    _universe: Universe,
}

impl Ranks {
    /// Joins the other processes, of which there are none if mpirun did not start the program.
    ///
    /// # Panics
    /// If this process has joined before.
    pub fn join() -> Ranks {
        let universe = mpi::initialize().expect("MPI is started once");
        Ranks { world: universe.world(), _universe: universe }
    }

    /// The number of this process, from 0.
    pub fn rank(&self) -> usize {
        self.world.rank() as usize
    }

    /// The number of processes.
    pub fn size(&self) -> usize {
        self.world.size() as usize
    }

    /// Ends all of them at once, with this exit code.
    pub fn abort(&self, code: i32) -> ! {
        self.world.abort(code)
    }

    /// Copies the bytes of rank 0 to all processes.
    pub fn share(&self, bytes: &mut Vec<u8>) {
        let root = self.world.process_at_rank(0);
        let mut length = bytes.len() as u64;
        root.broadcast_into(&mut length);
        bytes.resize(length as usize, 0);
        root.broadcast_into(&mut bytes[..]);
    }

    /// Replaces the numbers by their sums over all processes. All get the same bits, because rank 0
    /// adds.
    fn add(&self, numbers: &mut [f64]) {
        let root = self.world.process_at_rank(0);
        if self.rank() == 0 {
            let mut sum = vec![0.0; numbers.len()];
            root.reduce_into_root(
                &*numbers,
                &mut sum[..],
                SystemOperation::sum(),
            );
            numbers.copy_from_slice(&sum);
        } else {
            root.reduce_into(&*numbers, SystemOperation::sum());
        }
        root.broadcast_into(numbers);
    }

    /// [`engine::go_on`](crate::engine::go_on) for a run that is in the same state in all processes.
    /// The weights differ from those of a single process by rounding.
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
                let knobs =
                    gradients.iter().flat_map(|l| l.w.iter().chain(&l.b));
                numbers[0] = part * cost;
                numbers[1..]
                    .iter_mut()
                    .zip(knobs)
                    .for_each(|(to, g)| *to = part * g);
            }
            self.add(&mut numbers);
            let sums = numbers.split_off(1).into();
            let gradients = network.with_vector(&sums).layers;
            training.descend(numbers[0], gradients, rows.len())
        };
        training.go_on_by(
            step,
            train.len(),
            validation,
            watch_if(wanted, watch),
        )
    }
}
