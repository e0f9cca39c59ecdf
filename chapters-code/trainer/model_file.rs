//! A trained network in a file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ndarray::{Array1, ArrayView1, Axis};

use crate::files::file_kind::FileKind;
use crate::files::safetensors_file::Tensors;
use crate::files::{one_line, whole_file};
use crate::layer::Network;
use crate::mnist::Objective;
use crate::pixels::{CLASSES, PIXELS, ink};
use crate::sigmoid::Activation;
use crate::trainer::number_text::commas;

/// The most weights and biases of a network: room for the largest fully connected network that was
/// published for MNIST, which has 12 million.
pub const MOST_PARAMETERS: usize = 12_500_000;

/// Value of the metadata key `format`, so that a later version knows what it reads.
const FORMAT: &str = "neurons-1";
/// The most bytes of a file: its numbers and a header.
const MOST_BYTES: usize = 8 * MOST_PARAMETERS + (1 << 20);

/// A trained network, and the cost that training minimised, which decides how its answers become
/// probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// From 784 inputs to 10 outputs.
    pub network: Network,
    /// What training minimised.
    pub objective: Objective,
}

/// Why a model cannot be saved or loaded: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum ModelError {
    #[error("the model {} cannot be read: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("the model {} cannot be written: {error}; name another folder with --out", path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("{} is {kind}, not a model: {advice}", path.display())]
    Other { path: PathBuf, kind: FileKind, advice: &'static str },
    #[error("{} cannot be used as a model: {flaw}; train one with `mnist train`", path.display())]
    Flawed { path: PathBuf, flaw: ModelFlaw },
    #[error("{} has no model.safetensors and no checkpoint in it: {advice}", folder.display())]
    NoModel { folder: PathBuf, advice: String },
}

/// What is wrong with the contents of a model: the end of a sentence about the file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum ModelFlaw {
    #[error("{0}")]
    Contents(String),
    #[error("its metadata have the unknown value `{0}`")]
    Value(String),
    #[error(
        "layers begin with {PIXELS} (one input a pixel), end with {CLASSES} (one output a digit), \
         and none has 0 neurons: for example {PIXELS},30,{CLASSES}, not {}",
        short(sizes)
    )]
    Sizes { sizes: Vec<usize> },
    #[error(
        "layers {} have {parameters} weights and biases: at most {MOST_PARAMETERS} are allowed",
        short(sizes)
    )]
    TooLarge { sizes: Vec<usize>, parameters: usize },
    #[error(
        "its activations {} do not match its sizes {} and its objective {objective}",
        short(activations),
        short(sizes)
    )]
    Activations {
        activations: Vec<Activation>,
        sizes: Vec<usize>,
        objective: Objective,
    },
    #[error("it has more tensors than a network of {}", short(sizes))]
    MoreTensors { sizes: Vec<usize> },
    #[error("one of its weights or biases is not a finite number")]
    NotFinite,
}

impl ModelFlaw {
    /// A flaw that another reader found: of tensors, of a name.
    fn contents(flaw: impl fmt::Display) -> Self {
        ModelFlaw::Contents(one_line(&flaw.to_string()))
    }
}

/// Commas between the items; a file can have too many for a sentence.
fn short<T: ToString>(items: &[T]) -> String {
    one_line(&commas(items))
}

impl Model {
    /// Writes the model to a file: tensors `layers.0.weight` of shape (n, k), `layers.0.bias` of
    /// shape (n), `layers.1.weight`, …, all F64. The metadata are `sizes`, `activations` (one a
    /// layer), `objective`, `format`, the `version` of this program and the `sha256` of it all.
    ///
    /// The file is written whole or not at all: it gets its name when all of it is on the disk. The
    /// same model gives the same bytes.
    ///
    /// ```
    /// use neurons::{mnist::{Objective, Recipe}, trainer::model_file::Model};
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("model.safetensors");
    /// let model = Model { network: Recipe::book().network(), objective: Objective::Softmax };
    /// model.save(&path)?;
    /// assert_eq!(Model::load(&path)?, model);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelError::Write`] if the system does not take the file.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        whole_file::write(path, &self.encode())
            .map_err(|error| ModelError::Write { path: path.into(), error })
    }

    /// Reads a model from a file, and checks everything that the file says.
    ///
    /// ```
    /// use neurons::trainer::model_file::Model;
    /// let file = tempfile::NamedTempFile::new()?;
    /// std::fs::write(file.path(), "a seven")?;
    /// let error = Model::load(file.path()).unwrap_err().to_string();
    /// assert!(error.contains("is plain text, not a model"), "{error}");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelError::Read`] if the system does not give the file, [`ModelError::Other`] if it is not
    /// a safetensors file, [`ModelError::Flawed`] if it is not a network of finite F64 numbers from
    /// 784 inputs to 10 outputs that agrees with its metadata, or has more than [`MOST_PARAMETERS`].
    pub fn load(path: &Path) -> Result<Model, ModelError> {
        let bytes =
            whole_file::read(path, MOST_BYTES).map_err(|error| {
                ModelError::Read { path: path.into(), error }
            })?;
        Model::of(path, &bytes)
    }

    /// [`Model::load`] for a file that is in memory already, here called `<bytes>`.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn parse(bytes: &[u8]) -> Result<Model, ModelError> {
        Model::of(Path::new("<bytes>"), bytes)
    }

    fn of(path: &Path, bytes: &[u8]) -> Result<Model, ModelError> {
        let path = || path.to_path_buf();
        match FileKind::of(bytes) {
            FileKind::Safetensors | FileKind::Unknown => decode(bytes)
                .map_err(|flaw| ModelError::Flawed { path: path(), flaw }),
            kind => {
                let advice = match kind.advice() {
                    "" => {
                        "name the model.safetensors that `mnist train` saved"
                    }
                    advice => advice,
                };
                Err(ModelError::Other { path: path(), kind, advice })
            }
        }
    }

    /// The probability of each digit for one picture of shape (784), according to the network.
    ///
    /// # Panics
    /// If the picture has another shape.
    pub fn probabilities(&self, pixels: ArrayView1<u8>) -> Array1<f64> {
        let x = pixels.mapv(ink).insert_axis(Axis(0));
        let answers = self.network.answers(&x);
        self.objective.probabilities(&answers.row(0).to_owned())
    }

    fn encode(&self) -> Vec<u8> {
        let mut tensors = Tensors::new([
            ("format", FORMAT.into()),
            ("version", env!("CARGO_PKG_VERSION").into()),
            ("sizes", commas(&self.network.sizes())),
            ("activations", commas(&self.network.activations)),
            ("objective", self.objective.to_string()),
        ]);
        tensors.add_layers("layers.", &self.network.layers);
        tensors.encode()
    }
}

/// The model in the bytes of a file.
fn decode(bytes: &[u8]) -> Result<Model, ModelFlaw> {
    let mut tensors = Tensors::of_format(bytes, FORMAT, MOST_BYTES)
        .map_err(ModelFlaw::contents)?;
    let said = |key| tensors.said(key).map_err(ModelFlaw::contents);
    let sizes: Vec<usize> = listed(said("sizes")?)?;
    check_sizes(&sizes)?;
    let activations: Vec<Activation> = listed(said("activations")?)?;
    let objective: Objective =
        said("objective")?.parse().map_err(ModelFlaw::contents)?;
    if activations.len() != sizes.len() - 1
        || activations.last() != Some(&objective.last_activation())
    {
        return Err(ModelFlaw::Activations {
            activations,
            sizes,
            objective,
        });
    }
    let layers = tensors
        .take_layers("layers.", &sizes)
        .map_err(ModelFlaw::contents)?;
    if !tensors.is_empty() {
        return Err(ModelFlaw::MoreTensors { sizes });
    }
    let network = Network { layers, activations };
    if !network.to_vector().iter().all(|number| number.is_finite()) {
        return Err(ModelFlaw::NotFinite);
    }
    Ok(Model { network, objective })
}

/// Checks that a network of these sizes can read a digit.
///
/// ```
/// use neurons::trainer::model_file::check_sizes;
/// assert!(check_sizes(&[784, 30, 10]).is_ok());
/// assert!(check_sizes(&[28, 10]).is_err());
/// ```
///
/// # Errors
/// Returns an error when the sizes do not begin with 784 and end with 10, when one of them is 0,
/// or when the network would have more than [`MOST_PARAMETERS`] weights and biases.
pub fn check_sizes(sizes: &[usize]) -> Result<(), ModelFlaw> {
    let sizes = sizes.to_vec();
    let ends = (sizes.first(), sizes.last());
    if sizes.len() < 2
        || ends != (Some(&PIXELS), Some(&CLASSES))
        || sizes.contains(&0)
    {
        return Err(ModelFlaw::Sizes { sizes });
    }
    let layer =
        |pair: &[usize]| pair[0].saturating_add(1).saturating_mul(pair[1]);
    match sizes.windows(2).map(layer).fold(0, usize::saturating_add) {
        parameters if parameters > MOST_PARAMETERS => {
            Err(ModelFlaw::TooLarge { sizes, parameters })
        }
        _ => Ok(()),
    }
}

fn listed<T: FromStr>(text: &str) -> Result<Vec<T>, ModelFlaw> {
    let items: Result<_, _> = text.split(',').map(str::parse).collect();
    items.map_err(|_| ModelFlaw::Value(one_line(text)))
}
