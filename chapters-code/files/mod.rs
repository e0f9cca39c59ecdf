//! Files that are written whole or not at all, and what they turn out to be.

pub mod file_kind;
pub mod safetensors_file;
pub mod whole_file;

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
