//! The command line: what may be asked, and what is said about it.

use std::fmt;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use neurons::mnist::{Objective, Recipe};
use neurons::model::check_sizes;
use neurons::sigmoid::Activation;

/// Trains a network to read handwritten digits, tests it, and reads your own handwriting.
///
/// With no word at all it trains the network of the book: 784 inputs, one a pixel; two hidden
/// layers of 16 neurons; 10 outputs, one a digit. The chapters named below are those of the book.
#[derive(Debug, Parser)]
#[command(
    name = "mnist",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 80
)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    train: Train,
}

impl Options {
    /// What is to be done: to train, if nothing else is said.
    pub fn command(self) -> Command {
        self.command.unwrap_or(Command::Train(self.train))
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a network and save it (this is what happens with no command)
    Train(Train),
    /// Count how many test digits a saved network reads rightly
    Test(Test),
    Predict(Predict),
    Compare(Compare),
}

#[derive(Args, Debug)]
pub struct Data {
    /// Where the digits come from: a folder with MNIST's four files, or `synthetic`
    ///
    /// With the word `synthetic` the program draws the digits itself. Without this option it looks
    /// in the folder that MNIST_DIR names, then in its cache, then it downloads MNIST, and draws
    /// digits if that fails. Chapter 1, pixels.
    #[arg(long, value_name = "DIR|synthetic")]
    pub data: Option<PathBuf>,

    /// Threads to work with [default: one for each core]
    ///
    /// Only the time depends on it: the result is the same to the bit. They share the pictures of
    /// a step in parts of 64, so more than one of them learn only if --batch is more than 64.
    /// Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = threads, display_order = 100)]
    pub threads: Option<usize>,

    /// Print one JSON object as the last line
    #[arg(long, display_order = 100)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Train {
    #[command(flatten)]
    pub data: Data,

    /// Train on the first N pictures only
    ///
    /// With few pictures a network learns them by heart: the cost of the training pictures falls
    /// on, the accuracy on pictures that it never saw stays behind. Chapter 5, cost.
    #[arg(long, value_name = "N", value_parser = count)]
    pub pictures: Option<usize>,

    /// Neurons a layer, from 784 inputs to 10 outputs
    ///
    /// More neurons have more knobs to turn, and take longer. 784,10 has no hidden layer.
    /// Chapter 4, layer.
    #[arg(long, value_name = "SIZES", value_parser = layers, default_value_t = Layers(Recipe::book().sizes))]
    pub layers: Layers,

    /// What a hidden neuron applies to its weighted sum
    ///
    /// Where its slope is flat, a neuron hardly learns. ReLU wants a smaller --rate than sigmoid.
    /// Chapter 3, sigmoid.
    #[arg(long, value_name = "NAME", value_parser = activation(), default_value_t = Recipe::book().activation)]
    pub activation: Activation,

    /// What is minimised, and with it the output layer
    ///
    /// The cost decides how hard a wrong answer pulls. Chapters 5, 13 and 14.
    #[arg(long, value_name = "NAME", value_parser = cost(), default_value_t = Recipe::book().objective)]
    pub cost: Objective,

    /// How often each training picture is seen
    ///
    /// Too few, and there is more to learn; too many, and the network begins to learn the training
    /// pictures by heart: compare the columns of the table. Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = count, default_value_t = Recipe::book().epochs)]
    pub epochs: usize,

    /// Pictures a step
    ///
    /// The gradient of a small batch is a rough guess at the gradient of all pictures, but many
    /// rough steps are worth more than a few good ones. Chapter 7, gradient_descent.
    #[arg(long, value_name = "N", value_parser = count, default_value_t = Recipe::book().batch)]
    pub batch: usize,

    /// The learning rate η: how long a step is
    ///
    /// Too small, and learning takes for ever; too large, and steps jump over the valley, until
    /// the cost is no longer a number. Chapter 7, gradient_descent.
    #[arg(long, value_name = "ETA", value_parser = rate, default_value_t = Recipe::book().rate)]
    pub rate: f64,

    /// The momentum μ: which part of the last step is taken again
    ///
    /// 0.9 makes steps up to ten times as long where they agree: lower --rate with it.
    /// Chapter 7, gradient_descent.
    #[arg(long, value_name = "MU", value_parser = momentum, default_value_t = Recipe::book().momentum)]
    pub momentum: f64,

    /// Decides the first weights and the order of the pictures
    ///
    /// The same seed gives the same network to the bit; how far the results of several seeds lie
    /// apart tells which differences mean something. Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = seed, default_value_t = Recipe::book().seed)]
    pub seed: u64,

    /// The folder for the model and the page of pictures
    ///
    /// What an earlier run left there is overwritten.
    #[arg(long, value_name = "DIR", default_value = "runs/latest")]
    pub out: PathBuf,
}

impl Train {
    /// What decides how training goes.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            sizes: self.layers.0.clone(),
            activation: self.activation,
            objective: self.cost,
            epochs: self.epochs,
            batch: self.batch,
            rate: self.rate,
            momentum: self.momentum,
            seed: self.seed,
        }
    }
}

#[derive(Args, Debug)]
pub struct Test {
    /// A model that `train` saved
    pub model: PathBuf,

    #[command(flatten)]
    pub data: Data,

    /// Write the digit that the network names for each test picture to a file, one a line
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
}

/// Read the digit on a PNG or JPEG picture
///
/// It may have any size, dark on light or light on dark. As MNIST's makers did, the program fits
/// the digit into 20 × 20 pixels and moves its centre of mass to the middle of 28 × 28; a picture
/// of 28 × 28, light on dark, is taken as it is. Chapter 22, draw.
#[derive(Args, Debug)]
pub struct Predict {
    /// A model that `train` saved
    pub model: PathBuf,

    /// The picture
    pub image: PathBuf,

    /// Print one JSON object as the last line
    #[arg(long)]
    pub json: bool,
}

/// Put runs beside each other: where they differ, and what each came to
///
/// A table says which settings differ, and the training cost, the validation accuracy and the
/// test accuracy of each run. Runs that differ in nothing but the seed tell how much is chance:
/// their mean, their standard deviation and their range stand beside the binomial error, which
/// is the chance in the choice of the test pictures alone. A page shows the learning curves on
/// top of each other. Chapter 17, mnist.
///
/// To see whether another learning rate is better: `train --repeat 5 --out runs/a`, `train
/// --repeat 5 --rate 0.3 --out runs/b`, `compare runs/a runs/b`.
#[derive(Args, Debug)]
pub struct Compare {
    /// Folders of runs, as `train --out` writes them
    ///
    /// One that holds seed-1, seed-2, …, as `train --repeat` writes them, counts as its runs.
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,

    /// The file for the page with the learning curves
    ///
    /// An earlier page there is overwritten.
    #[arg(long, value_name = "FILE", default_value = "runs/compare.html")]
    pub out: PathBuf,

    /// Print one JSON object as the last line
    #[arg(long)]
    pub json: bool,
}

/// The sizes of the layers, as `784,30,10`.
#[derive(Clone, Debug)]
pub struct Layers(pub Vec<usize>);

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0.iter().map(usize::to_string).collect::<Vec<_>>().join(","))
    }
}

fn layers(text: &str) -> Result<Layers, String> {
    let sizes: Result<Vec<usize>, _> =
        text.split([',', '-']).map(|size| size.trim().parse()).collect();
    let sizes =
        sizes.map_err(|_| "layers are whole numbers with commas between: 784,30,10")?;
    check_sizes(&sizes)?;
    Ok(Layers(sizes))
}

fn activation() -> impl TypedValueParser<Value = Activation> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("sigmoid").help("From 0 to 1, flat at both ends"),
        PossibleValue::new("tanh").help("From -1 to 1, flat at both ends"),
        PossibleValue::new("relu").help("max(0, z): flat below 0 only"),
    ]);
    names.try_map(|name| name.parse())
}

fn cost() -> impl TypedValueParser<Value = Objective> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("quadratic").help("Squared error of ten sigmoids (chapter 5)"),
        PossibleValue::new("cross-entropy")
            .help("Ten sigmoids, each judged by itself (chapter 13)"),
        PossibleValue::new("softmax")
            .help("Ten probabilities that add up to 1 (chapter 14)"),
    ]);
    names.try_map(|name| name.parse())
}

fn count(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|&number: &usize| number >= 1);
    number.ok_or_else(|| "a whole number from 1 on is wanted".into())
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a whole number from 0 on is wanted".into())
}

fn threads(text: &str) -> Result<usize, String> {
    let number = count(text).ok().filter(|&number| number <= 256);
    number.ok_or_else(|| "a whole number from 1 to 256 is wanted".into())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "a number greater than 0 is wanted".into())
}

fn momentum(text: &str) -> Result<f64, String> {
    let momentum = text.parse().ok().filter(|momentum| (0.0..1.0).contains(momentum));
    momentum.ok_or_else(|| "a number from 0 to less than 1 is wanted".into())
}
