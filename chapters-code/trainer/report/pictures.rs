//! Pictures of 28 × 28, one path for each shade: of weights, and of digits.

use std::collections::BTreeMap;
use std::fmt::Write;

use maud::{Markup, html};

use super::page::{named, words};
use crate::figures::palette::{BLUE, INK, ORANGE, Rgb};
use crate::layer::Layer;
use crate::pixels::{Digits, SIDE, ink};
use crate::trainer::number_text::{percent, whole_percent};
use crate::trainer::readings::ReadPicture;

/// The most neurons that [`weights`] shows.
pub(super) const MOST_NEURONS: usize = 40;
/// Shades of each colour: enough for the eye, and few enough that neighbours are often equal.
const LEVELS: i32 = 10;

/// Level and path of each shade except 0, which is the page: a bar for each run of equal pixels. The
/// bars of negative levels are thinner, which makes stripes.
fn paths(levels: &[i32]) -> BTreeMap<i32, String> {
    let mut paths = BTreeMap::new();
    for (y, row) in levels.chunks(SIDE).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] != 0 {
                let (n, height) =
                    (run.len(), if run[0] > 0 { "1" } else { ".7" });
                let path: &mut String = paths.entry(run[0]).or_default();
                let _ = write!(path, "M{x} {y}h{n}v{height}h-{n}z");
            }
            x += run.len();
        }
    }
    paths
}

fn picture(
    levels: &[i32],
    color: Rgb,
    id: &str,
    title: &str,
    more: &str,
) -> Markup {
    let strength = |level: i32| {
        format!("{:.1}", f64::from(level.abs()) / f64::from(LEVELS))
    };
    html! {
        svg role="img" viewBox={ "0 0 " (SIDE) " " (SIDE) }
            aria-labelledby={ (id) "-title" } aria-describedby={ (id) "-desc" }
            shape-rendering="crispEdges" {
            (words(id, title, more))
            @for (level, path) in paths(levels) {
                path fill=(named(if level > 0 { color } else { ORANGE }))
                    fill-opacity=(strength(level)) d=(path) {}
            }
        }
    }
}

/// The 784 weights of each neuron of a first layer, for the first [`MOST_NEURONS`]: blue and full
/// where ink raises the neuron's sum, orange and striped where it lowers it. The strongest weight of
/// a neuron has the full colour.
pub(super) fn weights(layer: &Layer) -> Markup {
    html! {
        ul .pictures {
            @for (j, row) in layer.w.rows().into_iter().enumerate().take(MOST_NEURONS) {
                @let least = row.fold(f64::INFINITY, |least, w| least.min(*w));
                @let most = row.fold(f64::NEG_INFINITY, |most, w| most.max(*w));
                @let strongest = least.abs().max(most.abs()).max(f64::MIN_POSITIVE);
                @let level = |w: &f64| (w / strongest * f64::from(LEVELS)).round() as i32;
                @let levels: Vec<i32> = row.iter().map(level).collect();
                @let (id, title) = (format!("neuron-{j}"), format!("Neuron {j}"));
                @let range = format!("Weights from {least:.3} to {most:.3}");
                li {
                    (picture(&levels, BLUE, &id, &title, &range))
                    span aria-hidden="true" { (j) }
                }
            }
        }
    }
}

/// The pictures of some readings, with the answers.
pub(super) fn digits(readings: &[ReadPicture], digits: &Digits) -> Markup {
    html! {
        ul .pictures {
            @for ReadPicture { row, label, named, p } in readings {
                @let level = |&p: &u8| (f64::from(LEVELS) * ink(p)).round() as i32;
                @let levels: Vec<i32> = digits.images.row(*row).iter().map(level).collect();
                @let read = format!("{label} read as {named} ({})", whole_percent(*p));
                @let exact =
                    format!("Test picture {}, answered with {}", row + 1, percent(*p));
                li {
                    (picture(&levels, INK, &format!("picture-{row}"), &read, &exact))
                    span aria-hidden="true" { (read) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_neighbours_are_one_bar() {
        let mut levels = vec![0; SIDE * SIDE];
        levels[1] = 3;
        levels[2] = 3;
        levels[SIDE + 1] = 3;
        levels[SIDE + 2] = -10;
        let paths = paths(&levels);
        assert_eq!(paths[&3], "M1 0h2v1h-2zM1 1h1v1h-1z");
        assert_eq!(paths[&-10], "M2 1h1v.7h-1z");
        assert_eq!(paths.len(), 2);
    }
}
