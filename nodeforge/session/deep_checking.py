"""What a deep check found, as diagnostics of the drawing, with fixes that were tried on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nodeforge.analysis import check
from nodeforge.analysis.healing import healing_edits
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document
from nodeforge.core.edits import Edit, SetParameter, apply
from nodeforge.core.errors import EditError
from nodeforge.core.parameters import freeze
from nodeforge.engine.messages import DeepFinding, DeepVerdict, Remedy


def diagnostics_of(document: Document, verdicts: Iterable[DeepVerdict]) -> list[Diagnostic]:
    """The findings of all verdicts, the worst first."""
    order = list(Severity)
    found = [_diagnostic(document, finding) for verdict in verdicts for finding in verdict.findings]
    return sorted(found, key=lambda diagnostic: order.index(diagnostic.severity))


def _diagnostic(document: Document, finding: DeepFinding) -> Diagnostic:
    return Diagnostic(
        code=finding.code,
        severity=Severity(finding.severity),
        message=finding.message,
        reason=finding.reason,
        network=finding.network,
        node=finding.node,
        fixes=tuple(_fixes(document, finding)),
    )


def _fixes(document: Document, finding: DeepFinding) -> Iterator[Fix]:
    """Remedies that leave a drawing without errors."""
    graph = document.networks.get(finding.network)
    for remedy in finding.remedies:
        if graph is not None and remedy.node in graph:
            edit = _edit(document, finding.network, remedy)
            if _is_sound_after(document, edit):
                yield Fix(label=remedy.label, edit=edit)


def _edit(document: Document, network: str, remedy: Remedy) -> Edit:
    if not remedy.parameter:
        return healing_edits(document.networks[network], [remedy.node])
    return SetParameter(network, remedy.node, remedy.parameter, freeze(remedy.value))


def _is_sound_after(document: Document, edit: Edit) -> bool:
    changed = document.copy()
    try:
        apply(changed, edit)
    except EditError:
        return False
    return check(changed).ok
