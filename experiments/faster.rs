//! Times the steps of chapter 20, from three nested loops to two cores, for the ledger of
//! numbers, and the machine that it runs on; `images/faster.csv` is what the chapter draws.
//!
//! `MNIST_DIR=… cargo run --release --example faster`

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals, this_machine};
use neurons::digits::dataset;
use neurons::engine::kernel::{LINE, peak, zeros};
use neurons::engine::lit::Lit;
use neurons::engine::pool::Pool;
use neurons::gradient::random_point;
use neurons::speed::*;
use pulp::{Arch, Simd, WithSimd};

/// Pictures of a batch, pixels of a picture, neurons of the layer.
const SIZES: [usize; 3] = [100, 784, 128];

/// The time of a call in seconds: the median over rounds of some milliseconds each.
fn time(mut f: impl FnMut()) -> f64 {
    let once = |calls: usize, f: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64() / calls as f64
    };
    let calls = (0.01 / once(2, &mut f)).ceil() as usize;
    let mut times: Vec<f64> = (0..31).map(|_| once(calls, &mut f)).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Reads numbers again and again, in the order in which they lie.
struct Read<'a>(&'a [f32]);

impl WithSimd for Read<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let mut sums = [simd.splat_f32s(0.0); 8];
        for eight in S::as_simd_f32s(self.0).0.chunks_exact(8) {
            for (sum, &number) in sums.iter_mut().zip(eight) {
                *sum = simd.add_f32s(*sum, number);
            }
        }
        sums.iter().map(|&sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

/// Adds R rows to another, z: R + 1 loads for each store. With one row these are the loads and
/// stores of `along_memory`, with four those of `block_by_block`.
struct AddRows<'a, const R: usize> {
    rows: [&'a [f32]; R],
    z: &'a mut [f32],
}

impl<const R: usize> WithSimd for AddRows<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let z = S::as_mut_simd_f32s(self.z).0;
        let rows = self.rows.map(|row| &S::as_simd_f32s(row).0[..z.len()]);
        for (i, z) in z.iter_mut().enumerate() {
            *z = rows.iter().fold(*z, |sum, row| simd.add_f32s(sum, row[i]));
        }
    }
}

/// Bytes that a core loads and stores in a second, in 10⁹, while R rows of this many kilobytes,
/// z included, are added again and again. With no row, z is only read.
fn bandwidth<const R: usize>(kilobytes: usize) -> f64 {
    let width = (kilobytes * 256 / (R + 1)).next_multiple_of(LINE);
    // Each row begins a cache line further than at a multiple of its width: rows a power of two
    // apart would compete for the same places of the cache.
    let mut numbers = zeros((R + 1) * (width + LINE));
    let (z, rows) = numbers.split_at_mut(width + LINE);
    let z = &mut z[..width];
    let mut rows = rows.chunks(width + LINE).map(|row| &row[..width]);
    let rows = std::array::from_fn(|_| rows.next().expect("R rows"));
    let arch = Arch::new();
    let seconds = time(|| match R {
        0 => {
            black_box(arch.dispatch(Read(black_box(z))));
        }
        _ => arch.dispatch(AddRows::<R> { rows: black_box(rows), z: black_box(z) }),
    });
    let moved = if R == 0 { 1 } else { R + 2 };
    (moved * width * size_of::<f32>()) as f64 / seconds / 1e9
}

/// `, caches of 32 kB and 1024 kB`, where Linux says so.
fn caches() -> Option<String> {
    let size = |index: usize| {
        let file = format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size");
        Some(std::fs::read_to_string(file).ok()?.trim().strip_suffix('K')?.to_string())
    };
    // 0 is the first level for data, 1 that for instructions.
    Some(format!(", caches of {} kB and {} kB", size(0)?, size(2)?))
}

/// Floats of a vector.
struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let [m, p, n] = SIZES;
    let digits = data.train.split_at(m).0;
    let bytes = digits.images.as_slice().ok_or("the pictures lie in one piece")?;
    let lit = Lit::from(&digits);
    let rows: Vec<usize> = (0..m).collect();
    let x: Vec<f64> = bytes.iter().map(|&p| f64::from(p) / 255.0).collect();
    let w = random_point(1, n * p).into_raw_vec_and_offset().0;
    let narrow =
        |numbers: &[f64]| numbers.iter().map(|&x| x as f32).collect::<Vec<f32>>();
    let (x_32, w_turned) = (narrow(&x), turned(&w, p));
    let w_32 = narrow(&w_turned);
    let batch = by_block(&lit, &rows);
    let aligned = |numbers: &mut dyn Iterator<Item = f32>| {
        let mut aligned = zeros(0);
        numbers.for_each(|number| aligned.push(number));
        aligned
    };
    let w_lined = aligned(&mut w_32.iter().copied());
    let half = |from: usize| {
        let rows = w_32.chunks(n).flat_map(|row| &row[from..from + n / 2]);
        aligned(&mut rows.copied())
    };
    let halves = [half(0), half(n / 2)];
    let mut pool = Pool::new(2);
    // Room for the sums, so that no time goes into asking the system for it.
    let mut z = zeros(m * n);
    let rooms = [Mutex::new(zeros(m * n / 2)), Mutex::new(zeros(m * n / 2))];

    let arch = Arch::new();
    let lanes = arch.dispatch(Lanes);
    let peak = 2.0 * peak() / 1e9;
    // Which of them is the fastest depends on how many loads and stores a core can begin at once.
    let moved = |kb| [bandwidth::<0>(kb), bandwidth::<1>(kb), bandwidth::<4>(kb)];
    let (of_first, of_second) = (moved(24), moved(768));
    let [first, second] =
        [of_first, of_second].map(|moved| moved.into_iter().fold(0.0, f64::max));

    let lit_pixels = x.iter().filter(|&&x| x > 0.0).count() as f64;
    let all = 2.0 * (m * p * n) as f64;
    let lit_only = 2.0 * lit_pixels * n as f64;
    let of_blocks = 2.0 * (lit.lit_blocks() * 4 * n) as f64;
    // Bytes that the innermost loop loads and stores for one multiplication and addition: a
    // weight and a sum, which is stored again, and in the first a pixel too. For four products, a
    // block needs four weights and one sum.
    let steps: [(&str, &str, f64, f64, f64); 7] = [
        (
            "loops",
            "three loops",
            all,
            32.0,
            time(|| {
                black_box(three_loops(black_box(&x), &w, p));
            }),
        ),
        (
            "memory",
            "along memory",
            all,
            24.0,
            time(|| {
                black_box(along_memory(black_box(&x), &w_turned, p));
            }),
        ),
        (
            "f32",
            "f32",
            all,
            12.0,
            time(|| {
                black_box(along_memory(black_box(&x_32), &w_32, p));
            }),
        ),
        (
            "wide",
            "wide vectors",
            all,
            12.0,
            time(|| {
                black_box(with_wide_vectors(black_box(&x_32), &w_32, p));
            }),
        ),
        (
            "zeros",
            "without zeros",
            lit_only,
            12.0,
            time(|| {
                black_box(without_zeros(black_box(&x_32), &w_32, p));
            }),
        ),
        (
            "blocks",
            "block by block",
            of_blocks,
            6.0,
            time(|| {
                block_by_block(black_box(&batch), &w_lined, n, black_box(&mut z));
            }),
        ),
        (
            "cores",
            "two cores",
            of_blocks,
            6.0,
            time(|| {
                on_all_cores(
                    &mut pool,
                    black_box(&batch),
                    &halves,
                    n / 2,
                    black_box(&rooms),
                );
            }),
        ),
    ];

    let mut csv = format!("peak,{peak:.1}\nfirst,{first:.1}\nsecond,{second:.1}\n");
    let mut found = Experiment::new(
        file!(),
        "The weighted sums of 128 neurons for 100 pictures of MNIST: the time for one picture, \
         on one machine",
    )
    .asks(&["MNIST_DIR"])
    .machine(this_machine() + &caches().unwrap_or_default());
    let one = |key: &str, title: &str, unit: &str, decimals, value: f64| {
        println!("{title:40} {value:10.decimals$} {unit}");
        Quantity::new(key, title, unit, Decimals(decimals), vec![value])
    };
    let [slowest, skipping, on_one, on_two] =
        [0, 4, 5, 6].map(|step: usize| steps[step].4);
    let mut before = None;
    for (key, title, flops, bytes, seconds) in steps {
        let speed = flops / seconds / 1e9;
        writeln!(csv, "{title},{:.4},{speed:.3}", 2.0 / bytes)?;
        let microseconds = 1e6 * seconds / m as f64;
        found = found.quantity(one(key, title, "µs", 2, microseconds));
        if let Some(before) = before.replace(seconds) {
            let (key, title) =
                (format!("{key}_gain"), format!("{title}: times as fast as the last"));
            found = found.quantity(one(&key, &title, "", 1, before / seconds));
        }
    }
    let half = time(|| {
        block_by_block(
            black_box(&batch),
            &halves[0],
            n / 2,
            black_box(&mut z[..m * n / 2]),
        );
    });
    let of_turning = time(|| {
        black_box(by_block(black_box(&lit), &rows));
    });
    let empty = time(|| {
        pool.run(|t| {
            black_box(t);
        })
    });
    let asleep = time(|| {
        rayon::join(|| black_box(1), || black_box(2));
    });
    found = found
        .quantity(one(
            "half",
            "block by block, 64 neurons",
            "µs",
            2,
            1e6 * half / m as f64,
        ))
        .quantity(one("one_core_gain", "all steps on one core", "", 0, slowest / on_one))
        .quantity(one(
            "turned_gain",
            "block by block, with turning: times as fast as without zeros",
            "",
            1,
            skipping / (on_one + of_turning),
        ))
        .quantity(one("batch", "two cores, the whole batch", "µs", 0, 1e6 * on_two))
        .quantity(one("gain", "all steps together", "", 0, slowest / on_two))
        .quantity(one(
            "gain_turned",
            "all steps together, with turning",
            "",
            0,
            slowest / (on_two + of_turning),
        ))
        .quantity(one("turn", "turning the batch", "µs", 2, 1e6 * of_turning / m as f64))
        .quantity(one(
            "lit",
            "pixels that are not 0",
            "%",
            0,
            100.0 * lit_pixels / (m * p) as f64,
        ))
        .quantity(one(
            "blocks_lit",
            "blocks of four with such a pixel",
            "%",
            0,
            100.0 * 4.0 * lit.lit_blocks() as f64 / (m * p) as f64,
        ))
        .quantity(one("peak", "the most that one core can do", "GFLOP/s", 0, peak))
        .quantity(one(
            "at_peak",
            "a picture at that speed",
            "µs",
            1,
            1e-3 * all / m as f64 / peak,
        ))
        .quantity(one(
            "loops_share",
            "three loops: part of that speed",
            "%",
            1,
            100.0 * 1e-9 * all / slowest / peak,
        ))
        .quantity(one("lanes", "f32 in a vector", "", 0, lanes as f64));
    for (level, kilobytes, moved, most) in
        [("first", 24, of_first, first), ("second", 768, of_second, second)]
    {
        let loops = ["reading alone", "two loads for a store", "five loads for a store"];
        for ((key, name), moved) in ["read", "two", "five"].iter().zip(loops).zip(moved) {
            let (key, title) =
                (format!("{level}_{key}"), format!("{kilobytes} kB, {name}"));
            found = found.quantity(one(&key, &title, "GB/s", 0, moved));
        }
        let title = format!("{kilobytes} kB, the fastest of the three");
        found = found.quantity(one(level, &title, "GB/s", 0, most));
    }
    found = found
        .quantity(one(
            "spin",
            "an empty job for a thread that spins",
            "µs",
            1,
            1e6 * empty,
        ))
        .quantity(one(
            "sleep",
            "an empty job for a thread of rayon",
            "µs",
            1,
            1e6 * asleep,
        ));
    std::fs::write("images/faster.csv", csv)?;
    found.record()?;
    Ok(())
}
