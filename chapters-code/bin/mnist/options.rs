//! The command line: its options and their help.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use neurons::mnist::distortion::Distortion;
use neurons::mnist::optimiser::{Optimiser, Schedule};
use neurons::mnist::{Objective, Precision, Recipe, Start};
use neurons::sigmoid::Activation;
use neurons::trainer::published_recipes::{Published, published};

use crate::option_values::{
    Layers, activation, cost, count, distortion, l2, layers, names,
    precision, probability, rate, seed, start, threads,
};

/// Trains a network to read handwritten digits, tests it, and reads your own handwriting.
#[derive(Debug, Parser)]
#[command(
    name = "mnist",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 80,
    override_usage = "mnist [COMMAND] [OPTIONS]",
    // The options of `train`, which may be given without its name, have their own help.
    help_template = "{about}\n\n{usage-heading} {usage}\n\nCommands:\n{subcommands}{after-help}",
    after_help = "\
Without a command, `mnist` trains the network of the book; `mnist --rate 0.3`
is short for `mnist train --rate 0.3`.

Examples:
  mnist                             train 784-16-16-10 in seconds
  mnist train --recipe nielsen-30   train a published network
  mnist predict four.jpg            read a picture with the network just trained
  mnist train -h                    the options of a command on one screen
  mnist train --help                the same, each explained"
)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    train: Train,
}

impl Options {
    /// The arguments of this process; ends it with a sentence if they are wrong.
    pub fn read() -> Self {
        let matches = with_defaults(Options::command()).get_matches();
        Options::from_arg_matches(&matches)
            .unwrap_or_else(|error| error.exit())
    }

    /// What to do: `train`, if no command is given.
    pub fn chosen(self) -> Command {
        self.command.unwrap_or(Command::Train(Box::new(self.train)))
    }
}

/// Adds to the help of `train` the values of the book's recipe, and the names of the options that
/// its short help leaves out.
fn with_defaults(command: clap::Command) -> clap::Command {
    let book = Recipe::book();
    let defaults = [
        ("recipe", "book".to_string()),
        ("layers", Layers(book.sizes).to_string()),
        ("start", book.start.to_string()),
        ("activation", book.activation.to_string()),
        ("cost", book.objective.to_string()),
        ("epochs", book.epochs.to_string()),
        ("batch", book.batch.to_string()),
        ("rate", format!("{:?}", book.rate)),
        ("schedule", book.schedule.to_string()),
        ("optimiser", book.optimiser.to_string()),
        ("l2", format!("{:?}", book.l2)),
        ("distort", book.distortion.to_string()),
        ("seed", book.seed.to_string()),
    ];
    let command = command.mut_subcommand("train", |train| {
        defaults.into_iter().fold(train, |train, (id, value)| {
            train.mut_arg(id, |arg| {
                let help = arg.get_help().cloned().unwrap_or_default();
                let long = arg
                    .get_long_help()
                    .cloned()
                    .unwrap_or_else(|| help.clone());
                arg.help(format!("{help} [default: {value}]"))
                    .long_help(format!("{long}\n\n[default: {value}]"))
            })
        })
    });
    command.mut_subcommands(|command| {
        let rare = command
            .get_arguments()
            .filter(|arg| arg.is_hide_short_help_set());
        let rare: Vec<_> = rare
            .filter_map(|arg| Some(format!("--{}", arg.get_long()?)))
            .collect();
        if rare.is_empty() {
            return command;
        }
        let more = format!(
            "More options, explained by --help: {}",
            rare.join(", ")
        );
        let examples = command
            .get_after_help()
            .map_or(String::new(), ToString::to_string);
        let long = command
            .get_after_long_help()
            .map_or(examples.clone(), ToString::to_string);
        command
            .after_help(
                format!("{more}\n\n{examples}").trim_end().to_string(),
            )
            .after_long_help(long)
    })
}

const TRAIN_EXAMPLES: &str = "\
Examples:
  mnist train --epochs 5 --rate 0.3
  mnist train --layers 784,100,10 --optimiser adam --rate 0.001
  mnist train --repeat 5 --out runs/a    five seeds and their spread
  mnist train --checkpoint runs/kept     can be stopped at any moment; then
  mnist train --resume runs/kept         goes on where it stopped";

/// Ends the process as for a wrong argument.
pub fn refuse(sentence: &str) -> ! {
    Options::command()
        .error(ErrorKind::MissingRequiredArgument, sentence)
        .exit()
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a network and save it
    ///
    /// The chapters named below are those of the book. The defaults are those of its network: 784
    /// inputs, one for each pixel; two hidden layers of 16 neurons; 10 outputs, one for each digit.
    #[command(after_help = TRAIN_EXAMPLES, after_long_help = TRAIN_EXAMPLES)]
    Train(Box<Train>),
    /// Count how many test digits a saved network reads correctly
    Test(Test),
    Predict(Predict),
    Data(Data),
    Compare(Compare),
}

/// The folder of a run, if none is named.
pub const LATEST: &str = "runs/latest";

const PREDICT_EXAMPLES: &str = "\
Examples:
  mnist predict four.jpg                       by the network of the last run
  mnist predict runs/a/model.safetensors scans/
  mnist predict runs/a scans/ --json | jq .digit";

/// What `train` and `test` have in common.
#[derive(Args, Debug)]
pub struct Common {
    /// Folder with MNIST's four files or Keras's mnist.npz, or `synthetic`
    ///
    /// With the word `synthetic` the program draws the digits itself. Without this option it looks
    /// in the folder that MNIST_DIR names, then in its cache; then it downloads MNIST, and draws
    /// digits if that fails. `mnist data` says what it finds. Chapter 1, pixels.
    #[arg(long, value_name = "DIR|synthetic")]
    pub data: Option<PathBuf>,

    /// Number of threads [default: one for each core]
    ///
    /// Only the time depends on it: the result is the same to the bit. In batches of fewer than 20
    /// pictures, a network whose first layer has at most 128 neurons learns on one thread: a second
    /// one would wait longer than it works. Chapter 20, speed.
    #[arg(long, value_name = "N", value_parser = threads, display_order = 100, allow_negative_numbers = true, hide_short_help = true)]
    pub threads: Option<usize>,

    /// Print one JSON object as the last line
    #[arg(long, display_order = 100, hide_short_help = true)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Train {
    #[command(flatten)]
    pub common: Common,

    /// Train on the first N pictures only
    ///
    /// A network learns a few pictures by heart: their cost keeps falling, while the accuracy on
    /// pictures that it never saw stays behind. Chapter 5, cost.
    #[arg(long, value_name = "N", value_parser = count::<usize>, allow_negative_numbers = true)]
    pub pictures: Option<usize>,

    /// Train with N seeds in a row, and report the spread
    ///
    /// One run says little: the spread of several shows which differences mean something. Each run
    /// gets a folder of its own in --out. Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = count::<usize>, allow_negative_numbers = true, conflicts_with_all = ["resume", "checkpoint"])]
    pub repeat: Option<usize>,

    /// Folder for the model, the report and the numbers of the run
    ///
    /// Overwrites those of an earlier run.
    #[arg(long, value_name = "DIR", default_value = LATEST)]
    pub out: PathBuf,

    /// Write a checkpoint to DIR after each epoch
    ///
    /// The last three are kept. --resume DIR continues a run that was killed, to the same weights to
    /// the bit. Ctrl-C stops after the current step, and writes a checkpoint even without this
    /// option.
    #[arg(long, value_name = "DIR")]
    pub checkpoint: Option<PathBuf>,

    /// Write a checkpoint after every N steps as well
    #[arg(long, value_name = "N", value_parser = count::<u64>, allow_negative_numbers = true, hide_short_help = true)]
    pub checkpoint_steps: Option<u64>,

    /// Continue the run whose checkpoints are in DIR
    ///
    /// The checkpoint holds the recipe, so the options of the recipe cannot be given. The digits
    /// must be the same: give --data and --pictures as before.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["checkpoint", "recipe", "layers", "start", "activation", "cost", "epochs", "batch", "rate", "schedule", "optimiser", "l2", "patience", "distort", "precision", "seed"])]
    pub resume: Option<PathBuf>,

    /// Print the result only
    #[arg(long, display_order = 100, hide_short_help = true)]
    pub quiet: bool,

    #[command(flatten)]
    pub choices: Choices,
}

/// Settings that replace those of the named recipe.
#[derive(Args, Debug)]
#[command(next_help_heading = "Recipe")]
pub struct Choices {
    /// Recipe of a published network; options below change it
    ///
    /// The result is printed beside the published figure. The defaults below are those of `book`.
    /// Chapter 17, mnist.
    #[arg(long, value_name = "NAME", value_parser = names())]
    pub recipe: Option<String>,

    /// Neurons in each layer, from 784 inputs to 10 outputs
    ///
    /// More neurons mean more weights to learn, and more time. 784,10 has no hidden layer.
    /// Chapter 4, layer.
    #[arg(long, value_name = "SIZES", value_parser = layers)]
    pub layers: Option<Layers>,

    /// Variance of the first weights: 1/inputs, or 1
    ///
    /// With variance 1 most sigmoids of the first layer are saturated from the start.
    /// Chapter 3, sigmoid.
    #[arg(long, value_name = "NAME", value_parser = start(), hide_short_help = true)]
    pub start: Option<Start>,

    /// What a hidden neuron applies to its weighted sum
    ///
    /// Where it is flat, a neuron hardly learns. ReLU needs a smaller --rate than sigmoid.
    /// Chapter 3, sigmoid.
    #[arg(long, value_name = "NAME", value_parser = activation())]
    pub activation: Option<Activation>,

    /// What training minimises; decides the output layer
    ///
    /// The cost decides how hard a wrong answer pulls. Chapters 5, cost, 13, cross_entropy, and 14,
    /// softmax.
    #[arg(long, value_name = "NAME", value_parser = cost())]
    pub cost: Option<Objective>,

    /// How many times each training picture is seen
    ///
    /// With too few, the network stops before it has learned what it can; with too many, it begins
    /// to learn the training pictures by heart: compare the columns of the table.
    /// Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = count::<usize>, allow_negative_numbers = true)]
    pub epochs: Option<usize>,

    /// Pictures in each step
    ///
    /// The gradient of a small batch is a rough guess at the gradient of all pictures, but many
    /// rough steps are worth more than a few good ones. Chapter 7, gradient_descent.
    #[arg(long, value_name = "N", value_parser = count::<usize>, allow_negative_numbers = true)]
    pub batch: Option<usize>,

    /// Learning rate η: how long a step is
    ///
    /// If it is too small, learning takes for ever; if it is too large, steps jump over the valley,
    /// until the cost is no longer a number. Chapter 7, gradient_descent.
    #[arg(long, value_name = "ETA", value_parser = rate, allow_negative_numbers = true)]
    pub rate: Option<f64>,

    /// How the rate changes: constant, cosine, or FACTOR/EPOCHS as in 0.5/10
    ///
    /// Long steps find the valley, short ones its floor. 0.5/10 halves the rate after every
    /// 10 epochs; cosine lowers it to nearly 0 by the last epoch. Chapter 17, mnist.
    #[arg(long, value_name = "HOW", hide_short_help = true)]
    pub schedule: Option<Schedule>,

    /// How a gradient becomes a step: sgd, momentum:MU, adam
    ///
    /// momentum:0.9 makes steps up to ten times as long where they agree: use a smaller --rate.
    /// adam moves every weight by about --rate in each step: use about 0.001.
    /// Chapters 7, gradient_descent, and 17, mnist.
    #[arg(long, value_name = "RULE")]
    pub optimiser: Option<Optimiser>,

    /// λ of L2: each step also pulls every weight towards 0
    ///
    /// Small weights make smooth answers. 0.0001 is mild. Chapter 17, mnist.
    #[arg(long, value_name = "LAMBDA", value_parser = l2, allow_negative_numbers = true, hide_short_help = true)]
    pub l2: Option<f64>,

    /// Stop after N epochs without a better validation accuracy, and keep the best network
    #[arg(long, value_name = "N", value_parser = count::<usize>, allow_negative_numbers = true, hide_short_help = true)]
    pub patience: Option<usize>,

    /// How a training picture is changed each time it is shown
    ///
    /// A digit that is moved or bent a little is still that digit; a network that never sees the
    /// same picture twice cannot learn it by heart. Chapter 17, mnist.
    #[arg(long, value_name = "HOW", value_parser = distortion(), hide_short_help = true)]
    pub distort: Option<Distortion>,

    /// The fast engine in f32, or the book's readable code in f64
    ///
    /// The accuracies differ by chance, as those of two seeds do; f64 takes about ten times as long.
    /// Chapter 20, speed.
    #[arg(long, value_name = "NAME", value_parser = precision(), default_value_t = Precision::F32, hide_short_help = true)]
    pub precision: Precision,

    /// Seed of the random numbers
    ///
    /// It decides the first weights, the order of the pictures and their distortions. The same seed
    /// gives the same network to the bit. Chapter 17, mnist.
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
}

impl Choices {
    /// The named recipe with the settings that were chosen.
    pub fn recipe(&self) -> Recipe {
        let named = self
            .published()
            .map_or_else(Recipe::book, |published| published.recipe);
        Recipe {
            sizes: self
                .layers
                .clone()
                .map_or(named.sizes, |layers| layers.0),
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
        published()
            .into_iter()
            .find(|known| Some(known.name) == self.recipe.as_deref())
    }
}

#[derive(Args, Debug)]
pub struct Test {
    /// A model that `train` saved, a checkpoint, or the folder of a run
    #[arg(default_value = LATEST)]
    pub model: PathBuf,

    #[command(flatten)]
    pub common: Common,

    /// Write the answers to a file: a line with a digit for each test picture
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
}

/// Read the digit on each of your own pictures
///
/// The pictures are PNG, JPEG, GIF, BMP or WebP, of up to 100 million pixels, dark on light or light
/// on dark. As MNIST's makers did, the program fits the digit into 20 × 20 pixels and moves its
/// centre of mass to the middle of 28 × 28; a picture that is already like that is left as it is. A
/// lamp on one side does no harm; the edge of a shadow is read as ink.
///
/// A single picture is shown as the network sees it, with ten bars; each of many gets a line. An
/// answer is marked unsure if its probability is below --unsure, or if the picture differs from
/// MNIST's: its ink is faint, touches the edge (cut), is more than twice as wide as high (wide), is
/// more than a digit has (full), has several parts (parts), or runs along its edge (frame).
#[derive(Args, Debug)]
#[command(
    override_usage = "mnist predict [OPTIONS] [MODEL] PICTURE...",
    after_help = PREDICT_EXAMPLES,
    after_long_help = format!("\
Exit codes:
  0  every picture was read
  1  something could not be read: stderr says what and why; the other pictures
     were read
  2  the command line is wrong
  3  every picture was read, but at least one answer is unsure

{PREDICT_EXAMPLES}"))]
pub struct Predict {
    /// Pictures, or folders of pictures, after a model if you name one
    ///
    /// If the first path is a model that `train` saved, a checkpoint or the folder of a run, that
    /// network reads the pictures; if not, the network of the last run, in runs/latest. The pictures
    /// of a folder are read in the order of their names.
    #[arg(required = true, value_name = "PICTURE")]
    pub paths: Vec<PathBuf>,

    /// Probability below which an answer is marked unsure
    ///
    /// The probability is the network's own: of its answers with 0.8, more or fewer than 80 in 100
    /// may be right, and it may give 0.99 to a picture without a digit. A higher value marks more
    /// pictures for you to look at, and lets fewer mistakes pass. Chapter 14, softmax.
    #[arg(long, value_name = "P", value_parser = probability, allow_negative_numbers = true, default_value_t = 0.8)]
    pub unsure: f64,

    /// Show each picture as the network sees it, with its bars
    #[arg(long)]
    pub show: bool,

    /// Print a line of JSON for each picture, and nothing else
    ///
    /// Its keys: digit, second (the next likely), probabilities (of 0 to 9), unsure, why (some of
    /// probability, faint, cut, wide, full, parts, frame), image, model, version.
    #[arg(long, conflicts_with = "show")]
    pub json: bool,
}

/// Say where MNIST is, check it, and download it if it is missing
///
/// MNIST is four files: images and labels of 60,000 digits to train on and of 10,000 to test on.
/// The program looks for them in the folder of --data, or else of the environment variable
/// MNIST_DIR, and writes nothing to it. If neither names a folder, it looks in `neurons/mnist` in
/// your cache folder, and downloads what is missing or broken there, unless NEURONS_OFFLINE is set.
/// An interrupted download continues where it stopped.
///
/// A file is MNIST's if what it unpacks to has the SHA-256 that this program knows: a sum over all
/// bytes that no other file has. The exit code is 0 if that holds for all four, and 1 if not.
///
/// If a firewall hides the usual mirrors, name others: NEURONS_MIRRORS takes the addresses of
/// folders with the four .gz files, separated by commas; https, or http.
/// Chapter 1, pixels.
#[derive(Args, Debug)]
pub struct Data {
    /// Folder with MNIST's four files or Keras's mnist.npz; nothing is written to it
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Print one JSON object as the last line
    #[arg(long)]
    pub json: bool,
}

/// Compare the settings and the results of several runs
///
/// A table shows the settings that differ, and the training cost, the validation accuracy and the
/// test accuracy of each run. Runs that differ only in the seed show how much is chance: a second
/// table has their mean, standard deviation and range, and the binomial error, which covers only the
/// choice of test pictures. A page shows the learning curves on top of each other.
/// Chapter 17, mnist.
#[derive(Args, Debug)]
#[command(after_help = "\
Example: is another learning rate better?
  mnist train --repeat 5 --out runs/a
  mnist train --repeat 5 --rate 0.3 --out runs/b
  mnist compare runs/a runs/b")]
pub struct Compare {
    /// Folders of runs, as `train --out` writes them
    ///
    /// The folder of `train --repeat`, with seed-1, seed-2, … in it, stands for all its runs.
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,

    /// File for the page with the learning curves
    ///
    /// Overwrites an earlier page.
    #[arg(long, value_name = "FILE", default_value = "runs/compare.html")]
    pub out: PathBuf,

    /// Print one JSON object as the last line
    #[arg(long)]
    pub json: bool,
}
