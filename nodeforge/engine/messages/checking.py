"""The deep check, and shapes of layers that a person wrote."""

from __future__ import annotations

from typing import Any

import msgspec

from nodeforge.engine.messages.base import Event, Reply, Request


class DeepCheck(Request, frozen=True, kw_only=True, tag=True):
    """Try on the running network what only that can tell. Answered with `DeepChecked`, while other requests go on.

    `DeepCheckAdvanced` events tell how far it is. A new one cancels the one before.

    Attributes:
        document: Project JSON.
        folder: Where relative paths of its data start.
        causal: Whether every sequence is in time and no output may look ahead, also without a causal layer.
        limit_s: What is not done by then stays unfinished.
    """

    document: bytes
    folder: str
    causal: bool = False
    limit_s: float = 60.0


class CancelDeepCheck(Request, frozen=True, kw_only=True, tag=True):
    """Answered with `Done` at once; the check's own reply then says what it had found."""


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """A change that may mend a finding; `session.deep_checking` makes an edit of it, where it fits.

    Attributes:
        label: Words on its button.
        node: The node to change.
        parameter: The parameter to set; "" to take the node out.
        value: Its new value, plain data.
    """

    label: str
    node: str
    parameter: str = ""
    value: Any = None


class DeepFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Fields as in `core.diagnostics.Diagnostic`."""

    code: str
    severity: str
    message: str
    reason: str = ""
    network: str = ""
    node: str = ""
    remedies: list[Remedy] = []


class DeepVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one property of a deep check.

    Attributes:
        check: Its short name ("independent").
        title: The property as a sentence.
        outcome: "held", "broken", "skipped" or "unfinished".
        note: On what that rests, or why there is no answer.
        seconds: How long it took.
        findings: What is wrong; only when broken.
    """

    check: str
    title: str
    outcome: str
    note: str = ""
    seconds: float = 0.0
    findings: list[DeepFinding] = []


class DeepChecked(Reply, frozen=True, kw_only=True, tag=True):
    """Every verdict, in the order of the checks.

    Attributes:
        verdicts: One for each property.
        seconds: How long all took.
        device: Where it was tried, in words.
    """

    verdicts: list[DeepVerdict]
    seconds: float
    device: str


class DeepCheckAdvanced(Event, frozen=True, kw_only=True, tag=True):
    """How far a deep check is: the titles of all its checks in order, and the verdicts there are."""

    titles: list[str]
    verdicts: list[DeepVerdict]


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """Mirror of `core.specs.TensorSpec`."""

    shape: list[int | str]
    dtype: str


class CustomShapes(Request, frozen=True, kw_only=True, tag=True):
    """What a layer of the project's own gives for an input. Answered with `ShapesFound`.

    Attributes:
        name: Of its class.
        text: Its whole file. The engine runs it only if the person trusts it.
        values: Its parameters.
        inputs: By port, what arrives.
    """

    name: str
    text: str
    values: dict[str, Any]
    inputs: dict[str, list[Spec]]


class ShapesFound(Reply, frozen=True, kw_only=True, tag=True):
    """What comes out of a layer, by port, and its trainable numbers; or what it has against the input."""

    outputs: dict[str, Spec] = {}
    parameters: int = 0
    fault: str = ""
