//! The figures of chapter 18, from what programs of `examples/` measured.

use plotters::prelude::*;

use super::chapters::{logarithmic, text};
use super::{
    BLUE, Canvas, Drawn, GREEN, GRID, INK, MUTED, OCHRE, ORANGE, PINK, PURPLE, TEAL, TEXT,
};

/// The rows of a CSV file, cut at the commas.
fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    csv.lines().map(|line| line.split(',').collect())
}

/// What the chapter's steps reach, under what the memory and the processor allow. The
/// numbers come from `images/faster.csv`, which `--example faster` writes.
pub(super) fn roofline(canvas: &Canvas) -> Drawn {
    let csv = include_str!("../../images/faster.csv");
    let number = |text: &str| text.parse::<f64>();
    let machine = rows(csv).take(3).map(|row| number(row[1]));
    let machine: Vec<f64> = machine.collect::<Result<_, _>>()?;
    let [peak, first, second] = machine[..] else {
        return Err("three numbers of the machine".into());
    };
    let labels =
        ("operations for a byte that is loaded or stored", "10⁹ operations a second");
    let mut chart = logarithmic(canvas, "", 0.04..2.0, 0.5..700.0, labels)?;
    let roofs = [
        (first, 1.0, "first-level cache", BLUE),
        (second, 1.0, "second-level cache", TEAL),
        (f64::INFINITY, 1.0, "one core", MUTED),
        (f64::INFINITY, 2.0, "two cores", MUTED),
    ];
    for (bandwidth, cores, name, color) in roofs {
        let roof = |x: f64| (x * bandwidth).min(cores * peak);
        let line = (0..=200).map(|i| 0.04 * 50_f64.powf(f64::from(i) / 200.0));
        let line: Vec<(f64, f64)> = line.map(|x| (x, roof(x))).collect();
        let at = match bandwidth {
            b if b == first => (0.075, 0.075 * b * 1.9),
            b if b == second => (0.33, 0.33 * b * 0.66),
            _ => (1.0, cores * peak * 1.28),
        };
        chart.draw_series(LineSeries::new(line, color.stroke_width(6)))?;
        chart.draw_series([Text::new(name, at, text(TEXT - 10, color))])?;
    }
    for row in rows(csv).skip(3) {
        let (name, x, y) = (row[0], number(row[1])?, number(row[2])?);
        chart.draw_series([Circle::new((x, y), 22, ORANGE.filled())])?;
        // To the left or right of its point, and higher or lower, as there is room.
        let at = match name {
            "f32" => (x * 0.86, y * 1.14),
            "without zeros" => (x * 1.06, y * 0.95),
            "block by block" => (x * 1.06, y * 1.0),
            _ => (x * 1.06, y * 1.14),
        };
        chart.draw_series([Text::new(name.to_string(), at, text(TEXT - 10, INK))])?;
    }
    Ok(())
}

/// Pictures per second of every library, for four networks and two numbers of threads. The
/// numbers come from `images/peers.csv`, which `--example peers` writes.
pub(super) fn peers(canvas: &Canvas) -> Drawn {
    let csv = include_str!("../../images/peers.csv");
    let who = [
        ("limit", "limit, all pixels", GRID),
        ("lit_limit", "limit, lit pixels", GRID),
        ("engine", "this book", ORANGE),
        ("dense", "this book, no zeros", OCHRE),
        ("numpy", "NumPy", BLUE),
        ("pytorch", "PyTorch", PURPLE),
        ("jax", "JAX", GREEN),
        ("burn", "burn", PINK),
        ("candle", "candle", TEAL),
    ];
    for (panel, threads) in canvas.split_evenly((1, 2)).iter().zip(["1", "2"]) {
        let title = if threads == "1" { "one thread" } else { "two threads" };
        let mut chart = ChartBuilder::on(panel)
            .margin(30)
            .caption(title, text(TEXT + 4, INK))
            .x_label_area_size(150)
            .y_label_area_size(if threads == "1" { 560 } else { 60 })
            .build_cartesian_2d((1e3..3e7).log_scale(), 0.0..40.0)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID.stroke_width(2))
            .axis_style(MUTED.stroke_width(3))
            .x_labels(5)
            .x_label_formatter(&|v| match *v {
                v if v < 1e6 => format!("{:.0} k", v / 1e3),
                v => format!("{:.0} M", v / 1e6),
            })
            .x_desc("pictures a second")
            .label_style(text(TEXT - 10, INK))
            .axis_desc_style(text(TEXT - 6, INK))
            .draw()?;
        for (block, workload) in ["W1", "W2", "W3", "W4"].iter().enumerate() {
            for (line, (key, name, color)) in who.iter().enumerate() {
                let y = 40.0 - (10 * block + line) as f64 - 1.0;
                let found = rows(csv).find(|row| row[..3] == [*workload, threads, key]);
                let row =
                    found.ok_or_else(|| format!("no {workload}, {threads}, {key}"))?;
                let speed: f64 = row[3].parse()?;
                let bar =
                    Rectangle::new([(1e3, y - 0.42), (speed, y + 0.42)], color.filled());
                chart.draw_series([bar])?;
                if threads == "1" {
                    let name = if line == 0 {
                        format!("{workload}: {name}")
                    } else {
                        (*name).into()
                    };
                    let at = chart.backend_coord(&(1e3, y));
                    let style =
                        text(TEXT - 22, INK).pos(plotters::style::text_anchor::Pos::new(
                            plotters::style::text_anchor::HPos::Right,
                            plotters::style::text_anchor::VPos::Center,
                        ));
                    let (left, top) = canvas.get_pixel_range();
                    canvas.draw_text(
                        &name,
                        &style,
                        (at.0 - left.start - 14, at.1 - top.start),
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// How the time of one picture grows, beside what the work would make of it. The numbers
/// come from `images/growth.csv`, which `--example growth` writes.
pub(super) fn growth(canvas: &Canvas) -> Drawn {
    let csv = include_str!("../../images/growth.csv");
    let measured = |what: &str| -> Result<Vec<(f64, f64)>, std::num::ParseFloatError> {
        let of = rows(csv).filter(|row| row[0] == what);
        of.map(|row| Ok((row[1].parse()?, 1e6 * row[2].parse::<f64>()?))).collect()
    };
    let panels = [
        ("pictures", 5e2..1e7, 0.0),
        ("width", 10.0..6e3, 1.0),
        ("depth", 0.8..50.0, 1.0),
        ("batch", 0.7..2e4, 0.0),
    ];
    for (panel, (what, x, slope)) in canvas.split_evenly((2, 2)).iter().zip(panels) {
        let title = match what {
            "pictures" => "pictures in the set",
            "width" => "neurons of the hidden layer",
            "depth" => "hidden layers of 128",
            _ => "pictures a step",
        };
        let points = measured(what)?;
        let (n, time) = *points.last().ok_or("nothing was measured")?;
        let mut chart =
            logarithmic(panel, title, x.clone(), 0.2..60.0, ("", "µs a picture"))?;
        // The slope that the work has, through the last point.
        let expected = [x.start, x.end].map(|x| (x, time * (x / n).powf(slope)));
        let inside = (0..=100).map(|i| {
            let x = expected[0].0
                * (expected[1].0 / expected[0].0).powf(f64::from(i) / 100.0);
            (x, time * (x / n).powf(slope))
        });
        let inside: Vec<_> = inside.filter(|p| (0.2..60.0).contains(&p.1)).collect();
        chart.draw_series(DashedLineSeries::new(
            inside,
            24,
            18,
            MUTED.stroke_width(6),
        ))?;
        chart.draw_series(LineSeries::new(points.clone(), BLUE.stroke_width(9)))?;
        chart.draw_series(points.iter().map(|&p| Circle::new(p, 16, BLUE.filled())))?;
    }
    Ok(())
}
