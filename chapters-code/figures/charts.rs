//! What the figures of the chapters are made of: panels, and charts in them.
//!
//! A figure is a file that can be looked at by itself, light or dark. A page takes its
//! panels out and sets them beside each other where there is room, and else under each
//! other: so a panel is drawn about as wide as a phone shows it, with words of a size that
//! can be read there. All lengths are pixels of such a page.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

use maud::{Markup, html};
use plotters::style::RGBColor;

use super::palette::{Colour, GRID, INK, MUTED, PALETTE, PAPER, hex};

/// A panel that stands alone.
pub(super) const FULL: f64 = 350.0;
/// A panel of which two stand side by side on a wide screen.
pub(super) const HALF: f64 = 304.0;
/// A panel of which two stand side by side on a wide screen, and three do not.
pub(super) const QUARTER: f64 = 230.0;
/// A panel of which three stand side by side on a wide screen, and two on a phone.
pub(super) const THIRD: f64 = 137.0;
/// The width of the page's text, and the gap between panels.
const PAGE: (f64, f64) = (640.0, 31.0);
/// The size of words.
const TEXT: f64 = 13.0;
/// From one line of words to the next.
pub(super) const LINE: f64 = 17.0;

/// A point, of a panel or of a chart: to the right, and down or up.
pub(super) type Point = (f64, f64);

/// A coordinate, as short as the eye allows.
fn n(v: f64) -> String {
    let text = format!("{v:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".into() } else { text.into() }
}

/// How wide words may become, whatever the font.
fn width(words: &str) -> f64 {
    let wide = |c: char| if c == '−' { 0.85 } else { 0.64 };
    TEXT * words.chars().map(wide).sum::<f64>()
}

/// How a line is drawn.
#[derive(Clone, Copy)]
pub(super) struct Stroke {
    color: RGBColor,
    width: f64,
    dash: Option<&'static str>,
}

pub(super) fn solid(color: RGBColor, width: f64) -> Stroke {
    Stroke { color, width, dash: None }
}

pub(super) fn dashed(color: RGBColor, width: f64) -> Stroke {
    Stroke { color, width, dash: Some("7 5") }
}

/// Which end of the words stands at their point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// A part of a figure that is never torn apart.
pub(super) struct Panel {
    width: f64,
    height: f64,
    body: String,
    colors: BTreeSet<String>,
}

impl Panel {
    pub fn new(width: f64, height: f64) -> Self {
        Panel {
            width,
            height,
            body: String::new(),
            colors: BTreeSet::new(),
        }
    }

    fn add(&mut self, markup: Markup) {
        self.body.push_str(&markup.into_string());
        self.body.push('\n');
    }

    fn color(&mut self, color: RGBColor) -> String {
        let color = hex(&color);
        self.colors.insert(color.clone());
        color
    }

    /// A path in the language of SVG, filled.
    pub fn fill(&mut self, path: &str, color: RGBColor, opacity: f64) {
        let color = self.color(color);
        let opacity = (opacity < 1.0).then(|| format!("{opacity:.2}"));
        self.add(
            html! { path d=(path) fill=(color) fill-opacity=[opacity] {} },
        );
    }

    /// Pixels of one shade, which meet without a seam.
    fn pixels(
        &mut self,
        path: &str,
        color: RGBColor,
        opacity: f64,
        size: f64,
    ) {
        let color = self.color(color);
        let scale = format!("scale({})", n(size));
        self.add(html! {
            path transform=(scale) shape-rendering="crispEdges" d=(path) fill=(color)
                fill-opacity=(format!("{opacity:.1}")) {}
        });
    }

    pub fn area(
        &mut self,
        points: &[Point],
        color: RGBColor,
        opacity: f64,
    ) {
        self.fill(&(route(points) + "z"), color, opacity);
    }

    pub fn line(&mut self, points: &[Point], stroke: Stroke) {
        let color = self.color(stroke.color);
        self.add(html! {
            path d=(route(points)) fill="none" stroke=(color)
                stroke-width=(n(stroke.width)) stroke-dasharray=[stroke.dash]
                stroke-linejoin="round" {}
        });
    }

    pub fn dot(&mut self, (x, y): Point, radius: f64, color: RGBColor) {
        let color = self.color(color);
        self.add(html! { circle cx=(n(x)) cy=(n(y)) r=(n(radius)) fill=(color) {} });
    }

    /// A circle, with paper in it.
    pub fn ring(&mut self, (x, y): Point, radius: f64, color: RGBColor) {
        let (color, paper) = (self.color(color), self.color(PAPER));
        self.add(html! {
            circle cx=(n(x)) cy=(n(y)) r=(n(radius)) fill=(paper) stroke=(color)
                stroke-width="2" {}
        });
    }

    /// A line with a head at its end.
    pub fn arrow(&mut self, from: Point, to: Point, stroke: Stroke) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let long = dx.hypot(dy);
        let (dx, dy) = (dx / long, dy / long);
        let head = 5.0 + 2.0 * stroke.width;
        let base = (to.0 - head * dx, to.1 - head * dy);
        self.line(&[from, base], stroke);
        let side =
            |s: f64| (base.0 - s * head * dy, base.1 + s * head * dx);
        self.area(&[to, side(0.45), side(-0.45)], stroke.color, 1.0);
    }

    /// Words around, or beside, their point, and a little paper around them.
    pub fn text(
        &mut self,
        at: Point,
        words: &str,
        anchor: Anchor,
        color: RGBColor,
    ) {
        self.words(at, words, anchor, color, 0.0, None);
    }

    /// Words without paper around them, for a place that is coloured.
    pub fn plain(
        &mut self,
        (x, y): Point,
        words: &str,
        anchor: Anchor,
        color: RGBColor,
    ) {
        let color = self.color(color);
        self.add(html! {
            text x=(n(x)) y=(n(y)) dy=".35em" font-size=(n(TEXT))
                text-anchor=(anchor.name()) fill=(color) { (words) }
        });
    }

    /// Words in the line of the title, at its other end.
    pub fn heading_right(&mut self, words: &str) {
        self.text((self.width, 8.0), words, Anchor::End, INK);
    }

    pub fn title(&mut self, words: &str) {
        self.words((0.0, 8.0), words, Anchor::Start, INK, 0.0, Some("600"));
    }

    fn words(
        &mut self,
        (x, y): Point,
        words: &str,
        anchor: Anchor,
        color: RGBColor,
        turned: f64,
        weight: Option<&str>,
    ) {
        let (color, paper) = (self.color(color), self.color(PAPER));
        let (x, y) = (n(x), n(y));
        let turn = (turned != 0.0)
            .then(|| format!("rotate({} {x} {y})", n(turned)));
        self.add(html! {
            text x=(x) y=(y) dy=".35em" font-size=(n(TEXT)) font-weight=[weight]
                text-anchor=(anchor.name()) fill=(color) stroke=(paper) stroke-width="4"
                stroke-linejoin="round" paint-order="stroke" transform=[turn] { (words) }
        });
    }
}

/// A path from point to point.
fn route(points: &[Point]) -> String {
    let mut path = String::new();
    let mut last = (String::new(), String::new());
    for &(x, y) in points {
        let at = (n(x), n(y));
        // What falls on the pixel before it says nothing.
        if at != last {
            let pen = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{pen}{} {}", at.0, at.1);
        }
        last = at;
    }
    path
}

/// Pictures of `side` pixels across, at places counted in pixels, each pixel `size` large;
/// one path for each shade of `levels`, which are tenths.
pub(super) fn pictures(
    panel: &mut Panel,
    pictures: &[(Vec<u8>, (usize, usize))],
    side: usize,
    size: f64,
) {
    let mut paths = vec![String::new(); 11];
    for (levels, (left, top)) in pictures {
        for (y, row) in levels.chunks(side).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                let (long, path) =
                    (run.len(), &mut paths[usize::from(run[0])]);
                let _ = write!(
                    path,
                    "M{} {}h{long}v1h-{long}z",
                    left + x,
                    top + y
                );
                x += long;
            }
        }
    }
    for (level, path) in paths.iter().enumerate().skip(1) {
        if !path.is_empty() {
            panel.pixels(path, INK, level as f64 / 10.0, size);
        }
    }
}

/// Where one number of a chart stands.
pub(super) struct Axis {
    name: String,
    range: Range<f64>,
    logarithmic: bool,
    ticks: Vec<(f64, String)>,
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

    /// Without a tick.
    pub fn bare(range: Range<f64>) -> Self {
        Axis {
            name: String::new(),
            range,
            logarithmic: false,
            ticks: vec![],
        }
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
    left: f64,
    right: f64,
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

    /// Likewise, with room for names of its rows on its left.
    pub fn beside(
        names: f64,
        width: f64,
        tall: f64,
        title: &str,
        x: Axis,
        y: Axis,
    ) -> Self {
        Self::with(names, width, Some(tall), title, x, y)
    }

    /// The name of a row, and a line for the eye to follow.
    pub fn beside_row(&mut self, y: f64, name: &str, color: RGBColor) {
        let (.., at) = self.place((0.0, self.y.part(y)));
        self.panel
            .line(&[(self.left, at), (self.right, at)], solid(GRID, 1.0));
        self.panel.text((self.left - 8.0, at), name, Anchor::End, color);
    }

    /// A chart whose units are as long upwards as to the right.
    pub fn square(width: f64, title: &str, x: Axis, y: Axis) -> Self {
        Self::with(0.0, width, None, title, x, y)
    }

    fn with(
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
                "{v} lies outside the axis “{}” from {} to {}: widen it",
                axis.name,
                axis.range.start,
                axis.range.end
            );
        }
        self.place((across, up))
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
        color: RGBColor,
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
        color: RGBColor,
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
        color: RGBColor,
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
        color: RGBColor,
        opacity: f64,
    ) {
        self.area([(a, b), (c, b), (c, d), (a, d)], color, opacity);
    }

    pub fn text(
        &mut self,
        at: Point,
        words: &str,
        anchor: Anchor,
        color: RGBColor,
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
        color: RGBColor,
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

/// A number on an axis, without the digits that say nothing.
pub(super) fn number(v: f64) -> String {
    let text = format!("{v:.3}");
    let text =
        text.trim_end_matches('0').trim_end_matches('.').replace('-', "−");
    if text == "−0" { "0".into() } else { text }
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

/// The panels as one file: in rows, on paper, light or dark as the reader's system is.
pub(super) fn file(panels: &[Panel]) -> String {
    const MARGIN: f64 = 8.0;
    let mut rows: Vec<Vec<&Panel>> = vec![];
    let wide = |row: &[&Panel]| {
        row.iter().map(|p| p.width).sum::<f64>()
            + PAGE.1 * (row.len() as f64 - 1.0)
    };
    for panel in panels {
        match rows.last_mut() {
            Some(row) if wide(row) + PAGE.1 + panel.width <= PAGE.0 => {
                row.push(panel)
            }
            _ => rows.push(vec![panel]),
        }
    }
    let width = rows.iter().map(|row| wide(row)).fold(0.0, f64::max);
    let mut body = String::new();
    let mut y = MARGIN;
    for row in &rows {
        let mut x = MARGIN + (width - wide(row)) / 2.0;
        for panel in row {
            let (w, h) = (n(panel.width), n(panel.height));
            let _ = write!(
                body,
                "<svg class=\"panel\" x=\"{}\" y=\"{}\" width=\"{w}\" height=\"{h}\" \
                 viewBox=\"0 0 {w} {h}\">\n{}</svg>\n",
                n(x),
                n(y),
                panel.body
            );
            x += panel.width + PAGE.1;
        }
        y += row.iter().map(|p| p.height).fold(0.0, f64::max) + PAGE.1;
    }
    let (width, height) = (n(width + 2.0 * MARGIN), n(y - PAGE.1 + MARGIN));
    let mut colors: BTreeSet<&str> =
        panels.iter().flat_map(|p| &p.colors).map(String::as_str).collect();
    let paper = hex(&PAPER);
    colors.insert(&paper);
    let mut dark = String::new();
    for Colour { light, dark: night, .. } in PALETTE {
        let light = hex(light);
        if colors.contains(light.as_str()) {
            for what in ["fill", "stroke"] {
                let _ =
                    write!(dark, "[{what}=\"{light}\"]{{{what}:{night}}}");
            }
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\">\n\
         <style>@media (prefers-color-scheme: dark){{{dark}}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>\n{body}</svg>\n"
    )
}

#[cfg(test)]
mod tests {
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
