//! What a notebook shows figures with.

use crate::figures::book::draw;

/// Draws a figure of the book under the cell of a notebook.
///
/// ```
/// neurons::figures::notebook::figure("slopes");
/// ```
///
/// # Panics
/// When there is no figure of this name, or when it cannot be drawn.
pub fn figure(name: &str) {
    let svg = draw(name)
        .unwrap_or_else(|error| panic!("cannot draw `{name}`: {error}"));
    // evcxr takes what is between these lines for a picture.
    println!("EVCXR_BEGIN_CONTENT image/svg+xml\n{svg}\nEVCXR_END_CONTENT");
}
