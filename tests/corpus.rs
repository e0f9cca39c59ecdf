//! What fuzzing found (`fuzz/README.md`): each file is read or refused in a sentence, soon, and
//! takes little memory. The names of some say which.

use std::fmt::{Debug, Display};
use std::fs;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, imageops::FilterType};
use neurons::digits::idx::{encode_images, encode_labels, parse_images, parse_labels};
use neurons::digits::picture;
use neurons::files::safetensors_file::Tensors;
use neurons::layer::Layer;
use neurons::mnist::optimiser::Optimiser;
use neurons::mnist::{Objective, Recipe, Training};
use neurons::pixels::Digits;
use neurons::trainer::checkpoint;
use neurons::trainer::model_file::Model;

mod memory;

/// Feeds every file of a folder to its reader. `read-…` must be read, `refused-…` must not.
fn feed<T: Debug, E: Display>(folder: &str, read: impl Fn(&[u8]) -> Result<T, E>) {
    let folder = Path::new("tests/corpus").join(folder);
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        let start = Instant::now();
        match read(&bytes) {
            Ok(_) => assert!(!name.starts_with("refused-"), "{name} is read"),
            Err(error) => {
                let sentence = error.to_string();
                assert!(!name.starts_with("read-"), "{name}: {sentence}");
                assert!(sentence.starts_with("<bytes> "), "{name}: {sentence}");
                assert!(!sentence.contains(char::is_control), "{name}: {sentence}");
            }
        }
        assert!(start.elapsed() < Duration::from_secs(5), "{name}");
        files += 1;
    }
    assert!(files > 10, "{}", folder.display());
    assert!(memory::peak() < 256 << 20, "{} bytes", memory::peak());
}

#[test]
fn idx_files() {
    feed("idx", |bytes| match parse_images(bytes) {
        Ok(images) => Ok(images.nrows()),
        Err(_) => parse_labels(bytes).map(|labels| labels.len()),
    });
}

#[test]
fn models() {
    feed("model", Model::parse);
}

#[test]
fn checkpoints() {
    let parse = |bytes: &[u8]| match checkpoint::parse(bytes) {
        Ok((training, _)) => Ok(training.memory.steps),
        Err(flaw) => Err(format!("<bytes> {flaw}")),
    };
    // As they are, and with the checksum that they should have.
    feed("checkpoint", parse);
    feed("checkpoint", |bytes| match Tensors::decode(bytes) {
        Ok(tensors) => parse(&tensors.encode()),
        Err(flaw) => {
            Err(format!("<bytes> {}", flaw.to_string().replace(char::is_control, " ")))
        }
    });
}

#[test]
fn pictures() {
    feed("picture", picture::parse);
}

/// What fuzzing begins with: `cargo test --test corpus -- --ignored` writes it.
#[test]
#[ignore = "writes fuzz/corpus"]
fn write_seeds() {
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new("fuzz/corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    };

    let digits = Digits::handwriting(2, 1);
    let (images, labels) = (encode_images(&digits.images), encode_labels(&digits.labels));
    for (name, file) in [("images", &images), ("labels", &labels)] {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(file).unwrap();
        write("idx", &format!("read-{name}"), file);
        write("idx", &format!("read-{name}-gzipped"), &packed.finish().unwrap());
        write("idx", &format!("refused-{name}-cut"), &file[..file.len() - 1]);
        write("idx", &format!("refused-{name}-longer"), &[file, &[0][..]].concat());
    }
    let mut count = labels.clone();
    count[4..8].fill(0xff);
    write("idx", "refused-count", &count);
    write("idx", "refused-magic", &labels[1..]);
    write("idx", "refused-empty", b"");

    // The smallest network that there is.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    for objective in [Objective::Quadratic, Objective::CrossEntropy, Objective::Softmax] {
        let recipe = Recipe { sizes: vec![784, 1, 10], objective, ..Recipe::book() };
        let mut network = recipe.network();
        network.layers.iter_mut().for_each(|layer| layer.w.fill(0.0));
        Model { network, objective }.save(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        write("model", &format!("read-{objective}"), &whole);
        // Without the sum of all of it, a change is not refused for that.
        let at = whole.windows(6).position(|key| key == b"sha256").unwrap();
        let mut no_sum = whole.clone();
        no_sum[at..at + 6].copy_from_slice(b"remark");
        write("model", &format!("read-{objective}-no-sum"), &no_sum);
        write("model", &format!("refused-{objective}-cut"), &whole[..whole.len() - 1]);
        write("model", &format!("refused-{objective}-header"), &whole[..400]);
    }
    write("model", "refused-empty", b"");
    write("model", "refused-length", &[0xff; 8]);

    for optimiser in [Optimiser::Momentum(0.9), Optimiser::Adam] {
        for patience in [None, Some(1)] {
            let recipe = Recipe {
                sizes: vec![784, 1, 10],
                epochs: 2,
                optimiser,
                patience,
                ..Recipe::book()
            };
            let mut training = Training::new(recipe);
            let _ = training.go_on(&digits, &digits, |_, _| ControlFlow::Continue(()));
            let zeros = |layers: &mut [Layer]| {
                layers.iter_mut().for_each(|layer| layer.w.fill(0.0));
            };
            zeros(&mut training.network.layers);
            training.memory.moments.iter_mut().for_each(|moment| zeros(moment));
            training.best.iter_mut().for_each(|(_, best)| zeros(&mut best.layers));
            let whole = checkpoint::encode(&training, "0123");
            let name = format!("{optimiser}-{}", training.best.is_some());
            let name = name.replace(':', "-");
            write("checkpoint", &format!("read-{name}"), &whole);
            write(
                "checkpoint",
                &format!("refused-{name}-cut"),
                &whole[..whole.len() - 1],
            );
            write("checkpoint", &format!("refused-{name}-header"), &whole[..900]);
        }
    }
    write("checkpoint", "refused-empty", b"");

    let small = GrayImage::from_raw(28, 28, digits.images.row(0).to_vec()).unwrap();
    let mut sheet =
        DynamicImage::from(small.clone()).resize(40, 40, FilterType::Triangle);
    sheet.invert();
    let pictures = [
        ("grey", sheet.to_luma8().into()),
        ("as-it-is", small.into()),
        ("colour", sheet.to_rgb8().into()),
        ("transparent", sheet.to_luma_alpha8().into()),
        ("transparent-colour", sheet.to_rgba8().into()),
        ("grey-16", sheet.to_luma16().into()),
        ("colour-16", DynamicImage::from(sheet.to_rgba16())),
    ];
    for (name, picture) in pictures {
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        let png = png.into_inner();
        write("picture", &format!("read-{name}.png"), &png);
        write("picture", &format!("refused-{name}-cut.png"), &png[..png.len() / 2]);
        let mut huge = png.clone();
        huge[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        write("picture", &format!("refused-{name}-huge.png"), &huge);
    }
    for orientation in 1..=8 {
        let mut jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 60);
        let exif = [
            b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[orientation, 0, 0, 0][..],
            &[0; 4],
        ];
        encoder.set_exif_metadata(exif.concat()).unwrap();
        encoder.encode_image(&sheet.to_rgb8()).unwrap();
        write("picture", &format!("read-turned-{orientation}.jpeg"), &jpeg);
        write(
            "picture",
            &format!("refused-cut-{orientation}.jpeg"),
            &jpeg[..jpeg.len() - 9],
        );
    }
    let mut palette = Vec::new();
    let mut encoder = png::Encoder::new(&mut palette, 8, 8);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(&[255, 255, 255, 0, 0, 200, 0, 0, 0, 9, 9, 9][..]);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(&[
            0, 0, 0, 0, 0x01, 0x40, 0x02, 0x80, 0x02, 0x80, 0x02, 0x80, 0, 0, 0, 0,
        ])
        .unwrap();
    writer.finish().unwrap();
    write("picture", "read-palette.png", &palette);
    write("picture", "refused-empty", b"");
    write("picture", "refused-text", b"a seven");
}
