//! Threads that wait by spinning, and what lets them write to parts of one array.

use std::marker::PhantomData;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

type Job<'a> = &'a (dyn Fn(usize) + Sync);

/// So often a thread looks again before it lets others have its core: some 50 µs.
const SPINS: usize = 20_000;
/// So often it does that before it goes to sleep.
const YIELDS: usize = 2_000;

/// A few threads that do the same job, each on its part of the data, some thousand times
/// a second. Waking a thread that sleeps costs more than such a job, so they spin while they
/// wait; only after a millisecond or so without a job do they sleep.
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
    /// Counts the jobs, and so tells that there is a new one.
    round: AtomicUsize,
    /// How many helpers are not done with it.
    busy: AtomicUsize,
    asleep: AtomicUsize,
    panicked: AtomicBool,
    end: AtomicBool,
}

impl Pool {
    /// `threads` threads, of which the caller's is one.
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

    /// How many threads work.
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls job(0), job(1), …, each on a thread of its own, and returns when all are done.
    ///
    /// # Panics
    /// If one of them does.
    pub fn run(&mut self, job: impl Fn(usize) + Sync) {
        let shared = &*self.shared;
        let job: Job = &job;
        shared.busy.store(self.helpers.len(), Ordering::Relaxed);
        shared.job.store((&raw const job).cast_mut().cast(), Ordering::Relaxed);
        self.begin_round();
        let own = catch_unwind(AssertUnwindSafe(|| job(0)));
        // Also after a panic: the helpers still hold what the job borrows.
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
    /// What a helper does all its life.
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
            // SAFETY: `run` stored the address of a job before it began this round, and does not
            // return, so that the job lives, until `busy` says that this thread is done with it.
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

/// Which of n things are thread t's.
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

// SAFETY: it is a `&mut [T]` whose users promise not to share what they write.
#[allow(unsafe_code)]
unsafe impl<T: Send + Sync> Sync for Parted<'_, T> {}

impl<'a, T> Parted<'a, T> {
    /// All of an array, to be handed out in parts.
    pub fn new(array: &'a mut [T]) -> Self {
        Parted { start: array.as_mut_ptr(), length: array.len(), array: PhantomData }
    }

    /// A part to read.
    ///
    /// # Safety
    /// As long as it is used, nobody uses [`Parted::write`] on any of it.
    ///
    /// # Panics
    /// If it is not inside the array.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub unsafe fn read(&self, part: Range<usize>) -> &[T] {
        assert!(part.start <= part.end && part.end <= self.length);
        // SAFETY: inside the array, which is borrowed for 'a, and not written to.
        unsafe { std::slice::from_raw_parts(self.start.add(part.start), part.len()) }
    }

    /// A part to write to.
    ///
    /// # Safety
    /// As long as it is used, nobody else uses any of it.
    ///
    /// # Panics
    /// If it is not inside the array.
    #[inline(always)]
    #[allow(unsafe_code, clippy::mut_from_ref)]
    pub unsafe fn write(&self, part: Range<usize>) -> &mut [T] {
        assert!(part.start <= part.end && part.end <= self.length);
        // SAFETY: inside the array, which is borrowed for 'a, and nobody else's.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(part.start), part.len()) }
    }

    /// How long the array is.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}
