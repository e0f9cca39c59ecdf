"""JAX: many steps are one compiled loop, in which the pictures are gathered too."""

import os

import common

os.environ["JAX_PLATFORMS"] = "cpu"
if common.THREADS == 1:
    os.environ["XLA_FLAGS"] = (
        "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    )

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402


class Peer:
    # As many steps as take about 50 ms, so that to call them costs nothing that counts.
    STEPS = {"W1": 300, "W2": 1500, "W3": 100, "W4": 20}

    def __init__(self, workload, x, y):
        self.at_once = self.STEPS[workload.name]
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.layers = [tuple(map(jnp.asarray, layer)) for layer in workload.start()]

        def total(layers, x, y):
            for w, b in layers[:-1]:
                z = x @ w + b
                x = jax.nn.relu(z) if workload.softmax else jax.nn.sigmoid(z)
            w, b = layers[-1]
            z = x @ w + b
            if workload.softmax:
                return -(jax.nn.log_softmax(z) * y).sum()
            return 0.5 * ((jax.nn.sigmoid(z) - y) ** 2).sum()

        def some(table, rows):
            return table.at[rows].get(mode="promise_in_bounds")

        def steps(layers, x, y, batches):
            def step(layers, rows):
                gradient = jax.grad(total)(layers, some(x, rows), some(y, rows))
                rate = workload.rate / workload.batch
                return jax.tree.map(lambda w, dw: w - rate * dw, layers, gradient), None

            return jax.lax.scan(step, layers, batches)[0]

        self.compiled = jax.jit(steps, donate_argnums=0)
        self.total = jax.jit(total)

    def steps(self, batches):
        self.layers = self.compiled(self.layers, self.x, self.y, batches)
        jax.block_until_ready(self.layers)

    def cost(self, rows):
        return self.total(self.layers, self.x[rows], self.y[rows]).item() / len(rows)


common.main(Peer)
