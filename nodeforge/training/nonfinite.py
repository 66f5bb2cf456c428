"""Where a loss or gradient first stopped being a finite number, in words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from nodeforge.compiler import Source
from nodeforge.training.batches import Batch
from nodeforge.training.passes import run, total

GENTLER = "Lower the learning rate, set gradient_clip_norm (1.0 is usual), or scale the data."


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where it began.

    Attributes:
        node: The node that went first; "" when it did not happen again.
        step: The bad step.
        message: One sentence on what happened, and what to do.
    """

    node: str
    step: int
    message: str


def find_origin(module: nn.Module, source: Source, batches: Sequence[Batch], *, step: int) -> Origin:
    """Run the batches again and watch every operation.

    Args:
        module: As it was before the bad step.
        source: Its source.
        batches: The batches of which one was bad, in order.
        step: Number of the first of them, counted from 1.
    """
    for number, batch in enumerate(batches, start=step):
        found = _bad_data(source, batch) or _bad_value(module, source, batch)
        if found is not None:
            node, what = found
            return Origin(node=node, step=number, message=f"Training halted at step {number}: {what}")
    message = f"Training halted at step {step}: the loss or its gradient is not a finite number. {GENTLER}"
    return Origin(node="", step=step, message=message)


def _bad_data(source: Source, batch: Batch) -> tuple[str, str] | None:
    slots, tensors = (*source.inputs, *source.targets), (*batch.inputs, *batch.targets)
    for slot, tensor in zip(slots, tensors, strict=True):
        if bad := _name_of_bad(tensor):
            return (
                slot.node,
                f"the data gives {slot.node} {bad}. Fill or leave out such values in the data settings.",
            )
    return None


def _bad_value(module: nn.Module, source: Source, batch: Batch) -> tuple[str, str] | None:
    """(node, what happened) from a pass forwards and back; None if all went well this time."""
    watch = _Watch(source.filename)
    try:
        with watch, torch.enable_grad():
            losses, _ = run(module, batch)
            loss = total(losses) if losses else None
        sound = loss is None or bool(loss.isfinite())
        found = watch.first or (None if sound else watch.first_minus_infinity)
        if found is not None:
            line, bad = found
            node = source.line_nodes.get(line, "")
            return node, f"{node or 'the network'} gives {bad}. {GENTLER}"
        if loss is None or not loss.requires_grad:
            return None
        loss.backward()  # type: ignore[no-untyped-call]
        for node, parameter in _latest_first(module, source):
            if bad := _name_of_bad(parameter.grad):
                return node, f"the gradient of {node} holds {bad}. {GENTLER}"
        return None
    finally:
        module.zero_grad(set_to_none=True)


class _Watch(TorchFunctionMode):
    """Notes the line of the generated source in which a value first was not finite.

    Attributes:
        first: (line, what) for the first NaN or infinity.
        first_minus_infinity: The same for minus infinity, which masks hold on purpose.
    """

    def __init__(self, filename: str) -> None:
        super().__init__()
        self._filename = filename
        self.first: tuple[int, str] | None = None
        self.first_minus_infinity: tuple[int, str] | None = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if self.first is None:
            for tensor in pytree.tree_leaves(result):
                bad = _name_of_bad(tensor)
                if bad == _MINUS_INFINITY:
                    self.first_minus_infinity = self.first_minus_infinity or (self._line(), bad)
                elif bad:
                    self.first = (self._line(), bad)
        return result

    def _line(self) -> int:
        frame = sys._getframe()
        while frame is not None and frame.f_code.co_filename != self._filename:
            frame = frame.f_back  # type: ignore[assignment]
        return frame.f_lineno if frame is not None else 0


_MINUS_INFINITY = "values of minus infinity"


def _name_of_bad(tensor: object) -> str:
    """What kind of value that is no finite number a tensor holds; "" for none."""
    if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
        return ""
    with torch.no_grad(), torch._C.DisableTorchFunction():
        if bool(tensor.isfinite().all()):
            return ""
        if bool(tensor.isnan().any()):
            return "values that are not a number (NaN)"
        return "values of infinity" if bool((tensor == torch.inf).any()) else _MINUS_INFINITY


def _latest_first(module: nn.Module, source: Source) -> list[tuple[str, nn.Parameter]]:
    """(node, parameter), the node nearest the loss first: a bad gradient spreads from there to the inputs."""
    lines = {node: max(lines) for node, lines in source.node_lines.items() if lines}
    nodes = {attribute: node for node, attribute in source.attributes.items() if "." not in node}
    named = [
        (nodes.get(name.partition(".")[0], ""), parameter) for name, parameter in module.named_parameters()
    ]
    return sorted(named, key=lambda item: -lines.get(item[0], 0))
