"""Checks that a saved model means the same to NumPy as to the program.

    MNIST_DIR=FOLDER cargo run --release -- test MODEL --predictions PREDICTIONS
    python forward.py MODEL FOLDER PREDICTIONS

MODEL is a file that `mnist train` saved, FOLDER holds MNIST's files, gzipped or plain, and
PREDICTIONS has the digit that the program names for each test picture, one a line. It needs numpy
and safetensors, and ends with 0 if all the predictions are the same.
"""

import gzip
import pathlib
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}


def idx(folder, name, header):
    """The bytes of an IDX file behind its header."""
    path = pathlib.Path(folder, name)
    data = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


def main(model, folder, predictions):
    tensors = load_file(model)
    with safe_open(model, framework="numpy") as file:
        metadata = file.metadata()
    activations = metadata["activations"].split(",")
    sizes = [int(size) for size in metadata["sizes"].split(",")]

    images = idx(folder, "t10k-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = idx(folder, "t10k-labels-idx1-ubyte", 8)
    a = images / 255.0
    for layer, activation in enumerate(activations):
        weight, bias = tensors[f"layers.{layer}.weight"], tensors[f"layers.{layer}.bias"]
        assert weight.dtype == bias.dtype == np.float64
        assert weight.shape == (sizes[layer + 1], sizes[layer]) and bias.shape == (sizes[layer + 1],)
        a = ACTIVATIONS[activation](a @ weight.T + bias)

    named = a.argmax(axis=1)
    program = np.loadtxt(predictions, dtype=int)
    same = int((named == program).sum())
    print(f"{metadata['sizes']}: NumPy is right on {(named == labels).sum()} of {len(labels)},")
    print(f"and names the same digit as the program on {same} of {len(program)}.")
    return 0 if len(program) == len(named) == same else 1


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
