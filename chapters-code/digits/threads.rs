//! Work on the pieces of an array that several threads share, by rayon. Without the feature
//! `threads`, as in a browser, one thread does it, to the same bits.

#[cfg(feature = "threads")]
pub(crate) use rayon::prelude::*;

/// What the chapters use of rayon, on one thread.
#[cfg(not(feature = "threads"))]
pub(crate) trait ParallelSlice<T> {
    fn par_chunks(&self, size: usize) -> std::slice::Chunks<'_, T>;
    fn par_chunks_mut(
        &mut self,
        size: usize,
    ) -> std::slice::ChunksMut<'_, T>;
}

#[cfg(not(feature = "threads"))]
impl<T> ParallelSlice<T> for [T] {
    fn par_chunks(&self, size: usize) -> std::slice::Chunks<'_, T> {
        self.chunks(size)
    }

    fn par_chunks_mut(
        &mut self,
        size: usize,
    ) -> std::slice::ChunksMut<'_, T> {
        self.chunks_mut(size)
    }
}
