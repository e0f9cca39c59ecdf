//! A photograph or a drawing of a digit, made into a picture as MNIST's are.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};

use crate::pixels::{PIXELS, SIDE};

/// MNIST's digits fit into a square of 20 pixels.
const FIT: usize = 20;
/// Ink that is lighter than this part of the darkest is the paper's grain or a shadow on it.
const GRAIN: f64 = 0.2;
/// The least difference, of 255, between paper and ink.
const FAINT: f64 = 32.0;
/// No digit of MNIST is wider than so many times its height.
const WIDEST: usize = 2;
/// No digit of MNIST inks more than this part of its 28 × 28 pixels: the most is 0.34.
const MOST_INK: f64 = 0.4;

/// A picture as a network wants it, and what makes one doubt that it shows a digit.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Shape (784), row by row; 0 is background, 255 is ink.
    pub pixels: Array1<u8>,
    /// Why an answer may be wrong, however sure the network is.
    pub doubts: Vec<Doubt>,
}

/// What no digit of MNIST has: about such a picture a network knows nothing, and may be sure of
/// what it says all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Paper and ink differ by less than a quarter of the way from black to white.
    Faint,
    /// The outermost pixels are inked.
    Cut,
    /// More than twice as wide as high.
    Wide,
    /// More ink than a digit has, once it fits into 20 × 20 pixels.
    Full,
}

impl Doubt {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Doubt::Faint => "faint",
            Doubt::Cut => "cut",
            Doubt::Wide => "wide",
            Doubt::Full => "full",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Doubt::Faint => "its ink hardly differs from the paper",
            Doubt::Cut => {
                "its ink touches the edge, so some may be cut off, or be a shadow"
            }
            Doubt::Wide => "it is wider than a digit is",
            Doubt::Full => "it has more ink than a digit has",
        })
    }
}

/// Makes of a grey picture of any size the 784 numbers that a network wants: the digit light on
/// dark, fit into 20 × 20 pixels, its centre of mass in the middle of 28 × 28. `None` if the
/// picture is blank.
///
/// What is ink and what is paper is told by the border, which is paper for the most part. A
/// picture of exactly 28 × 28 pixels, light on dark, is taken as it is.
///
/// ```
/// use neurons::{ndarray::Array2, picture::like_mnist};
/// // A dark stroke from top to bottom on white paper, far from the middle.
/// let drawing = Array2::from_shape_fn((300, 200), |(y, x)| {
///     if (40..240).contains(&y) && (20..50).contains(&x) { 30 } else { 250 }
/// });
/// let digit = like_mnist(&drawing).unwrap();
/// let rows = digit.pixels.to_shape((28, 28)).unwrap();
/// assert_eq!(rows.column(14).iter().filter(|&&p| p == 255).count(), 20);
/// assert_eq!(digit.doubts, []);
/// assert_eq!(like_mnist(&Array2::from_elem((300, 200), 250)), None);
/// ```
pub fn like_mnist(grey: &Array2<u8>) -> Option<Picture> {
    if grey.is_empty() {
        return None;
    }
    let paper = paper(grey);
    let mean = paper.mean()?;
    let lighter = grey.mapv(f64::from) - &paper;
    let dark_on_light = -lighter.fold(0.0, |a: f64, &b| a.min(b)) > strongest(&lighter);
    let ink = match dark_on_light {
        // Where less light falls on the paper, ink takes less away.
        true => -lighter * mean / paper.mapv(|p| p.max(mean / 4.0).max(1.0)),
        false => lighter,
    };
    let contrast = strongest(&ink);
    if contrast < FAINT {
        return None;
    }
    let ink =
        without_specks(&ink.mapv(|p| ((p / contrast - GRAIN) / (1.0 - GRAIN)).max(0.0)));
    let cut = cut(&ink)?;
    let pixels = match grey.dim() == (SIDE, SIDE) && !dark_on_light {
        true => grey.iter().copied().collect(),
        false => centred(&fit(cut)),
    };

    let (height, width) = cut.dim();
    let inked = pixels.mapv(f64::from).sum() / (255 * PIXELS) as f64;
    let mut doubts = vec![Doubt::Faint, Doubt::Cut, Doubt::Wide, Doubt::Full];
    doubts.retain(|doubt| match doubt {
        Doubt::Faint => contrast < 2.0 * FAINT,
        Doubt::Cut => border(&ink).iter().any(|&p| p > 0.0),
        Doubt::Wide => width > WIDEST * height,
        Doubt::Full => inked > MOST_INK,
    });
    Some(Picture { pixels, doubts })
}

/// How light the paper is behind each pixel. A lamp lights one side of a sheet more than the
/// other, so it is a plane through the medians of the four edges, which ink that touches an edge
/// does not move.
fn paper(grey: &Array2<u8>) -> Array2<f64> {
    let (height, width) = grey.dim();
    let edge = |edge: ArrayView1<u8>| median(edge.to_vec());
    let slope = |from: ArrayView1<u8>, to: ArrayView1<u8>, length: usize| {
        (edge(to) - edge(from)) / (length.max(2) - 1) as f64
    };
    let down = slope(grey.row(0), grey.row(height - 1), height);
    let across = slope(grey.column(0), grey.column(width - 1), width);
    let middle = median(border(grey));
    let from_middle = |i: usize, length: usize| i as f64 - (length - 1) as f64 / 2.0;
    Array2::from_shape_fn((height, width), |(y, x)| {
        middle + down * from_middle(y, height) + across * from_middle(x, width)
    })
}

fn median(mut pixels: Vec<u8>) -> f64 {
    pixels.sort_unstable();
    f64::from(pixels[pixels.len() / 2])
}

/// The outermost pixels.
fn border<T: Copy>(picture: &Array2<T>) -> Vec<T> {
    let (height, width) = picture.dim();
    let outermost = |y, x| y == 0 || x == 0 || y + 1 == height || x + 1 == width;
    let pixels = picture.indexed_iter().filter(|((y, x), _)| outermost(*y, *x));
    pixels.map(|(_, &p)| p).collect()
}

fn strongest(ink: &Array2<f64>) -> f64 {
    ink.fold(0.0, |most: f64, &p| most.max(p))
}

/// Ink all alone is a speck of dust or grain.
fn without_specks(ink: &Array2<f64>) -> Array2<f64> {
    let (height, width) = ink.dim();
    let inked = |area: ArrayView2<f64>| area.iter().filter(|&&p| p > 0.0).count();
    Array2::from_shape_fn((height, width), |(y, x)| {
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        let columns = x.saturating_sub(1)..(x + 2).min(width);
        let alone = ink[(y, x)] > 0.0 && inked(ink.slice(s![rows, columns])) == 1;
        if alone { 0.0 } else { ink[(y, x)] }
    })
}

/// The part that is inked, if any is.
fn cut(ink: &Array2<f64>) -> Option<ArrayView2<'_, f64>> {
    let inked = |line: ArrayView1<f64>| line.iter().any(|&p| p > 0.0);
    let span = |lines: Vec<bool>| {
        let first = lines.iter().position(|&inked| inked)?;
        Some(first..lines.iter().rposition(|&inked| inked)? + 1)
    };
    let rows = span(ink.rows().into_iter().map(inked).collect())?;
    let columns = span(ink.columns().into_iter().map(inked).collect())?;
    Some(ink.slice(s![rows, columns]))
}

/// Shrunk or stretched until its longer side is 20.
fn fit(cut: ArrayView2<f64>) -> Array2<f64> {
    let (height, width) = cut.dim();
    let scaled = |side: usize| {
        let exact = side as f64 * FIT as f64 / height.max(width) as f64;
        (exact.round() as usize).max(1)
    };
    // Each pixel of the small picture is the mean of what it covers of the large one; down and
    // across are independent, so shrinking is two matrix products.
    resampling(scaled(height), height)
        .dot(&cut)
        .dot(&resampling(scaled(width), width).t())
}

/// Shape (to, from): row i says how much each of `from` pixels adds to pixel i of `to`.
fn resampling(to: usize, from: usize) -> Array2<f64> {
    let step = from as f64 / to as f64;
    Array2::from_shape_fn((to, from), |(i, j)| {
        let (begin, end) = (i as f64 * step, (i + 1) as f64 * step);
        let overlap = end.min((j + 1) as f64) - begin.max(j as f64);
        overlap.max(0.0) / step
    })
}

/// The digit on a field of 28 × 28, its darkest pixel 255, its centre of mass at pixel 14: that is
/// where the mean of MNIST's pictures has it, to a hundredth of a pixel.
fn centred(digit: &Array2<f64>) -> Array1<u8> {
    let (height, width) = digit.dim();
    let mass = digit.sum();
    let mean = |weigh: fn((usize, usize)) -> usize| {
        digit.indexed_iter().map(|(at, p)| weigh(at) as f64 * p).sum::<f64>() / mass
    };
    let corner = |centre: f64, side: usize| {
        ((SIDE / 2) as f64 - centre).round().clamp(0.0, (SIDE - side) as f64) as usize
    };
    let (top, left) = (corner(mean(|(y, _)| y), height), corner(mean(|(_, x)| x), width));
    let darkest = strongest(digit);
    let mut field = Array2::zeros((SIDE, SIDE));
    let pixels = digit.mapv(|p| (255.0 * p / darkest).round() as u8);
    field.slice_mut(s![top..top + height, left..left + width]).assign(&pixels);
    field.into_shape_with_order(PIXELS).expect("28 · 28 = 784")
}

#[cfg(feature = "picture")]
pub use file::{PictureError, open, parse};

#[cfg(feature = "picture")]
mod file {
    use std::fs::File;
    use std::io::{self, Cursor, Read};
    use std::path::{Path, PathBuf};

    use image::{
        DynamicImage, GrayAlphaImage, GrayImage, ImageDecoder, ImageError, ImageFormat,
        ImageReader, imageops,
    };
    use ndarray::Array2;

    use super::{Picture, like_mnist};

    /// The most pixels that a picture may have.
    const MOST: u64 = 20_000_000;
    /// The most bytes that its file may have: a decoder reads them all first.
    const MOST_BYTES: u64 = 100_000_000;
    /// A side of this many pixels shows a digit more than well enough.
    const ENOUGH: u32 = 1000;

    /// Why a picture cannot be used: one sentence with what to do next.
    #[derive(Debug, thiserror::Error)]
    pub enum PictureError {
        /// The system does not give it.
        #[error("the picture {} cannot be read: {error}", path.display())]
        Read {
            /// The file.
            path: PathBuf,
            /// What the system says.
            error: io::Error,
        },
        /// It is something else, or broken.
        #[error("{} is not a whole PNG or JPEG picture: save the digit as one", path.display())]
        NoPicture {
            /// The file.
            path: PathBuf,
            /// What its decoder says.
            source: ImageError,
        },
        /// It would take too much memory.
        #[error(
            "{} has {width} × {height} pixels, more than {} million: make it smaller first",
            path.display(), MOST / 1_000_000
        )]
        TooLarge {
            /// The file.
            path: PathBuf,
            /// Pixels a row.
            width: u32,
            /// Rows.
            height: u32,
        },
        /// No picture of so many pixels needs so much room.
        #[error("{} is longer than {} MB: make the picture smaller first", path.display(), MOST_BYTES / 1_000_000)]
        TooLong {
            /// The file.
            path: PathBuf,
        },
        /// There is no digit on it.
        #[error("{} is blank: a digit must stand out from the paper, dark on light or light on dark", path.display())]
        Blank {
            /// The file.
            path: PathBuf,
        },
    }

    /// Opens a PNG or JPEG and makes of it what [`like_mnist`] makes of a grey picture.
    ///
    /// Colours become grey, what is transparent becomes white paper (black, if the ink is white), and a photograph that its
    /// camera marked as turned is turned back.
    ///
    /// ```
    /// use neurons::picture::open;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("sheet.png");
    /// let mut sheet = image::RgbImage::from_pixel(300, 200, [255, 255, 255].into());
    /// (40..160).for_each(|y| sheet.put_pixel(90, y, [0, 0, 160].into()));
    /// sheet.save(&path)?;
    /// assert_eq!(open(&path)?.pixels.len(), 784);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PictureError`] if it is not such a picture, is longer than 100 MB, has more than 20 million
    /// pixels, or is blank.
    pub fn open(path: &Path) -> Result<Picture, PictureError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
            .map_err(|error| PictureError::Read { path: path.into(), error })?;
        decode(path, &bytes)
    }

    /// [`open`] for a file that is in memory already, here called `<bytes>`.
    ///
    /// ```
    /// let error = neurons::picture::parse(b"a seven").unwrap_err().to_string();
    /// assert_eq!(error, "<bytes> is not a whole PNG or JPEG picture: save the digit as one");
    /// ```
    ///
    /// # Errors
    /// Those of [`open`].
    pub fn parse(bytes: &[u8]) -> Result<Picture, PictureError> {
        decode(Path::new("<bytes>"), bytes)
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Picture, PictureError> {
        if bytes.len() as u64 > MOST_BYTES {
            return Err(PictureError::TooLong { path: path.into() });
        }
        let no_picture = |source| PictureError::NoPicture { path: path.into(), source };
        let reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| no_picture(ImageError::IoError(error)))?;
        let jpeg = reader.format() == Some(ImageFormat::Jpeg);
        let mut decoder = reader.into_decoder().map_err(no_picture)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MOST {
            return Err(PictureError::TooLarge { path: path.into(), width, height });
        }
        // A JPEG spends a bit or more on each 8 × 8 pixels.
        if jpeg && (pixels > 8 * 64 * bytes.len() as u64 || !has_end(bytes)) {
            let end = io::ErrorKind::UnexpectedEof.into();
            return Err(no_picture(ImageError::IoError(end)));
        }
        let orientation = decoder.orientation().map_err(no_picture)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(no_picture)?;
        image.apply_orientation(orientation);
        // White ink on transparent paper is drawn for a dark screen.
        let papers = if image.color().has_alpha() { &[255, 0][..] } else { &[255] };
        let image = image.into_luma_alpha8();
        let picture = papers.iter().find_map(|&paper| like_mnist(&grey(&image, paper)));
        picture.ok_or_else(|| PictureError::Blank { path: path.into() })
    }

    /// Whether a JPEG has its end marker somewhere after its pixels begin: what a file that was cut
    /// short lacks, the decoder fills with grey.
    fn has_end(bytes: &[u8]) -> bool {
        let after = |bytes: &[u8], marker| {
            bytes.windows(2).position(|two| two == [0xff, marker]).map(|at| at + 2)
        };
        let pixels = after(bytes, 0xda).unwrap_or(bytes.len());
        after(&bytes[pixels..], 0xd9).is_some()
    }

    /// On paper of this grey, and no larger than it needs to be.
    fn grey(image: &GrayAlphaImage, paper: u32) -> Array2<u8> {
        let on_paper = |[p, alpha]: [u8; 2]| {
            let (p, alpha) = (u32::from(p), u32::from(alpha));
            ((p * alpha + paper * (255 - alpha) + 127) / 255) as u8
        };
        let (width, height) = image.dimensions();
        let mut grey =
            GrayImage::from_fn(width, height, |x, y| [on_paper(image[(x, y)].0)].into());
        let longer = width.max(height);
        if longer > ENOUGH {
            let scaled = |side: u32| {
                (u64::from(side) * u64::from(ENOUGH) / u64::from(longer)).max(1)
            };
            grey =
                imageops::thumbnail(&grey, scaled(width) as u32, scaled(height) as u32);
        }
        let (width, height) = grey.dimensions();
        Array2::from_shape_vec((height as usize, width as usize), grey.into_raw())
            .expect("one byte a pixel")
    }
}
