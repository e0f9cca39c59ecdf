//! What ties the prose of the book to its code.

#![warn(missing_docs)]

pub mod pages;
pub mod programs;
