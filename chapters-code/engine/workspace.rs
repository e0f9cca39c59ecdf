//! What one thread needs for its share of the first layer: the pictures turned round, and space
//! for sums.

use std::ops::Range;

use super::fast_layer::{CHUNK, TILE};
use super::kernel::{Aligned, LINE, fetch, zeros};
use super::lit::{BLOCK, Lit};

/// The space for the list of a block. Not a power of two, so that the lists of different blocks
/// do not compete for the same places of the cache.
const ROOM: usize = CHUNK + 4;
/// How many pictures ahead the processor is asked for memory. (The pictures of a batch lie far
/// from each other, in no order that it could guess.)
const AHEAD: usize = 4;

/// The memory of one thread.
pub struct Workspace {
    pub turned: Turned,
    /// For a tile of neurons and each picture of a chunk: sums, then activations, and on the way
    /// back δ.
    pub z: Aligned,
}

impl Workspace {
    /// Space for pictures of this many blocks.
    pub fn new(blocks: usize) -> Workspace {
        Workspace {
            turned: Turned {
                pictures: 0,
                count: vec![0; blocks],
                lists: vec![Entry::default(); blocks * ROOM],
            },
            z: zeros(CHUNK * (TILE + LINE)),
        }
    }
}

/// A chunk of pictures turned round: for each block of pixels, the pictures that light it.
pub struct Turned {
    /// How many pictures the chunk has.
    pictures: usize,
    /// The length of the list of each block. (With 16 bits, counting took twice the time.)
    count: Vec<u32>,
    lists: Vec<Entry>,
}

/// A picture that lights a block.
#[derive(Clone, Copy, Default)]
pub struct Entry {
    /// The block's pixels, from 0 to 1.
    pub inks: [f32; BLOCK],
    /// Its number in the chunk.
    pub picture: u32,
}

impl Turned {
    /// Lists the pictures of a chunk that light a block, for each block of some halves. `rows`
    /// are the pictures of the batch.
    #[inline(always)]
    pub fn turn(
        &mut self,
        lit: &Lit,
        rows: &[usize],
        chunk: Range<usize>,
        halves: Range<usize>,
    ) {
        assert!(chunk.len() <= CHUNK, "a chunk of {CHUNK} pictures");
        let Turned { pictures, count, lists } = self;
        *pictures = chunk.len();
        count.fill(0);
        for s in chunk.start..chunk.start + AHEAD {
            fetch_picture(lit, rows, s, halves.clone());
        }
        for (picture, s) in (0..).zip(chunk) {
            fetch_picture(lit, rows, s + AHEAD, halves.clone());
            for block in lit.list(rows[s], halves.clone()) {
                let q = usize::from(block.block);
                let inks =
                    block.pixels.map(|p| f32::from(p) * (1.0 / 255.0));
                lists[q * ROOM + count[q] as usize] =
                    Entry { inks, picture };
                count[q] += 1;
            }
        }
    }

    /// How many pictures were turned round.
    #[inline(always)]
    pub fn pictures(&self) -> usize {
        self.pictures
    }

    /// The pictures that light block q, numbered from 0 in the chunk.
    #[inline(always)]
    pub fn lighting(&self, q: usize) -> &[Entry] {
        &self.lists[q * ROOM..q * ROOM + self.count[q] as usize]
    }
}

/// Asks the processor for the list of picture s of the batch, and for the place of a later one.
#[inline(always)]
fn fetch_picture(
    lit: &Lit,
    rows: &[usize],
    s: usize,
    halves: Range<usize>,
) {
    if let Some(&row) = rows.get(s + AHEAD) {
        lit.fetch_cuts(row);
    }
    if let Some(&row) = rows.get(s) {
        fetch(lit.list(row, halves));
    }
}
