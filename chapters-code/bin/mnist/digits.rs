//! The digits and the threads that the options of `train` and `test` name.

use std::error::Error;
use std::path::Path;

use neurons::digits::dataset::{self, Data};

use crate::options;
use crate::terminal::{say, wrapped};

/// Loads the digits, and says where they come from.
pub fn load(options: &options::Common) -> Result<Data, Box<dyn Error>> {
    let data = match options.data.as_deref() {
        Some(word) if word == Path::new("synthetic") => {
            dataset::synthetic(60_000, 10_000, 0)
        }
        folder => dataset::find(folder)?,
    };
    say!("{}\n", wrapped(&data.source.to_string()));
    Ok(data)
}

/// Starts the threads on which a network learns and answers, if --threads says how many.
pub fn start_threads(
    options: &options::Common,
) -> Result<(), rayon::ThreadPoolBuildError> {
    match options.threads {
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global(),
        None => Ok(()),
    }
}
