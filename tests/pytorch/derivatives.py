"""Writes derivatives.json: the derivatives that the pages state, by PyTorch in float64.

    pip install torch numpy
    python tests/pytorch/derivatives.py > tests/pytorch/derivatives.json

Each function takes one list of numbers, first the variables and then what is held still, in the
order of tests/derivative_checks/, which reads the file and needs no Python. A test compares the names
and numbers of CHECKS with the list there.
"""

import json
import sys

import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
POINTS = 20


def anywhere(v):
    return v


def off_the_kink(v):
    return v + torch.where(v < 0, -0.01, 0.01)


def half_squares(a, y):
    return 0.5 * ((a - y) ** 2).sum()


def layer(w, b, x):
    """Sigmoids of one layer, for one example or a batch of rows."""
    return torch.sigmoid(x @ w.reshape(len(b), -1).T + b)


def shares_from(v, start, end=None):
    return torch.cat([v[:start], functional.softmax(v[start:end], 0), v[len(v) if end is None else end :]])


def chain(v):
    a = v[6]
    for w, b in zip(v[:3], v[3:6]):
        a = torch.sigmoid(w * a + b)
    return 0.5 * (a - v[7]) ** 2


def positive(v):
    """The first number, away from 0."""
    return torch.cat([0.1 + v[:1].abs(), v[1:]])


def in_direction(f, v):
    return f(v[1:4] + v[0] * v[4:])


# path: how many inputs, how many variables, where, the function
CHECKS = {
    "sigmoid::sigmoid_prime": (1, 1, anywhere, torch.sigmoid),
    "sigmoid::tanh_prime": (1, 1, anywhere, torch.tanh),
    "sigmoid::relu_prime": (1, 1, off_the_kink, functional.relu),
    "sigmoid::leaky_relu_prime": (1, 1, off_the_kink, lambda z: functional.leaky_relu(z, 0.01)),
    "sigmoid::softplus_prime": (1, 1, anywhere, functional.softplus),
    "cost::sum_of_squares_gradient": (
        10, 5, anywhere, lambda v: functional.mse_loss(v[:5], v[5:], reduction="sum")),
    "cost::half_sum_of_squares_gradient": (10, 5, anywhere, lambda v: half_squares(v[:5], v[5:])),
    "cost::mean_of_squares_gradient": (10, 5, anywhere, lambda v: functional.mse_loss(v[:5], v[5:])),
    "gradient_descent::bowl_gradient": (8, 4, anywhere, lambda v: 0.5 * (v[4:] * v[:4] ** 2).sum()),
    "wishes::levers": (
        22, 19, anywhere, lambda v: half_squares(layer(v[3:15], v[:3], v[15:19]), v[19:])),
    "chain_rule::along": (1, 1, lambda x: 0.3 * x, lambda x: (x * x).exp().sin()),
    "chain_rule::across": (1, 1, anywhere, lambda x: x.sin() * x.exp()),
    "chain_rule::composed": (
        22, 4, anywhere,
        lambda v: layer(v[16:], torch.zeros(2), layer(v[4:16], torch.zeros(3), v[:4]))),
    "chain_rule::Chain::gradient": (8, 6, anywhere, chain),
    "perceptron::Perceptron::weighted_sum_gradient": (
        7, 7, anywhere, lambda v: functional.linear(v[4:], v[:3], v[3])),
    "perceptron::Perceptron::gradient": (
        8, 7, anywhere, lambda v: half_squares(layer(v[:3], v[3:4], v[4:7]), v[7:])),
    "perceptron_multi::weight_gradient": (
        22, 12, anywhere, lambda v: half_squares(layer(v[:12], v[12:15], v[15:19]), v[19:])),
    "perceptron_multi::input_gradient": (
        22, 4, anywhere, lambda v: half_squares(layer(v[4:16], v[16:19], v[:4]), v[19:])),
    "perceptron_multi::batch_weight_gradient": (
        50, 12, anywhere,
        lambda v: half_squares(
            layer(v[:12], v[12:15], v[15:35].reshape(5, 4)), v[35:].reshape(5, 3)) / 5),
    "backprop::output_delta": (20, 10, anywhere, lambda v: half_squares(torch.sigmoid(v[:10]), v[10:])),
    "backprop::delta_below": (
        33, 15, anywhere,
        lambda v: half_squares(
            layer(v[15:21], v[21:23], torch.sigmoid(v[:15].reshape(5, 3))), v[23:].reshape(5, 2))),
    "backprop::bias_gradient": (
        33, 2, anywhere,
        lambda v: half_squares(
            layer(v[2:8], v[:2], v[8:23].reshape(5, 3)), v[23:].reshape(5, 2)) / 5),
    "backprop::weight_gradient": (
        33, 6, anywhere,
        lambda v: half_squares(
            layer(v[:6], v[6:8], v[8:23].reshape(5, 3)), v[23:].reshape(5, 2)) / 5),
    "cross_entropy::binary_prime": (
        2, 1, torch.sigmoid, lambda v: functional.binary_cross_entropy(v[:1], v[1:])),
    "cross_entropy::binary_from_logit_prime": (
        2, 1, lambda v: torch.cat([v[:1], torch.sigmoid(v[1:])]),
        lambda v: functional.binary_cross_entropy_with_logits(v[:1], v[1:])),
    "cross_entropy::categorical_gradient": (
        10, 5, lambda v: shares_from(shares_from(v, 0, 5), 5), lambda v: -(v[5:] * v[:5].log()).sum()),
    "softmax::softmax_jacobian": (5, 5, anywhere, lambda z: functional.softmax(z, 0)),
    "softmax::cross_entropy_gradient": (
        10, 5, lambda v: torch.cat([v[:5], v[5:].abs()]),
        lambda v: functional.cross_entropy(v[:5], v[5:])),
    "softmax::log_softmax_jacobian": (5, 5, anywhere, lambda z: functional.log_softmax(z, 0)),
    "softmax::temperature_jacobian": (
        6, 5, lambda v: torch.cat([v[:5], 0.5 + v[5:].abs()]),
        lambda v: functional.softmax(v[:5] / v[5], 0)),
    "softmax::temperature_slope": (
        6, 1, lambda v: torch.cat([0.5 + v[:1].abs(), v[1:]]),
        lambda v: functional.softmax(v[1:] / v[0], 0)),
    "autograd::operations::Tensor::matmul": (
        20, 20, anywhere, lambda v: ((v[:12].reshape(3, 4) @ v[12:].reshape(4, 2)) ** 2).sum()),
    "gradient::directional_derivative": (
        7, 1, lambda v: torch.cat([torch.zeros(1), v[1:]]),
        lambda v: in_direction(lambda x: x[0] ** 2 * x[1] + x[2].sin(), v)),
    "gradient::power_rule": (2, 1, positive, lambda v: v[:1] ** v[1]),
    "gradient::exp_rule": (1, 1, anywhere, torch.exp),
    "gradient::ln_rule": (1, 1, positive, torch.log),
    "gradient::sum_rule": (1, 1, anywhere, lambda x: x.sin() + x.exp()),
    "gradient::product_rule": (1, 1, anywhere, lambda x: x.sin() * x.exp()),
    "gradient::quotient_rule": (1, 1, anywhere, lambda x: x.sin() / x.exp()),
    "inspect::picture_gradient": (
        35, 8, anywhere,
        lambda v: half_squares(
            layer(v[23:29], v[29:31], layer(v[8:20], v[20:23], v[:8].reshape(2, 4))),
            v[31:].reshape(2, 2))),
    "doubt::cost_at": (
        7, 1, lambda v: torch.cat([0.1 + v[:1].abs(), v[1:]]),
        lambda v: functional.cross_entropy(v[0] * v[1:].reshape(2, 3), torch.tensor([0, 2]))),
}


def point(generator, inputs, variables, place, function):
    at = place(torch.randn(inputs, generator=generator))
    jacobian = torch.autograd.functional.jacobian(function, at).reshape(-1, inputs)
    return {"at": at.tolist(), "jacobian": jacobian[:, :variables].flatten().tolist()}


def main():
    generator = torch.Generator().manual_seed(1)
    found = {
        path: [point(generator, *check) for _ in range(POINTS)] for path, check in CHECKS.items()
    }
    json.dump({"torch": torch.__version__.split("+")[0], "checks": found}, sys.stdout)
    print()


main()
