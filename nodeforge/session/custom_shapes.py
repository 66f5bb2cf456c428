"""What layers of a project's own give: asked of the engine, remembered by (text, parameters, inputs)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nodeforge.analysis.evaluation import Answer
from nodeforge.catalog.custom import CustomKind
from nodeforge.catalog.kind import Kind
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec
from nodeforge.engine.messages import AnyReply, CustomShapes, ShapesFound, Spec

Inputs = Mapping[str, tuple[TensorSpec, ...]]


class ShapeBook:
    """The checker's oracle where the engine is elsewhere: what it cannot answer becomes a question.

    Belongs to one thread.
    """

    def __init__(self) -> None:
        self._answers: dict[object, Answer | str] = {}
        self._open: dict[object, CustomShapes] = {}
        self._asked: set[object] = set()

    def __call__(self, kind: Kind, values: Mapping[str, Value], inputs: Inputs) -> Answer | None:
        """The answer, if there is one already.

        Raises:
            ShapeError: The layer has something against the input.
        """
        if not isinstance(kind, CustomKind):
            return None
        key = (kind.name, kind.hash, tuple(values.items()), tuple(inputs.items()))
        found = self._answers.get(key)
        if found is None:
            self._open.setdefault(key, question(kind, values, inputs))
        elif isinstance(found, str):
            raise ShapeError(found)
        return found

    def questions(self) -> list[tuple[CustomShapes, Callable[[AnyReply], bool]]]:
        """What the engine should be asked next, each with what takes its reply and tells whether it is an answer."""
        fresh = [key for key in self._open if key not in self._asked]
        self._asked.update(fresh)
        return [(self._open[key], lambda reply, key=key: self._take(key, reply)) for key in fresh]  # type: ignore[misc]

    def _take(self, key: object, reply: AnyReply) -> bool:
        self._asked.discard(key)
        if not isinstance(reply, ShapesFound):
            return False  # the engine died, or trust was taken back: the next check asks again
        self._open.pop(key, None)
        self._answers[key] = answer_of(reply)
        return True


def question(kind: CustomKind, values: Mapping[str, Value], inputs: Inputs) -> CustomShapes:
    """What to ask the engine."""
    arriving = {
        port: [Spec(shape=list(spec.shape), dtype=spec.dtype) for spec in specs]
        for port, specs in inputs.items()
    }
    return CustomShapes(name=kind.name, text=kind.text, values=dict(values), inputs=arriving)


def answer_of(reply: ShapesFound) -> Answer | str:
    """What it says; the sentence of a fault."""
    outputs = {port: TensorSpec(tuple(spec.shape), spec.dtype) for port, spec in reply.outputs.items()}
    return reply.fault or Answer(outputs=outputs, parameters=reply.parameters)
