"""Findings of a deep check as diagnostics of a drawing: which remedies become fixes."""

from __future__ import annotations

import pytest
from drawings import drawing

from nodeforge.core.document import Document
from nodeforge.core.edits import SetParameter, apply
from nodeforge.engine.messages import DeepFinding, DeepVerdict, Remedy
from nodeforge.session.deep_checking import diagnostics_of


@pytest.fixture
def document() -> Document:
    return drawing("""
        x = Input(shape=[6])
        stop = StopGradient()
        wide = Linear(out_features=8)
        out = Output()
        x -> stop -> wide -> out
    """)


def verdict(*findings: DeepFinding) -> DeepVerdict:
    return DeepVerdict(check="any", title="Any", outcome="broken", findings=list(findings))


def finding(*remedies: Remedy, severity: str = "warning", network: str = "main") -> DeepFinding:
    return DeepFinding(
        code="any", severity=severity, message="Any.", network=network, node="stop", remedies=list(remedies)
    )


def test_a_node_taken_out_leaves_a_chain_that_still_holds(document: Document) -> None:
    (diagnostic,) = diagnostics_of(document, [verdict(finding(Remedy(label="Remove stop", node="stop")))])
    (fix,) = diagnostic.fixes
    apply(document, fix.edit)
    assert "stop" not in document.main_network
    assert document.main_network.predecessors("wide") == {"x"}


def test_a_parameter_is_set_and_lists_from_the_wire_are_frozen(document: Document) -> None:
    remedy = Remedy(label="Set shape", node="x", parameter="shape", value=[7])
    (diagnostic,) = diagnostics_of(document, [verdict(finding(remedy))])
    assert [fix.edit for fix in diagnostic.fixes] == [SetParameter("main", "x", "shape", (7,))]


@pytest.mark.parametrize(
    "remedy",
    [
        Remedy(label="Of a node that is gone", node="gone"),
        Remedy(label="Out of bounds", node="wide", parameter="out_features", value=-1),
        Remedy(label="No such parameter", node="wide", parameter="colour", value=1),
    ],
)
def test_a_remedy_that_would_break_the_drawing_is_not_offered(document: Document, remedy: Remedy) -> None:
    (diagnostic,) = diagnostics_of(document, [verdict(finding(remedy))])
    assert diagnostic.fixes == ()


def test_the_worst_comes_first(document: Document) -> None:
    verdicts = [
        verdict(finding(severity="hint"), finding(severity="warning")),
        verdict(finding(severity="error")),
    ]
    severities = [str(diagnostic.severity) for diagnostic in diagnostics_of(document, verdicts)]
    assert severities == ["error", "warning", "hint"]
