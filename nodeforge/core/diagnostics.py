"""Diagnostics: what is wrong with a drawing, in words, with edits that mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nodeforge.core.edits import Edit
from nodeforge.core.graph import Wire


class Severity(StrEnum):
    """How bad it is. Errors keep the graph from running; warnings and hints do not."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """An edit that mends the fault, and the words on its button ("Insert Flatten")."""

    label: str
    edit: Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: Stable and searchable: "shape-mismatch", "cycle".
        severity: How bad it is.
        message: One sentence that a student understands, naming the node and the numbers.
        reason: Why it matters or what torch would do; a sentence or two, may be empty.
        network: Network it is in; "" for the project as a whole.
        node: Node to blame; "" for the network as a whole.
        port: Port to blame; may be empty.
        parameter: Parameter to blame; may be empty.
        stage: Stage of the recipe to blame; may be empty.
        nodes: All nodes involved, when several are (a cycle).
        wires: Wires involved (the loop of a cycle).
        fixes: Edits that mend it, the best first.
    """

    code: str
    severity: Severity
    message: str
    reason: str = ""
    network: str = ""
    node: str = ""
    port: str = ""
    parameter: str = ""
    stage: str = ""
    nodes: tuple[str, ...] = ()
    wires: tuple[Wire, ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a shape rule, which sees no graph, proposes: the checker turns it into a Fix.

    Attributes:
        label: Words on the button.
        set_parameter: (parameter, value) of the node at fault.
        insert: (kind, parameters) of a node to put on the wire into the blamed port.
    """

    label: str
    set_parameter: tuple[str, object] | None = None
    insert: tuple[str, dict[str, object]] | None = None
