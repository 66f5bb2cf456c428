"""What of a network is emitted, in which order, and which nodes it takes for what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.catalog.kind import Kind, Role
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.graph import Endpoint, Graph, Node
from nodeforge.core.parameters import Values

_ENDS = (Role.OUTPUT, Role.OBJECTIVE)


@dataclass(frozen=True, slots=True)
class Step:
    """One node as the generator sees it.

    Attributes:
        name: The node.
        kind: Its kind.
        report: What the checker knows of it.
        inputs: By input port, in the order of the kind's ports, the values that arrive.
        owner: The node whose module it calls: itself, or the one whose weights it shares.
        written: Its parameters as the person wrote them, with their expressions.
    """

    name: str
    kind: Kind
    report: NodeReport
    inputs: Mapping[str, tuple[Endpoint, ...]]
    owner: str
    written: Values

    @property
    def values(self) -> list[Endpoint]:
        """All values that arrive, in port order."""
        return [value for port in self.inputs.values() for value in port]

    @property
    def inside(self) -> NetworkReport | None:
        """What is in it, if it is a network."""
        return self.report.inside if isinstance(self.kind, NetworkKind) else None

    @property
    def has_module(self) -> bool:
        """Whether the class holds something for it that forward calls."""
        return bool(self.kind.module) or self.inside is not None

    @property
    def several(self) -> bool:
        """Whether it is a network that is to run on its own outputs again."""
        return self.inside is not None and self.report.values["repeat"] != 1

    @property
    def repeats(self) -> bool:
        """Whether it runs so: not while it is muted."""
        return self.several and self.report.mode == "active"

    @property
    def lasting(self) -> list[Endpoint]:
        """What arrives once and is needed in every repeat."""
        if not self.repeats:
            return []
        assert isinstance(self.kind, NetworkKind)
        carried = {port for _, port in self.kind.carried}
        return [value for port, values in self.inputs.items() if port not in carried for value in values]


@dataclass(frozen=True, slots=True)
class Plan:
    """A network's steps in execution order, by what they are to it.

    Attributes:
        steps: Every complete node that computes something, by name, in execution order.
        bypassed: Nodes that pass values on; who reads from them reads what they pass on.
        missing: Every other node, in execution order, with the reason.
        blocked: Whether an output or a loss is among them.
        inputs, targets, outputs, objectives: Names in the order of the drawing.
    """

    steps: Mapping[str, Step]
    bypassed: tuple[str, ...]
    missing: Mapping[str, str]
    blocked: bool
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    outputs: tuple[str, ...]
    objectives: tuple[str, ...]

    def needed(self, names: Iterable[str], known: frozenset[Endpoint] = frozenset()) -> list[str]:
        """The given nodes and all that they depend on, in execution order, stopping at known values."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.steps:
                found.add(name)
                waiting += [source for source, port in self.steps[name].values if (source, port) not in known]
        return [name for name in self.steps if name in found]


def plan(graph: Graph, report: NetworkReport) -> Plan:
    """Sorts the nodes of a network into what can be emitted and what cannot."""
    steps: dict[str, Step] = {}
    missing: dict[str, str] = {}
    passed: dict[Endpoint, Endpoint] = {}
    for name in report.order or [node.name for node in graph.ordered_nodes()]:
        known = report.nodes.get(name)
        wired = {port: [passed.get(end, end) for end in ends] for port, ends in graph.inputs_of(name).items()}
        ends = {(name, output): wired[port][0] for output, port in known.passes.items()} if known else {}
        if ends and all(source in steps for source, _ in ends.values()):
            passed |= ends
            continue
        step = _step(graph.nodes[name], graph, known, wired, steps)
        if isinstance(step, Step):
            steps[name] = step
        else:
            missing[name] = step
    _set_cheating_apart(steps, missing)
    kinds = {name: node.kind for name, node in report.nodes.items()}
    roles: dict[Role, list[str]] = {role: [] for role in Role}
    for node in graph.ordered_nodes():
        if node.name in steps:
            roles[steps[node.name].kind.role].append(node.name)
    return Plan(
        steps,
        tuple(dict.fromkeys(name for name, _ in passed)),
        missing,
        blocked=any(kind and kind.role in _ENDS for kind in map(kinds.get, missing)),
        inputs=tuple(roles[Role.INPUT]),
        targets=tuple(roles[Role.TARGET]),
        outputs=tuple(roles[Role.OUTPUT]),
        objectives=tuple(roles[Role.OBJECTIVE]),
    )


def _set_cheating_apart(steps: dict[str, Step], missing: dict[str, str]) -> None:
    """Takes out the Output nodes that depend on a Target: there is none when predicting."""
    knowing: set[str] = set()
    for name, step in list(steps.items()):
        if step.kind.role is Role.TARGET or any(source in knowing for source, _ in step.values):
            knowing.add(name)
            if step.kind.role is Role.OUTPUT:
                del steps[name]
                missing[name] = (
                    f"{step.kind.name}; it depends on a Target, which is not there when predicting"
                )


def _step(
    node: Node,
    graph: Graph,
    report: NodeReport | None,
    wired: Mapping[str, Sequence[Endpoint]],
    steps: Mapping[str, Step],
) -> Step | str:
    """The step of a node, or the reason why it cannot be emitted."""
    if report is None or report.kind is None:
        return "an unknown kind of node"
    kind = report.kind
    if kind.role is Role.LAYER and not kind.outputs:
        return f"{kind.name}; has no Output inside, so it gives nothing"
    inputs = {port.name: tuple(wired[port.name]) for port in kind.inputs if port.name in wired}
    for port in kind.inputs:
        if not port.optional and port.name not in inputs:
            return f"{kind.name}; nothing is wired to {port.name}"
    waiting = [source for ends in wired.values() for source, _ in ends if source not in steps]
    if waiting:
        return f"{kind.name}; waits for {waiting[0]}"
    if any(port.name not in report.outputs for port in kind.outputs) or len(inputs) != len(wired):
        return f"{kind.name}; its inputs or parameters do not fit yet"
    owner = graph.nodes.get(node.shares, node)
    return Step(node.name, kind, report, inputs, owner.name, owner.parameters)
