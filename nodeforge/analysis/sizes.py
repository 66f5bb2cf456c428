"""Which other sizes of input a network takes, as it is: with the same weights and the same source.

Found by trial: the shape rules are asked for one size after the other. A size is accepted when no node between the
Input and an Output refuses it, and none would be made or called in another way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
from nodeforge.core.graph import Graph
from nodeforge.core.specs import BATCH, TensorSpec, format_shape

_TRIED = 128
"""Sizes up to this are tried, and up to twice the declared ones."""
_EVALUATIONS = 100_000
"""How many nodes are asked at most for one axis; for larger networks nothing is told."""
MOST_NODES = _EVALUATIONS // _TRIED
"""Networks of more nodes are never tried."""
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
        axes: By axis that may have other sizes, those that were tried and work, in order; "height = width" where
            they must be equal. Empty when only the declared shape works.
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
    trial = _Trial.of(document, network, name)
    if trial is None:
        return None
    shape = trial.shape
    tried = range(1, max(_TRIED, 2 * max(shape, default=0)) + 1)
    if len(tried) * trial.nodes > _EVALUATIONS:
        return None
    free: dict[tuple[int, ...], tuple[int, ...]] = {}
    for axis in range(len(shape)):
        free[axis,] = _free_sizes(trial, (axis,), tried)
    space = tuple(range(1, len(shape))) if len(shape) > 2 else ()
    if space and not any(free[axis,] for axis in space) and len({shape[axis] for axis in space}) == 1:
        free[space] = _free_sizes(trial, space, tried)
    free = {axes: sizes for axes, sizes in free.items() if sizes}
    if not free:
        others = len(borders(document.networks[network], Role.INPUT)) > 1
        alone = ", while the other inputs stay as they are" if others else ""
        return AcceptedSizes(axes={}, text=f"only {format_shape(shape) if shape else 'one value'}{alone}")
    axes = {_axis_name(group, len(shape), len(free)): sizes for group, sizes in free.items()}
    note = "" if _independent(trial, free) else " (one of them at a time)"
    return AcceptedSizes(axes=axes, text=_text(axes, tried) + note)


def accepted_by_inputs(document: Document) -> dict[str, AcceptedSizes]:
    """The same for every Input of the main network, where it can be told."""
    graph = document.main_network
    told = {node.name: accepted_sizes(document, graph.name, node.name) for node in borders(graph, Role.INPUT)}
    return {name: sizes for name, sizes in told.items() if sizes is not None}


def _free_sizes(trial: _Trial, axes: tuple[int, ...], tried: range) -> tuple[int, ...]:
    """The sizes that these axes may have at once, while the others are as declared; empty where they have no choice."""
    sizes = tuple(size for size in tried if trial.takes(_resized(trial.shape, dict.fromkeys(axes, size))))
    # An axis of 1 is repeated wherever it fits: that is no choice of sizes.
    return sizes if any(size not in (1, trial.shape[axes[0]]) for size in sizes) else ()


def _resized(shape: tuple[int, ...], sizes: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sizes.get(axis, old) for axis, old in enumerate(shape))


def _independent(trial: _Trial, free: Mapping[tuple[int, ...], Sequence[int]]) -> bool:
    """Whether axes that may change alone may also change together: the smallest and largest of each are tried."""
    for corner in product(*((sizes[0], sizes[-1]) for sizes in free.values())):
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
        needed, todo = set(outputs), list(outputs)
        while todo:
            fresh = graph.predecessors(todo.pop()) - needed
            needed |= fresh
            todo.extend(fresh)
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

    @property
    def nodes(self) -> int:
        """How many nodes one trial may have to ask."""
        return len(self._between)

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


def _text(axes: Mapping[str, tuple[int, ...]], tried: range) -> str:
    """Axes of equal sizes share a sentence."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, sizes in axes.items():
        groups.setdefault((sizes, "=" in name), []).append(name)
    return "; ".join(
        f"{' and '.join(names)}: {_described(axes[names[0]], tried)}" for names in groups.values()
    )


def _described(sizes: tuple[int, ...], tried: range) -> str:
    """The rule behind sizes that were accepted of those that were tried."""
    first = sizes[0]
    step = math.gcd(*(b - a for a, b in pairwise(sizes))) if len(sizes) > 1 else 0
    if step and list(sizes) == list(range(first, tried[-1] + 1, step)):
        if step == 1:
            return "any size" if first == 1 else f"at least {first}"
        if first % step == 0:
            return f"multiples of {step}" + (f", at least {first}" if first > step else "")
        return f"{first}, {first + step}, {first + 2 * step} and so on in steps of {step}"
    runs: list[list[int]] = []
    for size in sizes:
        if runs and size == runs[-1][-1] + 1:
            runs[-1].append(size)
        else:
            runs.append([size])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs[:_SHOWN]]
    return ", ".join([*shown, *(["…"] if len(runs) > _SHOWN else [])])
