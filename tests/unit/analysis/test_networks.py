"""Networks inside networks, shared weights and variables, as the checker sees them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from drawings import drawing

from nodeforge.analysis import Checker, Report, check
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.document import Document, Recipe, Stage
from nodeforge.core.edits import (
    AddNode,
    Edit,
    RemoveNetwork,
    RenameNetwork,
    RenameNode,
    RenameVariable,
    SetMain,
    SetParameter,
    SetRecipe,
    SetVariables,
    Share,
    apply,
)
from nodeforge.core.graph import Node

STACK = """
    width = 16
    image = Input(shape=[8])
    first = block()
    second = block(d_ff=10)
    dense = Linear(out_features=3)
    out = Output()
    image -> first -> second -> dense -> out
    network block(d_ff="=width*2")
    x = Input(shape=[4])
    up = Linear(out_features="=d_ff")
    inner = core()
    y = Output()
    x -> up -> inner -> y
    network core()
    x = Input(shape=[4])
    dense = Linear(out_features="=width")
    y = Output()
    x -> dense -> y
"""


def found(report: Report, code: str) -> list[Diagnostic]:
    return [d for d in report.diagnostics if d.code == code]


def errors(report: Report) -> list[str]:
    return [d.code for d in report.diagnostics if d.severity == "error"]


def with_edits(document: Document, *edits: Edit) -> Document:
    for edit in edits:
        apply(document, edit)
    return document


def test_shapes_inside_are_those_of_the_use() -> None:
    report = check(drawing(STACK))
    assert errors(report) == []
    first, second = (report.networks["main"].nodes[name] for name in ("first", "second"))
    assert first.values["d_ff"] == 32
    assert (first.inside.nodes["up"].derived, second.inside.nodes["up"].derived) == (
        {"in_features": 8},
        {"in_features": 16},
    )
    deepest = second.inside.nodes["inner"].inside.nodes["dense"]
    assert deepest.derived == {"in_features": 10}
    assert str(report.networks["main"].nodes["dense"].inputs["input"][0]) == "N×16"
    counts = 8 * 32 + 32 + 32 * 16 + 16, 16 * 10 + 10 + 10 * 16 + 16
    assert (first.parameters, second.parameters) == counts
    # By itself, the network is shown with the shape that its own Input declares.
    assert report.networks["block"].nodes["up"].derived == {"in_features": 4}


EDITS = [
    SetVariables("", {"width": 12}),
    SetVariables("block", {"d_ff": 7}),
    SetParameter("core", "dense", "out_features", 5),
    SetParameter("main", "second", "d_ff", "=width+1"),
    SetParameter("block", "up", "out_features", "=d_ff*0"),
    Share("main", "second", "first"),
    RenameNode("core", "x", "value"),
    RenameNetwork("core", "kernel"),
    RenameVariable("", "width", "channels"),
    RenameVariable("block", "d_ff", "hidden"),
    RemoveNetwork("core"),
    SetMain("block"),
    SetRecipe(
        Recipe(stages=(Stage(learns=("dense",)), Stage(name="again", rule="ridge", learns=("nobody",))))
    ),
    AddNode("core", Node(name="more", kind="block")),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: type(edit).__name__)
def test_a_checker_that_remembers_says_what_a_fresh_one_says(edit: Edit) -> None:
    document = drawing(STACK)
    checker = Checker()
    checker.check(document)
    inverse = apply(document, edit).inverse
    assert checker.check(document) == check(document)
    apply(document, inverse)
    assert checker.check(document) == check(document) == check(drawing(STACK))


def test_a_fault_inside_is_told_at_the_use() -> None:
    report = check(
        drawing("""
        image = Input(shape=[3, 4, 4])
        use = convs()
        out = Output()
        image -> use -> out
        network convs()
        x = Input(shape=[3, 32, 32])
        conv = Conv2d(out_channels=4, kernel_size=7)
        y = Output()
        x -> conv -> y
    """)
    )
    (fault,) = [d for d in report.diagnostics if d.severity == "error"]
    assert (fault.network, fault.node) == ("main", "use")
    assert "inside convs" in fault.message
    assert "conv" in fault.message


def test_a_network_that_contains_itself_is_named() -> None:
    document = drawing(STACK)
    apply(document, AddNode("core", Node(name="again", kind="block")))
    faults = found(check(document), "network-circular")
    assert {(d.network, d.node) for d in faults} == {("core", "again"), ("block", "inner")}
    for fault in faults:
        (fix,) = fault.fixes
        other = document.copy()
        apply(other, fix.edit)
        assert found(check(other), "network-circular") == []


@pytest.mark.parametrize(
    ("edits", "code", "words"),
    [
        ([Share("main", "dense", "nobody")], "sharing-unknown", "no such node"),
        ([Share("main", "second", "first")], "sharing-size", "another size"),
        (
            [
                Share("main", "second", "first"),
                AddNode("main", Node(name="third", kind="block", shares="second")),
            ],
            "sharing-chain",
            "those of first itself",
        ),
        ([AddNode("main", Node(name="third", kind="core", shares="first"))], "sharing-kind", "a block"),
        ([SetVariables("", {"width": "=widht+1"})], "variable-invalid", "no such variable"),
        ([SetVariables("", {"width": "=a", "a": "=width"})], "variable-invalid", "itself"),
        ([SetVariables("block", {"d_ff": "=1/0"})], "variable-invalid", "divides by zero"),
        ([AddNode("core", Node(name="loss", kind="MSELoss"))], "objective-inside", "main network"),
        (
            [SetParameter("main", "dense", "out_features", "=widht")],
            "parameter-invalid",
            "did you mean width?",
        ),
        ([SetParameter("main", "dense", "out_features", "=width-99")], "parameter-invalid", "at least 1"),
        ([SetParameter("main", "dense", "out_features", "=width/3")], "parameter-invalid", "whole number"),
    ],
)
def test_faults_have_a_name_and_fixes_that_help(edits: list[Edit], code: str, words: str) -> None:
    document = with_edits(drawing(STACK), *edits)
    fault = found(check(document), code)[0]
    assert words in fault.message
    assert fault.severity == "error"
    assert fault.fixes
    for fix in fault.fixes:
        mended = document.copy()
        apply(mended, fix.edit)
        assert fault not in check(mended).diagnostics


def test_what_nothing_uses_keeps_nothing_from_running() -> None:
    document = with_edits(drawing(STACK), SetParameter("core", "dense", "out_features", 0))
    assert errors(check(document))
    draft = drawing(STACK + "\n network draft()\n dense = Linear(out_features=0)")
    report = check(draft)
    assert errors(report) == []
    assert "parameter-invalid" in codes_of(report.diagnostics, "draft")


def codes_of(diagnostics: Iterable[Diagnostic], network: str) -> set[str]:
    return {d.code for d in diagnostics if d.network == network}


@pytest.mark.parametrize(
    ("repeat", "fits"),
    [("use = same(repeat=4)", True), ("use = wider(repeat=4)", False), ("use = wider()", True)],
)
def test_a_network_repeats_only_if_it_gives_what_it_takes(repeat: str, fits: bool) -> None:
    report = check(
        drawing(f"""
        image = Input(shape=[8])
        {repeat}
        out = Output()
        image -> use -> out
        network same()
        x = Input(shape=[8])
        dense = Linear(out_features=8)
        y = Output()
        x -> dense -> y
        network wider()
        x = Input(shape=[8])
        dense = Linear(out_features=9)
        y = Output()
        x -> dense -> y
    """)
    )
    assert (errors(report) == []) is fits
    if fits:
        times = report.networks["main"].nodes["use"].values["repeat"]
        assert report.networks["main"].parameters == (72 * 4 if times == 4 else 81)
    else:
        assert "cannot repeat" in report.diagnostics[0].message
