//! Work that several threads share by rayon. Without the feature `threads`, as in a browser, one
//! thread does it, to the same bits.

#[cfg(feature = "threads")]
pub(crate) use rayon::prelude::*;

#[cfg(not(feature = "threads"))]
pub(crate) use one::*;

#[cfg(not(feature = "threads"))]
mod one {
    use std::slice::{Chunks, ChunksMut};

    pub(crate) trait IntoParallelIterator:
        IntoIterator + Sized
    {
        fn into_par_iter(self) -> Self::IntoIter {
            self.into_iter()
        }
    }

    impl<I: IntoIterator> IntoParallelIterator for I {}

    pub(crate) trait ParallelSlice<T> {
        fn par_chunks(&self, size: usize) -> Chunks<'_, T>;
        fn par_chunks_mut(&mut self, size: usize) -> ChunksMut<'_, T>;
    }

    impl<T> ParallelSlice<T> for [T] {
        fn par_chunks(&self, size: usize) -> Chunks<'_, T> {
            self.chunks(size)
        }

        fn par_chunks_mut(&mut self, size: usize) -> ChunksMut<'_, T> {
            self.chunks_mut(size)
        }
    }
}
