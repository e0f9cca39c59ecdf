//! The command line of the book's plug-in.

fn main() {}
