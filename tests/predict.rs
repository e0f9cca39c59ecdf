//! `mnist predict`: pictures of every kind, made into what MNIST looks like, and what the program
//! says of them.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageEncoder, ImageFormat, Luma,
    imageops::{self, FilterType},
};
use neurons::digits::picture::{self, Doubt, Picture, like_mnist};
use neurons::layer::{Layer, Network};
use neurons::mnist::{Objective, Recipe, Training, probabilities};
use neurons::ndarray::{Array1, Array2, ArrayView1, Axis};
use neurons::pixels::Digits;
use neurons::sigmoid::Activation;
use neurons::trainer::checkpoint::Checkpoints;
use neurons::trainer::model_file::Model;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A digit that the program draws, light on dark, 28 × 28.
fn drawn(row: usize) -> Array1<u8> {
    Digits::handwriting(40, 99).images.row(row).to_owned()
}

/// The digit dark on a light sheet, `side` pixels high with its margin, anywhere.
fn sheet(
    digit: &Array1<u8>,
    side: u32,
    (x, y): (i64, i64),
    size: (u32, u32),
) -> GrayImage {
    let small = GrayImage::from_raw(28, 28, digit.to_vec()).unwrap();
    let mut large = imageops::resize(&small, side, side, FilterType::Triangle);
    imageops::invert(&mut large);
    let mut sheet = GrayImage::from_pixel(size.0, size.1, Luma([255]));
    imageops::overlay(&mut sheet, &large, x, y);
    sheet
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    encoded(&image.into(), ImageFormat::Png)
}

/// The mean difference of their pixels.
fn apart(a: &Array1<u8>, b: &Array1<u8>) -> f64 {
    (a.mapv(f64::from) - b.mapv(f64::from)).mapv(f64::abs).mean().unwrap()
}

/// The file is made into much the same pixels as the digit has, and nothing about it is doubtful.
/// Of the first 20, a shift by one pixel costs 13 to 22 a pixel; two of them are 16 or more apart,
/// the median pair 37.
#[track_caller]
fn same(bytes: &[u8], digit: &Array1<u8>) {
    let picture = picture::parse(bytes).unwrap();
    let apart = apart(&picture.pixels, digit);
    assert!(apart < 18.0, "{apart} of 255 a pixel:\n{}", seen(&picture));
    assert_eq!(picture.doubts, [], "{}", seen(&picture));
}

fn seen(picture: &Picture) -> String {
    neurons::pixels::in_characters(picture.pixels.view())
}

fn grey(sheet: &GrayImage) -> Array2<u8> {
    let (width, height) = sheet.dimensions();
    let shape = (height as usize, width as usize);
    Array2::from_shape_vec(shape, sheet.as_raw().clone()).unwrap()
}

#[test]
fn any_size_and_place_dark_or_light() {
    for row in 0..20 {
        let digit = drawn(row);
        for (side, place, size) in [
            (28, (1, 1), (30, 31)),
            (56, (0, 0), (56, 56)),
            (140, (300, 10), (460, 200)),
            (280, (20, 380), (300, 700)),
            (1500, (100, 300), (2000, 3000)),
        ] {
            let mut sheet = sheet(&digit, side, place, size);
            same(&png(sheet.clone()), &digit);
            imageops::invert(&mut sheet);
            same(&png(sheet), &digit);
            if side > 1000 && row > 1 {
                break;
            }
        }
    }
}

#[test]
fn a_small_one_light_on_dark_is_taken_as_it_is() {
    let digit = drawn(3);
    let small = GrayImage::from_raw(28, 28, digit.to_vec()).unwrap();
    let picture = picture::parse(&png(small)).unwrap();
    assert_eq!(picture, Picture { pixels: digit, doubts: vec![] });
}

/// A 28 × 28 picture of a paint program, with the digit small and off centre, is not yet as MNIST's
/// are, and comes out as if it were on a large sheet.
#[test]
fn a_small_one_that_is_not_prepared_is_prepared() {
    for row in 0..20 {
        let digit = drawn(row);
        let small = GrayImage::from_raw(28, 28, digit.to_vec()).unwrap();
        let place = |side, x, y| {
            let digit = imageops::resize(&small, side, side, FilterType::Triangle);
            let mut field = GrayImage::new(28, 28);
            imageops::overlay(&mut field, &digit, x, y);
            picture::parse(&png(field)).unwrap().pixels
        };
        assert_eq!(place(28, 0, 0), digit);
        // A digit of 13 pixels has lost something of its shape.
        for (side, x, y, most) in
            [(28, 2, 0, 18.0), (28, -1, -2, 18.0), (18, 9, 9, 25.0), (18, 0, 2, 25.0)]
        {
            let apart = apart(&place(side, x, y), &digit);
            assert!(apart < most, "{row}, {side}, {x}, {y}: {apart}");
        }
    }
}

#[test]
fn grain_and_dust() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for row in 0..20 {
        let digit = drawn(row);
        let mut sheet = sheet(&digit, 280, (150, 40), (500, 400));
        let noise = Normal::new(0.0, 10.0).unwrap();
        for Luma([p]) in sheet.pixels_mut() {
            // Grey ink on grey paper.
            let noisy = 50.0 + 0.6 * f64::from(*p) + noise.sample(&mut random);
            *p = noisy.round() as u8;
        }
        for _ in 0..10 {
            let (x, y) = (random.random_range(0..500), random.random_range(0..400));
            sheet.put_pixel(x, y, Luma([20]));
        }
        same(&png(sheet), &digit);
    }
}

#[test]
fn a_lamp_on_one_side() {
    for row in 0..20 {
        let digit = drawn(row);
        let sheet = sheet(&digit, 280, (150, 40), (500, 400));
        for (across, down) in
            [(0.25, 0.0), (-0.25, 0.0), (0.0, -0.3), (0.2, 0.15), (-0.1, 0.3)]
        {
            let mut lit = sheet.clone();
            for (x, y, Luma([p])) in lit.enumerate_pixels_mut() {
                let (x, y) = (f64::from(x) / 500.0 - 0.5, f64::from(y) / 400.0 - 0.5);
                *p = (f64::from(*p) * (0.7 + across * x + down * y)).round() as u8;
            }
            same(&encoded(&lit.into(), ImageFormat::Jpeg), &digit);
        }
    }
}

#[test]
fn every_kind_of_png_and_jpeg() {
    let digit = drawn(5);
    let sheet = sheet(&digit, 140, (30, 20), (200, 180));
    let image = DynamicImage::from(sheet.clone());
    same(&encoded(&image, ImageFormat::Jpeg), &digit);
    for kind in [
        image.to_luma16().into(),
        image.to_rgb8().into(),
        image.to_rgba8().into(),
        DynamicImage::from(image.to_rgba16()),
    ] {
        same(&png(kind), &digit);
    }

    // Ink on nothing: black, and white as for a dark screen.
    for ink in [0, 255] {
        let clear = |x, y| image::LumaA([ink, 255 - sheet.get_pixel(x, y)[0]]);
        same(&png(GrayAlphaImage::from_fn(200, 180, clear)), &digit);
    }

    // Sixteen blues.
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 200, 180);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    let blues: Vec<u8> =
        (0..16).flat_map(|blue| [17 * blue, 17 * blue, 100 + 10 * blue]).collect();
    encoder.set_palette(blues);
    let indices: Vec<u8> = sheet.iter().map(|p| p / 16).collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&indices).unwrap();
    writer.finish().unwrap();
    same(&bytes, &digit);

    // As a camera that was held on its side, or upside down, writes it.
    for (orientation, turned) in
        [(3, image.rotate180()), (6, image.rotate270()), (8, image.rotate90())]
    {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
        encoder
            .set_exif_metadata([&exif[..], &[orientation, 0, 0, 0], &[0; 4]].concat())
            .unwrap();
        encoder.encode_image(&turned).unwrap();
        same(&bytes, &digit);
    }
}

#[test]
fn what_is_doubtful() {
    let doubts = |sheet: &GrayImage| like_mnist(&grey(sheet)).unwrap().doubts;
    let digit = drawn(6);
    let whole = sheet(&digit, 140, (30, 20), (200, 180));
    assert_eq!(doubts(&whole), []);
    let faint = |p: u8| 200 + p / 5;
    let faint =
        GrayImage::from_fn(200, 180, |x, y| Luma([faint(whole.get_pixel(x, y)[0])]));
    assert_eq!(doubts(&faint), [Doubt::Faint]);
    assert_eq!(doubts(&sheet(&digit, 140, (-50, 20), (200, 180))), [Doubt::Cut]);
    let bar = |width, height| {
        GrayImage::from_fn(400, 400, |x, y| {
            let inked = x.abs_diff(200) * 2 < width && y.abs_diff(200) * 2 < height;
            Luma([if inked { 10 } else { 240 }])
        })
    };
    assert_eq!(doubts(&bar(200, 60)), [Doubt::Wide]);
    assert_eq!(doubts(&bar(200, 200)), [Doubt::Full, Doubt::Frame]);
    assert_eq!(doubts(&bar(40, 300)), [], "a 1");
    // A photograph, more or less.
    let waves = |x: u32, y: u32| {
        let wave = (f64::from(x) / 31.0).sin() * (f64::from(y) / 23.0).cos();
        Luma([(128.0 + 100.0 * wave) as u8])
    };
    assert!(!doubts(&GrayImage::from_fn(300, 300, waves)).is_empty());

    assert_eq!(
        Doubt::ALL.map(Doubt::name),
        ["faint", "cut", "wide", "full", "parts", "frame"]
    );
    assert_eq!(
        Doubt::ALL.map(|doubt| doubt.to_string()),
        [
            "its ink hardly differs from the paper",
            "its ink touches the edge, so part of it may be cut off, or it is a shadow",
            "it is wider than a digit",
            "it has more ink than a digit",
            "its ink has several parts, which may be two digits, a line or a stain",
            "its ink runs along most of its edge, as a frame does",
        ]
    );
}

/// Two digits, a line under one, a frame round it, and a sheet on a dark desk: the box round all
/// ink is none of a digit, so each makes a doubt.
#[test]
fn more_than_a_digit_is_doubtful() {
    for row in 0..20 {
        let doubts =
            |sheet: &GrayImage| picture::parse(&png(sheet.clone())).unwrap().doubts;
        let alone = sheet(&drawn(row), 280, (260, 160), (800, 600));
        assert_eq!(doubts(&alone), [], "{row}");

        let mut two = alone.clone();
        let second = sheet(&drawn(row + 1), 280, (0, 0), (280, 280));
        imageops::overlay(&mut two, &second, 20, 160);
        assert!(doubts(&two).contains(&Doubt::Parts), "{row}: {:?}", doubts(&two));

        let mut underlined = alone.clone();
        let line = GrayImage::from_pixel(500, 6, Luma([0]));
        imageops::overlay(&mut underlined, &line, 150, 470);
        assert!(!doubts(&underlined).is_empty(), "{row}");

        let mut framed = alone.clone();
        for (width, height, x, y) in
            [(600, 6, 100, 50), (600, 6, 100, 550), (6, 500, 100, 50), (6, 506, 700, 50)]
        {
            let line = GrayImage::from_pixel(width, height, Luma([0]));
            imageops::overlay(&mut framed, &line, x, y);
        }
        assert!(doubts(&framed).contains(&Doubt::Frame), "{row}: {:?}", doubts(&framed));

        let mut desk = GrayImage::from_pixel(1000, 760, Luma([60]));
        imageops::overlay(&mut desk, &alone, 100, 80);
        assert!(doubts(&desk).contains(&Doubt::Frame), "{row}: {:?}", doubts(&desk));

        // A blot far away is dust beside the digit.
        let mut blot = alone.clone();
        imageops::overlay(&mut blot, &GrayImage::from_pixel(9, 9, Luma([40])), 40, 500);
        assert_eq!(
            picture::parse(&png(blot)).unwrap(),
            picture::parse(&png(alone)).unwrap()
        );
    }
}

/// The sentence that a picture gets which cannot be used.
#[track_caller]
fn refused(bytes: &[u8], words: &str) {
    let sentence = picture::parse(bytes).unwrap_err().to_string();
    assert!(sentence.starts_with("<bytes> ") && !sentence.contains('\n'), "{sentence}");
    assert!(sentence.contains(words), "{sentence}");
    println!("{sentence}");
}

#[test]
fn pictures_without_a_digit() {
    let plain = |width, height, p| png(GrayImage::from_pixel(width, height, Luma([p])));
    for (width, height) in [(1, 1), (1, 5000), (5000, 1), (28, 28), (300, 200)] {
        for p in [0, 130, 255] {
            refused(&plain(width, height, p), "is blank: a digit must stand out");
        }
    }
    // A lamp, and no digit.
    let lit = GrayImage::from_fn(300, 200, |x, _| Luma([(x / 2) as u8]));
    refused(&png(lit), "is blank");
    // One pixel of ink.
    let mut speck = GrayImage::from_pixel(40, 40, Luma([255]));
    speck.put_pixel(9, 9, Luma([0]));
    refused(&png(speck), "is blank");
    refused(&png(GrayAlphaImage::from_pixel(40, 40, image::LumaA([9, 0]))), "is blank");
    // As thin as can be: whatever comes of it, it comes.
    for (width, height) in [(1, 5000), (5000, 1), (2, 2), (1, 2), (3, 1000)] {
        let ink = |x, y| Luma([if (x + y) % 5 < 2 { 0 } else { 255 }]);
        let _ = picture::parse(&png(GrayImage::from_fn(width, height, ink)));
    }
    assert_eq!(like_mnist(&Array2::zeros((0, 0))), None);
    assert_eq!(like_mnist(&Array2::zeros((0, 9))), None);
}

#[test]
fn no_pictures() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1";
    for (bytes, words) in [
        (&b""[..], "is an empty file: fetch it again"),
        (b"a seven", "is plain text: name a PNG or JPEG picture"),
        (heic, "is a HEIC photograph: save it as PNG or JPEG"),
        (b"\0\0\0\x14ftypavif\0\0\0\0avif", "is an AVIF picture: save it as PNG or JPEG"),
        (b"II*\0\x08\0\0\0", "is a TIFF picture: save it as PNG or JPEG"),
        (b"%PDF-1.7\n", "is a PDF document: save it as PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing: save it as"),
        (b"\0\x05\x16\x07\0\x02\0\0", "(AppleDouble): the file itself has the same name"),
        (b"version https://git-lfs.github.com/spec/v1\n", "pointer: run `git lfs pull`"),
        (
            b"GIF89a",
            "is a GIF picture that is cut short or damaged: save or copy it again",
        ),
        (b"\x89PNG\r\n\x1a\n", "is a PNG picture that is cut short or damaged"),
        (b"\xff\xd8\xff", "is a JPEG picture that is cut short or damaged"),
    ] {
        refused(bytes, words);
    }
    let not = " is ";
    refused(&[0; 100_000_001], "is longer than 100 MB: make the picture smaller first");
    let sheet = sheet(&drawn(0), 28, (1, 1), (30, 30));
    let whole = png(sheet.clone());
    let pixels = picture::parse(&whole).unwrap();
    for length in 0..whole.len() - 12 {
        refused(&whole[..length], not);
    }
    // A header that promises more than there is. The checksum is of the header's type and data.
    for (side, words) in [
        (
            60_000u32,
            "has 60000 × 60000 pixels, which take more than 400 MB: make the picture smaller first",
        ),
        (0, not),
    ] {
        let mut huge = whole.clone();
        huge[16..20].copy_from_slice(&side.to_be_bytes());
        huge[20..24].copy_from_slice(&side.to_be_bytes());
        let mut sum = flate2::Crc::new();
        sum.update(&huge[12..29]);
        huge[29..33].copy_from_slice(&sum.sum().to_be_bytes());
        refused(&huge, words);
    }
    for bit in 0..8 * whole.len() {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = picture::parse(&flipped) {
            assert_eq!(read, pixels, "bit {bit}");
        }
    }
    let whole = encoded(&sheet.into(), ImageFormat::Jpeg);
    picture::parse(&whole).unwrap();
    for length in 0..whole.len() - 1 {
        refused(&whole[..length], not);
    }
}

/// As a phone writes it: a small JPEG, which has an end marker, inside the EXIF block of a large one.
fn with_thumbnail(image: &DynamicImage) -> Vec<u8> {
    let thumbnail = encoded(&image.thumbnail(160, 120), ImageFormat::Jpeg);
    // The directory of the picture has no entries, that of the thumbnail its place and length.
    let mut exif = b"II*\0\x08\0\0\0\0\0\x0e\0\0\0\x02\0".to_vec();
    for (tag, value) in [(0x0201_u16, 44), (0x0202, thumbnail.len() as u32)] {
        exif.extend(tag.to_le_bytes());
        exif.extend([4, 0, 1, 0, 0, 0]);
        exif.extend(value.to_le_bytes());
    }
    exif.extend([0; 4]);
    assert_eq!(exif.len(), 44);
    exif.extend(thumbnail);
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(image).unwrap();
    assert_eq!(bytes.windows(2).filter(|two| two == b"\xff\xd9").count(), 2);
    bytes
}

#[test]
fn a_jpeg_that_is_cut_short_is_refused_also_with_a_thumbnail() {
    for row in 0..4 {
        let digit = drawn(row);
        let image = DynamicImage::from(sheet(&digit, 280, (150, 40), (500, 400)));
        let whole = with_thumbnail(&image);
        same(&whole, &digit);
        for length in (0..whole.len() - 1).step_by(61).chain([whole.len() - 2]) {
            refused(&whole[..length], " is ");
        }
        // What a phone writes after the end, such as a second picture, may be cut.
        same(&[&whole[..], &whole[..whole.len() / 2]].concat(), &digit);
    }
}

#[test]
fn gif_bmp_and_webp_are_read_whole_or_not_at_all() {
    let digit = drawn(5);
    let image = DynamicImage::from(sheet(&digit, 140, (30, 20), (200, 180))).to_rgb8();
    for format in [ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::WebP] {
        let whole = encoded(&image.clone().into(), format);
        same(&whole, &digit);
        let pixels = picture::parse(&whole).unwrap();
        for length in (0..whole.len()).step_by(whole.len() / 200 + 1) {
            if let Ok(read) = picture::parse(&whole[..length]) {
                assert_eq!(read, pixels, "{format:?}: {length} of {}", whole.len());
            }
        }
        refused(&whole[..whole.len() / 2], "picture that is cut short or damaged");
    }
}

/// Ink that only one colour shows, and numbers that do not use all of their bits.
#[test]
fn a_yellow_marker_and_twelve_bits_are_not_blank() {
    let digit = drawn(2);
    let sheet = sheet(&digit, 280, (150, 40), (500, 400));
    let yellow = image::RgbImage::from_fn(500, 400, |x, y| {
        let ink = 255 - sheet.get_pixel(x, y)[0];
        [255, 255, 255 - ink].into()
    });
    same(&png(yellow), &digit);
    let twelve = image::ImageBuffer::from_fn(500, 400, |x, y| {
        Luma([u16::from(sheet.get_pixel(x, y)[0]) * 16])
    });
    same(&png(DynamicImage::ImageLuma16(twelve)), &digit);
}

/// A model that answers the same to every picture: 4 with probability `p`, 9 with 0.31, or as
/// much of it as is left.
fn model(folder: &Path, p: f64) -> PathBuf {
    let nine = (1.0 - p).min(0.31);
    let mut b = Array1::from_elem(10, ((1.0 - p - nine) / 8.0 + 1e-9).ln());
    (b[4], b[9]) = (p.ln(), nine.ln());
    let layer = Layer { w: Array2::zeros((10, 784)), b };
    let network =
        Network { layers: vec![layer], activations: vec![Activation::Identity] };
    let path = folder.join(format!("{p}.safetensors"));
    Model { network, objective: Objective::Softmax }.save(&path).unwrap();
    path
}

/// A folder of three digits on sheets, one of them cut off, and what is no picture.
fn scans() -> TempDir {
    let folder = tempdir().unwrap();
    let save = |name: &str, x| {
        let sheet = sheet(&drawn(6), 140, (x, 20), (200, 180));
        sheet.save(folder.path().join(name)).unwrap();
    };
    save("c.PNG", 30);
    save("a.jpeg", 30);
    save("b.png", -50);
    fs::write(folder.path().join("notes.txt"), "a seven").unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn predict(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mnist"));
    program.arg("predict").args(arguments).output().unwrap()
}

/// What a run prints that ends with this exit code: on stdout, and on stderr.
#[track_caller]
fn run(code: i32, arguments: &[&str]) -> (String, String) {
    let output = predict(arguments);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
    assert!(
        !stdout.contains('\u{1b}') && !stderr.contains("panicked"),
        "{stdout}{stderr}"
    );
    let json = arguments.contains(&"--json");
    assert!(json || stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    println!("{arguments:?}: {code}\n{stdout}{stderr}");
    (stdout, stderr)
}

#[test]
fn one_picture_is_shown() {
    let scans = scans();
    let picture = scans.path().join("a.jpeg");
    let (stdout, stderr) = run(0, &[text(&model(scans.path(), 0.9)), text(&picture)]);
    assert!(
        stdout.starts_with("As the network sees it, and the probability"),
        "{stdout}"
    );
    assert!(stdout.contains("> 4 ███████████████████████████     90.0 %"), "{stdout}");
    assert_eq!(stdout.lines().last(), Some("It reads a 4."));
    assert_eq!(stderr, "");

    let unsure = model(scans.path(), 0.6);
    let (stdout, _) = run(3, &[text(&unsure), text(&picture)]);
    let sentence = "It reads a 4, but is not sure: it may be a 9 (31 %).";
    assert_eq!(stdout.lines().last(), Some(sentence));
    run(0, &[text(&unsure), text(&picture), "--unsure", "0.59"]);
    run(3, &[text(&unsure), text(&picture), "--unsure", "1"]);

    // However sure the network is of half a digit.
    let sure = model(scans.path(), 0.99);
    let picture = scans.path().join("b.png");
    let (stdout, _) = run(3, &[text(&sure), text(&picture), "--unsure", "0"]);
    let all = stdout.lines().skip_while(|line| !line.starts_with("It reads"));
    assert_eq!(
        all.collect::<Vec<_>>().join(" "),
        "It reads a 4, but is not sure: it may be a 9 (1 %). The picture is doubtful: its ink \
         touches the edge, so part of it may be cut off, or it is a shadow."
    );
}

#[test]
fn many_pictures_get_a_line_each() {
    let scans = scans();
    let other = tempdir().unwrap();
    let sure = model(other.path(), 0.9);
    let (stdout, stderr) = run(3, &[text(&sure), text(scans.path())]);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = stdout.lines().map(words).collect();
    assert!(lines[0].ends_with("a.jpeg 4 90 %"), "{stdout}");
    assert!(lines[1].ends_with("b.png 4 90 % not sure: or a 9 (10 %), cut"), "{stdout}");
    assert!(lines[2].ends_with("c.PNG 4 90 %"), "{stdout}");
    assert_eq!(lines[3..], ["", "1 of 3 is not sure: look at them with --show."]);
    assert_eq!(stderr, "");

    let (a, c) = (scans.path().join("a.jpeg"), scans.path().join("c.PNG"));
    assert_eq!(run(0, &[text(&sure), text(&a), text(&c)]).0.lines().count(), 2);
    let (stdout, _) = run(3, &[text(&model(other.path(), 0.5)), text(&a), text(&c)]);
    assert!(
        stdout.ends_with("2 of 2 are not sure: look at them with --show.\n"),
        "{stdout}"
    );
    let deep = scans.path().join("a-folder-with-a-long-name-in-which-there-is-a");
    fs::create_dir(&deep).unwrap();
    fs::copy(&a, deep.join("four.jpg")).unwrap();
    let (stdout, _) = run(0, &[text(&sure), text(&deep), text(&a)]);
    assert!(stdout.starts_with("…"), "its end tells most: {stdout}");
    let (stdout, _) = run(3, &[text(&sure), text(scans.path()), "--show"]);
    assert_eq!(stdout.matches("As the network sees it").count(), 3);
    assert!(stdout.starts_with(text(&a)), "{stdout}");
}

#[test]
fn scripts_get_json_and_nothing_else() {
    let scans = scans();
    let path = model(scans.path(), 0.7);
    let (stdout, stderr) = run(3, &[text(&path), text(scans.path()), "--json"]);
    let told: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(stderr, "");
    for (told, name) in told.iter().zip(["a.jpeg", "b.png", "c.PNG"]) {
        let picture = scans.path().join(name);
        assert_eq!(told["digit"], 4);
        assert_eq!(told["second"], 9);
        assert_eq!(told["unsure"], true);
        assert_eq!(told["image"], text(&picture));
        assert_eq!(told["model"], text(&path));
        assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));

        // What the program tells of a picture is what the network answers to its 784 numbers.
        let images = picture::open(&picture).unwrap().pixels.insert_axis(Axis(0));
        let digits = Digits { images, labels: vec![0] };
        let network = Model::load(&path).unwrap().network;
        let answers = probabilities(&network, Objective::Softmax, &digits);
        let p: Vec<f64> = serde_json::from_value(told["probabilities"].clone()).unwrap();
        approx::assert_relative_eq!(
            answers.row(0),
            ArrayView1::from(&p),
            max_relative = 1e-12
        );
    }
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["why"], serde_json::json!(["probability"]));
    assert_eq!(told[1]["why"], serde_json::json!(["probability", "cut"]));
    let (stdout, _) = run(
        0,
        &[text(&path), text(&scans.path().join("c.PNG")), "--json", "--unsure=0.5"],
    );
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&told["unsure"], &told["why"]), (&false.into(), &serde_json::json!([])));
}

#[test]
fn a_broken_picture_does_not_keep_the_others() {
    let scans = scans();
    let other = tempdir().unwrap();
    let path = model(other.path(), 0.9);
    let broken = scans.path().join("broken.png");
    fs::write(&broken, "a seven").unwrap();
    let (stdout, stderr) = run(1, &[text(&path), text(scans.path())]);
    assert_eq!(stdout.lines().filter(|line| line.contains("90 %")).count(), 3);
    assert_eq!(
        stderr,
        format!(
            "error: {} is plain text: name a PNG or JPEG picture\n",
            broken.display()
        )
    );
    let (stdout, stderr) =
        run(1, &[text(&path), text(other.path()), text(&scans.path().join("a.jpeg"))]);
    assert!(stdout.starts_with("As the network sees it"), "{stdout}");
    assert!(stderr.contains("has no picture in it that can be read"), "{stderr}");
    for (pictures, words) in [
        (
            &["/no/such/picture.png"][..],
            "the picture /no/such/picture.png cannot be read: ",
        ),
        (&["/no/such/a.png", "/no/such/b.png"], "b.png cannot be read"),
    ] {
        let (stdout, stderr) = run(1, &[&[text(&path)], pictures].concat());
        assert!(stdout.is_empty() && stderr.contains(words), "{stdout}{stderr}");
        assert_eq!(stderr.lines().count(), pictures.len());
    }
    let (_, stderr) = run(1, &["/no/such/model", text(scans.path())]);
    assert!(
        stderr.starts_with("error: the model /no/such/model cannot be read"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1);
}

/// In another folder, `runs/latest` is another.
fn run_in(folder: &Path, code: i32, arguments: &[&str]) -> (String, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mnist"));
    program.current_dir(folder).arg("predict").args(arguments);
    let output = program.output().unwrap();
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|s| String::from_utf8(s).unwrap());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
    (stdout, stderr)
}

#[test]
fn the_model_of_the_last_run_is_taken() {
    let (scans, here) = (scans(), tempdir().unwrap());
    let picture = text(&scans.path().join("a.jpeg")).to_string();
    let (stdout, stderr) = run_in(here.path(), 1, &[&picture]);
    assert!(stdout.is_empty() && stderr.contains("train a network with"), "{stderr}");

    let latest = here.path().join("runs/latest");
    fs::create_dir_all(&latest).unwrap();
    let sure = model(here.path(), 0.9);
    fs::copy(&sure, latest.join("model.safetensors")).unwrap();
    let (stdout, stderr) = run_in(here.path(), 0, &[&picture]);
    assert!(stdout.ends_with("It reads a 4.\n"), "{stdout}");
    assert_eq!(stderr, "by the network of the last run, runs/latest/model.safetensors\n");
    let (stdout, stderr) = run_in(here.path(), 0, &[&picture, "--json"]);
    assert_eq!(stderr, "");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(told["model"], "runs/latest/model.safetensors");

    // A folder of pictures, and a picture that is damaged or not there, are no models.
    assert_eq!(run_in(here.path(), 3, &[text(scans.path())]).0.lines().count(), 5);
    let damaged = scans.path().join("damaged.png");
    fs::write(&damaged, "a seven").unwrap();
    let (stdout, stderr) = run_in(here.path(), 1, &[text(&damaged), &picture]);
    assert!(stdout.contains("a.jpeg") && stderr.contains("is plain text"), "{stderr}");
    let (_, stderr) = run_in(here.path(), 1, &["no.png", &picture]);
    assert!(stderr.contains("the picture no.png cannot be read"), "{stderr}");

    // The folder of a run, and of its checkpoints, stand for the model.
    let (_, stderr) = run_in(here.path(), 0, &["runs/latest", &picture]);
    assert_eq!(stderr, "");
    let (_, stderr) = run_in(here.path(), 2, &["runs/latest"]);
    assert!(stderr.contains("is a model: name pictures after it"), "{stderr}");
    let (_, stderr) = run_in(here.path(), 1, &[&picture, text(&sure)]);
    assert!(stderr.contains("name one model, before the pictures"), "{stderr}");
}

#[test]
fn a_checkpoint_is_a_model() {
    let (scans, folder) = (scans(), tempdir().unwrap());
    let checkpoints = Checkpoints::begin(&folder.path().join("checkpoints")).unwrap();
    let training = Training::new(Recipe { sizes: vec![784, 10], ..Recipe::book() });
    let path = checkpoints.save(&training, "").unwrap();
    for path in [&path, checkpoints.folder(), folder.path()] {
        let (model, file) = neurons::trainer::run_folder::model_at(path).unwrap();
        assert_eq!(&model.network, training.chosen());
        assert!(file.to_str().unwrap().ends_with(".safetensors"));
        let picture = scans.path().join("a.jpeg");
        let arguments = [text(path), text(&picture), "--unsure=0"];
        run(0, &arguments);
    }
    fs::create_dir(folder.path().join("empty")).unwrap();
    let error =
        neurons::trainer::run_folder::model_at(&folder.path().join("empty")).unwrap_err();
    assert!(
        error.to_string().contains("no model.safetensors and no checkpoint"),
        "{error}"
    );
}

#[test]
fn of_a_folder_what_cannot_be_read_is_skipped_with_a_word() {
    let scans = scans();
    let other = tempdir().unwrap();
    let path = model(other.path(), 0.9);
    fs::rename(scans.path().join("a.jpeg"), scans.path().join("a.jfif")).unwrap();
    let double = [&b"\0\x05\x16\x07\0\x02\0\0"[..], b"Mac OS X        "].concat();
    fs::write(scans.path().join("._c.PNG"), double).unwrap();
    fs::write(scans.path().join("d.heic"), b"\0\0\0\x14ftypheic\0\0\0\0heic").unwrap();
    let (stdout, stderr) = run(3, &[text(&path), text(scans.path())]);
    assert_eq!(stdout.lines().filter(|line| line.contains("90 %")).count(), 3);
    assert!(stdout.contains("a.jfif"), "{stdout}");
    let lines: Vec<_> = stderr.lines().collect();
    assert!(
        lines[0].ends_with("._c.PNG, a macOS companion file (AppleDouble)"),
        "{stderr}"
    );
    assert!(lines[1].starts_with("skipped ") && lines[1].ends_with("a HEIC photograph"));
    assert_eq!(lines.len(), 2);
}

#[test]
fn wrong_options_are_refused() {
    for wrong in [&[][..], &["model", "a.png", "--json", "--show"]] {
        run(2, wrong);
    }
    for p in ["-0.1", "1.1", "NaN", "often"] {
        for unsure in [&["--unsure", p][..], &[&format!("--unsure={p}")]] {
            let (_, stderr) = run(2, &[&["model", "a.png"], unsure].concat());
            assert!(stderr.contains("must be a number from 0 to 1"), "{stderr}");
        }
    }
    let (help, _) = run(0, &["--help"]);
    for word in ["Exit codes:", "  3  every picture", "--unsure", "--show", "--json"] {
        assert!(help.contains(word), "{help}");
    }
    for doubt in Doubt::ALL {
        assert!(help.contains(&format!("({})", doubt.name())) || doubt == Doubt::Faint);
    }
    assert!(help.contains("100 million pixels"), "{help}");
}
