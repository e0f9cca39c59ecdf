//! Pictures as lists of what is lit in them.

/// So many pixels that stand side by side are looked at together.
pub const BLOCK: usize = 4;

/// Of each picture, the blocks of four pixels in which at least one is not zero.
#[derive(Clone, Debug)]
pub struct Lit {
    inputs: usize,
    /// Where the list of each picture begins, and where the last one ends.
    starts: Vec<usize>,
    blocks: Vec<u16>,
    pixels: Vec<[u8; BLOCK]>,
}

impl Lit {
    /// No pictures yet.
    ///
    /// # Panics
    /// If a picture has more pixels than 4 · 65,536.
    pub fn new(inputs: usize) -> Lit {
        assert!(
            inputs <= BLOCK << 16,
            "{inputs} inputs are more than the engine can number"
        );
        Lit { inputs, starts: vec![0], blocks: Vec::new(), pixels: Vec::new() }
    }

    /// Those of many pictures, one after the other.
    ///
    /// ```
    /// let lit = neurons::engine::lit::Lit::of(&[0, 0, 0, 0, 0, 9, 8, 0, 0, 7], 10);
    /// assert_eq!(lit.list(0), (&[1, 2][..], &[[0, 9, 8, 0], [0, 7, 0, 0]][..]));
    /// ```
    ///
    /// # Panics
    /// As [`Lit::new`], and if the bytes are not a whole number of pictures.
    pub fn of(pictures: &[u8], inputs: usize) -> Lit {
        let mut lit = Lit::new(inputs);
        assert!(pictures.len().is_multiple_of(inputs), "a picture has {inputs} bytes");
        pictures.chunks_exact(inputs).for_each(|picture| lit.push(picture));
        lit
    }

    /// Adds a picture.
    ///
    /// # Panics
    /// If it has not as many bytes as there are inputs.
    pub fn push(&mut self, picture: &[u8]) {
        assert_eq!(picture.len(), self.inputs, "bytes of a picture");
        for (block, pixels) in picture.chunks(BLOCK).enumerate() {
            let four = pixels.try_into().unwrap_or_else(|_| {
                let mut four = [0; BLOCK];
                four[..pixels.len()].copy_from_slice(pixels);
                four
            });
            if four != [0; BLOCK] {
                self.blocks.push(block as u16);
                self.pixels.push(four);
            }
        }
        self.starts.push(self.blocks.len());
    }

    /// Forgets the pictures.
    pub fn clear(&mut self) {
        self.starts.truncate(1);
        self.blocks.clear();
        self.pixels.clear();
    }

    /// How many numbers a picture has.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many blocks are lit, in all pictures.
    pub fn lit_blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The lit blocks of a picture, in order, and the four bytes of each.
    ///
    /// # Panics
    /// If there is no such picture.
    #[inline(always)]
    pub fn list(&self, picture: usize) -> (&[u16], &[[u8; BLOCK]]) {
        let list = self.starts[picture]..self.starts[picture + 1];
        (&self.blocks[list.clone()], &self.pixels[list])
    }
}
