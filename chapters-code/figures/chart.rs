//! Charts: axes, and marks at places that the axes give.

use std::ops::Range;

use super::palette::{GRID, INK, MUTED, Rgb};
use super::panel::{Anchor, LINE, Panel, Point, Stroke, solid, width};

/// Where one number of a chart stands.
pub(super) struct Axis {
    pub name: String,
    pub range: Range<f64>,
    pub logarithmic: bool,
    /// Where a label stands, and what it says.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// With a tick at every multiple of `step`.
    pub fn linear(name: &str, range: Range<f64>, step: f64) -> Self {
        let first = (range.start / step - 1e-9).ceil();
        let last = (range.end / step + 1e-9).floor();
        // As many places as the step has, and none behind a 0.
        let places = number(step)
            .split_once('.')
            .map_or(0, |(_, places)| places.len());
        let tick = |i: i32| match f64::from(i) * step {
            0.0 => (0.0, "0".to_string()),
            v => (v, format!("{v:.places$}").replace('-', "−")),
        };
        let ticks = (first as i32..=last as i32).map(tick).collect();
        Axis { name: name.into(), range, logarithmic: false, ticks }
    }

    /// Logarithmic, with a tick at every power of ten whose exponent `every` divides.
    pub fn powers(name: &str, range: Range<f64>, every: i32) -> Self {
        Self::decades(name, range, every, |exponent| {
            format!("10{}", superscript(exponent))
        })
    }

    /// Likewise, with a label of one's own for 10 to the power of an exponent.
    pub fn decades(
        name: &str,
        range: Range<f64>,
        every: i32,
        label: impl Fn(i32) -> String,
    ) -> Self {
        let edge = |v: f64| v.log10();
        let first = (edge(range.start) - 1e-9).ceil() as i32;
        let last = (edge(range.end) + 1e-9).floor() as i32;
        let exponents = (first..=last).filter(|e| e.rem_euclid(every) == 0);
        let ticks = exponents.map(|e| (10_f64.powi(e), label(e))).collect();
        Axis { name: name.into(), range, logarithmic: true, ticks }
    }

    /// How far along the axis a number is: 0 at its beginning, 1 at its end.
    fn part(&self, v: f64) -> f64 {
        let at = |v: f64| if self.logarithmic { v.log10() } else { v };
        let (start, end) = (at(self.range.start), at(self.range.end));
        (at(v) - start) / (end - start)
    }
}

/// A chart in a panel of its own.
pub(super) struct Chart {
    pub panel: Panel,
    x: Axis,
    y: Axis,
    pub left: f64,
    pub right: f64,
    top: f64,
    bottom: f64,
}

impl Chart {
    /// A chart `tall` pixels high between its axes.
    pub fn new(
        width: f64,
        tall: f64,
        title: &str,
        x: Axis,
        y: Axis,
    ) -> Self {
        Self::with(0.0, width, Some(tall), title, x, y)
    }

    /// A chart whose units are as long upwards as to the right.
    pub fn square(width: f64, title: &str, x: Axis, y: Axis) -> Self {
        Self::with(0.0, width, None, title, x, y)
    }

    /// A chart with room for names of its rows, on its left; without a height, its units
    /// are as long upwards as to the right.
    pub fn with(
        names: f64,
        across: f64,
        tall: Option<f64>,
        title: &str,
        x: Axis,
        y: Axis,
    ) -> Self {
        let labels = y.ticks.iter().map(|(_, label)| width(label));
        let left = labels.fold(names, f64::max) + 6.0;
        let last = x.ticks.last().map_or(0.0, |(v, label)| {
            // What of the last label stands to the right of the axis.
            width(label) / 2.0 - (1.0 - x.part(*v)) * (across - left)
        });
        let right = across - last.max(4.0);
        let rows =
            |words: &str| if words.is_empty() { 0.0 } else { LINE + 1.0 };
        let top = 6.0 + rows(title) + rows(&y.name);
        let unit = (right - left) / (x.range.end - x.range.start);
        let bottom =
            top + tall.unwrap_or(unit * (y.range.end - y.range.start));
        let below = if x.ticks.is_empty() { 4.0 } else { LINE + 5.0 }
            + rows(&x.name);
        let mut panel = Panel::new(across, bottom + below.max(8.0));
        if !title.is_empty() {
            panel.title(title);
        }
        if !y.name.is_empty() {
            panel.text((0.0, top - 14.0), &y.name, Anchor::Start, MUTED);
        }
        if !x.name.is_empty() {
            let foot = ((left + right) / 2.0, bottom + below - 9.0);
            panel.text(foot, &x.name, Anchor::Middle, MUTED);
        }
        let mut chart = Chart { panel, x, y, left, right, top, bottom };
        chart.axes();
        chart
    }

    fn axes(&mut self) {
        let Chart { panel, x, y, left, right, top, bottom } = self;
        for (v, label) in &y.ticks {
            let at = *bottom - y.part(*v) * (*bottom - *top);
            panel.line(&[(*left, at), (*right, at)], solid(GRID, 1.0));
            panel.text((*left - 6.0, at), label, Anchor::End, INK);
        }
        for (v, label) in &x.ticks {
            let at = *left + x.part(*v) * (*right - *left);
            let foot = if x.logarithmic { *top } else { *bottom - 4.0 };
            panel.line(&[(at, *bottom), (at, foot)], solid(GRID, 1.0));
            panel.text((at, *bottom + 13.0), label, Anchor::Middle, INK);
        }
        if y.ticks.is_empty() {
            return;
        }
        let floor = if y.range.start < 0.0 && y.range.end > 0.0 {
            *bottom - y.part(0.0) * (*bottom - *top)
        } else {
            *bottom
        };
        panel.line(&[(*left, floor), (*right, floor)], solid(MUTED, 1.0));
    }

    /// Where a point of the chart stands in the panel.
    ///
    /// # Panics
    /// If it lies outside the axes: nothing is cut off without being seen.
    pub fn at(&self, (x, y): Point) -> Point {
        let (across, up) = (self.x.part(x), self.y.part(y));
        for (part, v, axis) in [(across, x, &self.x), (up, y, &self.y)] {
            assert!(
                (-1e-9..=1.0 + 1e-9).contains(&part),
                "{} lies outside the axis “{}” from {} to {}: widen it",
                number(v),
                axis.name,
                number(axis.range.start),
                number(axis.range.end)
            );
        }
        self.place((across, up))
    }

    /// Those of some dots that lie within the axes.
    pub fn dots_within(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        radius: f64,
        color: Rgb,
    ) {
        let within = |&(x, y): &Point| {
            let parts = [self.x.part(x), self.y.part(y)];
            parts.iter().all(|part| (0.0..=1.0).contains(part))
        };
        let places: Vec<Point> =
            points.into_iter().filter(within).map(|p| self.at(p)).collect();
        self.panel.dots(&places, radius, color);
    }

    /// A point that the reader may drag along linear axes.
    pub fn handle(&mut self, point: Point, names: &str) {
        let (at, zero) = (
            self.at(point),
            self.place((self.x.part(0.0), self.y.part(0.0))),
        );
        let one = self.place((self.x.part(1.0), self.y.part(1.0)));
        let scale = [(zero.0, one.0 - zero.0), (zero.1, one.1 - zero.1)];
        self.panel.handle(at, names, scale);
    }

    fn place(&self, (across, up): Point) -> Point {
        (
            self.left + across * (self.right - self.left),
            self.bottom - up * (self.bottom - self.top),
        )
    }

    pub fn line(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        stroke: Stroke,
    ) {
        let points: Vec<Point> =
            points.into_iter().map(|p| self.at(p)).collect();
        self.panel.line(&points, stroke);
    }

    /// What lies within the axes of a curve that goes on beyond them.
    pub fn curve(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        stroke: Stroke,
    ) {
        let parts = points
            .into_iter()
            .map(|(x, y)| (self.x.part(x), self.y.part(y)));
        for piece in inside(&parts.collect::<Vec<_>>()) {
            let piece: Vec<Point> =
                piece.into_iter().map(|p| self.place(p)).collect();
            self.panel.line(&piece, stroke);
        }
    }

    pub fn dots(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        radius: f64,
        color: Rgb,
    ) {
        for point in points {
            let at = self.at(point);
            self.panel.dot(at, radius, color);
        }
    }

    pub fn rings(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        radius: f64,
        color: Rgb,
    ) {
        for point in points {
            let at = self.at(point);
            self.panel.ring(at, radius, color);
        }
    }

    pub fn arrow(&mut self, from: Point, to: Point, stroke: Stroke) {
        let (from, to) = (self.at(from), self.at(to));
        self.panel.arrow(from, to, stroke);
    }

    pub fn area(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        color: Rgb,
        opacity: f64,
    ) {
        let points: Vec<Point> =
            points.into_iter().map(|p| self.at(p)).collect();
        self.panel.area(&points, color, opacity);
    }

    /// A bar from one corner to the opposite one.
    pub fn bar(
        &mut self,
        (a, b): Point,
        (c, d): Point,
        color: Rgb,
        opacity: f64,
    ) {
        self.area([(a, b), (c, b), (c, d), (a, d)], color, opacity);
    }

    pub fn text(
        &mut self,
        at: Point,
        words: &str,
        anchor: Anchor,
        color: Rgb,
    ) {
        let at = self.at(at);
        self.panel.text(at, words, anchor, color);
    }

    /// Words along the line from one point to another, above its middle or below.
    pub fn along(
        &mut self,
        (from, to): (Point, Point),
        words: &str,
        above: bool,
        color: Rgb,
    ) {
        let (from, to) = (self.at(from), self.at(to));
        let turn = (to.1 - from.1).atan2(to.0 - from.0);
        let away = if above { -10.0 } else { 10.0 };
        let middle = (
            (from.0 + to.0) / 2.0 - away * turn.sin(),
            (from.1 + to.1) / 2.0 + away * turn.cos(),
        );
        let degrees = turn.to_degrees();
        self.panel.words(
            middle,
            words,
            Anchor::Middle,
            color,
            degrees,
            None,
        );
    }
}

/// The pieces of a line of points that lie in the unit square, cut where they leave it.
fn inside(points: &[Point]) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = vec![];
    for pair in points.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (start, step) in [(a.0, b.0 - a.0), (a.1, b.1 - a.1)] {
            let ends = [(0.0 - start) / step, (1.0 - start) / step];
            if step == 0.0 {
                if !(0.0..=1.0).contains(&start) {
                    to = -1.0;
                }
            } else {
                from = from.max(ends[0].min(ends[1]));
                to = to.min(ends[0].max(ends[1]));
            }
        }
        if from > to {
            continue;
        }
        let along = |t: f64| (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
        match pieces.last_mut() {
            Some(piece) if from == 0.0 && piece.last() == Some(&a) => {
                piece.push(along(to))
            }
            _ => pieces.push(vec![along(from), along(to)]),
        }
    }
    pieces
}

/// The lines of a chart: where z runs, in steps that no eye can see.
pub(super) fn grid(
    from: f64,
    to: f64,
) -> impl Iterator<Item = f64> + Clone {
    (0..=200).map(move |i| from + (to - from) * f64::from(i) / 200.0)
}

/// What holds all of these numbers on a logarithmic axis, and a little more.
pub(super) fn around(values: impl IntoIterator<Item = f64>) -> Range<f64> {
    let (low, high) = values
        .into_iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), v| {
            (low.min(v), high.max(v))
        });
    0.8 * low..1.25 * high
}

/// A number on an axis, without the digits that say nothing.
pub(super) fn number(v: f64) -> String {
    let text = format!("{v:.3}");
    let text =
        text.trim_end_matches('0').trim_end_matches('.').replace('-', "−");
    if text == "−0" { "0".into() } else { text }
}

/// A number with its sign: +13.3, −2.5.
pub(super) fn with_sign(v: f64, places: usize) -> String {
    format!("{v:+.places$}").replace('-', "−")
}

/// A number of any size in three digits or so: 0.0123, 64.7, 278, 1.2 · 10⁸.
pub(super) fn short(v: f64) -> String {
    match v.abs() {
        0.0 => "0".into(),
        size if !(1e-4..1e5).contains(&size) => {
            // Of 9.96, 10.0 would be written.
            let exponent = (1.005 * size).log10().floor() as i32;
            let factor = v / 10_f64.powi(exponent);
            format!("{factor:.1} · 10{}", superscript(exponent))
                .replace('-', "−")
        }
        size => {
            let places = (2 - size.log10().floor() as i32).max(0) as usize;
            format!("{v:.places$}").replace('-', "−")
        }
    }
}

fn superscript(exponent: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => {
            char::from_u32('⁰' as u32 + c as u32 - '0' as u32).unwrap_or(c)
        }
    };
    exponent.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::super::panel::{FULL, HALF};
    use super::*;

    #[test]
    fn a_curve_is_cut_where_it_leaves_and_where_it_comes_back() {
        let pieces =
            inside(&[(0.5, 0.5), (0.5, 1.5), (0.7, 1.5), (0.7, 0.5)]);
        assert_eq!(
            pieces,
            [[(0.5, 0.5), (0.5, 1.0)], [(0.7, 1.0), (0.7, 0.5)]]
        );
        assert_eq!(
            inside(&[(0.1, 0.1), (0.2, 0.1), (0.3, 0.1)])[0].len(),
            3
        );
        assert!(inside(&[(-1.0, 0.5), (-0.5, 0.7)]).is_empty());
        assert!(inside(&[(0.2, 2.0), (0.8, 2.0)]).is_empty());
        assert_eq!(inside(&[(-1.0, 0.5), (2.0, 0.5)])[0].len(), 2);
    }

    fn chart() -> Chart {
        let y = Axis::powers("error", 1e-3..1.0, 1);
        Chart::new(
            FULL,
            100.0,
            "title",
            Axis::linear("x", 0.0..2.0, 1.0),
            y,
        )
    }

    #[test]
    fn a_point_stands_where_its_axes_say() {
        let chart = chart();
        assert_eq!(chart.at((0.0, 1e-3)), (chart.left, chart.bottom));
        let (x, y) = chart.at((1.0, 10_f64.powf(-1.5)));
        assert!((x - (chart.left + chart.right) / 2.0).abs() < 1e-9);
        assert!((y - (chart.top + chart.bottom) / 2.0).abs() < 1e-9);
    }

    #[test]
    #[should_panic = "3 lies outside the axis “x” from 0 to 2: widen it"]
    fn a_value_outside_an_axis_is_told() {
        chart().dots([(3.0, 1.0)], 3.0, INK);
    }

    #[test]
    #[should_panic = "NaN lies outside the axis “error”"]
    fn a_value_that_is_no_number_is_told() {
        chart().line([(1.0, f64::NAN), (1.0, 0.1)], solid(INK, 1.0));
    }

    #[test]
    fn units_are_as_long_upwards_as_to_the_right() {
        let axis = |to| Axis::linear("", 0.0..to, 1.0);
        let chart = Chart::square(HALF, "", axis(4.0), axis(2.0));
        let (a, b, c) = (
            chart.at((0.0, 0.0)),
            chart.at((1.0, 0.0)),
            chart.at((0.0, 1.0)),
        );
        assert!((b.0 - a.0 - (a.1 - c.1)).abs() < 1e-9);
    }

    #[test]
    fn a_number_of_any_size_is_short() {
        let numbers =
            [0.0, 0.012_34, -64.71, 277.5, 43_210.0, 1.25e8, 3e-7];
        let texts = numbers.map(short);
        let wanted = [
            "0",
            "0.0123",
            "−64.7",
            "278",
            "43210",
            "1.2 · 10⁸",
            "3.0 · 10⁻⁷",
        ];
        assert_eq!(texts, wanted);
    }

    #[test]
    fn axes_are_labelled_in_few_words() {
        let labels = |axis: Axis| -> Vec<String> {
            axis.ticks.into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(
            labels(Axis::linear("", -1.0..1.2, 0.5)),
            ["−1.0", "−0.5", "0", "0.5", "1.0"]
        );
        assert_eq!(
            labels(Axis::powers("", 1e-4..1e2, 2)),
            ["10⁻⁴", "10⁻²", "10⁰", "10²"]
        );
    }
}
