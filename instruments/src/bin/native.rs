//! What this machine computes where a browser runs WebAssembly, to be compared: reads lines `name
//! number number …`, a figure and the state of its controls, and answers each with a line of its
//! parts, between tabs: the numbers, then what is shown.

use std::io::{BufRead, stdin};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let name = words.next().ok_or("a line names a figure")?;
        let state: Vec<f64> = words.map(str::parse).collect::<Result<_, _>>()?;
        let numbers: Vec<String> =
            instruments::numbers(name, &state).iter().map(f64::to_string).collect();
        let shown: Vec<String> = instruments::drawn(name, &state)
            .iter()
            .map(|part| part.replace('\n', "\u{1}"))
            .collect();
        println!("{}\t{}", numbers.join(" "), shown.join("\t"));
    }
    Ok(())
}
