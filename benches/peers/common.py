"""What the peers share: the command line, MNIST, the work, and how it is timed.

Importing this module limits the threads: import it before the library that is measured.
"""

import gzip
import os
import sys
import time

if not 4 <= len(sys.argv) <= 5:
    sys.exit(f"usage: {sys.argv[0]} MNIST_DIR THREADS SECONDS [WORKLOAD]")
FOLDER, THREADS, SECONDS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])

for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = str(THREADS)
# Some pools are as large as the number of cores that they may use.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

import numpy as np  # noqa: E402

WARM_UP = 0.5
WINDOW = 0.05


class Workload:
    def __init__(self, name, sizes, softmax, batch, rate):
        self.name, self.sizes, self.batch, self.rate = name, sizes, batch, rate
        # ReLU and the cross-entropy of the softmax, or sigmoids and half the sum of squares.
        self.softmax = softmax

    def start(self):
        """Of each layer, weights with a column for each neuron, and biases."""
        random = np.random.default_rng(1)
        pairs = zip(self.sizes, self.sizes[1:])
        return [
            ((random.standard_normal((p, n)) / p**0.5).astype(np.float32), np.zeros(n, np.float32))
            for p, n in pairs
        ]


WORKLOADS = [
    Workload("W1", [784, 16, 16, 10], False, 100, 3.0),
    Workload("W2", [784, 30, 10], False, 10, 3.0),
    Workload("W3", [784, 128, 10], True, 100, 0.1),
    Workload("W4", [784, 800, 10], True, 100, 0.1),
]


def read(name, header):
    with gzip.open(os.path.join(FOLDER, name + ".gz")) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def mnist():
    """The training pictures, p / 255, and a 1 in the column of each one's digit."""
    x = read("train-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = read("train-labels-idx1-ubyte", 8)
    if x.shape != (60_000, 784) or labels.shape != (60_000,):
        sys.exit(f"{FOLDER} does not hold MNIST")
    return x.astype(np.float32) / np.float32(255), np.eye(10, dtype=np.float32)[labels]


def measure(peer, workload, pictures):
    """Pictures per second, of the window of at least 50 ms that only a tenth of the others
    beat: other programs disturb a slow window, but nothing helps a fast one.

    `peer.steps(rows)` makes a step for each row of an array of picture numbers, and is
    given `peer.at_once` of them; `peer.cost(rows)` is the mean cost of some pictures.
    """
    some = np.arange(1000, dtype=np.int32)
    before = peer.cost(some)
    random = np.random.default_rng(2)
    windows, seen, warm = [], 0, False
    start = window = time.perf_counter()
    done = False
    while not done:
        order = random.permutation(np.arange(pictures, dtype=np.int32))
        for rows in order.reshape(-1, peer.at_once, workload.batch):
            peer.steps(rows)
            seen += rows.size
            now = time.perf_counter()
            if warm and now - window >= WINDOW:
                windows.append(seen / (now - window))
                window, seen = now, 0
            if not warm and now - start >= WARM_UP:
                warm, window, seen = True, now, 0
            if now - start >= WARM_UP + SECONDS and windows:
                done = True
                break
    after = peer.cost(some)
    if not after < before:
        sys.exit(f"{workload.name}: the cost went from {before} to {after}")
    return sorted(windows)[len(windows) * 9 // 10]


def main(*ways):
    """Measures every workload in each way, and prints the best."""
    wanted = [w for w in WORKLOADS if len(sys.argv) < 5 or w.name == sys.argv[4]]
    if not wanted:
        sys.exit("the workloads are W1, W2, W3 and W4")
    x, y = mnist()
    for workload in wanted:
        speeds = [measure(way(workload, x, y), workload, len(x)) for way in ways]
        print(workload.name, THREADS, round(max(speeds)), flush=True)
