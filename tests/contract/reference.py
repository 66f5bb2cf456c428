"""What torch itself makes of a case: modules made by keyword, and operations written out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from contract import architectures
from contract.cases import Case
from contract.operations import OPERATIONS
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


class UniformNoise(nn.Module):
    def __init__(self, width: float) -> None:
        super().__init__()
        self.width = width

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand(x.shape, dtype=x.dtype).mul(2).sub(1).mul(self.width)


class MultiplicativeNoise(nn.Module):
    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.add(1.0, torch.randn(x.shape, dtype=x.dtype), alpha=self.std)


class SaltAndPepperNoise(nn.Module):
    def __init__(self, p: float, low: float, high: float) -> None:
        super().__init__()
        self.p, self.low, self.high = p, low, high

    def forward(self, x: Tensor) -> Tensor:
        chance = torch.rand(x.shape, dtype=x.dtype)
        salted = torch.where(chance < 1 - self.p / 2, x, self.high)
        return torch.where(chance >= 1 - self.p / 2, salted, torch.where(chance < self.p / 2, self.low, x))


class MaskingNoise(nn.Module):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(torch.rand(x.shape, dtype=x.dtype) >= self.p, x, 0.0)


class DropPath(nn.Module):
    """Dropout of one number for each sample."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(p)

    def forward(self, x: Tensor) -> Tensor:
        factor = self.dropout(torch.ones(len(x), dtype=x.dtype))
        return torch.stack([sample * one for sample, one in zip(x, factor, strict=True)])


OWN = {
    "UniformNoise": UniformNoise,
    "MultiplicativeNoise": MultiplicativeNoise,
    "SaltAndPepperNoise": SaltAndPepperNoise,
    "MaskingNoise": MaskingNoise,
    "DropPath": DropPath,
    "SinusoidalPositionalEncoding": SinusoidalPositionalEncoding,
    "LearnedPositionalEncoding": LearnedPositionalEncoding,
    "Parameter": FreeParameter,
    "Constant": ConstantTensor,
    "GaussianNoise": GaussianNoise,
    **architectures.OWN,
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
        query,
        by_port.get("attn_mask"),
        heads,
        causal=bool(case.values["causal"]),
        places=key.shape[1],
        numbers=_are_numbers(by_port),
    )
    answer: tuple[Tensor, Tensor] = made(
        query,
        key,
        by_port.get("value", key),
        key_padding_mask=by_port.get("key_padding_mask"),
        attn_mask=mask,
        average_attn_weights=case.values["average_attn_weights"],
    )
    return answer


def _mask(
    looking: Tensor, given: Tensor | None, heads: int, *, causal: bool, places: int, numbers: bool
) -> Tensor | None:
    """True where a head must not look, or what is added there, for every head of every sample."""
    if given is None and not causal:
        return None
    places = looking.shape[1] if causal else places  # a mask by order is square
    shape = (len(looking), heads, looking.shape[1], places)
    mask = torch.zeros(shape, dtype=torch.float32 if numbers else torch.bool)
    if given is not None:
        mask += given if given.dim() == 4 else given[:, None]
    for later in range(1, places) if causal else ():
        mask[:, :, :later, later] = -math.inf if numbers else True
    return mask.flatten(0, 1)


def _are_numbers(by_port: dict[str, Tensor]) -> bool:
    """Whether the masks are numbers to add."""
    return any(port.endswith("mask") and x.dtype != torch.bool for port, x in by_port.items())


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
            mask = _mask(
                looking,
                by_port.get(port.name),
                heads,
                causal=causal and first,
                places=places,
                numbers=_are_numbers(by_port),
            )
            name = "src_mask" if case.kind.name == "TransformerEncoderLayer" else port.name
            arguments[name] = mask
    answer: Tensor = made(**arguments)
    return answer


def _recur(case: Case, made: nn.Module, given: list[Tensor]) -> Any:
    by_port = dict(zip(case.inputs, given, strict=True))
    x, lengths = by_port["input"], by_port.get("lengths")
    names = [port for port in by_port if port.startswith("initial")]
    states = [by_port[name].movedim(0, case.inputs[name][0].shape.index(BATCH)) for name in names]
    state = None if not states else tuple(states) if len(states) == 2 else states[0]
    if lengths is None:
        return made(x, state)
    return _each_alone(made, x, lengths, states)


def _each_alone(made: nn.Module, x: Tensor, lengths: Tensor, states: list[Tensor]) -> Any:
    """One sample after another, each only as long as it is; zeros stand behind it."""
    outputs, ends = [], []
    for index, length in enumerate(lengths.clamp(1, x.shape[1]).tolist()):
        own = [state[:, index : index + 1].contiguous() for state in states]
        state = None if not own else tuple(own) if len(own) == 2 else own[0]
        output, end = made(x[index : index + 1, :length], state)
        outputs.append(nn.functional.pad(output, (0, 0, 0, x.shape[1] - length)))
        ends.append(_flat(end))
    return torch.cat(outputs), [torch.cat(parts, 1) for parts in zip(*ends, strict=True)]


def _flat(answer: Any) -> list[Tensor]:
    if isinstance(answer, Tensor):
        return [answer]
    return [tensor for item in answer for tensor in _flat(item)]
