"""Specs along the wires: shapes, derived arguments, parameter counts, order, the oracle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from drawings import drawing, wire

from nodeforge.analysis import Checker, check
from nodeforge.analysis.evaluation import Answer
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind, Port
from nodeforge.core.edits import (
    AddNode,
    Connect,
    Disconnect,
    MoveNodes,
    RenameNode,
    SetKind,
    SetParameter,
    apply,
)
from nodeforge.core.graph import Node
from nodeforge.core.parameters import Integer, Parameter
from nodeforge.core.specs import TensorSpec

CNN = """
x = Input(shape=[1, 28, 28])
conv = Conv2d(out_channels=16, kernel_size=3, padding=1)
relu = ReLU()
pool = MaxPool2d(kernel_size=2)
flat = Flatten()
fc = Linear(out_features=10)
y = Output()
t = Target()
loss = CrossEntropyLoss()
x -> conv -> relu -> pool -> flat -> fc -> y
fc -> loss
t -> loss.target
"""


def test_specs_run_along_the_wires() -> None:
    report = check(drawing(CNN))
    nodes = report.networks["main"].nodes
    assert [finding.code for finding in report.diagnostics] == ["no-data"]
    assert report.ok
    assert str(nodes["conv"].outputs["output"]) == "N×16×28×28"
    assert str(nodes["pool"].outputs["output"]) == "N×16×14×14"
    assert nodes["fc"].inputs["input"] == (TensorSpec(("N", 16 * 14 * 14)),)
    assert nodes["fc"].derived == {"in_features": 3136}
    assert nodes["conv"].derived["in_channels"] == 1


def test_parameters_are_counted() -> None:
    network = check(drawing(CNN)).networks["main"]
    assert network.nodes["conv"].parameters == 16 * 9 + 16
    assert network.nodes["relu"].parameters == 0
    assert network.parameters == 16 * 9 + 16 + 3136 * 10 + 10


def test_values_are_complete_and_normalised() -> None:
    report = check(drawing("x = Input(shape=[4])\nfc = Linear(out_features=8.0)\nx -> fc"))
    assert report.networks["main"].nodes["fc"].values == {"out_features": 8, "bias": True}


def test_ports_come_in_the_order_of_the_kind_however_they_were_wired() -> None:
    text = "t = Target()\nx = Input(shape=[3])\nloss = CrossEntropyLoss()\nt -> loss.target\nx -> loss.input"
    report = check(drawing(text))
    assert list(report.networks["main"].nodes["loss"].inputs) == ["input", "target"]
    assert not [finding for finding in report.diagnostics if finding.code == "shape-mismatch"]


def test_order_runs_along_the_wires_and_else_as_drawn() -> None:
    text = """
    y = Output()
    b = Linear()
    a = Linear()
    x = Input(shape=[3])
    join = Add()
    x -> a -> join -> y
    x -> b -> join
    """
    assert check(drawing(text)).networks["main"].order == ("x", "b", "a", "join", "y")


def test_a_node_runs_as_soon_as_it_can_in_drawing_order() -> None:
    text = "e = Tanh()\nx = Input(shape=[3])\nc = ReLU()\nd = ReLU()\nx -> c -> e\nx -> d"
    assert check(drawing(text)).networks["main"].order == ("x", "c", "e", "d")


def test_nodes_that_a_cycle_blocked_are_looked_at_again() -> None:
    text = """
    x = Input(shape=[3])
    a = Add()
    b = Linear(out_features=0)
    t = Target()
    loss = CrossEntropyLoss()
    x -> a -> b -> a
    b -> loss
    t -> loss.target
    """
    document = drawing(text)
    checker = Checker()
    assert checker.check(document).networks["main"].nodes["loss"].inputs == {}
    apply(document, Disconnect("main", wire(document, "b", "a")))
    report = checker.check(document)
    assert report.networks == check(document).networks
    assert list(report.networks["main"].nodes["loss"].inputs) == ["target"]


def test_the_fixes_of_a_node_follow_what_happens_elsewhere() -> None:
    document = drawing("x = Input(shape=[784])\nconv = Conv2d()\ny = Output()\nx -> conv -> y")
    checker = Checker()
    checker.check(document)
    apply(document, AddNode("main", Node(name="reshape", kind="ReLU")))
    (mismatch,) = [d for d in checker.check(document).diagnostics if d.code == "shape-mismatch"]
    apply(document, mismatch.fixes[0].edit)
    assert checker.check(document).networks["main"].nodes["conv"].derived == {"in_channels": 1}


def test_the_fixes_of_a_network_follow_the_shapes() -> None:
    document = drawing("x = Input(shape=[3])\nfc = Linear(out_features=2)\ny = Output()\nx -> fc -> y")
    checker = Checker()
    checker.check(document)
    apply(document, SetParameter("main", "fc", "out_features", 4))
    (no_loss,) = [d for d in checker.check(document).diagnostics if d.code == "no-objective"]
    (squared,) = [fix for fix in no_loss.fixes if "MSELoss" in fix.label]
    apply(document, squared.edit)
    assert [finding.code for finding in checker.check(document).diagnostics] == ["no-data"]


def test_what_lies_behind_a_fault_is_unknown_and_not_blamed() -> None:
    text = CNN.replace("out_channels=16", "out_channels=0")
    report = check(drawing(text))
    assert [finding.node for finding in report.diagnostics if finding.node] == ["conv"]
    assert report.networks["main"].nodes["fc"].outputs == {}


class _Counting(Mapping[str, Kind]):
    """The catalog, counting how often a kind's shape rule is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._kinds = {name: self._spied(kind) for name, kind in kinds().items()}

    def _spied(self, kind: Kind) -> Kind:
        def shape(call: Any) -> Mapping[str, TensorSpec]:
            self.asked.append(call.name)
            assert kind.shape is not None
            return kind.shape(call)

        fields = {name: getattr(kind, name) for name in Kind.__dataclass_fields__}
        return Kind(**{**fields, "shape": shape})

    def __getitem__(self, name: str) -> Kind:
        return self._kinds[name]

    def __iter__(self) -> Any:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


@pytest.mark.parametrize(
    ("edit", "asked"),
    [
        (SetParameter("main", "conv", "bias", False), ["conv"]),
        (SetParameter("main", "conv", "out_channels", 8), ["conv", "relu", "pool", "flat", "fc"]),
        (MoveNodes("main", {"conv": (500.0, 300.0)}), []),
        (RenameNode("main", "conv", "first"), []),
    ],
)
def test_only_what_an_edit_touches_is_asked_again(edit: Any, asked: list[str]) -> None:
    catalog = _Counting()
    checker = Checker(catalog=catalog)
    document = drawing(CNN)
    checker.check(document)
    catalog.asked.clear()
    apply(document, edit)
    report = checker.check(document)
    assert catalog.asked == asked
    assert report.networks["main"].parameters == check(document).networks["main"].parameters


def test_an_edit_that_is_taken_back_costs_nothing() -> None:
    catalog = _Counting()
    checker = Checker(catalog=catalog)
    document = drawing(CNN)
    first = checker.check(document)
    inverse = apply(document, SetParameter("main", "conv", "out_channels", 8)).inverse
    checker.check(document)
    catalog.asked.clear()
    apply(document, inverse)
    assert checker.check(document) == first
    assert catalog.asked == []


MYSTERY = Kind(
    name="Mystery",
    category="Linear",
    summary="Has no shape rule.",
    parameters=(Parameter("size", Integer(minimum=1), 5),),
    inputs=(Port(name="input"),),
)
MYSTERY_DRAWING = "x = Input(shape=[3])\nm = Mystery(size=7)\nfc = Linear()\ny = Output()\nx -> m -> fc -> y"


def _mystery_drawing() -> Any:
    return drawing(MYSTERY_DRAWING.replace("x -> m -> fc -> y", "x -> m.input\nm.output -> fc -> y"))


def test_a_kind_without_a_rule_stays_unknown_without_an_oracle() -> None:
    report = Checker(catalog={**kinds(), "Mystery": MYSTERY}).check(_mystery_drawing())
    assert report.networks["main"].nodes["m"].inputs == {"input": (TensorSpec(("N", 3)),)}
    assert report.networks["main"].nodes["fc"].outputs == {}
    assert report.ok


def test_the_oracle_is_asked_until_it_answers_and_then_no_more() -> None:
    answers: list[Answer | None] = [None, Answer(outputs={"output": TensorSpec(("N", 7))}, parameters=9)]
    questions = []

    def oracle(kind: Kind, values: Any, inputs: Any) -> Answer | None:
        questions.append((kind.name, dict(values), dict(inputs)))
        return answers.pop(0)

    checker = Checker(oracle, {**kinds(), "Mystery": MYSTERY})
    document = _mystery_drawing()
    assert checker.check(document).networks["main"].nodes["fc"].derived == {}
    assert checker.check(document).networks["main"].nodes["fc"].derived == {"in_features": 7}
    assert checker.check(document).networks["main"].nodes["m"].parameters == 9
    assert questions == [("Mystery", {"size": 7}, {"input": (TensorSpec(("N", 3)),)})] * 2


def test_rules_that_look_back_along_a_chain_follow_edits_far_before() -> None:
    text = """
    x = Input(shape=[9])
    one = Linear(out_features=8)
    drop = Dropout()
    flat = Flatten()
    two = Linear(out_features=8)
    y = Output()
    x -> one -> drop -> flat -> two -> y
    """
    document = drawing(text)
    checker = Checker()

    def told() -> bool:
        codes = {finding.code for finding in checker.check(document).diagnostics}
        assert codes == {finding.code for finding in check(document).diagnostics}
        return "no-activation" in codes

    assert told()
    bent = apply(document, SetKind("main", "drop", "Tanh", {}))
    assert not told()
    apply(document, bent.inverse)
    assert told()
    aside = apply(document, AddNode("main", Node(name="code", kind="Output")))
    assert told()
    apply(document, Connect("main", wire(document, "one", "code")))
    assert not told(), "what stands between is an answer now"
    apply(document, aside.inverse)
    assert told()
