"""Fixes of shapes that do not fit: axes in another order, branches that lead nowhere."""

from __future__ import annotations

import pytest
from drawings import drawing
from findings import codes, mends, only

from nodeforge.analysis import check
from nodeforge.core.edits import apply

PAIR = "a = Input(shape={one})\nb = Input(shape={two})\nsum = Add()\ny = Output()\na -> sum -> y\nb -> sum"


@pytest.mark.parametrize(
    ("one", "two", "code", "fix"),
    [
        ("[1, 5]", "[5, 1]", "stretched-inputs", "Insert Reshape to N×1×5"),
        ("[5]", "[5, 1]", "shape-mismatch", "Insert Reshape to N×5"),
        ("[1]", "[]", "shape-mismatch", "Insert Reshape to N×1"),
        ("[3, 4]", "[4, 3]", "shape-mismatch", "Insert Permute to N×3×4"),
    ],
)
def test_what_holds_the_same_axes_is_laid_out_alike(one: str, two: str, code: str, fix: str) -> None:
    document = drawing(PAIR.format(one=one, two=two))
    finding = only(document, code)
    assert fix in [offered.label for offered in finding.fixes]
    mends(document, finding)


@pytest.mark.parametrize(("one", "two"), [("[1, 5]", "[4, 1]"), ("[6]", "[2, 3]"), ("[2, 6]", "[3, 4]")])
def test_values_are_never_put_in_another_order(one: str, two: str) -> None:
    findings = check(drawing(PAIR.format(one=one, two=two))).diagnostics
    labels = [fix.label for finding in findings for fix in finding.fixes]
    assert not [label for label in labels if "Reshape" in label or "Permute" in label]


def test_a_window_over_the_features_is_turned_to_the_length() -> None:
    text = "x = Input(shape=[24, 1])\nc = Conv1d(out_channels=4, kernel_size=5)\ny = Output()\nx -> c -> y"
    document = drawing(text)
    finding = only(document, "shape-mismatch")
    turn = next(
        fix for fix in finding.fixes if fix.label == "Insert Permute: length and features change places"
    )
    apply(document, turn.edit)
    assert str(check(document).networks["main"].nodes["c"].outputs["output"]) == "N×4×20"


def test_a_branch_that_leads_nowhere_goes_as_a_whole() -> None:
    text = """
    x = Input(shape=[9])
    shared = Linear()
    relu = ReLU()
    y = Output()
    one = Linear()
    two = Tanh()
    three = Linear()
    x -> shared -> relu -> y
    relu -> one -> two -> three
    """
    document = drawing(text)
    finding = only(document, "dangling-output")
    branch = next(fix for fix in finding.fixes if fix.label == "Remove the branch of 3 nodes")
    apply(document, branch.edit)
    assert set(document.main_network.nodes) == {"x", "shared", "relu", "y"}
    assert "dangling-output" not in codes(document)


HAND_MADE = """
x = Input(shape=[9])
fc = Linear(out_features={width})
t = Target(shape=[1], dtype="float32")
apart = Subtract()
squared = Pow(exponent=2)
y = Output()
x -> fc -> apart.input
t -> apart.other
apart -> squared
fc -> y
"""


def test_a_target_that_is_repeated_to_fit() -> None:
    finding = only(drawing(HAND_MADE.format(width=10)), "stretched-inputs")
    assert finding.message == (
        "apart compares N×10 with N×1, and one of them is the target: prediction and target need equal shapes."
    )
    assert "stretched-inputs" not in codes(drawing(HAND_MADE.format(width=1)))


def test_what_stands_in_a_block_is_told_of_there() -> None:
    text = """
    x = Input(shape=[8, 16, 16])
    one = block()
    y = Output()
    x -> one -> y
    network block()
    x = Input(shape=[8, 16, 16])
    conv = Conv2d(out_channels=8, padding=1)
    norm = BatchNorm2d()
    y = Output()
    x -> conv -> norm -> y
    """
    document = drawing(text)
    finding = only(document, "bias-before-norm")
    assert (finding.network, finding.nodes) == ("block", ("conv",))
    mends(document, finding)
