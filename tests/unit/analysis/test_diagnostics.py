"""Each finding: when it is made, what it says, and that its first fix leaves a drawing without it."""

from __future__ import annotations

import pytest
from drawings import drawing
from findings import CLASSIFIER, FORECAST, MNIST, SERIES, codes, only

from nodeforge.analysis import check
from nodeforge.core.document import Component, DataSettings, Recipe, Stage
from nodeforge.core.edits import SetData, SetRecipe, apply
from nodeforge.core.graph import Wire
from nodeforge.core.specs import DataFacts


@pytest.mark.parametrize(("text", "facts"), [(CLASSIFIER, MNIST), (FORECAST, SERIES)])
def test_a_sound_drawing_has_no_findings(text: str, facts: DataFacts) -> None:
    assert check(drawing(text), facts).diagnostics == ()


def test_a_loss_without_data_is_a_hint_until_a_source_is_chosen() -> None:
    document = drawing(CLASSIFIER)
    (hint,) = check(document).diagnostics
    assert (hint.code, hint.severity, hint.fixes) == ("no-data", "hint", ())
    assert "loss has nothing to learn from: choose a source" in hint.message
    apply(document, SetData(DataSettings(source=Component(kind="mnist-5k"))))
    assert check(document).diagnostics == ()


FINDINGS = [
    pytest.param(
        "",
        None,
        "empty-network",
        "Network main is empty: add an Input, the layers that work on it, and an Output, then wire them from "
        "left to right.",
        "Add an Input",
        id="nothing drawn",
    ),
    pytest.param(
        "x = Input(shape=[4])\nfc = Linear()\ny = Output()",
        None,
        "nothing-wired",
        "The 3 nodes of main are not wired: drag from the output of a node to the input of the next.",
        "Wire them from left to right",
        id="nothing wired",
    ),
    pytest.param(
        "fc = Linear()\ny = Output()\nfc -> y",
        MNIST,
        "no-input",
        "main has no Input: nothing tells it where the data enters.",
        "Add an Input",
        id="no Input",
    ),
    pytest.param(
        "x = Input(shape=[4])\nfc = Linear()\nx -> fc",
        None,
        "no-output",
        "main has no Output: nothing tells which value is the prediction.",
        "Add an Output behind fc",
        id="no Output",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = ReLU()\nb = Add()\ny = Output()\nx -> b -> a -> y\na -> b",
        None,
        "cycle",
        "The wires run in a loop, a → b → a: each waits for the one before it, so none can start. Remove one "
        "wire of the loop.",
        "Remove the wire from b to a",
        id="cycle",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = Add()\ny = Output()\nx -> a -> y\na -> a",
        None,
        "cycle",
        "a is wired to itself, so it waits for its own output: remove that wire.",
        "Remove the wire from a to a",
        id="self loop",
    ),
    pytest.param(
        "x = Input(shape=[4])\ny = Output()\na = ReLU()\nb = ReLU()\nx -> y\na -> b",
        None,
        "several-parts",
        "a and b hang together, but no wire joins them to the other 2 nodes.",
        None,
        id="two parts",
    ),
    pytest.param(
        "x = Input(shape=[4])\ny = Output()\na = ReLU()\nb = ReLU()\nx -> y\na -> b",
        None,
        "unreachable",
        "Nothing from an Input reaches b.",
        None,
        id="unreachable",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = ReLU()\nb = Tanh()\ny = Output()\nx -> a -> y\nx -> b",
        None,
        "dangling-output",
        "The result of b goes nowhere: wire it on, or remove b.",
        "Add an Output behind b",
        id="dangling output",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = ReLU()\ny = Output()\nx -> a",
        None,
        "dangling-output",
        "The result of a goes nowhere: wire it on, or remove a.",
        "Connect it to y",
        id="dangling output beside an open Output",
    ),
    pytest.param(
        "x = Input(shape=[4])\nx2 = Input(shape=[4])\ny = Output()\nx -> y",
        None,
        "unused-input",
        "No wire leaves x2, so its data is not used.",
        "Remove x2",
        id="unused Input",
    ),
    pytest.param(
        "x = Input(shape=[3])\nt = Target(shape=[3], dtype='float32')\na = Add()\ny = Output()\n"
        "x -> a -> y\nt -> a",
        None,
        "target-in-prediction",
        "y depends on t, the answer that it should predict: remove the wire from t to a.",
        "Remove the wire from t to a",
        id="leak",
    ),
    pytest.param(
        "x = Input(shape=[4])\nfc = Linear()\ny = Output()\nx -> y",
        None,
        "missing-input",
        "fc has nothing to work on: draw a wire to its input.",
        "Connect x to fc",
        id="missing input",
    ),
    pytest.param(
        CLASSIFIER.replace("t = Target()\n", "").replace("t -> loss.target", ""),
        MNIST,
        "missing-input",
        "Nothing is wired to target of loss: draw a wire to it.",
        "Add a Target",
        id="objective without Target",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = ReLU()\nb = Tanh()\ny = Output()\nx -> a -> y\nx -> b -> y",
        None,
        "too-many-wires",
        "input of y takes one wire and has 2: keep one, or join them with Add or Concat first.",
        "Keep the wire from a",
        id="too many wires",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = ReLU()\ny = Output()\nx -> a.data\na -> y",
        None,
        "unknown-port",
        "A wire ends at input data of a, and ReLU has no such input (it has: input).",
        "Move the wire to input",
        id="unknown input port",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = ReLU()\ny = Output()\nx -> a\na.result -> y",
        None,
        "unknown-port",
        "A wire starts at output result of a, and ReLU has no such output (it has: output).",
        "Move the wire to output",
        id="unknown output port",
    ),
    pytest.param(
        "x = Input(shape=[4])\na = Liner()\ny = Output()\nx -> a -> y",
        None,
        "unknown-kind",
        "a is of the kind Liner, which NodeForge does not have; the nearest is Linear.",
        "Change to Linear",
        id="unknown kind",
    ),
    pytest.param(
        CLASSIFIER.replace("out_features=10", "out_features=0"),
        None,
        "parameter-invalid",
        "fc: out_features must be at least 1, not 0.",
        "Set out_features to 1",
        id="out of bounds",
    ),
    pytest.param(
        CLASSIFIER.replace("out_features=10", "out_features='10'"),
        None,
        "parameter-invalid",
        "fc: out_features must be a whole number, not '10'.",
        "Set out_features to 10",
        id="wrong type",
    ),
    pytest.param(
        CLASSIFIER.replace("out_features=10", "out_feature=10"),
        None,
        "parameter-unknown",
        "fc: Linear has no parameter out_feature (the nearest is out_features).",
        "Rename out_feature to out_features",
        id="misspelt parameter",
    ),
    pytest.param(
        CLASSIFIER.replace("shape=[1, 28, 28]", ""),
        MNIST,
        "parameter-missing",
        "x: shape must be set: list of whole numbers of at least 1.",
        "Set shape to 1×28×28, as in the data",
        id="missing parameter",
    ),
    pytest.param(
        "x = Input(shape=[784])\nconv = Conv2d()\ny = Output()\nx -> conv -> y",
        None,
        "shape-mismatch",
        "conv needs N×channels×height×width; it gets N×784.",
        "Insert Reshape to N×1×28×28",
        id="convolution of a row",
    ),
    pytest.param(
        "x = Input(shape=[3])\nfc = Linear(out_features=4)\nact = ReLU()\na = Add()\ny = Output()\n"
        "x -> a -> y\nx -> fc -> act -> a",
        None,
        "shape-mismatch",
        "a gets N×3 and N×4, which differ in axis 1: 3 is not 4.",
        "Set out_features of fc to 3",
        id="sum of unequal widths",
    ),
    pytest.param(
        FORECAST.replace("last = Select()\n", "").replace("-> last", ""),
        SERIES,
        "shape-mismatch",
        "loss compares value by value, so prediction and target need equal shapes; they are N×24×1 and N×1.",
        "Take the last step of lstm",
        id="whole sequence for one answer",
    ),
    pytest.param(
        FORECAST.replace("out_features=1", "out_features=5"),
        SERIES,
        "shape-mismatch",
        "loss compares value by value, so prediction and target need equal shapes; they are N×5 and N×1.",
        "Set out_features of fc to 1",
        id="too many predictions",
    ),
    pytest.param(
        CLASSIFIER.replace("CrossEntropyLoss", "MSELoss"),
        MNIST,
        "dtype-mismatch",
        "target of loss takes floating-point values (float32), t gives int64.",
        "Change to CrossEntropyLoss",
        id="squared error of class labels",
    ),
    pytest.param(
        "x = Input(shape=[12])\ne = Embedding()\ny = Output()\nx -> e -> y",
        None,
        "dtype-mismatch",
        "input of e takes whole numbers (int64), x gives float32.",
        "Set dtype of x to int64",
        id="embedding of numbers",
    ),
    pytest.param(
        CLASSIFIER.replace("flat = Flatten()", "flat = ReLU()").replace("fc -> loss\n", ""),
        None,
        "linear-on-image",
        "fc works on the last axis only, the 28 values of each row of N×1×28×28: flatten first, so that it "
        "sees the whole sample.",
        "Insert Flatten",
        id="Linear on an image",
    ),
    pytest.param(
        "x = Input(shape=[1, 5])\nx2 = Input(shape=[4, 1])\nm = Multiply()\ny = Output()\n"
        "x -> m -> y\nx2 -> m",
        None,
        "stretched-inputs",
        "m gets N×1×5 and N×4×1 and repeats all of them to N×4×5: check that this is what you mean.",
        None,
        id="outer product by mistake",
    ),
    pytest.param(
        "x = Input(shape=[1, 5])\nx2 = Input(shape=[4, 1])\nd = Subtract()\ny = Output()\n"
        "x -> d.input\nx2 -> d.other\nd -> y",
        None,
        "stretched-inputs",
        "d gets N×1×5 and N×4×1 and repeats all of them to N×4×5: check that this is what you mean.",
        None,
        id="differences of all pairs by mistake",
    ),
    pytest.param(
        "x = Input(shape=[1, 5])\nx2 = Input(shape=[4, 1])\nc = Compare()\ny = Output()\n"
        "x -> c.input\nx2 -> c.other\nc -> y",
        None,
        "stretched-inputs",
        "c gets N×1×5 and N×4×1 and repeats all of them to N×4×5: check that this is what you mean.",
        None,
        id="comparison of all pairs by mistake",
    ),
    pytest.param(
        CLASSIFIER.replace("[1, 28, 28]", "[784]").replace("flat = Flatten()", "flat = Tanh()"),
        MNIST,
        "data-shape",
        "x expects a row of 784 per sample; image of MNIST gives 1×28×28.",
        "Set shape to 1×28×28 and insert Flatten behind it",
        id="data of another shape",
    ),
    pytest.param(
        CLASSIFIER.replace("[1, 28, 28]", "[1, 27, 28]"),
        MNIST,
        "data-shape",
        "x expects 1×27×28 per sample; image of MNIST gives 1×28×28.",
        "Set shape to 1×28×28",
        id="data of another size",
    ),
    pytest.param(
        CLASSIFIER.replace("Target()", "Target(dtype='float32')"),
        MNIST,
        "data-dtype",
        "t is set to float32; label of MNIST holds class labels as int64.",
        "Set dtype to int64",
        id="target of another type",
    ),
    pytest.param(
        CLASSIFIER.replace("28]", "28], field='picture'"),
        MNIST,
        "unknown-field",
        "x asks for the input field picture; MNIST has image.",
        "Use image",
        id="unknown field",
    ),
    pytest.param(
        "x = Input(shape=[1, 28, 28])\nflat = Flatten()\nfc = Linear()\ny = Output()\nx -> flat -> fc -> y",
        MNIST,
        "no-objective",
        "main has no loss, so it cannot be trained: add one, with a Target for the right answers.",
        "Add CrossEntropyLoss and a Target",
        id="no loss",
    ),
    pytest.param(
        CLASSIFIER.replace("Flatten()", "Flatten()\nsoft = Softmax()")
        .replace("fc -> y", "fc -> soft -> y")
        .replace("fc -> loss", "soft -> loss"),
        MNIST,
        "activation-before-loss",
        "CrossEntropyLoss applies softmax itself: without soft before it, the network learns faster and better.",
        "Wire fc past soft to loss",
        id="softmax that the Output needs too",
    ),
    pytest.param(
        CLASSIFIER.replace("Flatten()", "Flatten()\nsoft = Softmax()").replace(
            "fc -> loss", "fc -> soft -> loss"
        ),
        MNIST,
        "activation-before-loss",
        "CrossEntropyLoss applies softmax itself: without soft before it, the network learns faster and better.",
        "Remove soft",
        id="softmax for the loss alone",
    ),
    pytest.param(
        CLASSIFIER.replace("CrossEntropyLoss", "NLLLoss"),
        MNIST,
        "raw-scores",
        "loss expects log-probabilities, and fc is no LogSoftmax: use CrossEntropyLoss, which takes raw scores.",
        "Change to CrossEntropyLoss",
        id="NLLLoss on raw scores",
    ),
    pytest.param(
        CLASSIFIER.replace("Linear(out_features=10)", "Linear(out_features=5)\ndrop = Dropout()").replace(
            "fc -> loss", "fc -> drop -> loss"
        ),
        MNIST,
        "class-count",
        "MNIST has 10 classes, and loss gets scores for 5 from drop: each class needs one.",
        "Set out_features of fc to 10",
        id="too few scores",
    ),
    pytest.param(
        FORECAST.replace("MSELoss", "CrossEntropyLoss"),
        SERIES,
        "loss-misfit",
        "loss tells classes apart, but value holds numbers, not classes: use a loss that compares values, "
        "such as MSELoss.",
        "Change to MSELoss",
        id="classifying numbers",
    ),
    pytest.param(
        CLASSIFIER.replace("Flatten()", "Flatten()\nhidden = Linear(out_features=20)").replace(
            "flat -> fc", "flat -> hidden -> fc"
        ),
        MNIST,
        "no-activation",
        "hidden and fc follow each other without an activation: two weighted sums in a row can do no more "
        "than one.",
        "Insert ReLU",
        id="no activation",
    ),
]


@pytest.mark.parametrize(("text", "facts", "code", "message", "fix"), FINDINGS)
def test_a_finding_and_its_fix(
    text: str, facts: DataFacts | None, code: str, message: str, fix: str | None
) -> None:
    document = drawing(text)
    finding = only(document, code, facts)
    assert finding.message == message
    labels = [offered.label for offered in finding.fixes]
    if fix is None:
        assert labels == []
        return
    assert fix in labels
    apply(document, next(offered.edit for offered in finding.fixes if offered.label == fix))
    left = [(d.code, d.node, d.port) for d in check(document, facts).diagnostics]
    assert (finding.code, finding.node, finding.port) not in left


def test_fixes_lead_from_a_beginners_drawing_to_a_sound_one() -> None:
    document = drawing(
        "x = Input(shape=[3, 3])\nconv = Conv2d(out_channels=4)\nfc = Linear(out_features=3)\n"
        "y = Output()\nx -> conv\nconv -> fc"
    )
    for _ in range(12):
        fixable = [finding for finding in check(document, MNIST).diagnostics if finding.fixes]
        if not fixable:
            break
        apply(document, fixable[0].fixes[0].edit)
    assert check(document, MNIST).diagnostics == ()
    assert str(check(document, MNIST).networks["main"].nodes["fc"].outputs["output"]) == "N×10"


def test_a_cycle_names_its_nodes_and_wires() -> None:
    document = drawing(
        "x = Input(shape=[4])\nb = Add()\na = ReLU()\nlong = Tanh()\ny = Output()\n"
        "x -> b -> a -> y\na -> b\na -> long -> b"
    )
    finding = only(document, "cycle")
    assert set(finding.nodes) == {"a", "b"}
    assert set(finding.wires) == {Wire("a", "output", "b", "inputs"), Wire("b", "output", "a", "input")}
    assert finding.fixes[0].label == "Remove the wire from a to b", "the wire that runs backwards comes first"
    assert check(document).networks["main"].order == ()


def test_each_knot_has_its_own_cycle() -> None:
    document = drawing("a = Add()\nb = ReLU()\nc = Add()\nd = ReLU()\na -> b -> a\nb -> c\nc -> d -> c")
    loops = [set(d.nodes) for d in check(document).diagnostics if d.code == "cycle"]
    assert loops == [{"a", "b"}, {"c", "d"}]


def test_the_shortest_cycle_is_shown_wherever_it_is() -> None:
    names = ["hub", "a", "b", "c", "d", "e"]
    nodes = "\n".join(f"{name} = Add()" for name in names)
    wires = "hub -> a -> b -> c -> d -> e -> hub\nhub -> c\nb -> hub\nhub -> d\nd -> c"
    assert set(only(drawing(f"{nodes}\n{wires}"), "cycle").nodes) == {"c", "d"}


def test_nodes_behind_a_fault_are_not_blamed() -> None:
    document = drawing(CLASSIFIER.replace("Flatten()", "Flatte()"))
    assert codes(document, MNIST) == ["unknown-kind"]


def test_errors_come_first_then_the_order_of_the_drawing() -> None:
    document = drawing(
        "x = Input(shape=[4])\na = ReLU(speed=1)\nloose = Tanh()\nb = Linear(out_features=0)\ny = Output()\n"
        "x -> a -> b -> y\nx -> loose"
    )
    report = check(document)
    assert [(d.severity.value, d.node) for d in report.diagnostics[:3]] == [
        ("error", "a"),
        ("error", "b"),
        ("warning", "loose"),
    ]
    assert not report.ok


def test_a_pure_forward_network_is_ok() -> None:
    document = drawing("x = Input(shape=[4])\nfc = Linear()\ny = Output()\nx -> fc -> y")
    report = check(document)
    assert report.ok
    assert codes(document) == ["no-objective"]


@pytest.mark.parametrize("kind", ["Subtract", "Divide", "Compare", "Add"])
def test_an_axis_that_is_repeated_to_the_size_of_the_other_input_is_meant(kind: str) -> None:
    first, second = ("inputs", "inputs") if kind == "Add" else ("input", "other")
    text = f"x = Input(shape=[4, 5])\nx2 = Input(shape=[4, 1])\nd = {kind}()\ny = Output()\n"
    document = drawing(f"{text}x -> d.{first}\nx2 -> d.{second}\nd -> y")
    assert "stretched-inputs" not in codes(document)


def test_where_repeats_its_values_and_not_its_condition() -> None:
    text = """
    x = Input(shape=[1, 5])
    x2 = Input(shape=[4, 1])
    c = Compare()
    w = Where()
    y = Output()
    x -> c.input
    x2 -> c.other
    c -> w.condition
    x -> w.input
    x2 -> w.other
    w -> y
    """
    found = [
        finding.node for finding in check(drawing(text)).diagnostics if finding.code == "stretched-inputs"
    ]
    assert found == ["c", "w"]


def test_a_loss_takes_the_target_that_is_there() -> None:
    text = "x = Input(shape=[1, 28, 28])\nflat = Flatten()\nfc = Linear()\ny = Output()\nt = Target()\n"
    document = drawing(text + "x -> flat -> fc -> y")
    apply(document, only(document, "no-objective", MNIST).fixes[0].edit)
    assert [node.kind for node in document.main_network.nodes.values()].count("Target") == 1
    assert check(document, MNIST).diagnostics == ()


def test_new_nodes_cover_no_others() -> None:
    document = drawing(CLASSIFIER.replace("t = Target()\n", "").replace("t -> loss.target", ""))
    before = dict(document.main_network.nodes)
    apply(document, only(document, "missing-input", MNIST).fixes[0].edit)
    (new,) = [node for name, node in document.main_network.nodes.items() if name not in before]
    for node in before.values():
        apart = (
            abs(node.position[0] - new.position[0]) >= 160 or abs(node.position[1] - new.position[1]) >= 60
        )
        assert apart, (node, new)
    assert all(coordinate % 20 == 0 for coordinate in new.position)


def recipe(**fields: object) -> SetRecipe:
    return SetRecipe(Recipe(stages=(Stage(**fields),)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("edit", "code", "message", "fix"),
    [
        (
            recipe(rule="gradiant"),
            "unknown-rule",
            "The learning rule of stage train is 'gradiant', which NodeForge does not have (it has: ",
            "Use gradient",
        ),
        (
            recipe(optimizer=Component(kind="Adm")),
            "unknown-optimizer",
            "The optimizer of stage train is 'Adm', which NodeForge does not have (it has: ",
            "Use Adam",
        ),
        (
            recipe(optimizer=Component(kind="SGD", parameters={"lr": -1.0})),
            "parameter-invalid",
            "In the optimizer of stage train: lr must be more than 0, not -1.",
            "Reset lr to its default, 0.01",
        ),
        (
            recipe(settings={"epoch": 3}),
            "parameter-unknown",
            "In stage train: training has no parameter epoch (the nearest is epochs).",
            "Rename epoch to epochs",
        ),
        (
            recipe(settings={"batch_size": 5000}),
            "batch-too-large",
            "Stage train takes 5000 samples per step, and there are only 4000 to train on: each epoch is a "
            "single step.",
            "Set batch_size to 400",
        ),
    ],
)
def test_the_recipe_is_checked_too(edit: SetRecipe, code: str, message: str, fix: str) -> None:
    document = drawing(CLASSIFIER)
    apply(document, edit)
    finding = only(document, code, MNIST)
    assert finding.message.startswith(message)
    assert finding.network == ""
    apply(document, next(offered.edit for offered in finding.fixes if offered.label == fix))
    assert check(document, MNIST).diagnostics == ()
