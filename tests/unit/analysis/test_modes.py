"""What the checker says of nodes that are bypassed or muted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawings import CLASSIFIER, drawing

from nodeforge.analysis import Checker, check
from nodeforge.analysis.costs import measure
from nodeforge.analysis.teaching import taught
from nodeforge.analysis.views import offered
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.document import Document, Stage
from nodeforge.core.edits import Connect, Disconnect, SetMode, SetRecipe, apply
from nodeforge.core.graph import Wire


def with_modes(**modes: str) -> Document:
    document = drawing(CLASSIFIER)
    for name, mode in modes.items():
        apply(document, SetMode("main", name, mode))
    return document


def findings(document: Document, code: str) -> list[Diagnostic]:
    return [finding for finding in check(document).diagnostics if finding.code == code]


@pytest.mark.parametrize("name", ["features", "answer", "out"])
@pytest.mark.parametrize("mode", ["bypassed", "muted"])
def test_borders_cannot_be_idle_and_can_be_activated(name: str, mode: str) -> None:
    document = with_modes(**{name: mode})
    (finding,) = findings(document, "mode-impossible")
    assert finding.severity is Severity.ERROR
    assert finding.node == name
    (fix,) = finding.fixes
    apply(document, fix.edit)
    assert check(document).diagnostics == check(drawing(CLASSIFIER)).diagnostics


def test_a_loss_is_muted_rather_than_bypassed() -> None:
    document = with_modes(loss="bypassed")
    (finding,) = findings(document, "mode-impossible")
    assert [fix.label for fix in finding.fixes] == ["Mute loss instead", "Activate loss"]
    apply(document, finding.fixes[0].edit)
    assert not findings(document, "mode-impossible")


def test_without_its_only_loss_a_network_cannot_be_trained() -> None:
    document = with_modes(loss="muted")
    (finding,) = findings(document, "no-objective")
    assert "loss is muted" in finding.message
    apply(document, finding.fixes[0].edit)
    assert not findings(document, "no-objective")


def test_a_stage_that_follows_muted_losses_only_is_told_of() -> None:
    document = with_modes(loss="muted")
    apply(document, SetRecipe(replace(document.recipe, stages=(Stage(name="fit", objectives=("loss",)),))))
    (finding,) = findings(document, "stage-losses-muted")
    assert finding.stage == "fit"
    for fix in finding.fixes:
        mended = document.copy()
        apply(mended, fix.edit)
        assert not findings(mended, "stage-losses-muted")


def test_idle_nodes_are_listed_and_woken_together() -> None:
    document = with_modes(act="bypassed", hidden="muted")
    (bypassed,), (muted,) = findings(document, "nodes-bypassed"), findings(document, "nodes-muted")
    assert bypassed.nodes == ("act",)
    assert muted.nodes == ("hidden",)
    for finding in (bypassed, muted):
        apply(document, finding.fixes[0].edit)
    assert all(node.mode == "active" for node in document.main_network.nodes.values())


def test_parameters_of_a_bypassed_node_are_not_judged() -> None:
    document = drawing(CLASSIFIER.replace("out_features=16", "out_features=-1"))
    assert not check(document).ok
    apply(document, SetMode("main", "hidden", "bypassed"))
    assert check(document).ok


def test_shapes_follow_a_bypass_and_come_back() -> None:
    document, checker = with_modes(), Checker()
    before = checker.check(document)
    apply(document, SetMode("main", "hidden", "bypassed"))
    while_bypassed = checker.check(document)
    assert str(while_bypassed.networks["main"].nodes["act"].outputs["output"]) == "N×8"
    assert while_bypassed.networks["main"].parameters == 8 * 3 + 3
    assert while_bypassed == check(document)
    apply(document, SetMode("main", "hidden", "active"))
    assert checker.check(document) == before


def test_idle_nodes_cost_nothing_and_learn_nothing() -> None:
    usual = check(with_modes()).networks["main"]
    for mode, counted in (("bypassed", 0), ("muted", 8 * 16 + 16)):
        document = with_modes(hidden=mode)
        main = check(document).networks["main"]
        costs = measure(document, document.main_network, main, 4)
        assert costs.nodes["hidden"].macs == 0
        assert costs.nodes["hidden"].parameters == counted
        assert costs.total.known
        assert set(taught(document, main, Stage())) == {"scores"}
    assert set(taught(with_modes(), usual, Stage())) == {"hidden", "scores"}


def test_a_muted_network_is_one_node_that_learns_nothing() -> None:
    document = drawing("""
        x = Input(shape=[4])
        inner = block()
        y = Output()
        x -> inner -> y
        network block()
        i = Input(shape=[4])
        up = Linear(out_features=4)
        o = Output()
        i -> up -> o
    """)
    apply(document, SetMode("main", "inner", "muted"))
    report = check(document)
    main = report.networks["main"]
    assert not taught(document, main, Stage())
    assert measure(document, document.main_network, main, 4).total.macs == 0
    assert "inner" not in str(offered(document, report))


def test_what_is_behind_a_muted_node_is_not_reached() -> None:
    document = with_modes(act="muted")
    (finding,) = findings(document, "no-gradient")
    assert finding.severity is Severity.HINT
    assert finding.nodes == ("hidden", "act")
    apply(document, finding.fixes[0].edit)
    assert not findings(document, "no-gradient")


def test_a_stage_that_teaches_an_idle_node_changes_nothing() -> None:
    document = with_modes(hidden="bypassed")
    apply(document, SetRecipe(replace(document.recipe, stages=(Stage(learns=("hidden",)),))))
    (finding,) = findings(document, "stage-without-weights")
    assert "hidden, which is bypassed" in finding.message


def test_an_output_for_which_nothing_stands_is_told_of() -> None:
    document = drawing("""
        x = Input(shape=[5, 8])
        gru = GRU(hidden_size=8)
        more = GRU(hidden_size=8)
        y = Output()
        x -> gru -> more -> y
        gru.hidden -> more.initial_hidden
    """)
    apply(document, SetMode("main", "gru", "bypassed"))
    (finding,) = findings(document, "bypass-incomplete")
    assert finding.port == "hidden"
    apply(document, finding.fixes[0].edit)
    assert check(document).ok


def test_a_bypassed_node_without_a_wire_has_nothing_to_pass_on() -> None:
    document = with_modes(act="bypassed")
    (wire,) = document.main_network.wires_into("act")
    apply(document, Disconnect("main", wire))
    (finding,) = [d for d in findings(document, "missing-input") if d.node == "act"]
    assert "nothing to pass on" in finding.message


def test_in_a_loop_the_loop_is_what_is_told_of() -> None:
    document = with_modes(act="bypassed")
    (wire,) = document.main_network.wires_into("hidden")
    apply(document, Disconnect("main", wire))
    apply(document, Connect("main", Wire("act", "output", "hidden", "input")))
    assert findings(document, "cycle")
    assert not findings(document, "missing-input")
