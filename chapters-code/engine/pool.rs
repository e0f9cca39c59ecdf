//! Threads that wait by spinning, and tables that they can write to in parts.

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
    signals: Arc<Signals>,
    helpers: Vec<JoinHandle<()>>,
}

/// What the caller and the helpers tell each other.
#[derive(Debug)]
struct Signals {
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
        let signals = Arc::new(Signals {
            job: AtomicPtr::default(),
            round: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            end: AtomicBool::new(false),
        });
        let helper = |t| {
            let signals = signals.clone();
            thread::spawn(move || signals.help(t))
        };
        let helpers = (1..threads.max(1)).map(helper).collect();
        Pool { signals, helpers }
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
        let signals = &*self.signals;
        let job: Job = &job;
        signals.busy.store(self.helpers.len(), Ordering::Relaxed);
        signals
            .job
            .store((&raw const job).cast_mut().cast(), Ordering::Relaxed);
        self.begin_round();
        let own = catch_unwind(AssertUnwindSafe(|| job(0)));
        // Wait after a panic too: the helpers still use what the job borrows.
        wait_until(|| signals.busy.load(Ordering::Acquire) == 0);
        let panicked = signals.panicked.swap(false, Ordering::Relaxed);
        if let Err(panic) = own {
            resume_unwind(panic);
        }
        assert!(!panicked, "a thread of the pool panicked");
    }

    /// [`Pool::run`], where each thread also has an element of `own` to itself.
    ///
    /// ```
    /// let mut squares = [0; 3];
    /// neurons::engine::pool::Pool::new(3).run_with(&mut squares, |t, own| *own = t * t);
    /// assert_eq!(squares, [0, 1, 4]);
    /// ```
    ///
    /// # Panics
    /// If a job panics, or there are fewer elements than threads.
    #[allow(unsafe_code)]
    pub fn run_with<T: Send>(
        &mut self,
        own: &mut [T],
        job: impl Fn(usize, &mut T) + Sync,
    ) {
        let own = Parted::new(own, 1);
        self.run(|t| {
            // SAFETY: `run` calls job(t) once, so nobody else claims element t.
            let own = unsafe { own.claim_rows(t..t + 1) };
            job(t, &mut own[0]);
        });
    }

    fn begin_round(&self) {
        self.signals.round.fetch_add(1, Ordering::SeqCst);
        if self.signals.asleep.load(Ordering::SeqCst) > 0 {
            self.helpers.iter().for_each(|helper| helper.thread().unpark());
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.signals.end.store(true, Ordering::Relaxed);
        self.begin_round();
        for helper in self.helpers.drain(..) {
            helper.join().expect("a helper catches the panics of its jobs");
        }
    }
}

impl Signals {
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

/// A table, row after row, whose parts belong to different threads: a `&mut [T]` that they
/// share, and of which each claims what it alone uses.
#[derive(Debug)]
pub struct Parted<'a, T> {
    start: *mut T,
    length: usize,
    /// The length of a row.
    width: usize,
    array: PhantomData<&'a mut [T]>,
}

// SAFETY: it stands for a `&mut [T]`, and gives nothing of it away but by `claim`, whose callers
// promise that no two claims share an element.
#[allow(unsafe_code)]
unsafe impl<T: Send> Sync for Parted<'_, T> {}

impl<'a, T> Parted<'a, T> {
    /// Takes a whole array, of rows of `width`.
    pub fn new(array: &'a mut [T], width: usize) -> Self {
        Parted {
            start: array.as_mut_ptr(),
            length: array.len(),
            width,
            array: PhantomData,
        }
    }

    /// Whether there is nothing to part.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// A smaller table inside the array, of rows of its own width.
    ///
    /// # Panics
    /// If it is not inside.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn table(&self, part: Range<usize>, width: usize) -> Parted<'_, T> {
        assert!(part.start <= part.end && part.end <= self.length);
        Parted {
            // SAFETY: inside the array.
            start: unsafe { self.start.add(part.start) },
            length: part.len(),
            width,
            array: PhantomData,
        }
    }

    /// Some columns of some rows, for one thread alone.
    ///
    /// # Safety
    /// While the claim is in use, no other claim of an overlapping part may be.
    ///
    /// # Panics
    /// If they are not inside the table.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub unsafe fn claim(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Claim<'_, T> {
        assert!(rows.start <= rows.end && columns.start <= columns.end);
        assert!(rows.end * self.width <= self.length);
        assert!(columns.end <= self.width);
        let first = rows.start * self.width + columns.start;
        Claim {
            // At the end of the array where there are no rows, and inside it otherwise.
            start: self.start.wrapping_add(first),
            rows: rows.len(),
            columns: columns.len(),
            width: self.width,
            array: PhantomData,
        }
    }

    /// Whole rows, for one thread alone.
    ///
    /// # Safety
    /// As [`Parted::claim`].
    ///
    /// # Panics
    /// If they are not inside the table.
    #[inline(always)]
    #[allow(unsafe_code, clippy::mut_from_ref)]
    pub unsafe fn claim_rows(&self, rows: Range<usize>) -> &mut [T] {
        // SAFETY: the caller's promise.
        unsafe { self.claim(rows, 0..self.width) }.into_slice()
    }
}

/// Some columns of some rows of a [`Parted`] table, which one thread alone uses.
///
/// ```
/// use neurons::engine::pool::{Parted, Pool};
/// // Three rows of four: each thread has two columns.
/// let mut table = [0; 3 * 4];
/// let parted = Parted::new(&mut table, 4);
/// Pool::new(2).run(|t| {
///     // SAFETY: thread t has the columns 2t and 2t + 1, and nobody else has them.
///     let mut rows = unsafe { parted.claim(0..3, 2 * t..2 * t + 2) };
///     for i in 0..3 {
///         rows.row_mut(i).fill(t + 1);
///     }
/// });
/// assert_eq!(table, [1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2]);
/// ```
#[derive(Debug)]
pub struct Claim<'a, T> {
    start: *mut T,
    rows: usize,
    columns: usize,
    /// The distance from one row to the next in the table.
    width: usize,
    array: PhantomData<&'a mut [T]>,
}

impl<'a, T> Claim<'a, T> {
    /// The claimed columns of row i, counted from the first row that was claimed.
    ///
    /// # Panics
    /// If it was not claimed.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn row_mut(&mut self, i: usize) -> &mut [T] {
        assert!(i < self.rows, "row {i} of {}", self.rows);
        // SAFETY: the row is inside the table, and by the claim nobody else uses these columns
        // of it; `self` is borrowed as long as the row is used.
        unsafe {
            std::slice::from_raw_parts_mut(
                self.start.add(i * self.width),
                self.columns,
            )
        }
    }

    /// All claimed elements, one after the other.
    ///
    /// # Panics
    /// If only some columns of several rows were claimed: these do not follow each other.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn into_slice(self) -> &'a mut [T] {
        assert!(self.columns == self.width || self.rows <= 1);
        // SAFETY: the elements are inside the table and follow each other, and by the claim
        // nobody else uses them.
        unsafe {
            std::slice::from_raw_parts_mut(
                self.start,
                self.rows * self.columns,
            )
        }
    }
}
