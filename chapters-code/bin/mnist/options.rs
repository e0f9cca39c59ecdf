//! The command line: what may be asked, and what is said about it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use neurons::mnist::distortion::Distortion;
use neurons::mnist::optimiser::{Optimiser, Schedule};
use neurons::mnist::{Objective, Precision, Recipe, Start};
use neurons::model::check_sizes;
use neurons::published::{Published, published};
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
        self.command.unwrap_or(Command::Train(Box::new(self.train)))
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a network and save it (this is what happens with no command)
    Train(Box<Train>),
    /// Count how many test digits a saved network reads rightly
    Test(Test),
    Predict(Predict),
    Data(Fetch),
    Compare(Compare),
}

#[derive(Args, Debug)]
pub struct Data {
    /// Where the digits come from: a folder with MNIST's four files, or `synthetic`
    ///
    /// With the word `synthetic` the program draws the digits itself. Without this option it looks
    /// in the folder that MNIST_DIR names, then in its cache, then it downloads MNIST, and draws
    /// digits if that fails; `mnist data` tells what it finds. Chapter 1, pixels.
    #[arg(long, value_name = "DIR|synthetic")]
    pub data: Option<PathBuf>,

    /// Threads to work with [default: one for each core]
    ///
    /// Only the time depends on it: the result is the same to the bit. A network whose first layer
    /// has at most 128 neurons learns on one thread in batches of fewer than 20 pictures: a second
    /// would wait more than it works. Chapter 18, speed.
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
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    pub pictures: Option<usize>,

    #[command(flatten)]
    pub choices: Choices,

    /// Train N times, with seeds that follow each other, and report the spread
    ///
    /// One run says little: how far several lie apart tells which differences mean something.
    /// Each run gets a folder of its own in --out. Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = count::<usize>, conflicts_with_all = ["resume", "checkpoint"])]
    pub repeat: Option<usize>,

    /// The folder for what the run leaves: the model, a report, its numbers
    ///
    /// What an earlier run left there is overwritten.
    #[arg(long, value_name = "DIR", default_value = "runs/latest")]
    pub out: PathBuf,

    /// Write a checkpoint into DIR after each epoch, and keep the last three
    ///
    /// A run that was killed goes on from there with --resume DIR, to the same weights to the bit.
    /// Ctrl-C stops after the current step with a checkpoint, also without this option.
    #[arg(long, value_name = "DIR")]
    pub checkpoint: Option<PathBuf>,

    /// Write one after every N steps as well
    #[arg(long, value_name = "N", value_parser = count::<u64>)]
    pub checkpoint_steps: Option<u64>,

    /// Go on with the run whose checkpoints are in DIR
    ///
    /// Its recipe stands in the checkpoint, so no option of the recipe may be given. The digits
    /// must be the same: give --data and --pictures as before.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["checkpoint", "recipe", "layers", "start", "activation", "cost", "epochs", "batch", "rate", "schedule", "optimiser", "l2", "patience", "distort", "precision", "seed"])]
    pub resume: Option<PathBuf>,

    /// Print nothing but the result
    #[arg(long, display_order = 100)]
    pub quiet: bool,
}

/// What may be chosen in place of what the named recipe says.
#[derive(Args, Debug)]
#[command(next_help_heading = "Recipe")]
pub struct Choices {
    /// A published network to train; the options below change single points of it
    ///
    /// The result is printed beside the published figure. Chapter 17, mnist.
    #[arg(long, value_name = "NAME", value_parser = names())]
    pub recipe: Option<String>,

    /// Neurons a layer, from 784 inputs to 10 outputs
    ///
    /// More neurons have more knobs to turn, and take longer. 784,10 has no hidden layer.
    /// Chapter 4, layer.
    #[arg(long, value_name = "SIZES", value_parser = layers)]
    pub layers: Option<Layers>,

    /// Where the weights start: with variance 1/inputs, or with variance 1
    ///
    /// With variance 1 most sigmoids of the first layer are saturated from the start.
    /// Chapter 3, sigmoid.
    #[arg(long, value_name = "NAME", value_parser = start())]
    pub start: Option<Start>,

    /// What a hidden neuron applies to its weighted sum
    ///
    /// Where its slope is flat, a neuron hardly learns. ReLU wants a smaller --rate than sigmoid.
    /// Chapter 3, sigmoid.
    #[arg(long, value_name = "NAME", value_parser = activation())]
    pub activation: Option<Activation>,

    /// What is minimised, and with it the output layer
    ///
    /// The cost decides how hard a wrong answer pulls. Chapters 5, cost, 13, cross_entropy, and 14,
    /// softmax.
    #[arg(long, value_name = "NAME", value_parser = cost())]
    pub cost: Option<Objective>,

    /// How often each training picture is seen
    ///
    /// Too few, and there is more to learn; too many, and the network begins to learn the training
    /// pictures by heart: compare the columns of the table. Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    pub epochs: Option<usize>,

    /// Pictures a step
    ///
    /// The gradient of a small batch is a rough guess at the gradient of all pictures, but many
    /// rough steps are worth more than a few good ones. Chapter 7, gradient_descent.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    pub batch: Option<usize>,

    /// The learning rate η: how long a step is
    ///
    /// Too small, and learning takes for ever; too large, and steps jump over the valley, until
    /// the cost is no longer a number. Chapter 7, gradient_descent.
    #[arg(long, value_name = "ETA", value_parser = rate)]
    pub rate: Option<f64>,

    /// How the rate changes: constant, cosine, or FACTOR/EPOCHS as in 0.5/10
    ///
    /// Long steps find the valley, short ones its floor. 0.5/10 halves the rate after every
    /// 10 epochs; cosine lowers it to nearly 0 by the last. Chapter 17, mnist.
    #[arg(long, value_name = "HOW")]
    pub schedule: Option<Schedule>,

    /// How a gradient becomes a step: sgd, momentum:MU, or adam
    ///
    /// momentum:0.9 makes steps up to ten times as long where they agree: lower --rate with it.
    /// adam makes steps of about the --rate for every weight, so 0.001 is a good one for it.
    /// Chapters 7, gradient_descent, and 17, mnist.
    #[arg(long, value_name = "RULE")]
    pub optimiser: Option<Optimiser>,

    /// λ of L2: each step also pulls every weight towards 0
    ///
    /// Small weights make smooth answers. 0.0001 is mild. Chapter 17, mnist.
    #[arg(long, value_name = "LAMBDA", value_parser = decay)]
    pub l2: Option<f64>,

    /// Stop after N epochs without a better validation accuracy, and keep the best network
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    pub patience: Option<usize>,

    /// What is done to a training picture each time it is shown
    ///
    /// A digit that is moved or bent a little is still that digit; a network that never sees the
    /// same picture twice cannot learn it by heart. Chapter 17, mnist.
    #[arg(long, value_name = "HOW", value_parser = distortion())]
    pub distort: Option<Distortion>,

    /// How numbers are kept: f32, by the fast engine, or f64, by the book's readable code
    ///
    /// The accuracies differ by chance, as those of two seeds do; f64 takes some ten times as long.
    /// Chapter 18, speed.
    #[arg(long, value_name = "NAME", value_parser = precision(), default_value_t = Precision::F32)]
    pub precision: Precision,

    /// Decides the first weights, the order of the pictures and their distortions
    ///
    /// The same seed gives the same network to the bit. Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = seed)]
    pub seed: Option<u64>,
}

impl Choices {
    /// What decides how training goes: the named recipe, with the single points that were chosen.
    pub fn recipe(&self) -> Recipe {
        let named =
            self.published().map_or_else(Recipe::book, |published| published.recipe);
        Recipe {
            sizes: self.layers.clone().map_or(named.sizes, |layers| layers.0),
            start: self.start.unwrap_or(named.start),
            activation: self.activation.unwrap_or(named.activation),
            objective: self.cost.unwrap_or(named.objective),
            epochs: self.epochs.unwrap_or(named.epochs),
            batch: self.batch.unwrap_or(named.batch),
            rate: self.rate.unwrap_or(named.rate),
            schedule: self.schedule.unwrap_or(named.schedule),
            optimiser: self.optimiser.unwrap_or(named.optimiser),
            l2: self.l2.unwrap_or(named.l2),
            patience: self.patience.or(named.patience),
            distortion: self.distort.unwrap_or(named.distortion),
            precision: self.precision,
            seed: self.seed.unwrap_or(named.seed),
        }
    }

    /// The published network of that name.
    pub fn published(&self) -> Option<Published> {
        published().into_iter().find(|known| Some(known.name) == self.recipe.as_deref())
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

/// Read the digits on PNG or JPEG pictures, one a picture
///
/// They may have any size, dark on light or light on dark. As MNIST's makers did, the program fits
/// the digit into 20 × 20 pixels and moves its centre of mass to the middle of 28 × 28; a picture
/// of 28 × 28, light on dark, is taken as it is. A lamp on one side does no harm; a shadow with an
/// edge is taken for ink.
///
/// One picture is shown as the network sees it, with ten bars; of many, each gets a line. The
/// program is not sure of an answer that the network takes for less likely than --unsure, nor of a
/// picture that has what no digit of MNIST has: ink that hardly differs from the paper (faint) or
/// touches the edge (cut), more width than twice its height (wide), more ink than a digit (full).
#[derive(Args, Debug)]
#[command(after_long_help = "\
Exit codes:
  0  every picture was read
  1  something cannot be read: stderr says what and why, and the other pictures
     are read all the same
  2  the command line is wrong
  3  every picture was read, but of at least one the program is not sure

Examples:
  mnist predict runs/latest/model.safetensors four.jpg
  mnist predict runs/latest/model.safetensors scans/ --json | jq .digit")]
pub struct Predict {
    /// A model that `train` saved
    pub model: PathBuf,

    /// Pictures, or folders: of a folder, all PNG and JPEG, by name
    #[arg(required = true, value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,

    /// Not sure of an answer that is less likely than this, from 0 to 1
    ///
    /// It is what the network says of itself: of its answers with 0.8, more or fewer than 80 in
    /// 100 may be right, and to a picture of no digit at all it may give 0.99. A higher number
    /// sends more pictures to you, and lets fewer mistakes pass. Chapter 14, softmax.
    #[arg(long, value_name = "P", value_parser = probability, default_value_t = 0.8)]
    pub unsure: f64,

    /// Show each of many pictures as the network sees it, with its bars
    #[arg(long)]
    pub show: bool,

    /// Print a line of JSON for each picture that was read, and nothing else
    ///
    /// Its keys: digit, second (the next likely), probabilities (of 0 to 9), unsure, why (some of
    /// probability, faint, cut, wide, full), image, model, version.
    #[arg(long, conflicts_with = "show")]
    pub json: bool,
}

/// Say where MNIST is and whether it is whole, and download it if it is not there
///
/// MNIST is four files: images and labels of 60,000 digits to train on and of 10,000 to test on.
/// They are looked for in the folder of --data, or else of the environment variable MNIST_DIR;
/// such a folder is only read. Without one it is `neurons/mnist` in your cache folder, and what is
/// missing or broken there is downloaded, unless NEURONS_OFFLINE is set. A download that was cut
/// short goes on where it ended.
///
/// A file is MNIST's if what it unpacks to has the SHA-256 that this program knows: a sum over all
/// bytes that no other file has. The exit code is 0 if that holds for all four, and 1 if not.
///
/// If a firewall hides the usual mirrors, name others: NEURONS_MIRRORS takes the addresses of
/// folders with the four .gz files, with commas between; https, or http.
/// Chapter 1, pixels.
#[derive(Args, Debug)]
pub struct Fetch {
    /// The folder with MNIST's four files, or Keras's mnist.npz; nothing is written to it
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

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

fn names() -> PossibleValuesParser {
    let book = PossibleValue::new("book").help("784-16-16-10, the network of the book");
    let others =
        published().into_iter().map(|Published { name, recipe, accuracy, .. }| {
            let sizes: Vec<_> = recipe.sizes.iter().map(usize::to_string).collect();
            let help = format!("{}, published {accuracy} %", sizes.join("-"));
            PossibleValue::new(name).help(help)
        });
    PossibleValuesParser::new([book].into_iter().chain(others))
}

fn start() -> impl TypedValueParser<Value = Start> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("scaled").help("Variance 1/inputs, biases 0"),
        PossibleValue::new("unit").help("Variance 1, biases too"),
    ]);
    names.try_map(|name| name.parse())
}

fn precision() -> impl TypedValueParser<Value = Precision> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("f32").help("7 digits each, by the fast engine"),
        PossibleValue::new("f64").help("16 digits each, by the readable code"),
    ]);
    names.try_map(|name| name.parse())
}

fn distortion() -> impl TypedValueParser<Value = Distortion> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("none").help("Nothing"),
        PossibleValue::new("shift").help("Moved by up to a pixel each way"),
        PossibleValue::new("elastic")
            .help("Bent as another hand would write it (Simard 2003)"),
    ]);
    names.try_map(|name| name.parse())
}

fn count<N: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<N, String> {
    let number = text.parse().ok().filter(|number: &N| *number >= N::from(1));
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

fn decay(text: &str) -> Result<f64, String> {
    let decay =
        text.parse().ok().filter(|decay: &f64| decay.is_finite() && *decay >= 0.0);
    decay.ok_or_else(|| "a number from 0 on is wanted".into())
}

fn probability(text: &str) -> Result<f64, String> {
    let p = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    p.ok_or_else(|| "a number from 0 to 1 is wanted".into())
}
