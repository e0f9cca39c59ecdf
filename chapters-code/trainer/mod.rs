//! What a training run leaves behind, and what is read from it afterwards.
//!
//! | module | what it holds |
//! |---|---|
//! | [`recipe_text`] | recipes as text, on the command line and in files |
//! | [`published_recipes`] | recipes of published networks, and their accuracies |
//! | [`run_digits`] | the digits of a run: to train on, to validate, to test |
//! | [`model_file`] | `model.safetensors`: the network |
//! | [`checkpoint`] | `step-….safetensors`: a run between two steps, to go on from |
//! | [`run_folder`] | the folder of a run: `run.json`, `metrics.csv` |
//! | `report` | `report.html` of one run, `compare.html` of several |
//! | [`readings`] | how a network read each picture: confusions, mistakes, calibration |
//! | [`test_result`] | the test accuracy in a sentence, with advice |
//! | [`answer`] | the answer to one picture, and whether it is sure |
//! | [`compare_runs`] | settings that differ between runs, and how far apart their results are |
//! | [`number_text`], [`text_table`] | numbers and tables as text |

pub mod answer;
pub mod checkpoint;
pub mod compare_runs;
pub mod model_file;
pub mod number_text;
pub mod published_recipes;
pub mod readings;
pub mod recipe_text;
#[cfg(feature = "report")]
pub mod report;
pub mod run_digits;
pub mod run_folder;
pub mod test_result;
pub mod text_table;
