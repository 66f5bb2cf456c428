"""What a network costs, node by node: parameters, multiply-accumulates, and memory until the backward pass.

The model of memory: while a batch runs forward, autograd keeps what the gradients will need. Which tensors those are
is declared by each kind (`Kind.keeps`). A tensor that several nodes keep is in memory once, and counts for the node
that made it; reshaped views share the memory of what they are views of; where no gradient is asked for, nothing is
kept. Weights are not part of it. `tests/unit/analysis/test_costs.py` holds it to what torch says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.catalog.kind import Kept, Role, ShapeCall
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.document import Document
from nodeforge.core.graph import Endpoint, Graph
from nodeforge.core.specs import BATCH, FLOATS, TensorSpec

_BYTES = {"float64": 8, "int64": 8, "float32": 4, "int32": 4, "float16": 2, "bfloat16": 2, "bool": 1}


@dataclass(slots=True)
class NodeCosts:
    """The costs of one node; of a network that stands as a node, those of all that is inside.

    Attributes:
        parameters: Trainable numbers.
        macs: Multiply-accumulates for one sample.
        kept: Bytes that stay in memory until the backward pass, at the batch that was asked for.
        known: Whether shapes are known, without which there is nothing to say.
    """

    parameters: int = 0
    macs: int = 0
    kept: int = 0
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCosts:
    """The costs of one network at a batch of so many samples.

    Attributes:
        batch: The number of samples.
        nodes: By node name, in execution order where there is one.
    """

    batch: int
    nodes: Mapping[str, NodeCosts]

    @property
    def total(self) -> NodeCosts:
        """The sum; it is not `known` where shapes of a node are missing."""
        total = NodeCosts()
        for costs in self.nodes.values():
            total.parameters += costs.parameters
            total.macs += costs.macs
            total.kept += costs.kept
            total.known = total.known and costs.known
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What follows from a node's report alone, whatever stands around it.

    Attributes:
        macs: Multiply-accumulates for one sample.
        kept: What it keeps, `inside` apart: the bytes of that.
        outputs: By port, its bytes, and whether it is of floats, which alone have gradients.
    """

    macs: int
    kept: Kept
    inside: int
    outputs: tuple[tuple[str, int, bool], ...]


@dataclass(slots=True)
class _Memory:
    """Where a tensor lies, and who made it."""

    bytes: int
    maker: NodeCosts
    kept: bool = False

    def keep(self) -> None:
        if not self.kept:
            self.kept = True
            self.maker.kept += self.bytes


_Value = tuple[_Memory, bool]
"""A tensor on its way: its memory, and whether it needs a gradient."""


class CostMeter:
    """Works out costs again and again while a document is edited. What a node's report says is asked once.

    Belongs to one thread.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[NodeReport, _Facts | None]] = {}
        self._before = self._known
        self._batch = 1

    def measure(self, document: Document, graph: Graph, report: NetworkReport, batch: int) -> NetworkCosts:
        """The costs of a network of the document.

        Args:
            document: Where the networks are that stand as nodes.
            graph: The network.
            report: What the checker knows of it.
            batch: Number of samples at a time.
        """
        self._before, self._known = self._known if batch == self._batch else {}, {}
        self._batch = batch
        order = report.order or report.nodes
        nodes = {name: NodeCosts(report.nodes[name].parameters) for name in order if name in graph}
        _Walk(self, document).through(graph, report, nodes.__getitem__, {}, 1)
        return NetworkCosts(batch=batch, nodes=nodes)

    def facts(self, report: NodeReport) -> _Facts | None:
        """What a node's report says of its costs; None where shapes are unknown."""
        key = id(report)  # nobody else gets it while the report is kept here
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._before.get(key) or (report, _facts(report, self._batch))
        return found[1]


def measure(document: Document, graph: Graph, report: NetworkReport, batch: int) -> NetworkCosts:
    """The costs of a network, once. See `CostMeter.measure`."""
    return CostMeter().measure(document, graph, report, batch)


class _Walk:
    """One forward pass on paper: which tensors are made, which are kept."""

    def __init__(self, meter: CostMeter, document: Document) -> None:
        self._meter = meter
        self._document = document

    def through(
        self,
        graph: Graph,
        report: NetworkReport,
        account_of: Callable[[str], NodeCosts],
        given: Mapping[str, _Value],
        times: int,
    ) -> dict[str, _Value]:
        """Go through a network.

        Args:
            graph: The network.
            report: What is known of it.
            account_of: By node name, to whom its costs go.
            given: What arrives at its Input nodes, by name, where it stands in another.
            times: How often all of it happens.

        Returns:
            By name, what arrives at its Output nodes.
        """
        values: dict[Endpoint, _Value] = {}
        leaving: dict[str, _Value] = {}
        for name in report.order or report.nodes:
            if name not in graph:  # the drawing is newer than the report
                continue
            known, account, incoming = report.nodes[name], account_of(name), graph.inputs_of(name)
            if name in given:
                made = dict.fromkeys(known.outputs, given[name])
            elif known.passes:
                ends = {
                    output: incoming[port][0] for output, port in known.passes.items() if port in incoming
                }
                made = {output: values[end] for output, end in ends.items() if end in values}
            elif isinstance(known.kind, NetworkKind) and known.mode == "active":
                arriving = {port: _arriving(values, ends) for port, ends in incoming.items()}
                made = self._inside(known, known.kind, account, arriving, times)
            else:
                learns = known.parameters > 0 or graph.nodes[name].shares != ""
                made = self._node(known, account, values, incoming, times, learns=learns)
                if known.kind is not None and known.kind.role is Role.OUTPUT:
                    for value in _arriving(values, incoming.get("input", ())):
                        leaving[name] = value
            for port, value in made.items():
                values[name, port] = value
        return leaving

    def _node(
        self,
        known: NodeReport,
        account: NodeCosts,
        values: Mapping[Endpoint, _Value],
        incoming: Mapping[str, list[Endpoint]],
        times: int,
        *,
        learns: bool,
    ) -> dict[str, _Value]:
        """One node: what it costs, and what leaves it."""
        facts, kind = self._meter.facts(known), known.kind
        if facts is None or kind is None:
            account.known = False
            return {}
        account.macs += facts.macs * times
        tensors = [values[end] for ends in incoming.values() for end in ends if end in values]
        passes = not kind.blocks_gradient and (learns or any(needed for _, needed in tensors))
        if kind.view and tensors:
            return {port: (tensors[0][0], passes and floats) for port, _, floats in facts.outputs}
        made = {
            port: (_Memory(size * times, account), passes and floats) for port, size, floats in facts.outputs
        }
        if any(needed for _, needed in made.values()):
            account.kept += facts.inside * times
            for port in facts.kept.outputs:
                made[port][0].keep()
            self._keep_inputs(facts.kept, values, incoming)
        return made

    def _keep_inputs(
        self, kept: Kept, values: Mapping[Endpoint, _Value], incoming: Mapping[str, list[Endpoint]]
    ) -> None:
        wanted = [value for port in kept.inputs for value in _arriving(values, incoming.get(port, ()))]
        needed = sum(need for _, need in wanted)
        for memory, need in wanted:
            if not kept.crossed or needed > need:
                memory.keep()

    def _inside(
        self,
        known: NodeReport,
        kind: NetworkKind,
        account: NodeCosts,
        arriving: Mapping[str, list[_Value]],
        times: int,
    ) -> dict[str, _Value]:
        """A network that stands as a node. All repeats but the first cost the same, so two passes tell."""
        graph, repeat = self._document.networks.get(kind.name), known.values.get("repeat", 1)
        if known.inside is None or graph is None or not isinstance(repeat, int):
            account.known = False
            return {}
        given = {port: values[0] for port, values in arriving.items() if values}
        made: dict[str, _Value] = {}
        for often in (times, times * (repeat - 1))[: min(repeat, 2)]:
            made = self.through(graph, known.inside, lambda _: account, given, often)
            given |= {port: made[output] for output, port in kind.carried if output in made}
        return made


def _arriving(values: Mapping[Endpoint, _Value], ends: Iterable[Endpoint]) -> list[_Value]:
    return [values[end] for end in ends if end in values]


def _facts(report: NodeReport, batch: int) -> _Facts | None:
    kind = report.kind
    if kind is None or (kind.outputs and not report.outputs):
        return None
    call = ShapeCall("", report.values, report.inputs)
    kept = kind.keeps(call, report.outputs) if kind.keeps else Kept(inputs=tuple(report.inputs))
    return _Facts(
        macs=kind.macs(call, report.outputs) if kind.macs else 0,
        kept=kept,
        inside=sum(_bytes(spec, batch) for spec in kept.inside),
        outputs=tuple(
            (port, _bytes(spec, batch), spec.dtype in FLOATS) for port, spec in report.outputs.items()
        ),
    )


def _bytes(spec: TensorSpec, batch: int) -> int:
    return spec.sample_size * _BYTES[spec.dtype] * (batch if BATCH in spec.shape else 1)
