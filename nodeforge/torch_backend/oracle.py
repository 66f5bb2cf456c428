"""Shapes of kinds that have no rule of their own: torch runs them on the meta device, which computes no numbers."""

from __future__ import annotations

import linecache
import threading
import traceback
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from nodeforge.analysis.evaluation import Answer
from nodeforge.catalog.custom import CustomKind
from nodeforge.catalog.kind import CodeCall, Kind, ShapeCall
from nodeforge.compiler.expressions import assignment, constructor
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Value
from nodeforge.core.specs import BATCH, Dim, TensorSpec
from nodeforge.project import trust

Inputs = Mapping[str, tuple[TensorSpec, ...]]
BATCHES = (2, 3)
"""An axis that follows both of these is the batch; one batch alone could not tell it from a size of 2."""

CACHE_LIMIT = 20_000


class Oracle:
    """Asks torch for output specs, and remembers answers by (kind, parameters, input specs). Thread-safe."""

    def __init__(self) -> None:
        self._known: dict[object, Answer | ShapeError] = {}
        self._lock = threading.Lock()

    def __call__(self, kind: Kind, values: Mapping[str, Value], inputs: Inputs) -> Answer:
        """Output specs by port, and the number of weights.

        Raises:
            ShapeError: torch refuses the inputs, or the kind does not keep the samples of a batch apart.
            UserError: It is code that nobody trusts.
        """
        key = (kind.name, kind.support, tuple(sorted(values.items())), tuple(inputs.items()))
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


def _ask(kind: Kind, values: Mapping[str, Value], inputs: Inputs) -> Answer:
    if isinstance(kind, CustomKind):
        trust.require({kind.name: kind.hash})
    probe = _probe(kind, values, inputs)
    runs = []
    for batch in BATCHES:
        tensors = [_empty(spec, batch) for specs in inputs.values() for spec in specs]
        try:
            with torch.no_grad():
                runs.append(_tensors(kind, probe(*tensors)))
        except _faults(kind) as error:
            raise ShapeError(
                f"{kind.name} does not take this input. {_speaker(kind, error)}: {_first_line(error)}"
            ) from error
    small, large = runs
    outputs = {port.name: _spec(kind, small[index], large[index]) for index, port in enumerate(kind.outputs)}
    return Answer(outputs=outputs, parameters=sum(p.numel() for p in probe.parameters() if p.requires_grad))


def _faults(kind: Kind) -> type[Exception] | tuple[type[Exception], ...]:
    """What a fault of the input looks like; a person's own code may raise whatever it likes."""
    return Exception if isinstance(kind, CustomKind) else (RuntimeError, ValueError, IndexError, TypeError)


def _speaker(kind: Kind, error: Exception) -> str:
    """Who says what went wrong, with the line where it is the person's own code."""
    if not isinstance(kind, CustomKind):
        return "torch says"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == _filename(kind)]
    text = linecache.getline(_filename(kind), lines[-1]).strip() if lines and lines[-1] else ""
    return f"{type(error).__name__} at `{text}`" if text else type(error).__name__


def _tensors(kind: Kind, results: tuple[object, ...]) -> tuple[torch.Tensor, ...]:
    """What a node gave, held against what its kind declares."""
    if not all(isinstance(result, torch.Tensor) for result in results):
        names = ", ".join(type(result).__name__ for result in results)
        raise TypeError(f"it gives {names} where it declares Tensors")
    return results  # type: ignore[return-value]


def _filename(kind: Kind) -> str:
    return f"<nodeforge shapes of {kind.name}>"


def _probe(kind: Kind, values: Mapping[str, Value], inputs: Inputs) -> nn.Module:
    """A module of one node on the meta device; gives all outputs as a tuple."""
    derived = {d.name: d.compute(ShapeCall(kind.name, values, inputs)) for d in kind.derived}
    names = {port: tuple(f"{port}_{i}" for i in range(len(specs))) for port, specs in inputs.items()}
    outputs = {port.name: f"result_{port.name}" for port in kind.outputs}
    call = CodeCall("node", {**values, **derived}, names, inputs, {}, frozenset(outputs))
    arguments = ", ".join(name for group in names.values() for name in group)
    text = "\n".join(
        [
            "import math",
            "import torch",
            "from torch import Tensor, nn",
            "from torch.nn import functional as F",
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
    filename = _filename(kind)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    faults = (
        _faults(kind)
        if isinstance(kind, CustomKind)
        else (RuntimeError, ValueError, TypeError, AssertionError)
    )
    try:
        exec(compile(text, filename, "exec", dont_inherit=True), namespace)
        with torch.device("meta"):
            probe: nn.Module = namespace["Probe"]()
    except faults as error:
        raise ShapeError(
            f"{kind.name} cannot be made. {_speaker(kind, error)}: {_first_line(error)}"
        ) from error
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
