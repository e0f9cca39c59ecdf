//! A trained network in a file: safetensors, which Python reads with
//! `safetensors.numpy.load_file`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ndarray::{Array1, Array2};
use safetensors::tensor::TensorInfo;
use safetensors::{Dtype, SafeTensors};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::layer::{Layer, Network};
use crate::mnist::Objective;
use crate::pixels::{CLASSES, PIXELS};
use crate::sigmoid::Activation;

/// The most weights and biases that a network may have: room for the largest fully connected
/// network that was published for MNIST, which has 12 million.
pub const MOST_PARAMETERS: usize = 12_500_000;

/// What the metadata `format` says, so that a later program knows what it reads.
const FORMAT: &str = "neurons-1";
const MOST_HEADER: usize = 1 << 20;
const MOST_BYTES: usize = 8 * MOST_PARAMETERS + MOST_HEADER;

/// A network that was trained, and what it was trained to minimise, which says how its answers
/// become probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// From 784 inputs to 10 outputs.
    pub network: Network,
    /// What training minimised.
    pub objective: Objective,
}

/// Why a model cannot be saved or loaded: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The system does not give it.
    #[error("the model {} cannot be read: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The system does not take it.
    #[error("the model {} cannot be written: {error}; name another folder with --out", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It holds something else than a whole network.
    #[error("{} is no model that can be used: {flaw}; train one with the command `train`", path.display())]
    Flawed {
        /// The file.
        path: PathBuf,
        /// What is wrong with what it holds.
        flaw: String,
    },
}

impl Model {
    /// Writes the model to a file: tensors `layers.0.weight` of shape (n, k), `layers.0.bias` of
    /// shape (n), `layers.1.weight`, …, all F64. The metadata tell `sizes`, `activations` (one a
    /// layer), `objective`, `format`, the `version` of this program and the `sha256` of all that.
    ///
    /// The file is whole or not there: it gets its name when all of it is on the disk. The same
    /// model gives the same bytes.
    ///
    /// ```
    /// use neurons::{mnist::{Objective, Recipe}, model::Model};
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
        write(path, &self.encode())
            .map_err(|error| ModelError::Write { path: path.into(), error })
    }

    /// Reads a model from a file, and believes nothing of what it says before it has looked.
    ///
    /// ```
    /// use neurons::model::Model;
    /// let file = tempfile::NamedTempFile::new()?;
    /// std::fs::write(file.path(), "no model at all")?;
    /// let error = Model::load(file.path()).unwrap_err().to_string();
    /// assert!(error.contains("it is not a whole safetensors file"), "{error}");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ModelError::Read`] if the system does not give the file, [`ModelError::Flawed`] if it is
    /// not a network of finite F64 numbers from 784 inputs to 10 outputs that agrees with its
    /// metadata, or has more than [`MOST_PARAMETERS`].
    pub fn load(path: &Path) -> Result<Model, ModelError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes))
            .map_err(|error| ModelError::Read { path: path.into(), error })?;
        decode(&bytes).map_err(|flaw| flawed(path, &flaw))
    }

    /// [`Model::load`] for a file that is in memory already, here called `<bytes>`.
    ///
    /// # Errors
    /// [`ModelError::Flawed`], as [`Model::load`].
    pub fn parse(bytes: &[u8]) -> Result<Model, ModelError> {
        decode(bytes).map_err(|flaw| flawed(Path::new("<bytes>"), &flaw))
    }

    fn encode(&self) -> Vec<u8> {
        let mut header = BTreeMap::new();
        let mut data: Vec<u8> = Vec::new();
        let mut add =
            |name: String, shape: &[usize], numbers: &mut dyn Iterator<Item = &f64>| {
                let from = data.len();
                numbers.for_each(|number| data.extend(number.to_le_bytes()));
                let data_offsets = (from, data.len());
                header.insert(
                    name,
                    json!(TensorInfo {
                        dtype: Dtype::F64,
                        shape: shape.into(),
                        data_offsets
                    }),
                );
            };
        for (l, layer) in self.network.layers.iter().enumerate() {
            add(weight(l), layer.w.shape(), &mut layer.w.iter());
            add(bias(l), layer.b.shape(), &mut layer.b.iter());
        }
        let mut metadata = BTreeMap::from([
            ("format".into(), FORMAT.into()),
            ("version".into(), env!("CARGO_PKG_VERSION").into()),
            ("sizes".into(), commas(&self.network.sizes())),
            ("activations".into(), commas(&self.network.activations)),
            ("objective".into(), self.objective.to_string()),
        ]);
        metadata.insert("sha256".to_string(), checksum(&metadata, &data));
        // By hand and sorted: the crate keeps metadata in an order that differs from run to run.
        header.insert("__metadata__".into(), json!(metadata));
        let mut header =
            serde_json::to_vec(&header).expect("names, numbers and strings are JSON");
        header.resize(header.len().next_multiple_of(8), b' ');
        [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
    }
}

/// The flaw may quote the file, which may hold a book or what moves a terminal's cursor: one line
/// of it is enough.
fn flawed(path: &Path, flaw: &str) -> ModelError {
    let flaw = flaw.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500);
    ModelError::Flawed { path: path.into(), flaw: flaw.collect() }
}

/// The model that the bytes of a file are, or what is wrong with them.
fn decode(bytes: &[u8]) -> Result<Model, String> {
    if bytes.len() > MOST_BYTES {
        return Err(format!("it is longer than {MOST_BYTES} bytes"));
    }
    let broken = |error| format!("it is not a whole safetensors file ({error})");
    if bytes.first_chunk().is_some_and(|&n| u64::from_le_bytes(n) > MOST_HEADER as u64) {
        return Err(broken("header too long".into()));
    }
    let (length, header) =
        SafeTensors::read_metadata(bytes).map_err(|error| broken(error.to_string()))?;
    let tensors =
        SafeTensors::deserialize(bytes).map_err(|error| broken(error.to_string()))?;
    let metadata: BTreeMap<String, String> = header
        .metadata()
        .iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let said = |key: &str| match metadata.get(key) {
        Some(value) => Ok(value.as_str()),
        None => Err(format!("its metadata have no `{key}`")),
    };

    if said("format")? != FORMAT {
        return Err(format!("its format is `{}`, not `{FORMAT}`", said("format")?));
    }
    let sizes: Vec<usize> = listed(said("sizes")?)?;
    check_sizes(&sizes)?;
    let activations: Vec<Activation> = listed(said("activations")?)?;
    let objective: Objective = said("objective")?.parse()?;
    if activations.len() != sizes.len() - 1
        || activations.last() != Some(&objective.last_activation())
    {
        return Err(format!(
            "its activations {} do not fit its sizes {} and its objective {objective}",
            commas(&activations),
            commas(&sizes),
        ));
    }
    let tensor = |name: String, shape: &[usize]| -> Result<Vec<f64>, String> {
        let tensor =
            tensors.tensor(&name).map_err(|_| format!("it has no tensor `{name}`"))?;
        if tensor.dtype() != Dtype::F64 || tensor.shape() != shape {
            let (is, dtype) = (tensor.shape(), tensor.dtype());
            return Err(format!(
                "its tensor `{name}` is {dtype} {is:?}, not F64 {shape:?}"
            ));
        }
        let (numbers, _) = tensor.data().as_chunks();
        let numbers: Vec<f64> =
            numbers.iter().map(|&number| f64::from_le_bytes(number)).collect();
        match numbers.iter().all(|number| number.is_finite()) {
            true => Ok(numbers),
            false => Err(format!(
                "its tensor `{name}` holds something that is not a finite number"
            )),
        }
    };
    let layer = |(l, pair): (usize, &[usize])| {
        let (k, n) = (pair[0], pair[1]);
        let w = Array2::from_shape_vec((n, k), tensor(weight(l), &[n, k])?);
        Ok(Layer {
            w: w.expect("the shape was compared"),
            b: Array1::from(tensor(bias(l), &[n])?),
        })
    };
    let layers: Vec<Layer> =
        sizes.windows(2).enumerate().map(layer).collect::<Result<_, String>>()?;
    if tensors.len() != 2 * layers.len() {
        return Err(format!(
            "it has more tensors than a network of {} has",
            commas(&sizes)
        ));
    }
    if let Some(sum) = metadata.get("sha256")
        && *sum != checksum(&metadata, &bytes[8 + length..])
    {
        return Err("it was damaged since it was saved (its SHA-256 differs)".into());
    }
    Ok(Model { network: Network { layers, activations }, objective })
}

/// Whether a network of these sizes can read a digit, or why not.
///
/// ```
/// use neurons::model::check_sizes;
/// assert!(check_sizes(&[784, 30, 10]).is_ok());
/// assert!(check_sizes(&[28, 10]).is_err());
/// ```
///
/// # Errors
/// A sentence, if they do not begin with 784 and end with 10, if one of them is 0, or if they
/// make more than [`MOST_PARAMETERS`] weights and biases.
pub fn check_sizes(sizes: &[usize]) -> Result<(), String> {
    let ends = (sizes.first(), sizes.last());
    if sizes.len() < 2 || ends != (Some(&PIXELS), Some(&CLASSES)) || sizes.contains(&0) {
        return Err(format!(
            "layers begin with {PIXELS}, one input a pixel, end with {CLASSES}, one output a digit, \
             and none is empty: {PIXELS},30,{CLASSES} for one, not {}",
            commas(sizes)
        ));
    }
    let layer = |pair: &[usize]| pair[0].saturating_add(1).saturating_mul(pair[1]);
    match sizes.windows(2).map(layer).fold(0, usize::saturating_add) {
        parameters if parameters > MOST_PARAMETERS => Err(format!(
            "layers {} make {parameters} weights and biases: {MOST_PARAMETERS} are the most",
            commas(sizes)
        )),
        _ => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    // As any other new file, not for its owner's eyes alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The SHA-256 of the metadata (but for the sum itself) and of the numbers.
fn checksum(metadata: &BTreeMap<String, String>, data: &[u8]) -> String {
    let mut sum = Sha256::new();
    for (key, value) in metadata.iter().filter(|(key, _)| *key != "sha256") {
        sum.update(format!("{key}={value}\n"));
    }
    sum.update(data);
    sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn weight(l: usize) -> String {
    format!("layers.{l}.weight")
}

fn bias(l: usize) -> String {
    format!("layers.{l}.bias")
}

fn commas<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

fn listed<T: FromStr>(text: &str) -> Result<Vec<T>, String> {
    let items: Result<_, _> = text.split(',').map(str::parse).collect();
    items.map_err(|_| {
        format!("its metadata say `{text}`, which this program does not know")
    })
}

impl Activation {
    fn name(self) -> &'static str {
        match self {
            Activation::Identity => "identity",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
            Activation::LeakyRelu => "leaky-relu",
            Activation::Softplus => "softplus",
        }
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Activation {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found =
            Activation::ALL.into_iter().find(|activation| activation.name() == name);
        found.ok_or_else(|| format!("`{name}` is no activation of this program"))
    }
}

impl Objective {
    fn name(self) -> &'static str {
        match self {
            Objective::Quadratic => "quadratic",
            Objective::CrossEntropy => "cross-entropy",
            Objective::Softmax => "softmax",
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Objective {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [Objective::Quadratic, Objective::CrossEntropy, Objective::Softmax];
        let found = all.into_iter().find(|objective| objective.name() == name);
        found.ok_or_else(|| format!("`{name}` is no cost of this program"))
    }
}
