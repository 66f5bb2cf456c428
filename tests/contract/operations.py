"""What plain operations compute, written out with other words of torch than the kinds use."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from contract import architectures
from torch import Tensor, nn

Operation = Callable[[list[Tensor], dict[str, Any]], Tensor | list[Tensor]]


def _compare(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    operation = {
        "equal": torch.eq, "not equal": torch.ne, "less": torch.lt, "less or equal": torch.le,
        "greater": torch.gt, "greater or equal": torch.ge,
    }[v["comparison"]]  # fmt: skip
    return operation(x[0], x[1] if len(x) > 1 else v["value"])


def _norm(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    return torch.norm(x[0], p=v["p"], dim=v["dim"], keepdim=v["keepdim"])


def _pad(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    def filled(count: int) -> Tensor:
        shape = list(x[0].shape)
        shape[v["dim"]] = count
        return torch.full(shape, v["value"], dtype=x[0].dtype)

    return torch.cat([filled(v["before"]), x[0], filled(v["after"])], v["dim"])


def _parts(count: int) -> Operation:
    """Equal parts of an axis, one narrow piece after another."""

    def cut(x: list[Tensor], v: dict[str, Any]) -> list[Tensor]:
        size = x[0].shape[v["dim"]] // count
        return [x[0].narrow(v["dim"], i * size, size) for i in range(count)]

    return cut


def _pieces(x: list[Tensor], v: dict[str, Any]) -> list[Tensor]:
    starts = [sum(v["sizes"][:i]) for i in range(len(v["sizes"]))]
    return [x[0].narrow(v["dim"], start, size) for start, size in zip(starts, v["sizes"], strict=True)]


def _members(count: int) -> Operation:
    return lambda x, v: [x[0].select(v["dim"], i) for i in range(count)]


def _along(x: Tensor, dim: int, places: list[int]) -> Tensor:
    """The places of an axis, picked one by one and stacked again."""
    return torch.stack([x.select(dim, place) for place in places], dim % x.dim())


def _flip(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    turned = x[0]
    for dim in v["dims"]:
        turned = _along(turned, dim, list(range(turned.shape[dim]))[::-1])
    return turned


def _roll(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    size = x[0].shape[v["dim"]]
    return _along(x[0], v["dim"], [(i - v["shifts"]) % size for i in range(size)])


def _windows(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    size = x[0].shape[v["dim"]]
    starts = range(0, size - v["size"] + 1, v["step"])
    pieces = [x[0].narrow(v["dim"], start, v["size"]).movedim(v["dim"], -1) for start in starts]
    return torch.stack(pieces, v["dim"] % x[0].dim())


def _scatter_add(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    before, index, source = x
    places = torch.arange(before.shape[v["dim"]])
    hit = (index.movedim(v["dim"], -1).unsqueeze(-1) == places).to(source.dtype)
    added = (source.movedim(v["dim"], -1).unsqueeze(-1) * hit).sum(-2)
    return before + added.movedim(-1, v["dim"])


def _hot(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    return (x[0].unsqueeze(-1) == torch.arange(v["num_classes"])).to(getattr(torch, v["dtype"]))


def _triangle(sign: int) -> Operation:
    def cut(x: list[Tensor], v: dict[str, Any]) -> Tensor:
        rows, columns = torch.arange(x[0].shape[-2])[:, None], torch.arange(x[0].shape[-1])
        return x[0] * (sign * (columns - rows - v["diagonal"]) >= 0)

    return cut


def _causal(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    places = torch.arange(x[0].shape[1])
    later = places > places[:, None]
    mask = later if v["true_where"] == "must not look" else ~later
    return torch.stack([mask for _ in x[0]])


def _beyond(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    rows = [[(i >= n) == (v["true_where"] == "padding") for i in range(x[1].shape[1])] for n in x[0].tolist()]
    return torch.tensor(rows)


def _uniform(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    even = torch.rand(x[0].shape, dtype=x[0].dtype)
    return torch.lerp(
        torch.tensor(v["low"], dtype=x[0].dtype), torch.tensor(v["high"], dtype=x[0].dtype), even
    )


def _category(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    waits = torch.empty(x[0].shape, dtype=x[0].dtype).exponential_()
    return (waits / x[0].exp()).argmin(v["dim"])  # of clocks that ring at these rates, the first one


def _gumbel(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    noise = torch.empty(x[0].shape, dtype=x[0].dtype).exponential_().log()
    soft = torch.softmax((x[0] - noise) / v["tau"], v["dim"])
    if not v["hard"]:
        return soft
    one = (soft == soft.amax(v["dim"], keepdim=True)).to(soft.dtype)
    return one - soft.detach() + soft


def _resized(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    axes = x[0].dim() - 2
    spelled = {n: v[n] * axes if v[n] and len(v[n]) == 1 else v[n] for n in ("size", "scale_factor")}
    rest = {n: v[n] for n in ("mode", "align_corners", "antialias", "recompute_scale_factor")}
    return nn.functional.interpolate(x[0], **spelled, **rest)


def _attended(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    query, key, value, *mask = x
    if v["enable_gqa"]:
        key, value = (part.repeat_interleave(query.shape[1] // part.shape[1], 1) for part in (key, value))
    scores = query @ key.transpose(-1, -2) * (query.shape[-1] ** -0.5 if v["scale"] is None else v["scale"])
    if v["is_causal"]:
        assert not mask  # torch takes one of the two
        mask = [torch.ones(scores.shape[-2:], dtype=torch.bool).tril()]
    for m in mask:
        scores = scores.masked_fill(~m, -math.inf) if m.dtype == torch.bool else scores + m
    return nn.functional.dropout(scores.softmax(-1).nan_to_num(0.0), v["dropout_p"]) @ value


def _minimized(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    weights = x[1] if len(x) > 1 else torch.ones_like(x[0])
    each = torch.stack([w * part for w, part in zip(weights, x[0], strict=True)])
    total = sum((w * torch.ones_like(part)).sum() for w, part in zip(weights, x[0], strict=True))
    return v["factor"] * each.sum() / total


OPERATIONS: dict[str, Operation] = {
    "Add": lambda x, v: functools.reduce(torch.add, x),
    "Multiply": lambda x, v: functools.reduce(torch.mul, x),
    "Maximum": lambda x, v: torch.stack(torch.broadcast_tensors(*x)).max(0).values,
    "Minimum": lambda x, v: torch.stack(torch.broadcast_tensors(*x)).min(0).values,
    "LogicalAnd": lambda x, v: torch.stack(torch.broadcast_tensors(*x)).all(0),
    "LogicalOr": lambda x, v: torch.stack(torch.broadcast_tensors(*x)).any(0),
    "LogicalXor": lambda x, v: torch.stack(torch.broadcast_tensors(*x)).sum(0) % 2 == 1,
    "LogicalNot": lambda x, v: torch.logical_not(x[0]),
    "Subtract": lambda x, v: torch.sub(x[0], x[1]),
    "Divide": lambda x, v: torch.div(x[0], x[1]),
    "Remainder": lambda x, v: torch.remainder(x[0], x[1]),
    "Atan2": lambda x, v: torch.arctan2(x[0], x[1]),
    "Compare": _compare,
    "Where": lambda x, v: torch.where(*x),
    "Clamp": lambda x, v: torch.clamp(x[0], v["min"], v["max"]),
    "ScaleShift": lambda x, v: torch.add(torch.mul(x[0], v["scale"]), v["shift"]),
    "NanToNum": lambda x, v: torch.nan_to_num(x[0], nan=v["nan"]),
    "Exp": lambda x, v: torch.exp(x[0]),
    "Expm1": lambda x, v: torch.expm1(x[0]),
    "Log": lambda x, v: torch.log(x[0]),
    "Log1p": lambda x, v: torch.log1p(x[0]),
    "Sqrt": lambda x, v: torch.sqrt(x[0]),
    "Rsqrt": lambda x, v: torch.rsqrt(x[0]),
    "Square": lambda x, v: torch.pow(x[0], 2),
    "Reciprocal": lambda x, v: torch.div(1.0, x[0]),
    "Abs": lambda x, v: torch.abs(x[0]),
    "Negate": lambda x, v: torch.neg(x[0]),
    "Sign": lambda x, v: torch.sgn(x[0]),
    "Floor": lambda x, v: torch.floor(x[0]),
    "Ceil": lambda x, v: torch.ceil(x[0]),
    "Round": lambda x, v: torch.round(x[0]),
    "Sin": lambda x, v: torch.sin(x[0]),
    "Cos": lambda x, v: torch.cos(x[0]),
    "Tan": lambda x, v: torch.tan(x[0]),
    "Atan": lambda x, v: torch.arctan(x[0]),
    "Sinh": lambda x, v: torch.sinh(x[0]),
    "Cosh": lambda x, v: torch.cosh(x[0]),
    "Asinh": lambda x, v: torch.arcsinh(x[0]),
    "Erf": lambda x, v: torch.special.erf(x[0]),
    "Pow": lambda x, v: torch.pow(x[0], v["exponent"]),
    "StopGradient": lambda x, v: x[0].detach(),
    "Einsum": lambda x, v: torch.einsum(v["equation"], *x),
    "MatMul": lambda x, v: torch.matmul(x[0], x[1]),
    "Outer": lambda x, v: torch.einsum("...i,...j->...ij", x[0], x[1]),
    "Cdist": lambda x, v: torch.cdist(x[0], x[1], p=v["p"]),
    "Normalize": lambda x, v: nn.functional.normalize(x[0], v["p"], v["dim"], v["eps"]),
    "ScaledDotProductAttention": _attended,
    "Sum": lambda x, v: torch.sum(x[0], v["dim"], v["keepdim"]),
    "Prod": lambda x, v: torch.prod(x[0], v["dim"], v["keepdim"]),
    "Max": lambda x, v: torch.amax(x[0], v["dim"], v["keepdim"]),
    "Min": lambda x, v: torch.amin(x[0], v["dim"], v["keepdim"]),
    "Median": lambda x, v: torch.median(x[0], v["dim"], v["keepdim"]).values,
    "ArgMax": lambda x, v: torch.argmax(x[0], v["dim"], v["keepdim"]),
    "ArgMin": lambda x, v: torch.argmin(x[0], v["dim"], v["keepdim"]),
    "Std": lambda x, v: torch.std(x[0], v["dim"], keepdim=v["keepdim"]),
    "Var": lambda x, v: torch.std(x[0], v["dim"], keepdim=v["keepdim"]) ** 2,
    "LogSumExp": lambda x, v: torch.logsumexp(x[0], v["dim"], v["keepdim"]),
    "Any": lambda x, v: torch.any(x[0], v["dim"], v["keepdim"]),
    "All": lambda x, v: torch.all(x[0], v["dim"], v["keepdim"]),
    "CumSum": lambda x, v: torch.cumsum(x[0], v["dim"]),
    "CumProd": lambda x, v: torch.cumprod(x[0], v["dim"]),
    "Norm": _norm,
    "TopK": lambda x, v: list(torch.topk(x[0], v["k"], v["dim"], v["largest"], v["sorted"])),
    "Sort": lambda x, v: list(torch.sort(x[0], stable=v["stable"], dim=v["dim"], descending=v["descending"])),
    "Squeeze": lambda x, v: torch.squeeze(x[0], v["dim"]),
    "Unsqueeze": lambda x, v: torch.unsqueeze(x[0], v["dim"]),
    "Transpose": lambda x, v: torch.swapaxes(x[0], v["dim0"], v["dim1"]),
    "Slice": lambda x, v: x[0].movedim(v["dim"], 0)[v["start"] : v["end"] : v["step"]].movedim(0, v["dim"]),
    "Split": lambda x, v: [
        x[0].narrow(v["dim"], 0, v["size"]),
        x[0].narrow(v["dim"], v["size"], x[0].shape[v["dim"]] - v["size"]),
    ],
    **{f"Chunk{count}": _parts(count) for count in (2, 3, 4, 6, 8)},
    **{f"Split{count}": _pieces for count in (3, 4)},
    **{f"Unbind{count}": _members(count) for count in (2, 3, 4)},
    "Flip": _flip,
    "Roll": _roll,
    "Repeat": lambda x, v: torch.tile(x[0], (1, *v["repeats"])),
    "Expand": lambda x, v: torch.broadcast_to(
        x[0], [len(x[0])] + [o if n == -1 else n for o, n in zip(x[0].shape[1:], v["shape"], strict=True)]
    ),
    "RepeatInterleave": lambda x, v: _along(
        x[0], v["dim"], [i for i in range(x[0].shape[v["dim"]]) for _ in range(v["repeats"])]
    ),
    "Windows": _windows,
    "IndexSelect": lambda x, v: _along(x[0], v["dim"], list(v["index"])),
    "Stack": lambda x, v: torch.stack(x, v["dim"]),
    "Gather": lambda x, v: torch.gather(x[0], v["dim"], x[1]),
    "Scatter": lambda x, v: torch.scatter(x[0], v["dim"], x[1], x[2]),
    "ScatterAdd": _scatter_add,
    "OneHot": _hot,
    "MaskedFill": lambda x, v: torch.where(x[1], -math.inf if v["value"] is None else v["value"], x[0]),
    "Tril": _triangle(-1),
    "Triu": _triangle(1),
    "CausalMask": _causal,
    "LengthMask": _beyond,
    "Pad": _pad,
    "Concat": lambda x, v: torch.cat(x, v["dim"]),
    "Reshape": lambda x, v: torch.stack([sample.reshape(v["shape"]) for sample in x[0]]),
    "Permute": lambda x, v: torch.permute(x[0], v["dims"]),
    "Select": lambda x, v: torch.select(x[0], v["dim"], v["index"]),
    "Mean": lambda x, v: torch.mean(x[0], v["dim"], v["keepdim"]),
    "Cast": lambda x, v: x[0].type(getattr(torch, v["dtype"])),
    "Step": lambda x, v: torch.where(x[0] < v["threshold"], 0.0, 1.0).to(x[0].dtype),
    "Interpolate": _resized,
    "Minimize": _minimized,
    "Bernoulli": lambda x, v: torch.bernoulli(x[0]),
    "RandomNormal": lambda x, v: torch.randn(x[0].shape, dtype=x[0].dtype) * v["std"] + v["mean"],
    "RandomUniform": _uniform,
    "Categorical": _category,
    "GumbelSoftmax": _gumbel,
    **architectures.OPERATIONS,
}
