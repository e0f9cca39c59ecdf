//! A photograph or a drawing of a digit, made into a picture as MNIST's are.

use ndarray::{Array1, Array2, s};

use crate::pixels::{PIXELS, SIDE};

/// MNIST's digits fit into a square of 20 pixels.
const FIT: usize = 20;
/// Ink that is lighter than this part of the darkest is the paper's grain or a shadow on it.
const GRAIN: f64 = 0.2;
/// The least difference, of 255, between paper and ink.
const FAINT: u8 = 32;

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
/// let rows = digit.to_shape((28, 28)).unwrap();
/// assert_eq!(rows.column(14).iter().filter(|&&p| p == 255).count(), 20);
/// assert_eq!(like_mnist(&Array2::from_elem((300, 200), 250)), None);
/// ```
pub fn like_mnist(grey: &Array2<u8>) -> Option<Array1<u8>> {
    let (lightest, darkest) = (*grey.iter().max()?, *grey.iter().min()?);
    let paper = border_median(grey);
    let dark_on_light = paper > darkest.midpoint(lightest);
    let ink = match dark_on_light {
        true => grey.mapv(|p| paper.saturating_sub(p)),
        false => grey.mapv(|p| p.saturating_sub(paper)),
    };
    let strongest = *ink.iter().max()?;
    if strongest < FAINT {
        return None;
    }
    if grey.dim() == (SIDE, SIDE) && !dark_on_light {
        return Some(grey.iter().copied().collect());
    }
    let ink = ink.mapv(|p| {
        ((f64::from(p) / f64::from(strongest) - GRAIN) / (1.0 - GRAIN)).max(0.0)
    });
    Some(centred(&fit(&ink)))
}

/// The median of the outermost pixels.
fn border_median(grey: &Array2<u8>) -> u8 {
    let (height, width) = grey.dim();
    let outermost = |y, x| y == 0 || x == 0 || y + 1 == height || x + 1 == width;
    let pixels = grey.indexed_iter().filter(|((y, x), _)| outermost(*y, *x));
    let mut border: Vec<u8> = pixels.map(|(_, &p)| p).collect();
    border.sort_unstable();
    border[border.len() / 2]
}

/// What is inked, cut out and shrunk or stretched until its longer side is 20.
fn fit(ink: &Array2<f64>) -> Array2<f64> {
    let inked = |line: ndarray::ArrayView1<f64>| line.iter().any(|&p| p > 0.0);
    let span = |lines: Vec<bool>| {
        let first = lines.iter().position(|&inked| inked).unwrap_or(0);
        first..lines.iter().rposition(|&inked| inked).map_or(lines.len(), |last| last + 1)
    };
    let rows = span(ink.rows().into_iter().map(inked).collect());
    let columns = span(ink.columns().into_iter().map(inked).collect());
    let cut = ink.slice(s![rows, columns]);
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
    let darkest = digit.fold(0.0, |most: f64, &p| most.max(p));
    let mut field = Array2::zeros((SIDE, SIDE));
    let pixels = digit.mapv(|p| (255.0 * p / darkest).round() as u8);
    field.slice_mut(s![top..top + height, left..left + width]).assign(&pixels);
    field.into_shape_with_order(PIXELS).expect("28 · 28 = 784")
}

#[cfg(feature = "trainer")]
pub use file::{PictureError, open};

#[cfg(feature = "trainer")]
mod file {
    use std::io;
    use std::path::{Path, PathBuf};

    use image::{
        DynamicImage, GrayImage, ImageDecoder, ImageError, ImageReader, imageops,
    };
    use ndarray::{Array1, Array2};

    use super::like_mnist;

    /// The most pixels that a picture may have.
    const MOST: u64 = 20_000_000;
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
        /// There is no digit on it.
        #[error("{} is blank: a digit must stand out from the paper, dark on light or light on dark", path.display())]
        Blank {
            /// The file.
            path: PathBuf,
        },
    }

    /// Opens a PNG or JPEG and makes of it what [`like_mnist`] makes of a grey picture.
    ///
    /// Colours become grey, what is transparent becomes white paper, and a photograph that its
    /// camera marked as turned is turned back.
    ///
    /// ```
    /// use neurons::picture::open;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("sheet.png");
    /// let mut sheet = image::RgbImage::from_pixel(300, 200, [255, 255, 255].into());
    /// (40..160).for_each(|y| sheet.put_pixel(90, y, [0, 0, 160].into()));
    /// sheet.save(&path)?;
    /// assert_eq!(open(&path)?.len(), 784);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PictureError`] if it is not such a picture, has more than 20 million pixels, or is blank.
    pub fn open(path: &Path) -> Result<Array1<u8>, PictureError> {
        let read = |error| PictureError::Read { path: path.into(), error };
        let no_picture = |error| match error {
            ImageError::IoError(error)
                if error.kind() != io::ErrorKind::UnexpectedEof =>
            {
                read(error)
            }
            source => PictureError::NoPicture { path: path.into(), source },
        };
        let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
        let mut decoder = reader.map_err(read)?.into_decoder().map_err(no_picture)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > MOST {
            return Err(PictureError::TooLarge { path: path.into(), width, height });
        }
        let orientation = decoder.orientation().map_err(no_picture)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(no_picture)?;
        image.apply_orientation(orientation);
        like_mnist(&grey(image)).ok_or_else(|| PictureError::Blank { path: path.into() })
    }

    /// On white paper, and no larger than it needs to be.
    fn grey(image: DynamicImage) -> Array2<u8> {
        let image = image.into_luma_alpha8();
        let on_paper = |[p, alpha]: [u8; 2]| {
            let (p, alpha) = (u32::from(p), u32::from(alpha));
            ((p * alpha + 255 * (255 - alpha) + 127) / 255) as u8
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
