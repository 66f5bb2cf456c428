"""Where gradients flow, and where they end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from torch import Tensor

from nodeforge.torch_backend.deep_check.probe import Place
from nodeforge.torch_backend.deep_check.subject import Known, Subject, reached


class Flow:
    """A watch that notes through which values gradients flow.

    Attributes:
        carries: By place, whether the value belongs to the graph of gradients.
        flows: Places whose gradient was ever not all zeros.
        zero: Places whose value was all zeros in every batch.
    """

    def __init__(self) -> None:
        self.carries: dict[Place, bool] = {}
        self.flows: set[Place] = set()
        self.zero: dict[Place, bool] = {}

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        self.carries[place] = self.carries.get(place, False) or value.requires_grad
        self.zero[place] = self.zero.get(place, True) and not bool(value.detach().any())
        if value.requires_grad:
            value.register_hook(lambda gradient: self._note(place, gradient))  # type: ignore[no-untyped-call]
        return value

    def _note(self, place: Place, gradient: Tensor) -> None:
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


def find_cause(subject: Subject, flow: Flow, way: Sequence[Known], *, is_zero: bool) -> Cause:
    """Why a parameter gets no gradient, or always one of 0.

    Args:
        subject: The network.
        flow: What was noted while it was trained.
        way: From the node of the main network down to the node with the parameter. The cause may be at any level.
        is_zero: Whether there is a gradient.
    """
    for known in reversed(way):
        level = _Level(subject, flow, known)
        cause = level.where_zero() if is_zero else level.where_cut()
        if cause is not None:
            return cause
    why = "the loss does not change with it" if is_zero else "no loss depends on it"
    network, node = (way[-1].network, way[-1].node) if way else (subject.document.main, "")
    return Cause(why=why, is_zero=is_zero, network=network, node=node)


class _Level:
    """What was noted of the nodes of one network, seen from one of them."""

    def __init__(self, subject: Subject, flow: Flow, known: Known) -> None:
        self._subject = subject
        self._network = known.network
        self._graph = subject.document.networks[known.network]
        self._node = known.node
        inside = known.path[:-1]
        nodes = {}
        for place in flow.carries:
            value = subject.known(place)
            if value is not None and value.path[:-1] == inside:
                nodes[place] = value.node
        self._seen = set(nodes.values())
        self._carrying = {node for place, node in nodes.items() if flow.carries[place]}
        self._flowing = {node for place, node in nodes.items() if place in flow.flows}
        self._empty = self._seen - {node for place, node in nodes.items() if not flow.zero[place]}
        self._behind = reached(self._graph.successors, [self._node])

    def where_cut(self) -> Cause | None:
        """The first node behind that is given a value with a gradient and gives one without."""
        for name in self._in_order(self._behind & self._seen - self._carrying):
            if name == self._node or self._graph.predecessors(name) & self._behind & self._carrying:
                return self._blame(name, "lets none through", is_zero=False)
        return None

    def where_zero(self) -> Cause | None:
        """The node behind that turns a gradient into 0, or the one before that gives nothing but 0."""
        for name in self._in_order((self._behind & self._flowing) - {self._node}):
            if self._graph.predecessors(name) & (self._behind - self._flowing):
                dead = ", for it gives 0 for every sample" if name in self._empty else ""
                return self._blame(name, f"stops it{dead}", is_zero=True)
        for name in self._in_order(self._graph.predecessors(self._node) & self._empty):
            return self._blame(name, "gives only zeros", is_zero=True)
        return None

    def _in_order(self, names: Iterable[str]) -> list[str]:
        order = self._subject.report.networks[self._network].order
        return sorted(names, key=order.index)

    def _blame(self, node: str, does: str, *, is_zero: bool) -> Cause:
        kind = self._graph.nodes[node].kind
        name = node if self._network == self._subject.document.main else f"{self._network}.{node}"
        return Cause(
            why=f"{name} ({kind}) {does}", is_zero=is_zero, network=self._network, node=node, kind=kind
        )
