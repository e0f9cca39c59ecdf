//! Chapter 1: what the machine sees. What is drawn of MNIST comes from `images/mean_pictures.idx`,
//! `images/looks_*.csv` and `images/mnist/shown.idx`, which `--example looks` writes.

use super::asked::inks;
use super::chart::{Axis, Chart};
use super::palette::{BLUE, GRID, INK, ORANGE, PAPER};
use super::panel::{
    Anchor, FULL, HALF, LINE, Panel, Point, captioned, pictures, rectangle,
    signed_pictures, solid,
};
use super::table::{Panels, rows, table};
use crate::digits::handwriting;
use crate::pixels::{CLASSES, Digits, PIXELS, SIDE};

/// Rows of a sheet: the first pictures of each digit.
const SHOWN: usize = 4;

/// The pictures of a file of MNIST's own format, behind its header.
pub(super) fn of_file(idx: &[u8]) -> Vec<&[u8]> {
    idx[16..].chunks(PIXELS).collect()
}

/// The pictures of MNIST that are shown: digit by digit, four of each, and then a misread one.
fn shown() -> Vec<&'static [u8]> {
    of_file(include_bytes!("../../images/mnist/shown.idx"))
}

/// MNIST's digits beside drawn ones, taken as they come.
pub(super) fn sheet() -> Panels {
    let drawn = Digits::handwriting(100, 1);
    let of_digit = |digit| {
        let labels = drawn.labels.iter().enumerate();
        let own = labels.filter(move |&(_, &label)| label == digit);
        own.take(SHOWN).map(|(i, _)| drawn.images.row(i).to_vec())
    };
    let drawn: Vec<Vec<u8>> =
        (0..CLASSES as u8).flat_map(of_digit).collect();
    Ok(vec![
        side_by_side("MNIST", &shown()),
        side_by_side("drawn by the program", &drawn),
    ])
}

/// Pictures digit by digit, each digit a column.
fn side_by_side(title: &str, shown: &[impl AsRef<[u8]>]) -> Panel {
    const CELL: usize = SIDE + 2;
    let place = |i: usize| (i / SHOWN * CELL, i % SHOWN * CELL);
    let all: Vec<_> = shown
        .iter()
        .take(SHOWN * CLASSES)
        .enumerate()
        .map(|(i, picture)| (picture, place(i)))
        .collect();
    let mut panel = Panel::new(HALF, LINE + 4.0 + (SHOWN * CELL) as f64);
    panel.title(title);
    panel.at((2.0, LINE + 4.0), |panel| pictures(panel, &all, SIDE, 1.0));
    panel
}

/// How the ink of each digit is spread.
pub(super) fn ink() -> Panels {
    const INK_TO: f64 = 250.0;
    let csv = include_str!("../../images/looks_ink.csv");
    let all: Vec<Vec<&str>> = rows(csv).skip(1).collect();
    let draw = |(source, title): (&str, &str)| {
        let x = Axis::linear("ink, in full pixels", 0.0..INK_TO, 50.0);
        let names =
            (0..CLASSES).map(|digit| (digit as f64, digit.to_string()));
        let y = Axis {
            name: String::new(),
            range: 9.2..-1.7,
            logarithmic: false,
            ticks: names.collect(),
        };
        let mut chart = Chart::new(HALF, 260.0, title, x, y);
        for digit in 0..CLASSES {
            let name = digit.to_string();
            let of = all.iter().filter(|r| r[0] == source && r[1] == name);
            let shares: Vec<Point> = of
                .map(|row| Ok((row[2].parse()?, row[3].parse()?)))
                .collect::<Result<_, std::num::ParseFloatError>>()?;
            let floor = digit as f64;
            // A bin's share stands over its middle; the tallest hill is 1.6 rows high.
            let hill =
                |&(from, share): &Point| (from + 5.0, floor - 4.4 * share);
            let line: Vec<Point> =
                shares.iter().map(hill).filter(|p| p.0 < INK_TO).collect();
            let ends = [(INK_TO, floor), (0.0, floor)];
            let color = if [0, 1].contains(&digit) { ORANGE } else { BLUE };
            chart.area(line.iter().copied().chain(ends), PAPER, 0.99);
            chart.area(line.iter().copied().chain(ends), color, 0.25);
            chart.line(line, solid(color, 1.6));
            let mean: f64 = shares
                .iter()
                .map(|(from, share)| (from + 5.0) * share)
                .sum();
            chart.line(
                [(mean, floor), (mean, floor - 0.45)],
                solid(INK, 2.5),
            );
        }
        Ok(chart.panel)
    };
    [("MNIST", "MNIST"), ("drawn", "drawn digits")]
        .into_iter()
        .map(draw)
        .collect()
}

/// The ten mean pictures.
pub(super) fn means() -> Panels {
    const PIXEL: f64 = 2.2;
    const CELL: usize = SIDE + 3;
    let means = of_file(include_bytes!("../../images/mean_pictures.idx"));
    let side = PIXEL * CELL as f64;
    let mut panel = Panel::new(5.0 * side, 2.0 * (side + LINE));
    for (digit, picture) in means.into_iter().enumerate() {
        let at =
            ((digit % 5) as f64 * side, (digit / 5) as f64 * (side + LINE));
        panel.at(at, |panel| {
            pictures(panel, &[(picture, (0, 0))], SIDE, PIXEL);
            let edge = PIXEL * SIDE as f64;
            panel.frame((0.0, 0.0), edge, edge, solid(GRID, 1.0));
            let below = (edge / 2.0, edge + 10.0);
            let name = digit.to_string();
            panel.text(below, &name, Anchor::Middle, INK);
        });
    }
    Ok(vec![panel])
}

/// A picture that the nearest mean misreads, and its ten squared distances.
pub(super) fn misread() -> Panels {
    const PIXEL: f64 = 6.0;
    let side = PIXEL * SIDE as f64;
    let all = table_of_misread()?;
    let (written, named) = (all[0][0], all[0][1]);
    let picture = shown()[SHOWN * CLASSES];
    let mut whole = Panel::new(side + 2.0, LINE + 6.0 + side);
    whole.title(&format!("written: {written}, named: {named}"));
    whole.at((1.0, LINE + 4.0), |panel| {
        pictures(panel, &[(picture, (0, 0))], SIDE, PIXEL);
        panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
    });

    const ROW: f64 = 17.5;
    const LEFT: f64 = 20.0;
    let mut far = Panel::new(HALF, LINE + 6.0 + 10.0 * ROW);
    far.title("squared distance from each mean");
    let largest = all[1..].iter().map(|row| row[1]).fold(0.0, f64::max);
    for row in &all[1..] {
        let (digit, distance) = (row[0], row[1]);
        let y = LINE + 4.0 + (digit + 0.5) * ROW;
        let color = match digit {
            d if d == named => BLUE,
            d if d == written => ORANGE,
            _ => GRID,
        };
        let long = distance / largest * (HALF - LEFT - 40.0);
        let bar = rectangle((LEFT, y - 6.0), long, 12.0);
        far.area(&bar, color, 0.9);
        let name = digit.to_string();
        far.text((LEFT - 6.0, y), &name, Anchor::End, INK);
        let words = format!("{distance:.1}");
        let beside = (LEFT + long + 5.0, y);
        far.text(beside, &words, Anchor::Start, INK);
    }
    Ok(vec![whole, far])
}

/// Digit written and digit named, and then each digit with its squared distance.
fn table_of_misread() -> Result<Vec<Vec<f64>>, std::num::ParseFloatError> {
    table(include_str!("../../images/looks_misread.csv"))
}

/// What the nearest mean makes of the test pictures.
pub(super) fn confused() -> Panels {
    const LEFT: f64 = 34.0;
    const TOP: f64 = 2.0 * LINE + 4.0;
    const CELL: (f64, f64) = ((FULL - LEFT) / 10.0, 24.0);
    let counts = table(include_str!("../../images/looks_confused.csv"))?;
    let mut panel = Panel::new(FULL, TOP + 10.0 * CELL.1 + 2.0);
    panel.text(
        (LEFT, 8.0),
        "named by the mean picture",
        Anchor::Start,
        INK,
    );
    panel.words(
        (9.0, TOP + 5.0 * CELL.1),
        "written",
        Anchor::Middle,
        INK,
        -90.0,
        None,
    );
    for digit in 0..CLASSES {
        let name = digit.to_string();
        let column = (LEFT + (digit as f64 + 0.5) * CELL.0, TOP - 9.0);
        panel.text(column, &name, Anchor::Middle, INK);
        let row = (LEFT - 5.0, TOP + (digit as f64 + 0.5) * CELL.1);
        panel.text(row, &name, Anchor::End, INK);
    }
    for cell in counts {
        let (digit, named, count) = (cell[0], cell[1], cell[2]);
        let at = (LEFT + named * CELL.0, TOP + digit * CELL.1);
        let (color, full) =
            if digit == named { (BLUE, 1100.0) } else { (ORANGE, 250.0) };
        let corners = rectangle(at, CELL.0, CELL.1);
        panel.area(&corners, color, (0.45 * count / full).min(0.45));
        panel.frame(at, CELL.0, CELL.1, solid(GRID, 1.0));
        let middle = (at.0 + CELL.0 / 2.0, at.1 + CELL.1 / 2.0);
        if count > 0.0 {
            let words = format!("{count}");
            panel.plain(middle, &words, Anchor::Middle, INK);
        }
    }
    Ok(vec![panel])
}

/// The 2 of the book, itself two pixels to the right, and a picture of another digit that is nearer.
pub(super) fn moved() -> Panels {
    let two = handwriting::the_two();
    let mut aside = [0_u8; PIXELS];
    for row in (0..PIXELS).step_by(SIDE) {
        aside[row + 2..row + SIDE]
            .copy_from_slice(&two[row..row + SIDE - 2]);
    }
    let difference =
        |other: &[u8]| -> Vec<f64> { (inks(&two) - inks(other)).to_vec() };
    let squared =
        |other: &[u8]| difference(other).iter().map(|d| d * d).sum::<f64>();
    let drawn = Digits::handwriting(2000, 1);
    let others = drawn.images.rows().into_iter().zip(&drawn.labels);
    let others = others.filter(|(_, label)| **label != 2);
    let (other, digit) = others
        .map(|(image, label)| (image.to_vec(), label))
        .min_by(|a, b| squared(&a.0).total_cmp(&squared(&b.0)))
        .expect("other digits");
    let plain = |words: &str, picture: &[u8]| {
        captioned(words, |panel, pixel| {
            pictures(panel, &[(picture, (0, 0))], SIDE, pixel);
        })
    };
    let minus = |picture: &[u8]| {
        let words = format!("squares: {:.0}", squared(picture));
        captioned(&words, |panel, pixel| {
            let shown = difference(picture);
            signed_pictures(panel, &[(shown, (0, 0))], SIDE, pixel);
        })
    };
    Ok(vec![
        plain("the book’s 2", &two),
        plain("moved by two", &aside),
        minus(&aside),
        plain("the book’s 2", &two),
        plain(&format!("a drawn {digit}"), &other),
        minus(&other),
    ])
}

/// How often each pixel has ink.
pub(super) fn inked() -> Panels {
    const PIXEL: f64 = (HALF - 2.0) / SIDE as f64;
    let shares = table(include_str!("../../images/looks_inked.csv"))?;
    // Where there is any, it can be seen.
    let shade = |percent: f64| match percent {
        0.0 => 0,
        some => (26.0 + 2.29 * some).round() as u8,
    };
    let bytes: Vec<u8> = shares.iter().map(|row| shade(row[0])).collect();
    let mut panel = Panel::new(HALF, HALF);
    panel.at((1.0, 1.0), |panel| {
        pictures(panel, &[(bytes, (0, 0))], SIDE, PIXEL);
        let side = PIXEL * SIDE as f64;
        panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
        for (i, row) in shares.iter().enumerate() {
            if row[0] == 0.0 {
                let corner =
                    ((i % SIDE) as f64 * PIXEL, (i / SIDE) as f64 * PIXEL);
                panel.area(&rectangle(corner, PIXEL, PIXEL), ORANGE, 0.7);
            }
        }
    });
    Ok(vec![panel])
}
