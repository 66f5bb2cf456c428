"""Drawn inputs of the kinds that belong to one architecture, and what each computes, written the long way."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from nodeforge.core.parameters import Value
from nodeforge.core.specs import BATCH, TensorSpec

Drawn = st.SearchStrategy[dict[str, tuple[TensorSpec, ...]]]
Dims = st.SearchStrategy[tuple[int, ...]]

_few, _many = st.integers(1, 4), st.integers(1, 9)


def _spec(sample: tuple[int, ...], dtype: str = "float32") -> TensorSpec:
    return TensorSpec((BATCH, *sample), dtype)


def _dims(low: int, high: int) -> Dims:
    return st.lists(_few, min_size=low, max_size=high).map(tuple)


def _one(dims: Dims, *dtypes: str, port: str = "input") -> Drawn:
    dtype = st.sampled_from(dtypes or ("float32",))
    return st.builds(lambda sample, kind: {port: (_spec(sample, kind),)}, dims, dtype)


@st.composite
def _masked(draw: st.DrawFn) -> dict[str, tuple[TensorSpec, ...]]:
    found = {"input": (_spec(draw(_dims(2, 2))),)}
    labels = _spec(draw(st.sampled_from([(), (), (1,)])), "int64")
    return found | {"label": (labels,)} if draw(st.booleans()) else found


@st.composite
def _margin(draw: st.DrawFn) -> dict[str, tuple[TensorSpec, ...]]:
    target = draw(st.sampled_from([(), (), (1,)]))
    return {"input": (_spec((draw(st.integers(2, 4)),)),), "target": (_spec(target, "int64"),)}


@st.composite
def _normal(draw: st.DrawFn) -> dict[str, tuple[TensorSpec, ...]]:
    sample, dtype = draw(_dims(0, 3)), draw(st.sampled_from(["float32", "float64"]))
    other = draw(st.sampled_from([sample, sample, sample, (*sample, 1)]))
    return {"mean": (_spec(sample, dtype),), "log_variance": (_spec(other, dtype),)}


@st.composite
def _mixed(draw: st.DrawFn) -> dict[str, tuple[TensorSpec, ...]]:
    sample = draw(_dims(1, 3))
    count = draw(st.integers(1, 3))
    others = [draw(st.sampled_from([sample, sample, sample, (*sample, 2)])) for _ in range(count - 1)]
    front = draw(st.sampled_from([(), (), sample[:1], (5,)]))
    weights = (*front, draw(st.sampled_from([count, count, count, count + 1])))
    return {"experts": tuple(_spec(s) for s in [sample, *others]), "weights": (_spec(weights),)}


INPUTS: dict[str, Drawn] = {
    "RadialBasis": _one(_dims(0, 3)),
    "RandomFeatures": _one(_dims(0, 3)),
    "Gate": _one(_dims(0, 3)),
    "LoadBalance": _one(_dims(0, 2)),
    # Of many features, for the root of a distance near zero magnifies how its square was rounded.
    "SelfOrganizingMap": _one(st.tuples(st.integers(4, 7)) | st.sampled_from([(), (2, 3)])),
    "RestrictedBoltzmannMachine": _one(_dims(0, 2) | _dims(1, 1)),
    "PrimaryCapsules": _one(st.tuples(_few, st.integers(2, 12), st.integers(2, 12))),
    # Of two values or more, for torch does not count the product with a single one.
    "Capsules": _one(st.tuples(_few, st.integers(2, 5)) | st.sampled_from([(3,), (2, 2, 2)])),
    "ClassMask": _masked(),
    "MarginLoss": _margin(),
    "KLDivergence": _normal(),
    "Reparameterize": _normal(),
    "Reservoir": _one(st.tuples(_many, _few) | _dims(1, 3)),
    "LeakyIntegrateAndFire": _one(_dims(0, 3), "float32", "float64"),
    "SpikeEncoder": _one(_dims(0, 2), "float32", "float64"),
    "SpikeCount": _one(_dims(0, 3), "float32", "float64"),
    "PatchEmbedding": _one(st.tuples(_few, st.sampled_from([2, 4, 6]), st.sampled_from([4, 6, 7]))),
    "ClassToken": _one(_dims(1, 3) | _dims(2, 2)),
    "RotaryPositionalEncoding": _one(_dims(1, 3) | st.tuples(_few, _few, st.sampled_from([2, 4, 6]))),
    "Mixture": _mixed(),
    "GradientReversal": _one(_dims(0, 3), "float32", "float16"),
    "MinibatchStd": _one(_dims(0, 3), "float32", "float64"),
}
"""What arrives, mostly fitting."""

VALUES: dict[tuple[str, str], st.SearchStrategy[Value]] = {
    ("PrimaryCapsules", "kernel_size"): st.sampled_from([1, 2, (2, 3)]),
    ("PrimaryCapsules", "stride"): st.sampled_from([1, 2]),
    ("PatchEmbedding", "patch_size"): st.sampled_from([1, 2, (2, 3)]),
    ("SpikeEncoder", "steps"): st.integers(1, 6),
    ("Reservoir", "washout"): st.integers(0, 3),
    ("KLDivergence", "free_bits"): st.sampled_from([0.0, 0.0, 0.3]),
}


class _Module(nn.Module):
    """Keeps what it is told."""

    def __init__(self, **told: Any) -> None:
        super().__init__()
        self.told = told

    def __getattr__(self, name: str) -> Any:
        told = self.__dict__.get("told", {})
        return told[name] if name in told else super().__getattr__(name)

    def _buffer(self, name: str, *shape: int) -> None:
        self.register_buffer(name, torch.zeros(shape))


class RadialBasis(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.centres, self.widths = (
            nn.Parameter(torch.zeros(shape), requires_grad=told["learned"])
            for shape in ((told["units"], told["features"]), (told["units"],))
        )
        if not told["learned"]:
            centres, widths = self.centres.data, self.widths.data
            del self.centres, self.widths
            self.register_buffer("centres", centres)
            self.register_buffer("widths", widths)

    def forward(self, x: Tensor) -> Tensor:
        bells = [
            torch.exp(-((x - centre) ** 2).sum(-1) / (2 * width * width))
            for centre, width in zip(self.centres, self.widths, strict=True)
        ]
        return torch.stack(bells, -1)


class RandomFeatures(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self._buffer("weight", told["units"], told["features"])
        self._buffer("bias", told["units"])

    def forward(self, x: Tensor) -> Tensor:
        sums = (x.unsqueeze(-2) * self.weight).sum(-1) + self.bias
        return {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "sin": torch.sin}[
            self.told["activation"]
        ](sums)


class Gate(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.scores = nn.Linear(told["features"], told["experts"])
        self.noise = nn.Linear(told["features"], told["experts"]) if told["noisy"] else None

    def forward(self, x: Tensor) -> Tensor:
        scores = self.scores(x)
        if self.noise is not None:
            scores = scores + torch.randn(scores.shape) * torch.log1p(self.noise(x).exp())
        kept = torch.ones_like(scores)
        if self.told["top_k"] is not None:
            order = scores.detach().argsort(-1, descending=True).argsort(-1)
            if self.told["top_k"] > scores.shape[-1]:
                raise ValueError("fewer experts than that")
            kept = (order < self.told["top_k"]).float()
        parts = (scores - scores.detach().amax(-1, keepdim=True)).exp() * kept
        return parts / parts.sum(-1, keepdim=True)


class LoadBalance(_Module):
    def forward(self, weights: Tensor) -> Tensor:
        experts = weights.shape[-1]
        rows = weights.reshape(-1, experts)
        shares = [rows[:, e].sum() / len(rows) for e in range(experts)]
        if self.told["measure"] == "importance":
            mean = sum(shares) / experts
            loss = sum((share - mean) ** 2 for share in shares) / experts / mean**2
        elif self.told["measure"] == "entropy":
            loss = math.log(experts) * sum(shares) + sum(s * torch.log(s + 1e-12 / experts) for s in shares)
        else:
            chosen = [sum(int(row.argmax()) == e for row in rows) / len(rows) for e in range(experts)]
            loss = experts * sum(f * p for f, p in zip(chosen, shares, strict=True))
        return self.told["scale"] * loss


class SelfOrganizingMap(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self._buffer("prototypes", told["rows"] * told["columns"], told["features"])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        distances = torch.stack([(x - prototype).pow(2).sum(1).sqrt() for prototype in self.prototypes], 1)
        return (
            distances.argmin(1),
            distances.amin(1),
            distances.detach().reshape(-1, self.told["rows"], self.told["columns"]),
        )


class RestrictedBoltzmannMachine(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.weight = nn.Parameter(torch.zeros(told["hidden"], told["visible"]))
        self.hidden_bias = nn.Parameter(torch.zeros(told["hidden"]))
        self._buffer("visible_bias", told["visible"])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = 1 / (1 + torch.exp(-(x @ self.weight.T + self.hidden_bias)))
        back = hidden @ self.weight + self.visible_bias
        return hidden, 1 / (1 + torch.exp(-back)) if self.told["units"] == "binary" else back


def _squash(s: Tensor) -> Tensor:
    size = s.pow(2).sum(-1, keepdim=True).sqrt()
    return size**2 / (1 + size**2) * (s / size)


class PrimaryCapsules(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.conv = nn.Conv2d(
            told["channels"],
            told["groups"] * told["dim"],
            told["kernel_size"],
            stride=told["stride"],
            padding=told["padding"],
        )

    def forward(self, x: Tensor) -> Tensor:
        maps = self.conv(x)
        size = self.told["dim"]
        return torch.stack(
            [
                _squash(maps[:, group * size : (group + 1) * size, row, column])
                for group in range(self.told["groups"])
                for row in range(maps.shape[2])
                for column in range(maps.shape[3])
            ],
            1,
        )


class Capsules(_Module):
    """Procedure 1 of the paper, capsule by capsule."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.weight = nn.Parameter(
            torch.zeros(told["inputs"], told["input_dim"], told["capsules"], told["dim"])
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inputs, outputs = range(self.told["inputs"]), range(self.told["capsules"])
        votes = [[x[:, i] @ self.weight[i, :, j] for j in outputs] for i in inputs]
        b = torch.zeros(len(x), len(inputs), len(outputs))
        for last in [False] * (self.told["iterations"] - 1) + [True]:
            c = b.exp() / b.exp().sum(2, keepdim=True)
            v = [_squash(sum(c[:, i, j, None] * votes[i][j] for i in inputs)) for j in outputs]
            if not last:
                agreement = [[(votes[i][j] * v[j]).sum(1) for j in outputs] for i in inputs]
                b = (b + torch.stack([torch.stack(row, 1) for row in agreement], 1)).detach()
        capsules = torch.stack(v, 1)
        return capsules, capsules.pow(2).sum(2).sqrt()


class MarginLoss(_Module):
    def forward(self, lengths: Tensor, target: Tensor) -> Tensor:
        loss = torch.zeros(())
        for row, label in zip(lengths, target.tolist(), strict=True):
            for k, length in enumerate(row):
                if k == label:
                    loss = loss + torch.clamp(self.told["upper"] - length, min=0) ** 2
                else:
                    loss = loss + self.told["absent"] * torch.clamp(length - self.told["lower"], min=0) ** 2
        return loss / len(lengths) if self.told["reduction"] == "mean" else loss


class KLDivergence(_Module):
    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        normal = torch.distributions.Normal(mean, (log_variance.exp()).sqrt())
        standard = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
        loss = torch.distributions.kl_divergence(normal, standard).mean(0)
        if self.told["free_bits"]:
            loss = torch.maximum(loss, torch.full_like(loss, self.told["free_bits"]))
        return self.told["beta"] * loss.sum() * (1 if self.told["reduction"] == "mean" else len(mean))


class Reparameterize(_Module):
    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        return mean + log_variance.exp().sqrt() * torch.randn(mean.shape, dtype=mean.dtype)


class Reservoir(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self._buffer("weight", told["units"], told["units"])
        self._buffer("input_weight", told["units"], told["features"])
        self._buffer("bias", told["units"])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        state, states = torch.zeros(len(x), self.told["units"]), []
        for t in range(x.shape[1]):
            heard = x[:, t] @ self.input_weight.T + self.bias + state @ self.weight.T
            state = (1 - self.told["leak"]) * state + self.told["leak"] * heard.tanh()
            states.append(state)
        return torch.stack(states[self.told["washout"] :], 1), state


class LeakyIntegrateAndFire(_Module):
    """A jump in the value and the integral of the surrogate in the gradient."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        k = self.told["slope"]
        smooth: dict[str, Callable[[Tensor], Tensor]] = {
            "fast sigmoid": lambda d: d / (1 + k * d.abs()),
            "arctan": lambda d: (k * d).atan() / k,
            "triangle": lambda d: torch.where(d.abs() < 1 / k, d - k * d * d.abs() / 2, d.detach()),
            "straight through": lambda d: d,
        }
        rest, spikes, potentials = 0 * x[:, 0], [], []
        for t in range(x.shape[1]):
            u = x[:, t] + self.told["beta"] * rest
            d = u - self.told["threshold"]
            curve = smooth[self.told["surrogate"]](d)
            s = (d >= 0) + (curve - curve.detach())
            spikes.append(s)
            potentials.append(u)
            fired = d >= 0
            rest = (
                u - fired * self.told["threshold"]
                if self.told["reset"] == "subtract"
                else torch.where(fired, 0, u)
            )
        return torch.stack(spikes, 1), torch.stack(potentials, 1)


class PatchEmbedding(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        size = told["patch_size"]
        self.projection = nn.Conv2d(told["channels"], told["features"], size, stride=size)

    def forward(self, x: Tensor) -> Tensor:
        height, width = self.projection.kernel_size
        flat = self.projection.weight.flatten(1)
        return torch.stack(
            [
                x[:, :, row : row + height, column : column + width].flatten(1) @ flat.T
                + self.projection.bias
                for row in range(0, x.shape[2], height)
                for column in range(0, x.shape[3], width)
            ],
            1,
        )


class ClassToken(_Module):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.token = nn.Parameter(torch.zeros(told["features"]))

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([torch.vstack([self.token, sample]) for sample in x])


class RotaryPositionalEncoding(_Module):
    """The paper's complex numbers: a turn is a product."""

    def forward(self, x: Tensor) -> Tensor:
        half = x.shape[-1] // 2
        pairs = torch.complex(x[..., :half], x[..., half:])
        turns = [
            [t * self.told["base"] ** (-2 * i / x.shape[-1]) for i in range(half)] for t in range(x.shape[-2])
        ]
        turned = pairs * torch.polar(torch.ones(len(turns), half), torch.tensor(turns))
        return torch.cat([turned.real, turned.imag], -1)


OWN: dict[str, type[nn.Module]] = {made.__name__: made for made in _Module.__subclasses__()}
"""By kind, a module that does the same."""


def _masked_out(x: list[Tensor], v: Mapping[str, Any]) -> Tensor:
    kept = torch.zeros_like(x[0])
    for n, sample in enumerate(x[0]):
        chosen = int(x[1][n]) if len(x) > 1 else int(sample.pow(2).sum(1).argmax())
        if chosen < len(sample):
            kept[n, chosen] = 1
    return x[0] * kept


def _encoded(x: list[Tensor], v: Mapping[str, Any]) -> Tensor:
    steps, values = v["steps"], x[0].clamp(0, 1)
    if v["coding"] == "direct":
        return torch.stack([x[0]] * steps, 1)
    if v["coding"] == "rate":
        return torch.bernoulli(torch.stack([values] * steps, 1))
    if v["coding"] == "latency":
        places = ((1 - values) * (steps - 1)).round()
        return torch.stack([((places == t) & (values > 0)).to(values.dtype) for t in range(steps)], 1)
    return torch.stack([torch.floor((t + 1) * values) - torch.floor(t * values) for t in range(steps)], 1)


def _mixture(x: list[Tensor], v: Mapping[str, Any]) -> Tensor:
    *experts, weights = x
    total = torch.zeros_like(experts[0])
    for expert, weight in zip(experts, weights.unbind(-1), strict=True):
        while weight.dim() < expert.dim():
            weight = weight.unsqueeze(-1)
        total = total + expert * weight
    return total


def _reversed(x: list[Tensor], v: Mapping[str, Any]) -> Tensor:
    y = x[0].clone()
    y.register_hook(lambda gradient: gradient * -v["scale"])
    return y


def _with_spread(x: list[Tensor], v: Mapping[str, Any]) -> Tensor:
    squares = (x[0] - x[0].mean(0)).pow(2).mean(0)
    spread = (squares + 1e-8).sqrt().mean()
    return torch.cat([x[0], torch.ones_like(x[0][:, :1]) * spread], 1)


OPERATIONS: dict[str, Callable[[list[Tensor], dict[str, Any]], Tensor | list[Tensor]]] = {
    "ClassMask": _masked_out,
    "SpikeEncoder": _encoded,
    "SpikeCount": lambda x, v: sum(x[0].unbind(1)) / (x[0].shape[1] if v["rate"] else 1),
    "Mixture": _mixture,
    "GradientReversal": _reversed,
    "MinibatchStd": _with_spread,
}
"""By kind without a module, what it does."""
