//! `mnist predict`: reads the digit on a picture.

use neurons::mnist::{predictions, probabilities};
use neurons::model::Model;
use neurons::ndarray::Axis;
use neurons::picture;
use neurons::pixels::Digits;
use serde_json::json;

use crate::Done;
use crate::options::Predict;
use crate::terminal::{self, say};

pub fn run(options: &Predict) -> Done {
    let model = Model::load(&options.model)?;
    let image = picture::open(&options.image)?;
    let digits = Digits { images: image.clone().insert_axis(Axis(0)), labels: vec![0] };
    let digit = predictions(&model.network, &digits)[0];
    let p = probabilities(&model.network, model.objective, &digits).row(0).to_owned();

    say!("As the network sees it, and how much it takes it for each digit:\n");
    let seen = terminal::picture(image.view(), 28, 28);
    let bars = [vec![String::new(); 2], terminal::bars(&p)].concat();
    say!("{}", terminal::side_by_side(&[seen, bars], 32).trim_end());
    say!("\nIt reads a {digit}.");
    if options.json {
        say!(
            "{}",
            json!({
                "digit": digit,
                "probabilities": p.to_vec(),
                "model": options.model,
                "image": options.image,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    Ok(())
}
