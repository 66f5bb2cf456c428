"""Runs a network and shows every value that a line of its source computes, as it is computed.

The source is executed with one more statement behind each line that belongs to a node: `x = self.conv(x)` is
followed by `x = _seen(self, (), x)`. That sees plain expressions as well as modules, inside networks too, keeps
the line numbers, and lets a check put another value in place of the one computed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from nodeforge.compiler import Source
from nodeforge.project import trust
from nodeforge.torch_backend.build import GENERATED

Tensors = Sequence[Tensor]
Quiet = Callable[[], AbstractContextManager[None]]
"""Makes a context in which random numbers are drawn without anybody else noticing."""


class Place(NamedTuple):
    """Where a value was computed.

    Attributes:
        lines: The line of the source that did it, behind those by which the network was on its way there: a network
            that stands in another is called from a line of that one.
        slot: The value's place on the left-hand side: () for `x = …`, (1, 0) for h in `x, (h, c) = …`.
        time: How many times that had happened before (a loop, repeats).
        path: The module whose method did it, as in `named_modules`: "" for the network itself.
    """

    lines: tuple[int, ...]
    slot: tuple[int, ...]
    time: int
    path: str


Watch = Callable[[Place, Tensor], Tensor]
"""Is shown a value and gives back the one to go on with."""


class Probe:
    """One network with fresh weights, to be run again and again. Every run leaves it as it was.

    Attributes:
        source: The network.
        module: It with its weights.
    """

    def __init__(
        self, source: Source, seed: int, device: torch.device, quiet: Quiet, tick: Callable[[], None]
    ) -> None:
        """Build the network; `tick` is called at every value and may raise to end a run."""
        trust.require(source.custom)
        self.source = source
        self._quiet = quiet
        self._tick = tick
        self._watch: Watch = lambda place, value: value
        self._times: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        namespace: dict[str, Any] = {"__name__": GENERATED, "_seen": self._seen}
        exec(compile(_instrumented(source), source.filename, "exec"), namespace)
        with quiet():
            torch.manual_seed(seed)
            self.module: nn.Module = namespace[source.class_name]().to(device)
        self._paths = {id(module): path for path, module in self.module.named_modules()}

    def forward(self, inputs: Tensors, watch: Watch, *, train: bool = False, seed: int = 0) -> Tensors:
        """What the network's outputs give, without gradients."""
        with self._run(watch, train=train, seed=seed), torch.no_grad():
            given = self.module(*_copies(inputs))
        return given if isinstance(given, tuple) else (given,)

    def objectives(
        self,
        inputs: Tensors,
        targets: Tensors,
        watch: Watch,
        *,
        train: bool = True,
        seed: int = 0,
        backward: bool = False,
    ) -> Tensor:
        """The sum of all losses; with `backward`, its gradients are in the parameters after."""
        with self._run(watch, train=train, seed=seed), torch.set_grad_enabled(backward):
            self.module.zero_grad(set_to_none=True)
            losses, _ = self.module.objectives(*_copies(inputs), *_copies(targets))  # type: ignore[operator]
            loss: Tensor = torch.stack([value.sum() for value in losses.values()]).sum()
            if backward and loss.requires_grad:
                loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    @contextmanager
    def _run(self, watch: Watch, *, train: bool, seed: int) -> Iterator[None]:
        buffers = {name: buffer.clone() for name, buffer in self.module.named_buffers()}
        self._watch, self._times = watch, {}
        self.module.train(train)
        try:
            with self._quiet():
                torch.manual_seed(seed)
                yield
        finally:
            with torch.no_grad():
                for name, buffer in self.module.named_buffers():
                    buffer.copy_(buffers[name])

    def _seen(self, module: nn.Module, slot: tuple[int, ...], value: object) -> object:
        """What the added statements call."""
        self._tick()
        if not isinstance(value, Tensor):
            return value
        lines = lines_of(sys._getframe(1), self.source.filename)
        time = self._times[lines, slot] = self._times.get((lines, slot), -1) + 1
        return self._watch(Place(lines, slot, time, self._paths[id(module)]), value)


def lines_of(frame: FrameType | None, filename: str) -> tuple[int, ...]:
    """The lines of a file that are being carried out, the innermost last."""
    found = []
    while frame is not None:
        if frame.f_code.co_filename == filename:
            found.append(frame.f_lineno)
        frame = frame.f_back
    return tuple(reversed(found))


def _copies(tensors: Tensors) -> Tensors:
    """Copies, since an activation may work in place."""
    return [tensor.clone() for tensor in tensors]


def _instrumented(source: Source) -> ast.Module:
    tree = _Instrument(source.line_nodes.keys()).visit(ast.parse(source.text, source.filename))
    return ast.fix_missing_locations(tree)  # type: ignore[no-any-return]


class _Instrument(ast.NodeTransformer):
    """Puts a call of `_seen` behind every assignment to local variables on the given lines."""

    def __init__(self, lines: Container[int]) -> None:
        self._lines = lines

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        if node.lineno not in self._lines:
            return node
        calls = [_call(name, node, slot) for name, slot in _names(node.targets[0])]
        return [node, *calls]


def _names(target: ast.expr, slot: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The local variables of a left-hand side with their places in it."""
    if isinstance(target, ast.Name) and target.id != "_":
        yield target.id, slot
    elif isinstance(target, ast.Tuple):
        for index, element in enumerate(target.elts):
            yield from _names(element, (*slot, index))


def _call(name: str, near: ast.stmt, slot: tuple[int, ...]) -> ast.stmt:
    (statement,) = ast.parse(f"{name} = _seen(self, {slot!r}, {name})").body
    for part in ast.walk(statement):
        ast.copy_location(part, near)
    return statement
