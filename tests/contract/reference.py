"""What torch itself makes of a case: modules made by keyword, and operations written out."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import torch
from contract.cases import Case
from torch import Tensor, nn

from nodeforge.core.specs import BATCH


class SinusoidalPositionalEncoding(nn.Module):
    """The formula of the paper, number by number."""

    def __init__(self, length: int, features: int, base: float) -> None:
        super().__init__()
        self.rows = [
            [
                (math.cos if i % 2 else math.sin)(t / base ** (2 * (i // 2) / features))
                for i in range(features)
            ]
            for t in range(length)
        ]

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tensor(self.rows)


class LearnedPositionalEncoding(nn.Module):
    def __init__(self, length: int, features: int, std: float) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.full((length, features), std))

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([sample + self.table for sample in x])


class FreeParameter(nn.Module):
    def __init__(self, shape: tuple[int, ...], std: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(shape) + std)

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([self.value for _ in x])


class ConstantTensor(nn.Module):
    def __init__(self, shape: tuple[int, ...], value: float) -> None:
        super().__init__()
        self.shape, self.number = shape, value

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros(len(x), *self.shape) + self.number


class GaussianNoise(nn.Module):
    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, torch.randn(x.shape, dtype=x.dtype), alpha=self.std)


OWN = {
    "SinusoidalPositionalEncoding": SinusoidalPositionalEncoding,
    "LearnedPositionalEncoding": LearnedPositionalEncoding,
    "Parameter": FreeParameter,
    "Constant": ConstantTensor,
    "GaussianNoise": GaussianNoise,
}


def _compare(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    operation = {
        "equal": torch.eq, "not equal": torch.ne, "less": torch.lt, "less or equal": torch.le,
        "greater": torch.gt, "greater or equal": torch.ge,
    }[v["comparison"]]  # fmt: skip
    return operation(x[0], x[1] if len(x) > 1 else v["value"])


def _attended(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    query, key, value, *mask = x
    scores = query @ key.transpose(-1, -2) * (query.shape[-1] ** -0.5 if v["scale"] is None else v["scale"])
    if v["is_causal"]:
        mask = [torch.ones(scores.shape[-2:], dtype=torch.bool).tril()]
    for m in mask:
        scores = scores.masked_fill(~m, -math.inf) if m.dtype == torch.bool else scores + m
    return scores.softmax(-1).nan_to_num(0.0) @ value


def _norm(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    return torch.norm(x[0], p=v["p"], dim=v["dim"], keepdim=v["keepdim"])


def _pad(x: list[Tensor], v: dict[str, Any]) -> Tensor:
    def filled(count: int) -> Tensor:
        shape = list(x[0].shape)
        shape[v["dim"]] = count
        return torch.full(shape, v["value"], dtype=x[0].dtype)

    return torch.cat([filled(v["before"]), x[0], filled(v["after"])], v["dim"])


OPERATIONS: dict[str, Callable[[list[Tensor], dict[str, Any]], Tensor | list[Tensor]]] = {
    "Add": lambda x, v: functools.reduce(torch.add, x),
    "Multiply": lambda x, v: functools.reduce(torch.mul, x),
    "Subtract": lambda x, v: torch.sub(x[0], x[1]),
    "Divide": lambda x, v: torch.div(x[0], x[1]),
    "Compare": _compare,
    "Where": lambda x, v: torch.where(*x),
    "Clamp": lambda x, v: torch.clamp(x[0], v["min"], v["max"]),
    "Exp": lambda x, v: torch.exp(x[0]),
    "Log": lambda x, v: torch.log(x[0]),
    "Sqrt": lambda x, v: torch.sqrt(x[0]),
    "Abs": lambda x, v: torch.abs(x[0]),
    "Negate": lambda x, v: torch.neg(x[0]),
    "Sin": lambda x, v: torch.sin(x[0]),
    "Cos": lambda x, v: torch.cos(x[0]),
    "Pow": lambda x, v: torch.pow(x[0], v["exponent"]),
    "StopGradient": lambda x, v: x[0].detach(),
    "Einsum": lambda x, v: torch.einsum(v["equation"], *x),
    "MatMul": lambda x, v: torch.matmul(x[0], x[1]),
    "ScaledDotProductAttention": _attended,
    "Sum": lambda x, v: torch.sum(x[0], v["dim"], v["keepdim"]),
    "Max": lambda x, v: torch.amax(x[0], v["dim"], v["keepdim"]),
    "Min": lambda x, v: torch.amin(x[0], v["dim"], v["keepdim"]),
    "ArgMax": lambda x, v: torch.argmax(x[0], v["dim"], v["keepdim"]),
    "Std": lambda x, v: torch.std(x[0], v["dim"], keepdim=v["keepdim"]),
    "Norm": _norm,
    "Squeeze": lambda x, v: torch.squeeze(x[0], v["dim"]),
    "Unsqueeze": lambda x, v: torch.unsqueeze(x[0], v["dim"]),
    "Transpose": lambda x, v: torch.swapaxes(x[0], v["dim0"], v["dim1"]),
    "Slice": lambda x, v: x[0].movedim(v["dim"], 0)[v["start"] : v["end"] : v["step"]].movedim(0, v["dim"]),
    "Split": lambda x, v: [
        x[0].narrow(v["dim"], 0, v["size"]),
        x[0].narrow(v["dim"], v["size"], x[0].shape[v["dim"]] - v["size"]),
    ],
    "Stack": lambda x, v: torch.stack(x, v["dim"]),
    "Gather": lambda x, v: torch.gather(x[0], v["dim"], x[1]),
    "Pad": _pad,
    "Concat": lambda x, v: torch.cat(x, v["dim"]),
    "Reshape": lambda x, v: torch.stack([sample.reshape(v["shape"]) for sample in x[0]]),
    "Permute": lambda x, v: torch.permute(x[0], v["dims"]),
    "Select": lambda x, v: torch.select(x[0], v["dim"], v["index"]),
    "Mean": lambda x, v: torch.mean(x[0], v["dim"], v["keepdim"]),
    "Cast": lambda x, v: x[0].type(getattr(torch, v["dtype"])),
    "Step": lambda x, v: torch.where(x[0] < v["threshold"], 0.0, 1.0).to(x[0].dtype),
}


def _stack(case: Case, arguments: dict[str, Any]) -> nn.Module:
    """A stack of blocks, with the block made first."""
    names = ("nhead", "dim_feedforward", "dropout", "activation", "layer_norm_eps", "norm_first", "bias")
    size = arguments.pop("d_model")
    values: dict[str, Any] = {name: case.values[name] for name in names}
    block = getattr(nn, f"{case.kind.name}Layer")(size, batch_first=True, **values)
    arguments["norm"] = nn.LayerNorm(size) if arguments["norm"] else None
    made: nn.Module = getattr(nn, case.kind.name)(block, **arguments)
    return made


DISTANCES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "euclidean": nn.PairwiseDistance(),
    "manhattan": nn.PairwiseDistance(p=1.0),
    "cosine": lambda x, y: 1 - (x * y).sum(-1) / (x.norm(dim=-1) * y.norm(dim=-1)),
}


def module(case: Case) -> nn.Module:
    """torch's module, every argument given by keyword; an empty one for plain operations."""
    kind = case.kind
    if not kind.module:
        return nn.Module()
    arguments = {d.name: d.compute(case.call) for d in kind.derived}
    arguments |= {name: value for name, value in case.values.items() if name not in kind.call_only}
    arguments |= kind.fixed
    if kind.name in ("TransformerEncoder", "TransformerDecoder"):
        return _stack(case, arguments)
    for name in ("weight", "pos_weight"):
        if isinstance(arguments.get(name), tuple):
            arguments[name] = torch.tensor(arguments[name])
    if kind.name == "TripletMarginWithDistanceLoss":
        arguments["distance_function"] = DISTANCES[arguments["distance_function"]]
    made: nn.Module = (OWN.get(kind.name) or getattr(nn, kind.module.removeprefix("nn.")))(**arguments)
    return made


def outputs(case: Case, made: nn.Module, given: list[Tensor]) -> list[Tensor]:
    """All outputs of the kind, in port order."""
    if case.kind.name in OPERATIONS:
        return _flat(OPERATIONS[case.kind.name](given, dict(case.values)))
    if case.kind.name == "AdaptiveLogSoftmaxWithLoss":
        return [made(*given)[1]]
    if case.kind.name == "CTCLoss":
        given = [given[0].transpose(0, 1), *given[1:]]
    if case.kind.name.startswith("Transformer"):
        return [_transform(case, made, given)]
    if case.kind.name == "MultiheadAttention":
        return list(_attend(case, made, given))
    if case.kind.name.endswith("Cell"):
        return _flat(made(given[0], tuple(given[1:]) if len(given) > 2 else given[1] if given[1:] else None))
    if case.kind.category == "Recurrent":
        return _flat(_recur(case, made, given))
    return _flat(_called(case, made, given))


def _called(case: Case, made: nn.Module, given: list[Tensor]) -> Any:
    """Required inputs by place, optional ones and `forward`'s own arguments by name."""
    by_port = dict(zip(case.inputs, given, strict=True))
    places = [by_port[port.name] for port in case.kind.inputs if not port.optional]
    named = {
        port.name: by_port[port.name] for port in case.kind.inputs if port.optional and port.name in by_port
    }
    if "output_size" in case.kind.call_only:
        named["output_size"] = case.values["output_size"]
    return made(*places, **named)


def _attend(case: Case, made: nn.Module, given: list[Tensor]) -> tuple[Tensor, Tensor]:
    by_port = dict(zip(case.inputs, given, strict=True))
    query = by_port["query"]
    key = by_port.get("key", query)
    heads = int(str(case.values["num_heads"]))
    mask = _mask(
        query, by_port.get("attn_mask"), heads, causal=bool(case.values["causal"]), places=key.shape[1]
    )
    answer: tuple[Tensor, Tensor] = made(
        query,
        key,
        by_port.get("value", key),
        key_padding_mask=by_port.get("key_padding_mask"),
        attn_mask=mask,
    )
    return answer


def _mask(looking: Tensor, given: Tensor | None, heads: int, *, causal: bool, places: int) -> Tensor | None:
    """True where a head must not look, for every head of every sample."""
    if given is None and not causal:
        return None
    places = looking.shape[1] if causal else places  # a mask by order is square
    mask = torch.zeros(len(looking), heads, looking.shape[1], places, dtype=torch.bool)
    if given is not None:
        mask |= given[:, None]
    for later in range(1, places) if causal else ():
        mask[:, :, :later, later] = True
    return mask.flatten(0, 1)


def _transform(case: Case, made: nn.Module, given: list[Tensor]) -> Tensor:
    by_port = dict(zip(case.inputs, given, strict=True))
    heads, causal = int(str(case.values["nhead"])), bool(case.values["causal"])
    read = by_port.get("memory", by_port.get("src"))
    looks = {"mask": ("src", "src"), "src_mask": ("src", "src"), "tgt_mask": ("tgt", "tgt")}
    arguments = {port: x for port, x in by_port.items() if not port.endswith("mask") or "padding" in port}
    for port in case.kind.inputs:
        if port.name.endswith("mask") and "padding" not in port.name:
            looking, looked = (by_port[p] for p in looks.get(port.name, ("tgt", "tgt")))
            first = port.name in ("mask", "tgt_mask")
            places = read.shape[1] if port.name == "memory_mask" else looked.shape[1]
            mask = _mask(looking, by_port.get(port.name), heads, causal=causal and first, places=places)
            name = "src_mask" if case.kind.name == "TransformerEncoderLayer" else port.name
            arguments[name] = mask
    answer: Tensor = made(**arguments)
    return answer


def _recur(case: Case, made: nn.Module, given: list[Tensor]) -> Any:
    x, *states = given
    states = [
        state.movedim(0, next(iter(case.inputs["initial_hidden"])).shape.index(BATCH)) for state in states
    ]
    if not states:
        return made(x)
    return made(x, tuple(states) if len(states) == 2 else states[0])


def _flat(answer: Any) -> list[Tensor]:
    if isinstance(answer, Tensor):
        return [answer]
    return [tensor for item in answer for tensor in _flat(item)]
