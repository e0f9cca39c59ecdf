//! The figures of the book, by their names.

use std::error::Error;

use super::panel::file;
#[cfg(feature = "engine")]
use super::peers;
use super::table::Panels;
use super::{
    chained, costs, delta_rule, inside, layers, looks, moving, one_neuron,
    opening, part_1, part_2, part_3, part_5, two_ends,
};

/// A figure: its name, and what draws it.
type Figure = (&'static str, fn() -> Panels);

/// The figures of the book, in reading order.
const FIGURES: &[Figure] = &[
    ("mnist/reads", opening::reads),
    ("map", opening::map),
    ("digits", part_1::digits),
    ("two", part_1::two),
    ("mnist/sheet", looks::sheet),
    ("ink", looks::ink),
    ("mean_pictures", looks::means),
    ("confused", looks::confused),
    ("mnist/misread", looks::misread),
    ("moved", looks::moved),
    ("inked", looks::inked),
    ("template_product", one_neuron::template_product),
    ("responses", one_neuron::responses),
    ("border", one_neuron::border),
    ("no_bias", one_neuron::no_bias),
    ("half_planes", part_1::half_planes),
    ("passes", one_neuron::passes),
    ("found_weights", one_neuron::found_weights),
    ("staircase", part_1::staircase),
    ("steeper", part_1::steeper),
    ("activations", part_1::activations),
    ("slopes", part_1::slopes),
    ("one_wire", layers::one_wire),
    ("by_hand", layers::by_hand),
    ("sent_through", layers::sent_through),
    ("same_answer", layers::same_answer),
    ("starts", layers::starts),
    ("bumps", layers::bumps),
    ("one_weight", costs::one_weight),
    ("two_knobs", costs::two_knobs),
    ("error_squares", costs::error_squares),
    ("conventions", costs::conventions),
    ("mean_median", costs::mean_median),
    ("unseen", costs::unseen),
    ("secants", part_2::secants),
    ("steepest", part_2::steepest),
    ("v_curve", part_2::v_curve),
    ("nudges", part_2::nudges),
    ("rates", part_2::rates),
    ("sharpness", part_2::sharpness),
    ("learning_rates", part_2::learning_rates),
    ("first_slopes", part_2::first_slopes),
    ("cosines", part_2::cosines),
    ("batches", part_2::batches),
    ("downhill", || Ok(moving::at_rest("downhill"))),
    ("momentum", part_2::momentum),
    ("ten_wishes", part_2::ten_wishes),
    ("two_levers", part_2::two_levers),
    ("pencil", part_2::pencil),
    ("wish_grid", part_2::wish_grid),
    ("three_levers", || Ok(moving::at_rest("three_levers"))),
    ("asked_of_pixels", part_2::asked_of_pixels),
    ("eight_wishes", part_2::eight_wishes),
    ("survives", part_2::survives),
    ("handed_on", chained::handed_on),
    ("two_ways", chained::two_ways),
    ("handed_back", chained::handed_back),
    ("forked", chained::forked_by_hand),
    ("two_orders", chained::two_orders),
    ("depths", chained::depths),
    ("links", delta_rule::links),
    ("tens", delta_rule::tens),
    ("fastest", delta_rule::fastest),
    ("one_step", delta_rule::one_step),
    ("to_the_end", delta_rule::to_the_end),
    ("two_rules", delta_rule::two_rules),
    ("lit_wire", two_ends::lit_wire),
    ("ten_pictures", two_ends::ten_pictures),
    ("turned", two_ends::turned),
    ("felt", two_ends::felt),
    ("ranks", two_ends::ranks),
    ("saturation", part_3::saturation),
    ("temperature", part_3::temperature),
    ("by_heart", part_5::by_heart),
    ("bent", part_5::bent),
    ("five_seeds", part_5::five_seeds),
    ("listened", inside::listened),
    ("share_of_stroke", inside::share_of_stroke),
    ("stroke_shares", inside::stroke_shares),
    ("switched_off", inside::switched_off),
    ("liked", inside::liked),
    ("sure", inside::sure),
    ("how_sure", || Ok(moving::at_rest("how_sure"))),
    ("mnist/nudged_digit", inside::nudged_digit),
    ("nudged", inside::nudged),
    ("reliability", inside::reliability),
    ("roofline", part_5::roofline),
    #[cfg(feature = "engine")]
    ("peers", peers::peers),
    ("growth", part_5::growth),
];

/// The names of all figures, in reading order.
pub fn names() -> impl Iterator<Item = &'static str> {
    FIGURES.iter().map(|(name, _)| *name)
}

/// Draws the figure of a name as SVG.
///
/// # Errors
/// If there is no figure of that name, or its numbers cannot be read.
///
/// # Panics
/// If a value lies outside the axes of its chart.
pub fn draw(name: &str) -> Result<String, Box<dyn Error>> {
    let (_, figure) = FIGURES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| format!("there is no figure named {name}"))?;
    Ok(file(&figure()?))
}
