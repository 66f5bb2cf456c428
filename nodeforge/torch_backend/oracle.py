"""Shapes of kinds that have no rule of their own: torch runs them on the meta device, which computes no numbers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from nodeforge.catalog.kind import CodeCall, Kind, ShapeCall
from nodeforge.compiler.expressions import assignment, constructor
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Value
from nodeforge.core.specs import BATCH, Dim, TensorSpec

Inputs = Mapping[str, tuple[TensorSpec, ...]]
Outputs = Mapping[str, TensorSpec]

BATCHES = (2, 3)
"""An axis that follows both of these is the batch; one batch alone could not tell it from a size of 2."""

CACHE_LIMIT = 20_000


class Oracle:
    """Asks torch for output specs, and remembers answers by (kind, parameters, input specs). Thread-safe."""

    def __init__(self) -> None:
        self._known: dict[object, Outputs | ShapeError] = {}
        self._lock = threading.Lock()

    def __call__(self, kind: Kind, values: Mapping[str, Value], inputs: Inputs) -> Outputs:
        """Output specs by port.

        Raises:
            ShapeError: torch refuses the inputs, or the kind does not keep the samples of a batch apart.
        """
        key = (kind.name, tuple(sorted(values.items())), tuple(inputs.items()))
        with self._lock:
            answer = self._known.get(key)
        if answer is None:
            try:
                answer = _ask(kind, values, inputs)
            except ShapeError as error:
                answer = error
            with self._lock:
                if len(self._known) >= CACHE_LIMIT:
                    self._known.clear()
                self._known[key] = answer
        if isinstance(answer, ShapeError):
            raise ShapeError(str(answer), port=answer.port)
        return answer


def _ask(kind: Kind, values: Mapping[str, Value], inputs: Inputs) -> Outputs:
    probe = _probe(kind, values, inputs)
    runs = []
    for batch in BATCHES:
        tensors = [_empty(spec, batch) for specs in inputs.values() for spec in specs]
        try:
            with torch.no_grad():
                runs.append(probe(*tensors))
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise ShapeError(
                f"{kind.name} does not take this input. torch says: {_first_line(error)}"
            ) from error
    small, large = runs
    return {port.name: _spec(kind, small[index], large[index]) for index, port in enumerate(kind.outputs)}


def _probe(kind: Kind, values: Mapping[str, Value], inputs: Inputs) -> nn.Module:
    """A module of one node on the meta device; gives all outputs as a tuple."""
    derived = {d.name: d.compute(ShapeCall(kind.name, values, inputs)) for d in kind.derived}
    names = {port: tuple(f"{port}_{i}" for i in range(len(specs))) for port, specs in inputs.items()}
    outputs = {port.name: f"result_{port.name}" for port in kind.outputs}
    call = CodeCall("node", {**values, **derived}, names, inputs, {}, frozenset(outputs))
    arguments = ", ".join(name for group in names.values() for name in group)
    text = "\n".join(
        [
            "import torch",
            "from torch import Tensor, nn",
            kind.support,
            "class Probe(nn.Module):",
            "    def __init__(self):",
            "        super().__init__()",
            f"        self.node = {constructor(kind, values, derived) if kind.module else None}",
            f"    def forward(self, {arguments}):",
            f"        {assignment(kind, call, outputs)}",
            f"        return ({', '.join(outputs.values())},)",
        ]
    )
    namespace: dict[str, Any] = {}
    exec(compile(text, f"<nodeforge shapes of {kind.name}>", "exec"), namespace)
    try:
        with torch.device("meta"):
            probe: nn.Module = namespace["Probe"]()
    except (RuntimeError, ValueError, TypeError, AssertionError) as error:
        raise ShapeError(f"{kind.name} cannot be made. torch says: {_first_line(error)}") from error
    return probe.eval()


def _empty(spec: TensorSpec, batch: int) -> torch.Tensor:
    shape = [batch if d == BATCH else int(d) for d in spec.shape]
    return torch.empty(shape, dtype=getattr(torch, spec.dtype), device="meta")


def _spec(kind: Kind, small: torch.Tensor, large: torch.Tensor) -> TensorSpec:
    shape: list[Dim] = []
    for pair in zip(small.shape, large.shape, strict=True):
        if pair[0] == pair[1]:
            shape.append(pair[0])
        elif pair == BATCHES:
            shape.append(BATCH)
        else:
            raise ShapeError(f"{kind.name} folds the batch into another axis, so samples would get mixed up.")
    return TensorSpec(tuple(shape), str(small.dtype).removeprefix("torch."))


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
