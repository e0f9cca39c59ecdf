"""NumPy: every array is allocated once, and every operation writes into one of them."""

import common
import numpy as np


class Peer:
    at_once = 1

    def __init__(self, workload, x, y):
        self.workload, self.all_x, self.all_y = workload, x, y
        m, sizes = workload.batch, workload.sizes
        start = workload.start()
        # All knobs lie in one piece, and so does their gradient: one subtraction is a step.
        self.knobs = np.concatenate([part.ravel() for layer in start for part in layer])
        self.gradient = np.empty_like(self.knobs)
        self.layers, self.gradients, at = [], [], 0
        for p, n in zip(sizes, sizes[1:]):
            for flat, views in [(self.knobs, self.layers), (self.gradient, self.gradients)]:
                w, b = flat[at : at + p * n], flat[at + p * n : at + p * n + n]
                views.append((w.reshape(p, n), b))
            at += p * n + n
        room = lambda: [np.empty((m, n), np.float32) for n in sizes]  # noqa: E731
        self.a, self.delta, self.spare = room(), room(), room()
        self.y = np.empty((m, 10), np.float32)
        self.row = np.empty((m, 1), np.float32)
        self.ones = np.ones(m, np.float32)

    def steps(self, batches):
        for rows in batches:
            self.step(rows)

    def step(self, rows):
        softmax, a = self.workload.softmax, self.a
        # "clip" spares a check and a copy; no number is out of range.
        np.take(self.all_x, rows, axis=0, out=a[0], mode="clip")
        np.take(self.all_y, rows, axis=0, out=self.y, mode="clip")
        last = len(self.layers)
        for l, (w, b) in enumerate(self.layers, 1):
            z = a[l]
            np.matmul(a[l - 1], w, out=z)
            np.add(z, b, out=z)
            if not softmax:
                np.negative(z, out=z)
                np.exp(z, out=z)
                np.add(z, 1, out=z)
                np.reciprocal(z, out=z)
            elif l < last:
                np.maximum(z, 0, out=z)
            else:
                np.max(z, axis=1, keepdims=True, out=self.row)
                np.subtract(z, self.row, out=z)
                np.exp(z, out=z)
                np.sum(z, axis=1, keepdims=True, out=self.row)
                np.divide(z, self.row, out=z)
        # The rate is multiplied into the few numbers of the last delta.
        delta = self.delta[last]
        np.subtract(a[last], self.y, out=delta)
        np.multiply(delta, self.workload.rate / len(rows), out=delta)
        for l in range(last, 0, -1):
            delta, spare = self.delta[l], self.spare[l]
            if not softmax:
                np.multiply(delta, a[l], out=delta)
                np.subtract(1, a[l], out=spare)
                np.multiply(delta, spare, out=delta)
            elif l < last:
                np.greater(a[l], 0, out=spare)
                np.multiply(delta, spare, out=delta)
            dw, db = self.gradients[l - 1]
            np.matmul(a[l - 1].T, delta, out=dw)
            np.dot(self.ones, delta, out=db)
            if l > 1:
                np.matmul(delta, self.layers[l - 1][0].T, out=self.delta[l - 1])
        np.subtract(self.knobs, self.gradient, out=self.knobs)

    def cost(self, rows):
        a, y = self.all_x[rows], self.all_y[rows]
        for l, (w, b) in enumerate(self.layers, 1):
            z = a @ w + b
            if not self.workload.softmax:
                a = 1 / (1 + np.exp(-z))
            elif l < len(self.layers):
                a = np.maximum(z, 0)
        if not self.workload.softmax:
            return 0.5 * ((a - y) ** 2).sum() / len(rows)
        z = z - z.max(axis=1, keepdims=True)
        return (np.log(np.exp(z).sum(axis=1)) - (z * y).sum(axis=1)).mean()


common.main(Peer)
