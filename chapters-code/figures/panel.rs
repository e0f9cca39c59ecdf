//! What the figures are made of: panels, and what is drawn in them.
//!
//! A figure is a file that can be looked at by itself, light or dark. A page takes its
//! panels out and sets them beside each other where there is room, and else under each
//! other: so a panel is drawn about as wide as a phone shows it, with words of a size that
//! can be read there. All lengths are pixels of such a page.

use std::fmt::Write;

use super::palette::{
    BLUE, Colour, GRID, INK, ORANGE, PALETTE, PAPER, Rgb, hex,
};
use crate::pixels::{SIDE, ink};
use maud::{Markup, PreEscaped, html};

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
pub(super) fn n(v: f64) -> String {
    let tenths = (10.0 * v).round() as i64;
    let (sign, size) = (if tenths < 0 { "-" } else { "" }, tenths.abs());
    match size % 10 {
        0 => format!("{sign}{}", size / 10),
        tenth => format!("{sign}{}.{tenth}", size / 10),
    }
}

/// How wide words may become, whatever the font.
pub(super) fn width(words: &str) -> f64 {
    let wide = |c: char| if c == '−' { 0.85 } else { 0.64 };
    TEXT * words.chars().map(wide).sum::<f64>()
}

/// How a line is drawn.
#[derive(Clone, Copy)]
pub(super) struct Stroke {
    color: Rgb,
    width: f64,
    dash: Option<&'static str>,
}

pub(super) fn solid(color: Rgb, width: f64) -> Stroke {
    Stroke { color, width, dash: None }
}

pub(super) fn dashed(color: Rgb, width: f64) -> Stroke {
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

/// A letter of a formula with what stands below it; what is no letter, such as ` + `, stands
/// upright.
pub(super) struct Letter<'a> {
    pub letter: &'a str,
    pub below: &'a str,
    pub color: Rgb,
}

/// A part of a formula: a letter, what stands below it, and its colour.
pub(super) fn part<'a>(
    letter: &'a str,
    below: &'a str,
    color: Rgb,
) -> Letter<'a> {
    Letter { letter, below, color }
}

/// A part of a figure that is never torn apart.
pub(super) struct Panel {
    width: f64,
    height: f64,
    body: String,
    colors: Vec<Rgb>,
}

impl Panel {
    pub fn new(width: f64, height: f64) -> Self {
        Panel { width, height, body: String::new(), colors: vec![] }
    }

    /// What stands in it.
    pub fn body(&self) -> &str {
        &self.body
    }

    fn add(&mut self, markup: Markup) {
        self.body.push_str(&markup.into_string());
        self.body.push('\n');
    }

    fn color(&mut self, color: Rgb) -> String {
        if !self.colors.contains(&color) {
            self.colors.push(color);
        }
        hex(&color)
    }

    /// A path in the language of SVG, filled.
    pub fn fill(&mut self, path: &str, color: Rgb, opacity: f64) {
        let color = self.color(color);
        let opacity = (opacity < 1.0).then(|| format!("{opacity:.2}"));
        self.add(
            html! { path d=(path) fill=(color) fill-opacity=[opacity] {} },
        );
    }

    /// Pixels of one shade, which meet without a seam.
    fn pixels(&mut self, path: &str, color: Rgb, opacity: f64, size: f64) {
        let color = self.color(color);
        let scale = format!("scale({})", n(size));
        self.add(html! {
            path transform=(scale) shape-rendering="crispEdges" d=(path) fill=(color)
                fill-opacity=(format!("{opacity:.1}")) {}
        });
    }

    pub fn area(&mut self, points: &[Point], color: Rgb, opacity: f64) {
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

    /// A line around a rectangle.
    pub fn frame(
        &mut self,
        at: Point,
        wide: f64,
        tall: f64,
        stroke: Stroke,
    ) {
        let [a, b, c, d] = rectangle(at, wide, tall);
        // On to the second corner, so that the first one is joined too.
        self.line(&[a, b, c, d, a, b], stroke);
    }

    /// A path in the language of SVG, as a line.
    pub fn strokes(&mut self, path: &str, stroke: Stroke) {
        let color = self.color(stroke.color);
        self.add(html! {
            path d=(path) fill="none" stroke=(color) stroke-width=(n(stroke.width))
                stroke-dasharray=[stroke.dash] {}
        });
    }

    /// What is drawn by `draw`, moved to the right and down.
    pub fn at(&mut self, (x, y): Point, draw: impl FnOnce(&mut Self)) {
        let from = self.body.len();
        draw(self);
        // An element is a line.
        let within: String = self.body.split_off(from).lines().collect();
        let place = format!("translate({} {})", n(x), n(y));
        self.add(html! { g transform=(place) { (PreEscaped(within)) } });
    }

    pub fn dot(&mut self, (x, y): Point, radius: f64, color: Rgb) {
        let color = self.color(color);
        self.add(html! { circle cx=(n(x)) cy=(n(y)) r=(n(radius)) fill=(color) {} });
    }

    /// A neuron: a circle, the darker the more active it is.
    pub fn neuron(&mut self, at: Point, radius: f64, a: f64) {
        self.ring(at, radius, INK);
        let color = self.color(INK);
        // Shades that the eye can tell apart from none and from all.
        let opacity = format!("{:.2}", a.clamp(0.02, 0.99));
        self.add(html! {
            circle cx=(n(at.0)) cy=(n(at.1)) r=(n(radius - 1.0)) fill=(color)
                fill-opacity=(opacity) {}
        });
    }

    /// Many dots as one path, whose points are as thick as its line.
    pub fn dots(&mut self, at: &[Point], radius: f64, color: Rgb) {
        let color = self.color(color);
        let mut path = String::new();
        for &(x, y) in at {
            path.extend(["M", &n(x), " ", &n(y), "h0"]);
        }
        self.add(html! {
            path d=(path) fill="none" stroke=(color) stroke-width=(n(2.0 * radius))
                stroke-linecap="round" {}
        });
    }

    /// A circle, with paper in it.
    pub fn ring(&mut self, (x, y): Point, radius: f64, color: Rgb) {
        let (color, paper) = (self.color(color), self.color(PAPER));
        self.add(html! {
            circle cx=(n(x)) cy=(n(y)) r=(n(radius)) fill=(paper) stroke=(color)
                stroke-width="2" {}
        });
    }

    /// A ring that the reader takes hold of: the names of the controls that say where it is, and
    /// where their numbers stand in the panel, as place and size of the unit.
    pub fn handle(
        &mut self,
        at: Point,
        names: &str,
        [x, y]: [(f64, f64); 2],
    ) {
        let (color, paper) = (self.color(INK), self.color(PAPER));
        let scale =
            [x.0, x.1, y.0, y.1].map(|v| format!("{v:.4}")).join(" ");
        self.add(html! {
            circle class="handle" data-controls=(names) data-scale=(scale) cx=(n(at.0)) cy=(n(at.1))
                r="8" fill=(paper) stroke=(color) stroke-width="3" {}
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
        color: Rgb,
    ) {
        self.words(at, words, anchor, color, 0.0, None);
    }

    /// Words without paper around them, for a place that is coloured.
    pub fn plain(
        &mut self,
        (x, y): Point,
        words: &str,
        anchor: Anchor,
        color: Rgb,
    ) {
        let color = self.color(color);
        self.add(html! {
            text x=(n(x)) y=(n(y)) dy=".35em" font-size=(n(TEXT))
                text-anchor=(anchor.name()) fill=(color) { (words) }
        });
    }

    /// A letter as formulas have it, and what stands below it: w and jk.
    pub fn symbol(
        &mut self,
        at: Point,
        letter: &str,
        below: &str,
        anchor: Anchor,
        color: Rgb,
    ) {
        self.formula(at, &[part(letter, below, color)], anchor);
    }

    /// Letters as formulas have them, on one line, and a little paper around them.
    pub fn formula(
        &mut self,
        (x, y): Point,
        letters: &[Letter],
        anchor: Anchor,
    ) {
        const SIZE: f64 = 17.0;
        const BELOW: f64 = 13.0;
        let paper = self.color(PAPER);
        // What stands below is lowered, and what follows it raised again.
        let mut lowered = 0.0;
        let mut tspan = |text: &str, size: f64, low: f64, color: &str| {
            let dy = low - lowered;
            lowered = low;
            // Letters lean, and digits and signs stand.
            let leans = text.chars().all(char::is_alphabetic);
            let (style, family) = match leans {
                true => (Some("italic"), "KaTeX_Math, Georgia, serif"),
                false => (None, "KaTeX_Main, Georgia, serif"),
            };
            html! {
                tspan dy=[(dy != 0.0).then(|| n(dy))] font-size=(n(size)) font-style=[style]
                    font-family=(family) fill=(color) { (text) }
            }
        };
        let mut parts = vec![];
        for Letter { letter, below, color } in letters {
            let color = self.color(*color);
            parts.push(tspan(letter, SIZE, 0.0, &color));
            // A digit among letters stands by itself.
            for part in runs(below) {
                parts.push(tspan(part, BELOW, 4.0, &color));
            }
        }
        self.add(html! {
            text x=(n(x)) y=(n(y + 0.3 * SIZE)) font-size=(n(SIZE)) text-anchor=(anchor.name())
                stroke=(paper) stroke-width="4" stroke-linejoin="round" paint-order="stroke"
                xml:space="preserve" { @for part in &parts { (part) } }
        });
    }

    /// Words in the line of the title, at its other end.
    pub fn heading_right(&mut self, words: &str) {
        self.text((self.width, 8.0), words, Anchor::End, INK);
    }

    pub fn title(&mut self, words: &str) {
        self.words((0.0, 8.0), words, Anchor::Start, INK, 0.0, Some("600"));
    }

    /// Words turned by some degrees, of a weight.
    pub fn words(
        &mut self,
        (x, y): Point,
        words: &str,
        anchor: Anchor,
        color: Rgb,
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

/// The parts of a text that are all letters, or without any.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let leans = rest.chars().next()?.is_alphabetic();
        let end = rest.find(|c: char| c.is_alphabetic() != leans);
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

/// The corners of a rectangle, from the upper left one on.
pub(super) fn rectangle((x, y): Point, wide: f64, tall: f64) -> [Point; 4] {
    let (right, bottom) = (x + wide, y + tall);
    [(x, y), (right, y), (right, bottom), (x, bottom)]
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

/// Pictures of bytes, `side` pixels across, at places counted in pixels, each pixel `size`
/// large; one path for each shade, which are as many as the eye can tell.
pub(super) fn pictures(
    panel: &mut Panel,
    pictures: &[(impl AsRef<[u8]>, (usize, usize))],
    side: usize,
    size: f64,
) {
    tinted(panel, pictures, side, size, INK);
}

/// Likewise, in a colour.
pub(super) fn tinted(
    panel: &mut Panel,
    pictures: &[(impl AsRef<[u8]>, (usize, usize))],
    side: usize,
    size: f64,
    color: Rgb,
) {
    let tenths = |&pixel: &u8| (10.0 * ink(pixel)).round() as usize;
    let mut paths = vec![String::new(); 11];
    for (image, (left, top)) in pictures {
        for (y, row) in image.as_ref().chunks(side).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| tenths(a) == tenths(b)) {
                let (long, path) = (run.len(), &mut paths[tenths(&run[0])]);
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
            panel.pixels(path, color, level as f64 / 10.0, size);
        }
    }
}

/// A square of 28 pixels by 28 under its words, of which three stand side by side.
pub(super) fn captioned(
    words: &str,
    draw: impl FnOnce(&mut Panel, f64),
) -> Panel {
    const PIXEL: f64 = 4.8;
    let side = PIXEL * SIDE as f64;
    let mut panel = Panel::new(THIRD, side + 24.0);
    panel.at(((THIRD - side) / 2.0, 22.0), |panel| {
        draw(panel, PIXEL);
        panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
    });
    panel.text((THIRD / 2.0, 8.0), words, Anchor::Middle, INK);
    panel
}

/// Bytes of those numbers, from −1 to 1, that have the sign of `sign`; the rest becomes 0.
pub(super) fn of_sign(values: &[f64], sign: f64) -> Vec<u8> {
    values.iter().map(|v| (255.0 * sign * v).round() as u8).collect()
}

/// Pictures of numbers from −1 to 1, as [`pictures`] of bytes: blue above 0, orange below.
pub(super) fn signed_pictures(
    panel: &mut Panel,
    pictures: &[(impl AsRef<[f64]>, (usize, usize))],
    side: usize,
    size: f64,
) {
    for (color, sign) in [(BLUE, 1.0), (ORANGE, -1.0)] {
        let of_sign: Vec<_> = pictures
            .iter()
            .map(|(values, at)| (of_sign(values.as_ref(), sign), *at))
            .collect();
        tinted(panel, &of_sign, side, size, color);
    }
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
    let paper = hex(&PAPER);
    let drawn = |color: &Rgb| {
        *color == PAPER || panels.iter().any(|p| p.colors.contains(color))
    };
    let mut dark = String::new();
    for Colour { light, dark: night, .. } in PALETTE {
        if drawn(light) {
            let (light, night) = (hex(light), hex(night).to_lowercase());
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
