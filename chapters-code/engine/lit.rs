//! Pictures as lists of their lit pixels.

use std::ops::Range;

use crate::pixels::Digits;

/// How many neighbouring pixels are looked at together.
pub const BLOCK: usize = 4;

/// For each picture, the blocks of four pixels in which at least one is not zero.
#[derive(Clone, Debug)]
pub struct Lit {
    inputs: usize,
    /// The first block of the lower half.
    middle: usize,
    /// For each picture, where its list begins and where its lower half begins; then the end.
    cuts: Vec<u32>,
    blocks: Vec<LitBlock>,
}

/// A block of pixels that are not all zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LitBlock {
    /// Its number, counted from the upper left.
    pub block: u16,
    /// The pixels.
    pub pixels: [u8; BLOCK],
}

impl Lit {
    /// No pictures yet.
    ///
    /// # Panics
    /// If a picture has no pixels, or more than 4 · 65,536.
    pub fn new(inputs: usize) -> Lit {
        assert!(
            (1..=BLOCK << 16).contains(&inputs),
            "{inputs} inputs are none, or more than the engine can number"
        );
        let middle = inputs.div_ceil(BLOCK) / 2;
        Lit { inputs, middle, cuts: vec![0], blocks: Vec::new() }
    }

    /// The lists of many pictures, one after the other. The cut between the halves leaves half
    /// of the lit blocks of the first thousand pictures on each side.
    ///
    /// ```
    /// use neurons::engine::lit::{Lit, LitBlock};
    /// let lit = Lit::of(&[0, 0, 0, 0, 0, 9, 8, 0, 0, 7], 10);
    /// let upper = LitBlock { block: 1, pixels: [0, 9, 8, 0] };
    /// let lower = LitBlock { block: 2, pixels: [0, 7, 0, 0] };
    /// assert_eq!(lit.list(0, 0..2), [upper, lower]);
    /// assert_eq!((lit.list(0, 0..1), lit.list(0, 1..2)), (&[upper][..], &[lower][..]));
    /// ```
    ///
    /// # Panics
    /// As [`Lit::new`], and if the bytes are not a whole number of pictures.
    pub fn of(pictures: &[u8], inputs: usize) -> Lit {
        assert!(
            pictures.len().is_multiple_of(inputs),
            "a picture has {inputs} bytes"
        );
        let pictures = pictures.chunks_exact(inputs);
        let mut some = Lit::new(inputs);
        pictures.clone().take(1000).for_each(|picture| some.push(picture));
        let mut lit = Lit::new(inputs);
        if !some.blocks.is_empty() {
            let at = some.blocks.len() / 2;
            lit.middle = usize::from(
                some.blocks
                    .select_nth_unstable_by_key(at, |lit| lit.block)
                    .1
                    .block,
            );
        }
        pictures.for_each(|picture| lit.push(picture));
        lit
    }

    /// Adds a picture.
    ///
    /// # Panics
    /// If its number of bytes is not the number of inputs.
    pub fn push(&mut self, picture: &[u8]) {
        assert_eq!(picture.len(), self.inputs, "bytes of a picture");
        for (block, pixels) in picture.chunks(BLOCK).enumerate() {
            if block == self.middle {
                self.cut();
            }
            let four = pixels.try_into().unwrap_or_else(|_| {
                let mut four = [0; BLOCK];
                four[..pixels.len()].copy_from_slice(pixels);
                four
            });
            if four != [0; BLOCK] {
                self.blocks
                    .push(LitBlock { block: block as u16, pixels: four });
            }
        }
        self.cut();
    }

    fn cut(&mut self) {
        self.cuts.push(
            u32::try_from(self.blocks.len()).expect("at most 2³² blocks"),
        );
    }

    /// Removes all pictures.
    pub fn clear(&mut self) {
        self.cuts.truncate(1);
        self.blocks.clear();
    }

    /// How many numbers a picture has.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.cuts.len() / 2
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of lit blocks in all pictures together.
    pub fn lit_blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The first block of the lower half.
    pub fn middle(&self) -> usize {
        self.middle
    }

    /// The lit blocks of the upper half of a picture (0..1), of the lower (1..2) or of both
    /// (0..2), in order.
    ///
    /// # Panics
    /// If there is no such picture.
    #[inline(always)]
    pub fn list(
        &self,
        picture: usize,
        halves: Range<usize>,
    ) -> &[LitBlock] {
        let cut = |half: usize| self.cuts[2 * picture + half] as usize;
        &self.blocks[cut(halves.start)..cut(halves.end)]
    }

    pub(super) fn fetch_cuts(&self, picture: usize) {
        super::kernel::fetch(&self.cuts[2 * picture..2 * picture + 3]);
    }
}

impl From<&Digits> for Lit {
    fn from(digits: &Digits) -> Lit {
        let images = digits.images.as_standard_layout();
        let bytes = images.as_slice().expect("it is in standard layout");
        Lit::of(bytes, images.ncols())
    }
}
