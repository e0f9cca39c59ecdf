//! Threads that wait by spinning, and arrays that they can write to in parts.

use std::marker::PhantomData;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

type Job<'a> = &'a (dyn Fn(usize) + Sync);

/// How often a thread looks before it offers its core to others: some 50 µs.
const SPINS: usize = 20_000;
/// How often it does that before it goes to sleep.
const YIELDS: usize = 2_000;

/// A few threads that do the same job, each on its part of the data, thousands of times a
/// second. Waking a sleeping thread would cost more than such a job, so they spin while they
/// wait, and sleep only after a millisecond or so without a job.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// let mut pool = neurons::engine::pool::Pool::new(3);
/// let sum = AtomicUsize::new(0);
/// pool.run(|t| { sum.fetch_add(t + 1, Ordering::Relaxed); });
/// assert_eq!(sum.into_inner(), 1 + 2 + 3);
/// ```
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    job: AtomicPtr<Job<'static>>,
    /// The number of jobs so far: it changes when there is a new one.
    round: AtomicUsize,
    /// How many helpers are still working on it.
    busy: AtomicUsize,
    asleep: AtomicUsize,
    panicked: AtomicBool,
    end: AtomicBool,
}

impl Pool {
    /// A pool of `threads` threads; the caller's is one of them.
    pub fn new(threads: usize) -> Pool {
        let shared = Arc::new(Shared {
            job: AtomicPtr::default(),
            round: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            end: AtomicBool::new(false),
        });
        let helper = |t| {
            let shared = shared.clone();
            thread::spawn(move || shared.help(t))
        };
        let helpers = (1..threads.max(1)).map(helper).collect();
        Pool { shared, helpers }
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls job(0), job(1), …, each on its own thread, and returns when all are done.
    ///
    /// # Panics
    /// If a job panics.
    pub fn run(&mut self, job: impl Fn(usize) + Sync) {
        let shared = &*self.shared;
        let job: Job = &job;
        shared.busy.store(self.helpers.len(), Ordering::Relaxed);
        shared
            .job
            .store((&raw const job).cast_mut().cast(), Ordering::Relaxed);
        self.begin_round();
        let own = catch_unwind(AssertUnwindSafe(|| job(0)));
        // Wait after a panic too: the helpers still use what the job borrows.
        wait_until(|| shared.busy.load(Ordering::Acquire) == 0);
        let panicked = shared.panicked.swap(false, Ordering::Relaxed);
        if let Err(panic) = own {
            resume_unwind(panic);
        }
        assert!(!panicked, "a thread of the pool panicked");
    }

    fn begin_round(&self) {
        self.shared.round.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) > 0 {
            self.helpers.iter().for_each(|helper| helper.thread().unpark());
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::Relaxed);
        self.begin_round();
        for helper in self.helpers.drain(..) {
            helper.join().expect("a helper catches the panics of its jobs");
        }
    }
}

impl Shared {
    /// What a helper thread runs.
    #[allow(unsafe_code)]
    fn help(&self, t: usize) {
        for seen in 0.. {
            let is_new = || self.round.load(Ordering::SeqCst) != seen;
            if !wait_a_while(is_new) {
                self.asleep.fetch_add(1, Ordering::SeqCst);
                while !is_new() {
                    thread::park();
                }
                self.asleep.fetch_sub(1, Ordering::SeqCst);
            }
            if self.end.load(Ordering::Relaxed) {
                return;
            }
            // SAFETY: `run` stored the address of the job before it began this round. It returns
            // only after `busy` says that this thread is done, so the job still lives.
            let job = unsafe { *self.job.load(Ordering::Relaxed) };
            if catch_unwind(AssertUnwindSafe(|| job(t))).is_err() {
                self.panicked.store(true, Ordering::Relaxed);
            }
            self.busy.fetch_sub(1, Ordering::Release);
        }
    }
}

fn wait_until(is_so: impl Fn() -> bool) {
    while !wait_a_while(&is_so) {}
}

fn wait_a_while(is_so: impl Fn() -> bool) -> bool {
    for _ in 0..SPINS {
        if is_so() {
            return true;
        }
        std::hint::spin_loop();
    }
    (0..YIELDS).any(|_| {
        thread::yield_now();
        is_so()
    })
}

/// Which of n things belong to thread t.
///
/// ```
/// use neurons::engine::pool::share;
/// assert_eq!([0, 1, 2].map(|t| share(10, t, 3)), [0..3, 3..6, 6..10]);
/// ```
pub fn share(n: usize, t: usize, threads: usize) -> Range<usize> {
    n * t / threads..n * (t + 1) / threads
}

/// An array whose parts belong to different threads.
#[derive(Debug)]
pub struct Parted<'a, T> {
    start: *mut T,
    length: usize,
    array: PhantomData<&'a mut [T]>,
}

// SAFETY: it stands for a `&mut [T]`; the callers of `write` promise that no two of them hold the
// same element.
#[allow(unsafe_code)]
unsafe impl<T: Send + Sync> Sync for Parted<'_, T> {}

impl<'a, T> Parted<'a, T> {
    /// Takes a whole array, to be handed out in parts.
    pub fn new(array: &'a mut [T]) -> Self {
        Parted {
            start: array.as_mut_ptr(),
            length: array.len(),
            array: PhantomData,
        }
    }

    /// A part to read.
    ///
    /// # Safety
    /// While it is in use, no call of [`Parted::write`] may overlap it.
    ///
    /// # Panics
    /// If the part is not inside the array.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub unsafe fn read(&self, part: Range<usize>) -> &[T] {
        assert!(part.start <= part.end && part.end <= self.length);
        // SAFETY: the part is inside the array, which is borrowed for 'a, and nobody writes to it.
        unsafe {
            std::slice::from_raw_parts(
                self.start.add(part.start),
                part.len(),
            )
        }
    }

    /// A part to write to.
    ///
    /// # Safety
    /// While it is in use, no other part in use may overlap it.
    ///
    /// # Panics
    /// If the part is not inside the array.
    #[inline(always)]
    #[allow(unsafe_code, clippy::mut_from_ref)]
    pub unsafe fn write(&self, part: Range<usize>) -> &mut [T] {
        assert!(part.start <= part.end && part.end <= self.length);
        // SAFETY: the part is inside the array, which is borrowed for 'a, and nobody else uses it.
        unsafe {
            std::slice::from_raw_parts_mut(
                self.start.add(part.start),
                part.len(),
            )
        }
    }

    /// The length of the array.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}
