"""PyTorch in two ways, of which the better is printed: its autograd, and gradients written
by hand, which spares it the bookkeeping. What torch.compile makes of the latter was
slower by 10 to 30 per cent."""

import common
import torch
from torch.nn import functional

torch.set_num_threads(common.THREADS)
torch.set_num_interop_threads(1)


class Peer:
    at_once = 1

    def __init__(self, workload, x, y):
        self.workload = workload
        self.x, self.y = torch.from_numpy(x), torch.from_numpy(y)
        self.layers = [tuple(map(torch.from_numpy, layer)) for layer in workload.start()]

    def forward(self, x):
        """The sums of the last layer."""
        for w, b in self.layers[:-1]:
            z = torch.addmm(b, x, w)
            x = torch.relu(z) if self.workload.softmax else torch.sigmoid(z)
        w, b = self.layers[-1]
        return torch.addmm(b, x, w)

    def total(self, z, y):
        """The sum of the costs."""
        if self.workload.softmax:
            return functional.cross_entropy(z, y, reduction="sum")
        return 0.5 * functional.mse_loss(torch.sigmoid(z), y, reduction="sum")

    @torch.no_grad()
    def cost(self, rows):
        rows = torch.from_numpy(rows)
        return self.total(self.forward(self.x[rows]), self.y[rows]).item() / len(rows)


class Autograd(Peer):
    def __init__(self, workload, x, y):
        super().__init__(workload, x, y)
        self.labels = self.y.argmax(1) if workload.softmax else self.y
        self.knobs = [knobs.requires_grad_() for layer in self.layers for knobs in layer]

    def steps(self, batches):
        for rows in torch.from_numpy(batches):
            x, y = self.x.index_select(0, rows), self.labels.index_select(0, rows)
            total = self.total(self.forward(x), y)
            gradients = torch.autograd.grad(total, self.knobs)
            with torch.no_grad():
                rate = self.workload.rate / len(rows)
                torch._foreach_add_(self.knobs, gradients, alpha=-rate)


class ByHand(Peer):
    def __init__(self, workload, x, y):
        super().__init__(workload, x, y)
        m = workload.batch
        self.a = [torch.empty(m, n) for n in workload.sizes]
        self.wanted = torch.empty(m, 10)
        self.delta = [torch.empty(m, n) for n in workload.sizes]
        self.ones = torch.ones(m)

    @torch.inference_mode()
    def steps(self, batches):
        for rows in torch.from_numpy(batches):
            self.step(rows)

    def step(self, rows):
        softmax, a, last = self.workload.softmax, self.a, len(self.layers)
        rate = self.workload.rate / len(rows)
        torch.index_select(self.x, 0, rows, out=a[0])
        torch.index_select(self.y, 0, rows, out=self.wanted)
        for l, (w, b) in enumerate(self.layers, 1):
            torch.addmm(b, a[l - 1], w, out=a[l])
            if not softmax:
                a[l].sigmoid_()
            elif l < last:
                a[l].relu_()
        delta = self.delta[last]
        if softmax:
            torch.softmax(a[last], 1, out=delta)
            delta.sub_(self.wanted)
        else:
            torch.sub(a[last], self.wanted, out=delta)
            torch.ops.aten.sigmoid_backward.grad_input(delta, a[last], grad_input=delta)
        for l in range(last, 0, -1):
            w, b = self.layers[l - 1]
            delta, below = self.delta[l], self.delta[l - 1]
            if l > 1:
                torch.mm(delta, w.t(), out=below)
                if softmax:
                    torch.ops.aten.threshold_backward.grad_input(
                        below, a[l - 1], 0, grad_input=below
                    )
                else:
                    torch.ops.aten.sigmoid_backward.grad_input(
                        below, a[l - 1], grad_input=below
                    )
            # The step itself is part of the product.
            w.addmm_(a[l - 1].t(), delta, alpha=-rate)
            b.addmv_(delta.t(), self.ones, alpha=-rate)


common.main(Autograd, ByHand)
