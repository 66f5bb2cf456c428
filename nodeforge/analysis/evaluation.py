"""What one node makes of the specs that arrive: outputs, derived arguments, parameter count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nodeforge.analysis.report import NodeReport
from nodeforge.catalog.kind import Kind, ShapeCall
from nodeforge.core.errors import ShapeError
from nodeforge.core.graph import Node
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec

Specs = Mapping[str, tuple[TensorSpec | None, ...]]
"""By input port, the specs of its wires in order; None where one is unknown."""

Oracle = Callable[
    [Kind, Mapping[str, Value], Mapping[str, tuple[TensorSpec, ...]]], Mapping[str, TensorSpec] | None
]
"""Output specs of a kind without a shape rule; None while they are not known: the next check asks again."""

CACHE_LIMIT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A node's report, and why it is not complete.

    Attributes:
        report: What is known.
        error: What the kind's shape rule has against the inputs.
        pending: Whether the oracle owes an answer.
    """

    report: NodeReport
    error: ShapeError | None = None
    pending: bool = False


class Evaluator:
    """Asks the kinds, and remembers answers by (kind, values, input specs)."""

    def __init__(self, catalog: Mapping[str, Kind], oracle: Oracle | None = None) -> None:
        self.catalog = catalog
        self._oracle = oracle
        self._known: dict[object, Evaluation] = {}

    def evaluate(self, node: Node, arriving: Specs) -> Evaluation:
        """What the node makes of the specs that arrive at its ports."""
        kind = self.catalog.get(node.kind)
        if kind is None:
            return Evaluation(report=NodeReport(kind=None, values=node.parameters))
        values, sound = normalise(kind, node.parameters)
        # In the order of the kind's ports, whatever the order in which they were wired.
        ports = [port.name for port in kind.inputs if port.name in arriving]
        inputs = {port: known(arriving[port]) for port in ports if None not in arriving[port]}
        if not sound or not _can_answer(kind, arriving, inputs):
            return Evaluation(report=NodeReport(kind=kind, values=values, inputs=inputs))
        key = (kind.name, tuple(values.items()), tuple(inputs.items()))
        found = self._known.get(key)
        if found is None:
            found = self._ask(kind, ShapeCall(node.name, values, inputs))
            # An error names the node, so it is not for others of the same signature.
            if found.error is None and not found.pending:
                if len(self._known) >= CACHE_LIMIT:
                    self._known.clear()
                self._known[key] = found
        return found

    def _ask(self, kind: Kind, call: ShapeCall) -> Evaluation:
        if kind.shape is None:
            answer = self._oracle(kind, call.values, call.inputs) if self._oracle else None
            if answer is None:
                report = NodeReport(kind=kind, values=call.values, inputs=call.inputs)
                return Evaluation(report=report, pending=self._oracle is not None)
            outputs = answer
        try:
            if kind.shape is not None:
                outputs = kind.shape(call)
            report = NodeReport(
                kind=kind,
                values=call.values,
                derived={derived.name: derived.compute(call) for derived in kind.derived},
                inputs=call.inputs,
                outputs=outputs,
                parameters=kind.parameter_count(call) if kind.parameter_count else 0,
            )
        except ShapeError as error:
            return Evaluation(
                report=NodeReport(kind=kind, values=call.values, inputs=call.inputs), error=error
            )
        return Evaluation(report=report)


def known(specs: tuple[TensorSpec | None, ...]) -> tuple[TensorSpec, ...]:
    """The specs that are known."""
    return tuple(spec for spec in specs if spec is not None)


def normalise(kind: Kind, parameters: Mapping[str, Value]) -> tuple[dict[str, Value], bool]:
    """Every declared parameter with defaults filled in, and whether all of them are sound.

    Values at fault stay as they are; required ones that are not set are left out.
    """
    values = kind.complete(parameters)
    sound = len(values) == len(kind.parameters) and parameters.keys() <= values.keys()
    for parameter in kind.parameters:
        if parameter.name in parameters:
            try:
                values[parameter.name] = parameter.check(parameters[parameter.name])
            except ValueError:
                sound = False
    return values, sound


def _can_answer(kind: Kind, arriving: Specs, inputs: Mapping[str, tuple[TensorSpec, ...]]) -> bool:
    """Whether the ports are wired as declared, every spec is known and of a type that its port takes."""
    if len(inputs) != len(arriving):
        return False  # a spec is unknown, or the kind has no such port
    for port in kind.inputs:
        specs = inputs.get(port.name)
        if specs is None:
            if not port.optional:
                return False
        elif (len(specs) > 1 and not port.many) or any(spec.dtype not in port.dtypes for spec in specs):
            return False
    return True
