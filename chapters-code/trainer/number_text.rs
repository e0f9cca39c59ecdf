//! Numbers as text, for the terminal and the report: `50,000`, `95.29 %`, `784-16-16-10`.

/// Thousands separated by commas.
///
/// ```
/// use neurons::trainer::number_text::grouped;
/// assert_eq!([7, 180, 50_000, 1_002_007].map(grouped), ["7", "180", "50,000", "1,002,007"]);
/// ```
pub fn grouped(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{},{rest:03}", grouped(thousands)),
    }
}

/// 0.9529 as `95.29 %`.
///
/// ```
/// assert_eq!(neurons::trainer::number_text::percent(0.9529), "95.29 %");
/// ```
pub fn percent(p: f64) -> String {
    format!("{:.2} %", 100.0 * p)
}

/// 0.873 as `87 %`.
pub fn whole_percent(p: f64) -> String {
    format!("{:.0} %", 100.0 * p)
}

/// 0.0021 as `0.21`: percentage points.
pub fn points(p: f64) -> String {
    format!("{:.2}", 100.0 * p)
}

/// An accuracy and its binomial error, if that is known, as `95.29 ± 0.21 %`.
pub fn with_error(p: f64, error: Option<f64>) -> String {
    match error {
        Some(error) => format!("{} ± {} %", points(p), points(error)),
        None => percent(p),
    }
}

/// A cost in six or seven characters.
pub fn short_cost(cost: f64) -> String {
    if cost < 1e4 { format!("{cost:.4}") } else { format!("{cost:.1e}") }
}

/// The sizes of layers with dashes between them.
///
/// ```
/// use neurons::trainer::number_text::dashed;
/// assert_eq!(dashed(&[784, 16, 16, 10]), "784-16-16-10");
/// ```
pub fn dashed(sizes: &[usize]) -> String {
    joined(sizes, "-")
}

/// The items with commas between them, as in a model's metadata.
pub fn commas<T: ToString>(items: &[T]) -> String {
    joined(items, ",")
}

fn joined<T: ToString>(items: &[T], between: &str) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(between)
}
