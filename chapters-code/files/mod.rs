//! Files that are written whole or not at all, and what they turn out to be.

pub mod file_kind;
pub mod safetensors_file;
pub mod whole_file;

use sha2::{Digest, Sha256};

/// The SHA-256 of all these bytes, one part after the other, in 64 hexadecimal digits.
///
/// ```
/// use neurons::files::sha256;
/// assert!(sha256(&[b"504", b"192"]).starts_with("efdc2e49"));
/// assert_eq!(sha256(&[b"504192"]), sha256(&[b"504", b"192"]));
/// ```
pub fn sha256(parts: &[&[u8]]) -> String {
    let mut sum = Sha256::new();
    parts.iter().for_each(|part| sum.update(part));
    hexadecimal(sum.finalize())
}

/// A digest in hexadecimal digits, two for each byte.
pub(crate) fn hexadecimal(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A flaw in one line of at most 500 characters: it may quote the file, which can be long and can
/// hold what moves a terminal's cursor.
pub(crate) fn one_line(flaw: &str) -> String {
    flaw.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(500)
        .collect()
}
