//! A phone's photographs are read in bounded memory.

use image::codecs::jpeg::JpegEncoder;
use image::{GenericImageView, Rgb};
use neurons::digits::picture;
use neurons::ndarray::Array1;
use neurons::pixels::{Digits, SIDE};

mod memory;

/// A sheet of any size with a blue digit in its middle third. No pixel of it is kept.
struct Sheet {
    size: (u32, u32),
    digit: Array1<u8>,
}

impl GenericImageView for Sheet {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.size
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let side = self.size.1 as f64 / 3.0;
        let place = |i: u32, length: u32| {
            let from_middle = (f64::from(i) - f64::from(length) / 2.0) / side + 0.5;
            (from_middle * SIDE as f64).floor()
        };
        let (x, y) = (place(x, self.size.0), place(y, self.size.1));
        let on_digit = 0.0..SIDE as f64;
        let ink = match on_digit.contains(&x) && on_digit.contains(&y) {
            true => self.digit[y as usize * SIDE + x as usize],
            false => 0,
        };
        Rgb([240 - ink.min(200), 240 - ink.min(200), 240 - ink / 2])
    }
}

/// The largest of a phone's usual sizes: beside the three bytes of each pixel, hardly more than its
/// file twice.
#[test]
fn a_photograph_of_48_megapixels_takes_its_pixels_once() {
    let size = (8064, 6048);
    let digit = Digits::handwriting(40, 99).images.row(7).to_owned();
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.encode_image(&Sheet { size, digit: digit.clone() }).unwrap();
    let picture = picture::parse(&bytes).unwrap();
    assert_eq!(picture.doubts, []);
    let apart = (picture.pixels.mapv(f64::from) - digit.mapv(f64::from)).mapv(f64::abs);
    assert!(apart.mean().unwrap() < 18.0, "{apart}");
    let pixels = 3 * size.0 as usize * size.1 as usize;
    println!("{} bytes, of which {pixels} for its pixels", memory::peak());
    assert!(memory::peak() < pixels + 3 * bytes.len() + 32_000_000);
}
