//! Any bytes as the file of a model.

#![no_main]

use libfuzzer_sys::fuzz_target;
use neurons::trainer::model_file::Model;

fuzz_target!(|bytes: &[u8]| {
    match Model::parse(bytes) {
        Ok(model) => {
            let sizes = model.network.sizes();
            assert!(
                neurons::trainer::model_file::check_sizes(&sizes).is_ok(),
                "{sizes:?}"
            );
        }
        Err(error) => {
            let sentence = error.to_string();
            assert!(!sentence.contains(char::is_control) && sentence.len() < 2500);
        }
    }
});
