//! Arrays of numbers in a safetensors file, which Python reads with
//! `safetensors.numpy.load_file`. A file that is not whole and unchanged is refused.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};
use safetensors::tensor::TensorInfo;
use safetensors::{Dtype, SafeTensors};
use serde_json::json;

use super::sha256;
use crate::layer::Layer;

/// The most bytes of a file's header.
const MOST_HEADER: usize = 1 << 20;
/// What stands in the place of the SHA-256 while it is computed.
const NO_SUM: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// What is wrong with a safetensors file: the end of a sentence about it.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum TensorsError {
    /// Its header or its numbers are not there, or not as the format has them.
    #[error("it is not a whole safetensors file ({0})")]
    NotWhole(String),
    /// It is too long for what it should hold.
    #[error("it is longer than {most} bytes")]
    TooLong { most: usize },
    /// It has a SHA-256 that is not its own.
    #[error(
        "it was changed or damaged since it was saved (its SHA-256 differs); if you changed it on \
         purpose, save it without the metadata key `sha256`"
    )]
    Changed,
    /// It does not say something that it should.
    #[error("its metadata have no `{key}`")]
    NoWord { key: String },
    /// It holds something else.
    #[error("its format is `{found}`, not `{wanted}`")]
    Format { found: String, wanted: String },
    /// A tensor is not there.
    #[error("it has no tensor `{name}`")]
    NoTensor { name: String },
    /// A tensor has another shape than the layer needs.
    #[error("its tensor `{name}` is {found:?}, not {wanted:?}")]
    Shape { name: String, found: Vec<usize>, wanted: Vec<usize> },
    /// The numbers of a tensor are not f64.
    #[error("its tensor `{name}` is {found}, not F64")]
    Type { name: String, found: Dtype },
}

/// Named arrays of f64, and words about them, which safetensors calls metadata.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// The words: a text for each key.
    pub words: BTreeMap<String, String>,
    /// A shape, and as many numbers as it needs, for each name.
    arrays: BTreeMap<String, (Vec<usize>, Vec<f64>)>,
}

impl Tensors {
    /// Words without arrays.
    pub fn new<const N: usize>(words: [(&str, String); N]) -> Self {
        let words = words.map(|(key, word)| (key.to_string(), word)).into();
        Tensors { words, ..Tensors::default() }
    }

    /// Adds layers, as `<prefix>0.weight` of shape (n, p), `<prefix>0.bias` of shape (n),
    /// `<prefix>1.weight` …
    pub fn add_layers(&mut self, prefix: &str, layers: &[Layer]) {
        for (l, Layer { w, b }) in layers.iter().enumerate() {
            let w = (w.shape().to_vec(), w.iter().copied().collect());
            self.arrays.insert(format!("{prefix}{l}.weight"), w);
            let b = (b.shape().to_vec(), b.to_vec());
            self.arrays.insert(format!("{prefix}{l}.bias"), b);
        }
    }

    /// Takes out the layers of a network with `sizes` neurons a layer, the input first.
    ///
    /// # Errors
    /// Returns an error when an array is missing or has another shape.
    pub fn take_layers(
        &mut self,
        prefix: &str,
        sizes: &[usize],
    ) -> Result<Vec<Layer>, TensorsError> {
        let mut take = |name: String, wanted: &[usize]| match self
            .arrays
            .remove(&name)
        {
            None => Err(TensorsError::NoTensor { name }),
            Some((found, numbers)) if found == wanted => Ok(numbers),
            Some((found, _)) => {
                let wanted = wanted.to_vec();
                Err(TensorsError::Shape { name, found, wanted })
            }
        };
        let layer = |(l, pair): (usize, &[usize])| {
            let (p, n) = (pair[0], pair[1]);
            let w = take(format!("{prefix}{l}.weight"), &[n, p])?;
            Ok(Layer {
                w: Array2::from_shape_vec((n, p), w)
                    .expect("the shape was compared"),
                b: Array1::from(take(format!("{prefix}{l}.bias"), &[n])?),
            })
        };
        sizes.windows(2).enumerate().map(layer).collect()
    }

    /// Whether arrays are left.
    pub fn is_empty(&self) -> bool {
        self.arrays.is_empty()
    }

    /// The word of a key.
    ///
    /// # Errors
    /// Returns an error when there is none.
    pub fn said(&self, key: &str) -> Result<&str, TensorsError> {
        let word = self.words.get(key).map(String::as_str);
        word.ok_or_else(|| TensorsError::NoWord { key: key.into() })
    }

    /// The bytes of a file: the same for the same contents. A word `sha256` is added, the
    /// sum of the whole file in which its own 64 digits are zeros.
    ///
    /// ```
    /// use neurons::files::safetensors_file::Tensors;
    /// let tensors = Tensors::new([("format", "mine".into())]);
    /// let mut bytes = tensors.encode();
    /// assert_eq!(Tensors::decode(&bytes)?.said("format")?, "mine");
    /// *bytes.last_mut().unwrap() ^= 1;
    /// assert!(Tensors::decode(&bytes).is_err());
    /// # Ok::<(), neurons::files::safetensors_file::TensorsError>(())
    /// ```
    pub fn encode(&self) -> Vec<u8> {
        let mut header = BTreeMap::new();
        let mut data: Vec<u8> = Vec::new();
        for (name, (shape, numbers)) in &self.arrays {
            let from = data.len();
            numbers
                .iter()
                .for_each(|number| data.extend(number.to_le_bytes()));
            let data_offsets = (from, data.len());
            let info = TensorInfo {
                dtype: Dtype::F64,
                shape: shape.clone(),
                data_offsets,
            };
            header.insert(name.as_str(), json!(info));
        }
        let mut words = self.words.clone();
        words.insert("sha256".into(), NO_SUM.into());
        // By hand and sorted: the crate keeps metadata in an order that differs from run to run.
        header.insert("__metadata__", json!(words));
        let mut header = serde_json::to_vec(&header)
            .expect("names, numbers and strings are JSON");
        header.resize(header.len().next_multiple_of(8), b' ');
        let length = (header.len() as u64).to_le_bytes();
        let mut bytes = [&length[..], &header, &data].concat();
        let sum = sha256(&[&bytes]);
        let place =
            place_of_sum(&header, NO_SUM).expect("it was just written");
        bytes[8 + place..][..sum.len()].copy_from_slice(sum.as_bytes());
        bytes
    }

    /// [`Tensors::decode`] for a file of at most `most` bytes and of this `format`.
    ///
    /// # Errors
    /// Also returns an error when the file is longer or of another format.
    pub(crate) fn of_format(
        bytes: &[u8],
        format: &str,
        most: usize,
    ) -> Result<Self, TensorsError> {
        if bytes.len() > most {
            return Err(TensorsError::TooLong { most });
        }
        let tensors = Tensors::decode(bytes)?;
        match tensors.said("format")? {
            found if found == format => Ok(tensors),
            found => Err(TensorsError::Format {
                found: found.into(),
                wanted: format.into(),
            }),
        }
    }

    /// The arrays and words of a file.
    ///
    /// ```
    /// use neurons::files::safetensors_file::Tensors;
    /// let text = Tensors::new([("format", "mine".into())]).encode();
    /// let text = String::from_utf8(text)?.replace("mine", "ours");
    /// let error = Tensors::decode(text.as_bytes()).unwrap_err().to_string();
    /// assert!(error.starts_with("it was changed or damaged since it was saved"), "{error}");
    /// // On purpose: without the key `sha256`, nothing is compared.
    /// let text = text.replace("sha256", "sha---");
    /// assert_eq!(Tensors::decode(text.as_bytes())?.said("format")?, "ours");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error when it is not a safetensors file, holds numbers other than f64, or has a
    /// `sha256` that is not its own.
    pub fn decode(bytes: &[u8]) -> Result<Self, TensorsError> {
        let broken = TensorsError::NotWhole;
        if bytes
            .first_chunk()
            .is_some_and(|&n| u64::from_le_bytes(n) > MOST_HEADER as u64)
        {
            return Err(broken("header too long".into()));
        }
        let (length, header) = SafeTensors::read_metadata(bytes)
            .map_err(|error| broken(error.to_string()))?;
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(|error| broken(error.to_string()))?;
        let words: BTreeMap<String, String> = header
            .metadata()
            .iter()
            .flatten()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        if let Some(sum) = words.get("sha256")
            && !has_sum(bytes, length, sum)
        {
            return Err(TensorsError::Changed);
        }
        let mut arrays = BTreeMap::new();
        for (name, tensor) in tensors.iter() {
            let (name, found) = (name.to_string(), tensor.dtype());
            if found != Dtype::F64 {
                return Err(TensorsError::Type { name, found });
            }
            let numbers = tensor.data().as_chunks().0;
            let numbers = numbers
                .iter()
                .map(|&number| f64::from_le_bytes(number))
                .collect();
            arrays.insert(name, (tensor.shape().to_vec(), numbers));
        }
        Ok(Tensors { words, arrays })
    }
}

/// Whether a file has the SHA-256 that its header, of that `length`, gives for it.
fn has_sum(bytes: &[u8], length: usize, sum: &str) -> bool {
    let place = place_of_sum(&bytes[8..8 + length], sum);
    let Some(place) = place.filter(|_| sum.len() == NO_SUM.len()) else {
        return false;
    };
    let (before, rest) = bytes.split_at(8 + place);
    sha256(&[before, NO_SUM.as_bytes(), &rest[sum.len()..]]) == sum
}

/// Where the digits of the SHA-256 are in the header.
fn place_of_sum(header: &[u8], sum: &str) -> Option<usize> {
    let key = r#""sha256":""#;
    let words = format!("{key}{sum}\"");
    let at = header
        .windows(words.len())
        .position(|window| window == words.as_bytes())?;
    Some(at + key.len())
}
