"""Writes gradients.json: costs and gradients of small random networks, by PyTorch in float64.

    pip install torch
    python tests/pytorch/gradients.py > tests/pytorch/gradients.json

The test tests/pytorch.rs reads the file and needs no Python.
"""

import json
import sys

import torch

torch.set_default_dtype(torch.float64)

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
    "softplus": torch.nn.functional.softplus,
}


def cost(objective, z, y):
    """The mean over the batch, from the weighted sums of the last layer."""
    if objective == "quadratic":
        return 0.5 * ((torch.sigmoid(z) - y) ** 2).sum(dim=1).mean()
    if objective == "cross-entropy":
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        return loss.sum(dim=1).mean()
    return torch.nn.functional.cross_entropy(z, y)


def case(seed, sizes, activation, objective, examples):
    generator = torch.Generator().manual_seed(seed)
    normal = lambda *shape: torch.randn(*shape, generator=generator)
    layers = [(normal(n, k), normal(n)) for k, n in zip(sizes, sizes[1:])]
    x = normal(examples, sizes[0])
    y = torch.rand(examples, sizes[-1], generator=generator)
    if objective == "softmax" and seed % 2:  # half of the softmax cases: one-hot
        y = torch.nn.functional.one_hot(y.argmax(dim=1), sizes[-1]).double()
    elif objective == "softmax":
        y = y / y.sum(dim=1, keepdim=True)
    for tensor in [x, *(t for layer in layers for t in layer)]:
        tensor.requires_grad_()
    a = x
    for number, (w, b) in enumerate(layers):
        z = a @ w.T + b
        a = ACTIVATIONS[activation](z) if number + 1 < len(layers) else z
    loss = cost(objective, a, y)
    loss.backward()
    tolist = lambda tensor: tensor.detach().tolist()
    return {
        "seed": seed,
        "activation": activation,
        "objective": objective,
        "weights": [tolist(w) for w, _ in layers],
        "biases": [tolist(b) for _, b in layers],
        "x": tolist(x),
        "y": tolist(y),
        "cost": loss.item(),
        "weight_gradients": [tolist(w.grad) for w, _ in layers],
        "bias_gradients": [tolist(b.grad) for _, b in layers],
        "input_gradient": tolist(x.grad),
    }


def main():
    sizes = [[2, 1], [3, 4], [2, 3, 2], [4, 3, 2], [3, 5, 4, 3], [2, 3, 3, 3, 2]]
    cases, seed = [], 0
    for activation in ACTIVATIONS:
        for objective in ["quadratic", "cross-entropy", "softmax"]:
            for examples in [1, 4]:
                seed += 1
                cases.append(case(seed, sizes[seed % len(sizes)], activation, objective, examples))
    json.dump({"torch": torch.__version__.split("+")[0], "cases": cases}, sys.stdout, indent=None)
    print()


main()
