//! Turns a photograph or a drawing of a digit into a picture like MNIST's.

use std::fmt;

use ndarray::{
    Array1, Array2, ArrayBase, ArrayView1, ArrayView2, Data, Ix2, s,
};

use crate::pixels::{PIXELS, SIDE};

/// MNIST's digits fit into a square of 20 pixels.
const FIT: usize = 20;
/// Ink that is lighter than this fraction of the darkest is the paper's grain or a shadow on it.
const GRAIN: f64 = 0.2;
/// Smallest difference between paper and ink, of 255.
const FAINT: f64 = 32.0;
/// A part with less than this fraction of the ink of the largest part is dust.
const DUST: f64 = 0.02;
/// At most this many times as wide as high: no digit of MNIST is wider.
const WIDEST: usize = 2;
/// Largest fraction of the 28 × 28 pixels that is ink: in MNIST it is 0.34.
const MOST_INK: f64 = 0.4;
/// Largest fraction of the ink outside the largest part: of MNIST's digits, fewer than 1 in 100
/// have more.
const MOST_APART: f64 = 0.05;
/// Largest fraction of inked pixels along the edge of the box round the ink, if the box is at least
/// [`FRAME`] pixels high and wide: of MNIST's digits, fewer than 1 in 1,000 have more.
const MOST_EDGE: f64 = 0.65;
const FRAME: usize = 10;

/// A picture as a network reads it, and what makes one doubt that it shows a digit.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Shape (784), row by row; 0 is background, 255 is ink.
    pub pixels: Array1<u8>,
    /// Why an answer may be wrong, however sure the network is.
    pub doubts: Vec<Doubt>,
}

/// Ways in which a picture differs from MNIST's. The network may still be confident, and wrong.
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
    /// Ink in two places or more: a second digit, a line under it, a stain.
    Parts,
    /// Ink along most of the edge: a frame, or the rim of a sheet.
    Frame,
}

impl Doubt {
    /// All of them.
    pub const ALL: [Doubt; 6] = [
        Doubt::Faint,
        Doubt::Cut,
        Doubt::Wide,
        Doubt::Full,
        Doubt::Parts,
        Doubt::Frame,
    ];

    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Doubt::Faint => "faint",
            Doubt::Cut => "cut",
            Doubt::Wide => "wide",
            Doubt::Full => "full",
            Doubt::Parts => "parts",
            Doubt::Frame => "frame",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Doubt::Faint => "its ink hardly differs from the paper",
            Doubt::Cut => {
                "its ink touches the edge, so part of it may be cut off, or it is a shadow"
            }
            Doubt::Wide => "it is wider than a digit",
            Doubt::Full => "it has more ink than a digit",
            Doubt::Parts => {
                "its ink has several parts, which may be two digits, a line or a stain"
            }
            Doubt::Frame => "its ink runs along most of its edge, as a frame does",
        })
    }
}

/// Turns a grey picture of any size into the 784 numbers that a network reads: the digit light on
/// dark, scaled to fit into 20 × 20 pixels, its centre of mass in the middle of 28 × 28. `None` if
/// the picture is blank.
///
/// The border decides which is paper and which is ink, because most of a border is paper. Parts
/// with under 2 % of the ink of the largest part are dust and left out. A picture of 28 × 28 pixels
/// that already is as MNIST's are stays as it is: light on dark, the longer side of its ink 19 or
/// 20 pixels, its centre of mass within half a pixel of pixel 14.
///
/// ```
/// use neurons::{ndarray::Array2, digits::picture::like_mnist};
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
    let dark_on_light =
        -lighter.fold(0.0, |a: f64, &b| a.min(b)) > strongest(&lighter);
    let ink = match dark_on_light {
        // Where less light falls on the paper, ink takes less away.
        true => {
            -lighter * mean / paper.mapv(|p| p.max(mean / 4.0).max(1.0))
        }
        false => lighter,
    };
    let contrast = strongest(&ink);
    if contrast < FAINT {
        return None;
    }
    let mut ink =
        ink.mapv(|p| ((p / contrast - GRAIN) / (1.0 - GRAIN)).max(0.0));
    remove_dust(&mut ink);
    let cut = cut(&ink)?;
    let digit = match is_prepared(grey) {
        true => grey.mapv(f64::from),
        false => centred(&fit(cut)),
    };

    let (height, width) = cut.dim();
    let mut doubts = Doubt::ALL.to_vec();
    doubts.retain(|doubt| match doubt {
        Doubt::Faint => contrast < 2.0 * FAINT,
        Doubt::Cut => border(&ink).iter().any(|&p| p > 0.0),
        Doubt::Wide => width > WIDEST * height,
        Doubt::Full => digit.sum() > MOST_INK * (255 * PIXELS) as f64,
        Doubt::Parts => apart(&digit) > MOST_APART,
        Doubt::Frame => edge(&digit) > MOST_EDGE,
    });
    Some(Picture {
        pixels: digit.iter().map(|&p| p as u8).collect(),
        doubts,
    })
}

/// Whether a picture already is as MNIST's are.
fn is_prepared(grey: &Array2<u8>) -> bool {
    if grey.dim() != (SIDE, SIDE) {
        return false;
    }
    let ink = grey.mapv(f64::from);
    let longer = cut(&ink).map_or(0, |cut| cut.nrows().max(cut.ncols()));
    let near = |centre: f64| (centre - (SIDE / 2) as f64).abs() <= 0.5;
    (FIT - 1..=FIT).contains(&longer)
        && centre_of_mass(&ink).into_iter().all(near)
}

/// The fraction of the ink outside the part that has most of it.
fn apart(ink: &Array2<f64>) -> f64 {
    let masses = components(ink).into_iter().map(|(mass, _)| mass);
    let largest = masses.fold(0.0, f64::max);
    1.0 - largest / ink.sum()
}

/// The fraction of inked pixels along the edge of the box round the ink; 0 for a small box.
fn edge(ink: &Array2<f64>) -> f64 {
    let Some(cut) =
        cut(ink).filter(|cut| cut.nrows().min(cut.ncols()) >= FRAME)
    else {
        return 0.0;
    };
    let edge = border(&cut);
    edge.iter().filter(|&&p| p > 0.0).count() as f64 / edge.len() as f64
}

/// How light the paper is behind each pixel. A lamp lights one side of a sheet more than the
/// other, so it is a plane through the medians of the four edges, which ink that touches an edge
/// does not move.
fn paper(grey: &Array2<u8>) -> Array2<f64> {
    let (height, width) = grey.dim();
    let edge = |edge: ArrayView1<u8>| median(edge.to_vec());
    let slope =
        |from: ArrayView1<u8>, to: ArrayView1<u8>, length: usize| {
            (edge(to) - edge(from)) / (length.max(2) - 1) as f64
        };
    let down = slope(grey.row(0), grey.row(height - 1), height);
    let across = slope(grey.column(0), grey.column(width - 1), width);
    let middle = median(border(grey));
    let from_middle =
        |i: usize, length: usize| i as f64 - (length - 1) as f64 / 2.0;
    Array2::from_shape_fn((height, width), |(y, x)| {
        middle
            + down * from_middle(y, height)
            + across * from_middle(x, width)
    })
}

fn median(mut pixels: Vec<u8>) -> f64 {
    pixels.sort_unstable();
    f64::from(pixels[pixels.len() / 2])
}

/// The outermost pixels.
fn border<T: Copy, S: Data<Elem = T>>(
    picture: &ArrayBase<S, Ix2>,
) -> Vec<T> {
    let (height, width) = picture.dim();
    let outermost =
        |y, x| y == 0 || x == 0 || y + 1 == height || x + 1 == width;
    let pixels =
        picture.indexed_iter().filter(|((y, x), _)| outermost(*y, *x));
    pixels.map(|(_, &p)| p).collect()
}

fn strongest(ink: &Array2<f64>) -> f64 {
    ink.fold(0.0, |most: f64, &p| most.max(p))
}

/// The connected components of the ink, which do not touch each other, not even by a corner: the ink
/// and the pixels of each.
fn components(ink: &Array2<f64>) -> Vec<(f64, Vec<(usize, usize)>)> {
    let (height, width) = ink.dim();
    let mut left = ink.mapv(|p| p > 0.0);
    let mut components = Vec::new();
    for (start, _) in ink.indexed_iter() {
        if !std::mem::take(&mut left[start]) {
            continue;
        }
        let mut pixels = vec![start];
        let mut seen = 0;
        while let Some(&(y, x)) = pixels.get(seen) {
            seen += 1;
            for y in y.saturating_sub(1)..(y + 2).min(height) {
                for x in x.saturating_sub(1)..(x + 2).min(width) {
                    if std::mem::take(&mut left[(y, x)]) {
                        pixels.push((y, x));
                    }
                }
            }
        }
        components.push((pixels.iter().map(|&at| ink[at]).sum(), pixels));
    }
    components
}

/// Removes specks: single pixels, and parts that are small beside the largest.
fn remove_dust(ink: &mut Array2<f64>) {
    let components = components(ink);
    let masses = components.iter().map(|(mass, _)| *mass);
    let largest = masses.fold(0.0, f64::max);
    for (mass, pixels) in components {
        if pixels.len() == 1 || mass < DUST * largest {
            pixels.into_iter().for_each(|at| ink[at] = 0.0);
        }
    }
}

/// The box round the ink, if there is any.
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
fn centred(digit: &Array2<f64>) -> Array2<f64> {
    let (height, width) = digit.dim();
    let corner = |centre: f64, side: usize| {
        ((SIDE / 2) as f64 - centre)
            .round()
            .clamp(0.0, (SIDE - side) as f64) as usize
    };
    let [y, x] = centre_of_mass(digit);
    let (top, left) = (corner(y, height), corner(x, width));
    let darkest = strongest(digit);
    let mut field = Array2::zeros((SIDE, SIDE));
    let pixels = digit.mapv(|p| (255.0 * p / darkest).round());
    field
        .slice_mut(s![top..top + height, left..left + width])
        .assign(&pixels);
    field
}

/// Row and column, 0 for the first.
fn centre_of_mass(ink: &Array2<f64>) -> [f64; 2] {
    let mass = ink.sum();
    let mean = |weigh: fn((usize, usize)) -> usize| {
        ink.indexed_iter().map(|(at, p)| weigh(at) as f64 * p).sum::<f64>()
            / mass
    };
    [mean(|(y, _)| y), mean(|(_, x)| x)]
}

#[cfg(feature = "picture")]
pub use file::{PictureError, open, parse};

#[cfg(feature = "picture")]
mod file {
    use std::io::{self, Cursor};
    use std::path::{Path, PathBuf};

    use image::{
        DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader,
        Limits, Rgba, Rgba32FImage,
    };
    use ndarray::Array2;

    use super::{Picture, like_mnist};
    use crate::files::file_kind::FileKind;
    use crate::files::whole_file;

    /// The most bytes that the pixels of a picture may take: 100 million pixels of a photograph
    /// take 300 MB.
    const MOST: u64 = 400_000_000;
    /// The most bytes of a file: all of it is read before it is decoded.
    const MOST_BYTES: usize = 100_000_000;
    /// A longer side of this many pixels shows a digit more than well enough.
    const ENOUGH: u32 = 1000;
    /// What to do with a picture that is too large.
    const SHRINK: &str = "make the picture smaller first";

    /// Why a picture cannot be used: one sentence with what to do next.
    #[derive(Debug, thiserror::Error)]
    #[expect(
        missing_docs,
        reason = "the sentence of a variant says what its fields are"
    )]
    pub enum PictureError {
        /// The system does not give it.
        #[error("the picture {} cannot be read: {error}", path.display())]
        Read { path: PathBuf, error: io::Error },
        /// It is something else.
        #[error("{} is {kind}: {advice}", path.display())]
        Other { path: PathBuf, kind: FileKind, advice: &'static str },
        /// Its end is missing, or its decoder finds a fault in it.
        #[error(
            "{} is {kind} that is cut short or damaged: save or copy it again",
            path.display()
        )]
        Damaged { path: PathBuf, kind: FileKind, source: ImageError },
        /// It would take too much memory.
        #[error(
            "{} has {width} × {height} pixels, which take more than {} MB: {SHRINK}",
            path.display(), MOST / 1_000_000
        )]
        TooLarge { path: PathBuf, width: u32, height: u32 },
        /// It would take too much memory before it is decoded.
        #[error("{} is longer than {} MB: {SHRINK}", path.display(), MOST_BYTES / 1_000_000)]
        TooLong { path: PathBuf },
        /// There is no digit on it.
        #[error(
            "{} is blank: a digit must stand out from the paper, dark on light or light on dark",
            path.display()
        )]
        Blank { path: PathBuf },
    }

    /// Opens a PNG, JPEG, GIF, BMP or WebP picture and applies [`like_mnist`] to it.
    ///
    /// Colours become grey. If the grey picture is blank, as with a yellow marker, the red, the
    /// green or the blue of it is taken. What is transparent becomes white paper (black, if the ink
    /// is white), and a photograph that its camera marked as turned is turned back.
    ///
    /// ```
    /// use neurons::digits::picture::open;
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
    /// [`PictureError`] if it is not such a picture, is cut short, is longer than 100 MB, has pixels
    /// that take more than 400 MB, or is blank.
    pub fn open(path: &Path) -> Result<Picture, PictureError> {
        let bytes =
            whole_file::read(path, MOST_BYTES).map_err(|error| {
                PictureError::Read { path: path.into(), error }
            })?;
        decode(path, &bytes)
    }

    /// [`open`] for a file that is in memory already, here called `<bytes>`.
    ///
    /// ```
    /// let error = neurons::digits::picture::parse(b"a seven").unwrap_err().to_string();
    /// assert_eq!(error, "<bytes> is plain text: name a PNG or JPEG picture");
    /// ```
    ///
    /// # Errors
    /// Those of [`open`].
    pub fn parse(bytes: &[u8]) -> Result<Picture, PictureError> {
        decode(Path::new("<bytes>"), bytes)
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Picture, PictureError> {
        let path = || path.to_path_buf();
        if bytes.len() > MOST_BYTES {
            return Err(PictureError::TooLong { path: path() });
        }
        let kind = FileKind::of(bytes);
        let Some(format) = format(kind) else {
            return Err(PictureError::Other {
                path: path(),
                kind,
                advice: advice(kind),
            });
        };
        let damaged =
            |source| PictureError::Damaged { path: path(), kind, source };
        let mut reader =
            ImageReader::with_format(Cursor::new(bytes), format);
        // The size is compared below, where the sentence can name it.
        reader.limits(Limits::no_limits());
        let decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        if decoder.total_bytes() > MOST {
            return Err(PictureError::TooLarge {
                path: path(),
                width,
                height,
            });
        }
        if !is_whole(bytes, kind, u64::from(width) * u64::from(height)) {
            let end = io::ErrorKind::UnexpectedEof.into();
            return Err(damaged(ImageError::IoError(end)));
        }
        let small = shrunk(decoder).map_err(damaged)?;
        let picture = greys(&small).find_map(|grey| like_mnist(&grey));
        picture.ok_or_else(|| PictureError::Blank { path: path() })
    }

    /// How to decode a file of this kind, if we can.
    fn format(kind: FileKind) -> Option<ImageFormat> {
        match kind {
            FileKind::Png => Some(ImageFormat::Png),
            FileKind::Jpeg => Some(ImageFormat::Jpeg),
            FileKind::Gif => Some(ImageFormat::Gif),
            FileKind::Bmp => Some(ImageFormat::Bmp),
            FileKind::WebP => Some(ImageFormat::WebP),
            _ => None,
        }
    }

    fn advice(kind: FileKind) -> &'static str {
        match kind.advice() {
            "" if kind.is_picture() => "save it as PNG or JPEG",
            "" => "name a PNG or JPEG picture",
            advice => advice,
        }
    }

    /// Whether the end of the file is there, as far as its decoder does not notice: what is missing
    /// of a JPEG, it fills with grey.
    fn is_whole(bytes: &[u8], kind: FileKind, pixels: u64) -> bool {
        match kind {
            // A JPEG spends a bit or more on each 8 × 8 pixels.
            FileKind::Jpeg => {
                pixels <= 8 * 64 * bytes.len() as u64 && has_end(bytes)
            }
            // After `RIFF`, the length of the rest.
            FileKind::WebP => {
                bytes[4..].first_chunk().is_some_and(|&length| {
                    u64::from(u32::from_le_bytes(length)) + 8
                        <= bytes.len() as u64
                })
            }
            _ => true,
        }
    }

    /// Whether a JPEG has an end marker after its pixels. Each segment says how long it is, so the
    /// marker of a small picture inside one, as cameras write it, does not count.
    fn has_end(bytes: &[u8]) -> bool {
        let mut at = 2; // After the start marker.
        let mut scanned = false;
        // Between segments, and in the pixels after a scan header, look for the next marker.
        while let Some(skipped) = bytes.get(at..).and_then(|rest| {
            rest.windows(2).position(|two| {
                two[0] == 0xff
                    && !matches!(two[1], 0 | 1 | 0xd0..=0xd7 | 0xff)
            })
        }) {
            at += skipped;
            if bytes[at + 1] == 0xd9 {
                return scanned;
            }
            scanned |= bytes[at + 1] == 0xda;
            let Some(&length) = bytes[at + 2..].first_chunk() else {
                return false;
            };
            at += 2 + usize::from(u16::from_be_bytes(length)).max(2);
        }
        false
    }

    /// Decodes a picture, and shrinks it before anything else is done, if its longer side is larger
    /// than [`ENOUGH`]: each pixel is the mean of those that fall on it. Colours are from 0 to 255,
    /// each times its opacity, which is from 0 to 1.
    fn shrunk(
        mut decoder: impl ImageDecoder,
    ) -> Result<Rgba32FImage, ImageError> {
        let orientation = decoder.orientation()?;
        let (width, height) = decoder.dimensions();
        let color = decoder.color_type();
        let channels = usize::from(color.channel_count());
        let wide = usize::from(color.bytes_per_pixel()) > channels;
        let mut raw = vec![0; decoder.total_bytes() as usize];
        decoder.read_image(&mut raw)?;

        let number = |at: usize| match wide {
            true => u16::from_ne_bytes([raw[2 * at], raw[2 * at + 1]]),
            false => u16::from(raw[at]),
        };
        let numbers = 0..raw.len() / if wide { 2 } else { 1 };
        let transparent = color.has_alpha();
        let white = match wide {
            false => 255,
            // The numbers of some scanners and cameras have 10, 12 or 14 bits.
            true => {
                let color = |at: &usize| {
                    !transparent || at % channels != channels - 1
                };
                let largest =
                    numbers.filter(color).map(number).max().unwrap_or(0);
                let bits = (16 - largest.leading_zeros()).max(8);
                if bits <= 14 { (1 << bits) - 1 } else { u16::MAX }
            }
        };
        let opaque = if wide { u16::MAX } else { 255 };

        let longer = u64::from(width.max(height));
        let scaled = |side: u32| match longer > u64::from(ENOUGH) {
            true => {
                (u64::from(side) * u64::from(ENOUGH) / longer).max(1) as u32
            }
            false => side,
        };
        let (columns, rows) = (scaled(width), scaled(height));
        let place = |i: u32, from: u32, to: u32| {
            (u64::from(i) * u64::from(to) / u64::from(from)) as u32
        };
        let place_across: Vec<u32> =
            (0..width).map(|x| place(x, width, columns)).collect();
        let mut small = Rgba32FImage::new(columns, rows);
        let mut counts = vec![0.0f32; (columns * rows) as usize];
        let mut at = 0;
        for y in 0..height {
            let to_y = place(y, height, rows);
            for &to_x in &place_across {
                let alpha = match transparent {
                    true => {
                        f32::from(number(at + channels - 1))
                            / f32::from(opaque)
                    }
                    false => 1.0,
                };
                let sum = &mut small.get_pixel_mut(to_x, to_y).0;
                for (channel, sum) in sum[..3].iter_mut().enumerate() {
                    let channel = if channels < 3 { 0 } else { channel };
                    let value = f32::from(number(at + channel).min(white));
                    *sum += value * 255.0 / f32::from(white) * alpha;
                }
                sum[3] += alpha;
                counts[(to_y * columns + to_x) as usize] += 1.0;
                at += channels;
            }
        }
        for (pixel, count) in small.pixels_mut().zip(counts) {
            pixel.0 = pixel.0.map(|sum| sum / count);
        }
        let mut small = DynamicImage::from(small);
        small.apply_orientation(orientation);
        Ok(small.into_rgba32f())
    }

    /// Grey pictures of it, one of which may show the digit: brightness first, then red, green and
    /// blue; on white paper first, then on black, as white ink on transparent paper is drawn for a
    /// dark screen.
    fn greys(small: &Rgba32FImage) -> impl Iterator<Item = Array2<u8>> {
        const WEIGHTS: [[f32; 3]; 4] = [
            [0.2126, 0.7152, 0.0722],
            [1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, 0.0, 1.0],
        ];
        let has = |kind: fn(&Rgba<f32>) -> bool| small.pixels().any(kind);
        let coloured = has(|p| p[0] != p[1] || p[1] != p[2]);
        let weights = if coloured { &WEIGHTS[..] } else { &WEIGHTS[1..2] };
        let papers: &[f32] =
            if has(|p| p[3] < 1.0) { &[255.0, 0.0] } else { &[255.0] };
        let all = papers
            .iter()
            .flat_map(|paper| weights.iter().map(move |w| (paper, w)));
        all.map(|(paper, weights)| {
            let grey = |pixel: &Rgba<f32>| {
                let light: f32 =
                    weights.iter().zip(pixel.0).map(|(w, p)| w * p).sum();
                (light + paper * (1.0 - pixel[3])).round() as u8
            };
            let shape = (small.height() as usize, small.width() as usize);
            Array2::from_shape_vec(
                shape,
                small.pixels().map(grey).collect(),
            )
            .expect("one byte a pixel")
        })
    }
}
