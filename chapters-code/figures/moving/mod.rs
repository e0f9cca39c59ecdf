//! Figures that the reader moves: functions of what their controls say. The page shows each of
//! them at rest, as a figure of `images/`; a browser draws it anew with the same function.

use super::palette::with_variables;
use super::panel::Panel;

mod downhill;
pub(super) mod how_sure;
mod three_levers;

/// A figure as it stands for some state of its controls.
pub struct Moved {
    pub(super) panels: Vec<Panel>,
    /// What is to be seen, in a sentence or two.
    pub words: String,
    /// What it was drawn from.
    pub numbers: Vec<f64>,
}

impl Moved {
    /// The insides of its panels, in the colours of the page.
    pub fn drawings(&self) -> impl Iterator<Item = String> {
        self.panels
            .iter()
            .map(|panel| with_variables(panel.body().trim_end(), "fig-"))
    }
}

/// A figure that moves: its name, the state in which the page shows it, and what draws it.
type Moving = (&'static str, &'static [f64], fn(&[f64]) -> Moved);

const MOVING: &[Moving] = &[
    ("downhill", &downhill::AT_REST, downhill::downhill),
    ("how_sure", &how_sure::AT_REST, how_sure::how_sure),
    ("three_levers", &three_levers::AT_REST, three_levers::three_levers),
];

fn named(name: &str) -> &'static Moving {
    let found = MOVING.iter().find(|(known, ..)| *known == name);
    found.unwrap_or_else(|| panic!("no figure named {name} moves"))
}

/// The figure of a name, for the numbers that its controls say, in their order on the page.
///
/// ```
/// use neurons::figures::moving::moved;
/// // Rate, curvature ratio, momentum, start.
/// let downhill = moved("downhill", &[0.15, 10.0, 0.0, -9.0, 2.2]);
/// assert!(downhill.words.starts_with("η = 0.15 is below the border 0.2."));
/// ```
///
/// # Panics
/// If no figure of that name moves, or its controls are others.
pub fn moved(name: &str, state: &[f64]) -> Moved {
    let (_, at_rest, draw) = named(name);
    assert_eq!(state.len(), at_rest.len(), "the controls of {name}");
    draw(state)
}

/// The figure as the page shows it.
pub(super) fn at_rest(name: &str) -> Vec<Panel> {
    let (_, at_rest, draw) = named(name);
    draw(at_rest).panels
}
