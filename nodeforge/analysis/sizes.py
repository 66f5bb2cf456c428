"""Which other sizes of input a network takes, as it is: with the same weights and the same source.

Found by trial: the shape rules are asked for one size after the other. A size is accepted when no node between the
Input and an Output refuses it, and none would be made or called in another way.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise, product

from nodeforge.analysis.evaluation import Evaluator
from nodeforge.analysis.order import execution_order
from nodeforge.analysis.report import NodeReport
from nodeforge.analysis.wiring import descendants
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import CodeCall, Role
from nodeforge.catalog.networks import borders
from nodeforge.core.document import Document
from nodeforge.core.expressions import scope_of
from nodeforge.core.graph import Graph, reached
from nodeforge.core.specs import BATCH, TensorSpec, format_shape

_AROUND = 64
"""Sizes so much smaller and larger than the declared one are tried."""
MOST_NODES = 800
"""Of larger networks nothing is told: trying would take too long."""
_SHOWN = 4
_AXES = {
    2: ("axis 1", "axis 2"),
    3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedSizes:
    """Which sizes of an Input's samples a network takes without being changed.

    Attributes:
        axes: By axis that may have other sizes, those around the declared one that work, in order; "height = width"
            where they must be equal. Empty when only the declared shape works.
        text: All of it in a few words: "height and width: multiples of 32, at least 64".
    """

    axes: Mapping[str, tuple[int, ...]]
    text: str


def accepted_sizes(document: Document, network: str, name: str) -> AcceptedSizes | None:
    """What an Input may be fed beside what it declares.

    Args:
        document: The project.
        network: One of its networks.
        name: An Input node of that network.

    Returns:
        None when that cannot be told: the network is not complete, or too large to try.
    """
    if len(document.networks[network]) > MOST_NODES:
        return None
    trial = _Trial.of(document, network, name)
    if trial is None:
        return None
    shape = trial.shape
    found: dict[tuple[int, ...], _Choice | None] = {}
    for axis in range(len(shape)):
        found[axis,] = _choice(trial, (axis,))
    space = tuple(range(1, len(shape))) if len(shape) > 2 else ()
    if space and not any(found[axis,] for axis in space) and len({shape[axis] for axis in space}) == 1:
        found[space] = _choice(trial, space)
    free = {axes: choice for axes, choice in found.items() if choice is not None}
    if not free:
        others = len(borders(document.networks[network], Role.INPUT)) > 1
        alone = ", while the other inputs stay as they are" if others else ""
        return AcceptedSizes(axes={}, text=f"only {format_shape(shape) if shape else 'one value'}{alone}")
    axes = {_axis_name(group, len(shape), len(free)): choice for group, choice in free.items()}
    note = "" if _independent(trial, free) else " (one of them at a time)"
    return AcceptedSizes(axes={name: choice.sizes for name, choice in axes.items()}, text=_text(axes) + note)


def accepted_by_inputs(document: Document) -> dict[str, AcceptedSizes]:
    """The same for every Input of the main network, where it can be told."""
    graph = document.main_network
    told = {node.name: accepted_sizes(document, graph.name, node.name) for node in borders(graph, Role.INPUT)}
    return {name: sizes for name, sizes in told.items() if sizes is not None}


@dataclass(frozen=True, slots=True)
class _Choice:
    """The sizes that an axis may have: those around the declared one, and the rule behind them where there is one.

    Attributes:
        sizes: What was accepted around the declared size.
        first: The smallest size of all.
        step: From one size to the next; 0 where they follow no rule.
    """

    sizes: tuple[int, ...]
    first: int
    step: int


def _choice(trial: _Trial, axes: tuple[int, ...]) -> _Choice | None:
    """The sizes that these axes may have at once, while the others are as declared; None where they have no choice."""
    declared = trial.shape[axes[0]]
    around = range(max(1, declared - _AROUND), declared + _AROUND + 1)

    def takes(size: int) -> bool:
        return trial.takes(_resized(trial.shape, dict.fromkeys(axes, size)))

    sizes = tuple(filter(takes, around))
    # An axis of 1 is repeated wherever it fits: that is no choice of sizes.
    if all(size in (1, declared) for size in sizes):
        return None
    step = math.gcd(*(b - a for a, b in pairwise(sizes)))
    if sizes != tuple(range(sizes[0], around.stop, step)):
        return _Choice(sizes, sizes[0], 0)
    below = range(sizes[0] % step or step, sizes[0] + 1, step)
    # Where a size works, so does the next one of its kind: shapes only grow.
    return _Choice(sizes, below[bisect_left(below, True, key=takes)], step)


def _resized(shape: tuple[int, ...], sizes: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sizes.get(axis, old) for axis, old in enumerate(shape))


def _independent(trial: _Trial, free: Mapping[tuple[int, ...], _Choice]) -> bool:
    """Whether axes that may change alone may also change together: the smallest and largest of each are tried."""
    for corner in product(*((choice.sizes[0], choice.sizes[-1]) for choice in free.values())):
        sizes = {axis: size for axes, size in zip(free, corner, strict=True) for axis in axes}
        if not trial.takes(_resized(trial.shape, sizes)):
            return False
    return True


def _axis_name(axes: tuple[int, ...], rank: int, free: int) -> str:
    """What people call axes of a sample; of a sequence the one that is free is its length, wherever it lies."""
    if rank == 1 or (rank == 2 and free == 1):
        return "length"
    names = _AXES.get(rank, tuple(f"axis {axis + 1}" for axis in range(rank)))
    return " = ".join(names[axis] for axis in axes)


# Trying -------------------------------------------------------------------------------------------


class _Trial:
    """One network as it is for the declared shape, to be compared with what it would be for others."""

    def __init__(
        self, evaluator: Evaluator, graph: Graph, name: str, reports: Mapping[str, NodeReport]
    ) -> None:
        self._evaluator = evaluator
        self._graph = graph
        self._name = name
        self._reports = reports
        outputs = {
            node for node, report in reports.items() if report.kind and report.kind.role is Role.OUTPUT
        }
        behind = set(descendants(graph, name))
        needed = reached(graph.predecessors, outputs)
        self._between = [node for node in reports if node in behind & needed and node != name]
        self._written = {node: _written(node, reports[node]) for node in self._between}
        self.spec = next(iter(reports[name].outputs.values()))

    @classmethod
    def of(cls, document: Document, network: str, name: str) -> _Trial | None:
        """The network at its declared shapes; None when it is not complete."""
        graph = document.networks[network]
        shared = Evaluator(kinds())
        shared.renew(document)
        evaluator = shared.within(graph, scope_of(graph.parameters, document.scope)[0])
        order = execution_order(graph)
        reports: dict[str, NodeReport] = {}
        for node in order:
            reports[node] = evaluator.evaluate(graph.nodes[node], _arriving(graph, reports, node)).report
        complete = name in reports and bool(reports[name].outputs) and len(order) == len(graph)
        trial = cls(evaluator, graph, name, reports) if complete else None
        return trial if trial is not None and trial.takes(trial.shape) else None

    @property
    def shape(self) -> tuple[int, ...]:
        """The declared shape of one sample."""
        return tuple(size for size in self.spec.shape if isinstance(size, int))

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Whether the network as it is takes samples of another shape."""
        if not self._between:
            return False
        spec = TensorSpec((BATCH, *shape), self.spec.dtype)
        declared = self._reports[self._name]
        assert declared.kind is not None
        now = {
            **self._reports,
            self._name: self._evaluator.given(self._graph.nodes[self._name], declared.kind, spec).report,
        }
        for name in self._between:
            before = self._reports[name]
            if all(now[source] is self._reports[source] for source in self._graph.predecessors(name)):
                continue
            found = self._evaluator.evaluate(self._graph.nodes[name], _arriving(self._graph, now, name))
            report = found.report
            if found.error or report.kind is None or len(report.outputs) < len(report.kind.outputs):
                return False
            if _written(name, report) != self._written[name]:
                return False
            # Where shapes are as they were, nothing behind is different either.
            now[name] = before if report.outputs == before.outputs else report
        return True


def _arriving(
    graph: Graph, reports: Mapping[str, NodeReport], name: str
) -> dict[str, tuple[TensorSpec | None, ...]]:
    return {
        port: tuple(
            reports[source].outputs.get(output) if source in reports else None for source, output in ends
        )
        for port, ends in graph.inputs_of(name).items()
    }


def _written(name: str, report: NodeReport) -> object:
    """How a node is made and called in the source: what must be the same for the weights to serve again."""
    kind = report.kind
    if report.inside is not None:
        return [_written(inner, each) for inner, each in report.inside.nodes.items()]
    code = ""
    if kind is not None and kind.forward is not None and report.outputs:
        arguments = {
            port: tuple(f"{port}{i}" for i in range(len(specs))) for port, specs in report.inputs.items()
        }
        values = {**report.values, **report.derived}
        used = frozenset(report.outputs)
        code = kind.forward(CodeCall(name, values, arguments, report.inputs, report.outputs, used))
    return code, dict(report.derived)


# Telling ------------------------------------------------------------------------------------------


def _text(axes: Mapping[str, _Choice]) -> str:
    """Axes with the same choice share a sentence."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for name, choice in axes.items():
        groups.setdefault((_described(choice), "=" in name), []).append(name)
    return "; ".join(f"{' and '.join(names)}: {rule}" for (rule, _), names in groups.items())


def _described(choice: _Choice) -> str:
    """The rule behind the sizes; failing that, the sizes themselves."""
    first, step = choice.first, choice.step
    if step == 1:
        return "any size" if first == 1 else f"at least {first}"
    if step and first % step == 0:
        return f"multiples of {step}" + (f", at least {first}" if first > step else "")
    if step:
        return f"{first}, {first + step}, {first + 2 * step} and so on in steps of {step}"
    runs: list[list[int]] = []
    for size in choice.sizes:
        if runs and size == runs[-1][-1] + 1:
            runs[-1].append(size)
        else:
            runs.append([size])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs[:_SHOWN]]
    return ", ".join([*shown, *(["…"] if len(runs) > _SHOWN else [])])
