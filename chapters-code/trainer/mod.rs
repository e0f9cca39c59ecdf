//! What the trainer keeps, compares and looks into: recipes as text, models, checkpoints, the
//! folder of a run, its report.

pub mod checkpoint;
pub mod compare_runs;
pub mod model_file;
pub mod published_recipes;
pub mod readings;
pub mod recipe_text;
#[cfg(feature = "figures")]
pub mod report;
pub mod run_folder;
