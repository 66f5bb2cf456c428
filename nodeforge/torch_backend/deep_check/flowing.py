"""Where gradients flow, and where they end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from torch import Tensor

from nodeforge.catalog.kind import Role
from nodeforge.catalog.networks import borders
from nodeforge.core.graph import reached
from nodeforge.torch_backend.deep_check.probe import Place
from nodeforge.torch_backend.deep_check.subject import Known, Subject


class Flow:
    """A watch that notes through which values gradients flow.

    Attributes:
        carries: By place, whether the value belongs to the graph of gradients.
        passed: Places that ever got a gradient.
        flows: Those of them whose gradient was ever not all zeros.
        zero: Places whose value was all zeros in every batch.
    """

    def __init__(self) -> None:
        self.carries: dict[Place, bool] = {}
        self.passed: set[Place] = set()
        self.flows: set[Place] = set()
        self.zero: dict[Place, bool] = {}

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        self.carries[place] = self.carries.get(place, False) or value.requires_grad
        self.zero[place] = self.zero.get(place, True) and not bool(value.detach().any())
        if value.requires_grad:
            value.register_hook(lambda gradient: self._note(place, gradient))  # type: ignore[no-untyped-call]
        return value

    def _note(self, place: Place, gradient: Tensor) -> None:
        self.passed.add(place)
        if bool(gradient.any()):
            self.flows.add(place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why no gradient reaches a parameter.

    Attributes:
        why: The end of a sentence.
        is_zero: Whether there is one, which is always 0.
        network, node, kind: Who is to blame.
    """

    why: str
    is_zero: bool
    network: str
    node: str
    kind: str = ""


class Causes:
    """Tells why parameters get no gradient, or always one of 0."""

    def __init__(self, subject: Subject, flow: Flow) -> None:
        self.subject = subject
        self._flow = flow
        self._notes: dict[tuple[str, ...], _Notes] = {}

    def find(self, way: Sequence[Known], *, is_zero: bool) -> Cause:
        """The cause for a parameter.

        Args:
            way: From the node of the main network down to the node with the parameter. The cause may be at any level.
            is_zero: Whether there is a gradient.
        """
        for known in reversed(way):
            cause = _Level(self, known.network, known.path, is_zero=is_zero).cause()
            if cause is not None:
                return cause
        why = "the loss does not change with it" if is_zero else "no loss depends on it"
        network, node = (way[-1].network, way[-1].node) if way else (self.subject.document.main, "")
        return Cause(why=why, is_zero=is_zero, network=network, node=node)

    def notes(self, inside: tuple[str, ...]) -> _Notes:
        """What was noted of the nodes of one network at one use."""
        if inside not in self._notes:
            self._notes[inside] = self._gather(inside)
        return self._notes[inside]

    def _gather(self, inside: tuple[str, ...]) -> _Notes:
        nodes: dict[Place, str] = {}
        for place in self._flow.carries:
            known = self.subject.known(place)
            if known is not None and known.path[:-1] == inside:
                nodes[place] = known.node
        seen = set(nodes.values())
        return _Notes(
            cut=seen - {node for place, node in nodes.items() if self._flow.carries[place]},
            empty=seen - {node for place, node in nodes.items() if not self._flow.zero[place]},
            passed={node for place, node in nodes.items() if place in self._flow.passed},
            flows={node for place, node in nodes.items() if place in self._flow.flows},
        )


@dataclass(frozen=True, slots=True)
class _Notes:
    """Nodes of one network at one use, by what was seen of their values.

    Attributes:
        cut: No value belongs to the graph of gradients.
        empty: Every value was all zeros.
        passed: A value got a gradient.
        flows: A value got one that is not all zeros.
    """

    cut: set[str]
    empty: set[str]
    passed: set[str]
    flows: set[str]


class _Level:
    """The nodes of one network at one use, seen from one of them."""

    def __init__(self, causes: Causes, network: str, path: tuple[str, ...], *, is_zero: bool) -> None:
        self._causes = causes
        self._networks = causes.subject.document.networks
        self._network = network
        self._graph = self._networks[network]
        self._inside, self._start = path[:-1], path[-1]
        self._is_zero = is_zero
        self._notes = causes.notes(self._inside)
        self._passed = self._notes.flows if is_zero else self._notes.passed
        self._behind = self._in_order(reached(self._graph.successors, [self._start]))

    def cause(self) -> Cause | None:
        """The node behind at which the gradient ends that comes from the loss; None when it is at no node of these."""
        waiting = set(self._behind) - self._passed
        for name in self._behind[1:]:
            if name in self._passed and self._graph.predecessors(name) & waiting:
                cut = next((node for node in self._behind if node in self._notes.cut), name)
                return self._blame(name if self._is_zero else cut)
        for name in self._in_order(self._graph.predecessors(self._start) & self._notes.empty):
            return self._cause(name, "gives only zeros")
        return self._blame(self._start) if self._start in self._notes.cut else None

    def _blame(self, name: str) -> Cause:
        """A node that ends the gradient; of a network, the node inside that does."""
        network = self._graph.nodes[name].kind
        if network in self._networks:
            for entry in borders(self._networks[network], Role.INPUT):
                path = (*self._inside, name, entry.name)
                inner = _Level(self._causes, network, path, is_zero=self._is_zero).cause()
                if inner is not None:
                    return inner
        if self._is_zero:
            return self._cause(
                name, "stops it" + (", for it gives 0 for every sample" if name in self._notes.empty else "")
            )
        return self._cause(name, "lets none through")

    def _cause(self, node: str, does: str) -> Cause:
        kind = self._graph.nodes[node].kind
        name = f"{self._network}.{node}" if self._inside else node
        return Cause(
            why=f"{name} ({kind}) {does}", is_zero=self._is_zero, network=self._network, node=node, kind=kind
        )

    def _in_order(self, names: Collection[str]) -> list[str]:
        """The names in execution order."""
        order = self._causes.subject.report.networks[self._network].order
        return [name for name in order if name in names]
