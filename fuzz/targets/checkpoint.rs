//! Any bytes as the file of a checkpoint: as they are, and with the checksum that they should have.

#![no_main]

use libfuzzer_sys::fuzz_target;
use neurons::files::safetensors_file::Tensors;
use neurons::trainer::checkpoint::{encode, parse};

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    if let Ok(tensors) = Tensors::decode(bytes) {
        read(&tensors.encode());
    }
});

fn read(bytes: &[u8]) {
    match parse(bytes) {
        // What was read can be written and read again.
        Ok((training, digits)) => {
            let again = encode(&training, &digits);
            let (read, _) = parse(&again).expect("what was just written");
            assert!(encode(&read, &digits) == again);
        }
        Err(flaw) => {
            let flaw = flaw.to_string();
            assert!(!flaw.contains(char::is_control) && flaw.len() < 2500);
        }
    }
}
