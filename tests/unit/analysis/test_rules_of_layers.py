"""Layers that run and would still learn badly: each finding, its near misses, its fixes."""

from __future__ import annotations

import pytest
from drawings import drawing
from findings import SERIES, codes, mends, only

from nodeforge.analysis import check
from nodeforge.core.document import Component, Document, Recipe, Stage
from nodeforge.core.edits import SetRecipe, apply
from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec


def chained(*nodes: str, shape: str = "[3, 32, 32]", dtype: str = "float32") -> str:
    """Nodes n1, n2, … one behind the other, between an Input and an Output."""
    names = [f"n{number}" for number in range(1, len(nodes) + 1)]
    lines = [f"{name} = {node}" for name, node in zip(names, nodes, strict=True)]
    chain = " -> ".join(["x", *names, "y"])
    return "\n".join([f"x = Input(shape={shape}, dtype='{dtype}')", *lines, "y = Output()", chain])


CONV = "Conv2d(out_channels=8, kernel_size=3, padding=1)"
WORDS = DataFacts(
    title="words",
    fields=(FieldFacts(name="text", spec=TensorSpec(("N", 12), "int64"), vocabulary=500, span=(0.0, 480.0)),),
    sizes={"train": 100},
)
SCALED = DataFacts(
    title="table",
    fields=(FieldFacts(name="features", spec=TensorSpec(("N", 12)), span=(-1.5, 2.0)),),
    sizes={"train": 100},
)

HITS = [
    pytest.param(
        chained("Linear(out_features=64)", "Dropout()", "Linear(out_features=32)", shape="[100]"),
        None,
        "no-activation",
        "n1 and n3 follow each other without an activation: two weighted sums in a row can do no more than one.",
        "Insert ReLU",
        id="two layers and dropout between",
    ),
    pytest.param(
        chained(CONV, "BatchNorm2d()", CONV),
        None,
        "no-activation",
        "n1 and n3 follow each other without an activation: two weighted sums in a row can do no more than one.",
        "Insert ReLU",
        id="two convolutions and a norm between",
    ),
    pytest.param(
        chained(CONV, "Flatten()", "Linear()"),
        None,
        "no-activation",
        "n1 and n3 follow each other without an activation: two weighted sums in a row can do no more than one.",
        "Insert ReLU",
        id="convolution and layer",
    ),
    pytest.param(
        chained(CONV, "ReLU()", "MaxPool2d(kernel_size=2)", "ReLU()"),
        None,
        "idle-activation",
        "n4 changes nothing: what comes from n2 is never below 0.",
        "Remove n4",
        id="ReLU behind ReLU",
    ),
    pytest.param(
        chained(CONV, "Tanh()", "Dropout()", "Tanh()"),
        None,
        "idle-activation",
        "n2 and n4 are both Tanh, with no weights between them: one is enough.",
        "Remove n4",
        id="the same activation twice",
    ),
    pytest.param(
        chained("Linear(out_features=5)", "Softmax()", "LogSoftmax()", shape="[9]"),
        None,
        "softmax-twice",
        "n3 takes the softmax of what n2 has made probabilities already: keep one of them.",
        "Remove n2",
        id="softmax of a softmax",
    ),
    pytest.param(
        chained("Linear(out_features=1)", "Softmax()", shape="[9]"),
        None,
        "softmax-axis",
        "n2 works along axis 1 of N×1, which has one place: it gives 1 whatever comes in.",
        "Change n2 to Sigmoid",
        id="softmax of one number",
    ),
    pytest.param(
        "x = Input(shape=[5, 20])\nlog = LogSoftmax(dim=2)\ny = Output()\nt = Target(shape=[20])\nloss = NLLLoss()\n"
        "x -> log -> y\nlog -> loss\nt -> loss.target",
        None,
        "softmax-axis",
        "log makes axis 2 of N×5×20 add up to 1, and loss looks for the classes along axis 1: set dim to 1.",
        "Set dim to 1",
        id="softmax along the places instead of the classes",
    ),
    pytest.param(
        "x = Input(shape=[6, 6])\nsoft = Softmax(dim=1)\nv = Input(shape=[6, 8])\nm = MatMul()\ny = Output()\n"
        "x -> soft -> m.input\nv -> m.other\nm -> y",
        None,
        "softmax-axis",
        "soft makes axis 1 of N×6×6 add up to 1, and m adds up along axis 2: set dim to 2.",
        "Set dim to 2",
        id="attention that does not add up to 1",
    ),
    pytest.param(
        chained("Linear(out_features=64)", "ReLU()", "Dropout(p=0.95)", "Linear()", shape="[9]"),
        None,
        "strong-dropout",
        "n3 leaves one value in 20 while the network trains (p = 0.95): 0.1 to 0.5 is usual.",
        "Set p to 0.5",
        id="nearly everything dropped",
    ),
    pytest.param(
        chained("Linear(out_features=64)", "ReLU()", "Dropout(p=1.0)", "Linear()", shape="[9]"),
        None,
        "strong-dropout",
        "n3 leaves nothing while the network trains (p = 1): 0.1 to 0.5 is usual.",
        "Set p to 0.5",
        id="everything dropped",
    ),
    pytest.param(
        chained("Linear()", "Dropout()", "Flatten()", shape="[9]"),
        None,
        "dropout-before-output",
        "n2 sets part of the answer itself to 0, right before y: put it before the last layer.",
        "Remove n2",
        id="dropout of the answer",
    ),
    pytest.param(
        chained("Linear(out_features=8)", "Dropout()", "ReLU()", "BatchNorm1d()", "Linear()", shape="[9]"),
        None,
        "dropout-before-norm",
        "n4 measures the spread of values while n2 sets some of them to 0: put the dropout behind n4.",
        "Remove n2",
        id="dropout before batch normalization",
    ),
    pytest.param(
        chained(CONV, "BatchNorm2d()", "ReLU()", CONV, "BatchNorm2d()"),
        None,
        "bias-before-norm",
        "The bias of n1 and n4 does nothing: n2 and n5 subtract them again.",
        "Switch their biases off",
        id="biases that are subtracted again",
    ),
    pytest.param(
        chained("Conv2d(out_channels=8, kernel_size=2, stride=3)"),
        None,
        "skipping-stride",
        "n1 looks at 2 places and jumps 3 further, so it never sees 1 of every 3: a stride of at most 2 leaves none "
        "out.",
        "Set stride to 2",
        id="convolution that skips",
    ),
    pytest.param(
        chained("MaxPool2d(kernel_size=(3, 2), stride=4)"),
        None,
        "skipping-stride",
        "n1 looks at 3 places and jumps 4 further, so it never sees 1 of every 4: a stride of at most 3 leaves none "
        "out.",
        "Set stride to 3×2",
        id="pooling that skips",
    ),
    pytest.param(
        chained("MaxPool2d(kernel_size=32)", CONV),
        None,
        "only-padding",
        "n2 looks at 3×3 places, and its input has only 1×1: 8 of its 9 weights per channel never meet anything but "
        "padding.",
        "Set kernel_size to 1 and padding to 0",
        id="a window that sees its padding",
    ),
    pytest.param(
        chained("Conv1d(out_channels=16, kernel_size=3)", "ReLU()", "LSTM(hidden_size=8)", shape="[4, 30]"),
        None,
        "swapped-axes",
        "n3 reads N×length×features, and n1 gives N×channels×length, here N×16×28: its channels would be taken for "
        "time steps.",
        "Insert Permute: length and features change places",
        id="recurrent layer behind a convolution",
    ),
    pytest.param(
        chained(
            "Embedding(num_embeddings=99)",
            "Conv1d(out_channels=16, kernel_size=3)",
            shape="[30]",
            dtype="int64",
        ),
        None,
        "swapped-axes",
        "n2 reads N×channels×length, and n1 gives N×length×features, here N×30×64: its time steps would be taken for "
        "channels.",
        "Insert Permute: length and features change places",
        id="convolution behind an embedding",
    ),
    pytest.param(
        chained(
            "Conv2d(out_channels=64, kernel_size=8, stride=8)",
            "Flatten(start_dim=2)",
            "TransformerEncoderLayer(nhead=4)",
        ),
        None,
        "swapped-axes",
        "n3 reads N×length×features, and n2 gives N×channels×length, here N×64×16: its channels would be taken for "
        "time steps.",
        "Insert Permute: length and features change places",
        id="patches that lie across",
    ),
    pytest.param(
        chained("Reshape(shape=[1, 24])", "LSTM(hidden_size=8)", shape="[24, 1]"),
        SERIES,
        "single-step",
        "n2 gets sequences of 1 step with 24 features: it has nothing to remember.",
        "Insert Permute: 24 steps of 1 feature",
        id="one step of everything",
    ),
    pytest.param(
        chained("Embedding(num_embeddings=100)", shape="[12]", dtype="int64"),
        WORDS,
        "embedding-range",
        "text holds numbers up to 499, and n1 has rows 0 to 99: set num_embeddings to 500.",
        "Set num_embeddings to 500",
        id="words that the table lacks",
    ),
    pytest.param(
        chained("Cast(dtype='int64')", "Embedding(num_embeddings=100)", shape="[12]"),
        SCALED,
        "embedding-range",
        "features holds numbers from -1.5 on, and n2 looks numbers up from 0: switch the scaling of the data off.",
        None,
        id="scaled values looked up",
    ),
    pytest.param(
        chained(
            "Conv2d(out_channels=64, padding=1, kernel_size=3)",
            "ReLU()",
            "Flatten()",
            "Linear(out_features=512)",
        ),
        None,
        "large-layer",
        "n4 has 33,554,944 weights (134 MB), since n3 makes 65,536 features of N×64×32×32: pool before it, and far "
        "fewer are needed.",
        "Insert average pooling to 7×7",
        id="a layer on every pixel",
    ),
    pytest.param(
        chained("Linear(out_features=30000)", "ReLU()", "Linear(out_features=30000)", shape="[10]"),
        None,
        "large-layer",
        "n3 has 900,030,000 weights (3.6 GB): training them takes about 14.4 GB.",
        None,
        id="a layer that few machines hold",
    ),
    pytest.param(
        chained("Linear(out_features=50000)", shape="[4000, 1]"),
        None,
        "large-tensor",
        "n1 makes 200,000,000 values of each sample (N×4000×50000): 800 MB, times the batch size.",
        None,
        id="a result that few machines hold",
    ),
    pytest.param(
        chained("Permute(dims=[1, 0])", shape="[6]"),
        None,
        "batch-not-first",
        "y gets 6×N, and needs one answer for each sample: the batch N must be its first axis.",
        "Insert Permute: the batch comes first",
        id="batch behind the features",
    ),
    pytest.param(
        chained(*(["Linear(out_features=9)", "Sigmoid()"] * 6), "Linear()", shape="[9]"),
        None,
        "vanishing-gradients",
        "6 squashing activations stand one behind the other (n2, n4, n6, n8 and 2 more nodes): at most 0.0002 of a "
        "gradient comes through, so the first layers hardly learn.",
        "Change them to ReLU",
        id="many sigmoids",
    ),
]


@pytest.mark.parametrize(("text", "facts", "code", "message", "fix"), HITS)
def test_a_finding_and_its_fixes(
    text: str, facts: DataFacts | None, code: str, message: str, fix: str | None
) -> None:
    document = drawing(text)
    finding = only(document, code, facts)
    assert finding.message == message
    labels = [offered.label for offered in finding.fixes]
    assert fix in labels if fix else labels == []
    mends(document, finding, facts)


NEAR = [
    pytest.param("no-activation", chained(CONV, "ReLU()", CONV), id="an activation between"),
    pytest.param(
        "no-activation",
        chained("Linear(out_features=8)", "Linear(out_features=100)", shape="[100]"),
        id="a narrow middle saves weights",
    ),
    pytest.param(
        "no-activation",
        chained("Conv2d(out_channels=3, kernel_size=3, groups=3)", "Conv2d(out_channels=64, kernel_size=1)"),
        id="channel by channel, then across",
    ),
    pytest.param(
        "no-activation",
        "x = Input(shape=[9])\nmean = Linear(out_features=8)\nback = Linear(out_features=9)\ny = Output()\n"
        "code = Output()\nx -> mean -> back -> y\nmean -> code",
        id="the middle is an answer, too",
    ),
    pytest.param(
        "no-activation",
        chained("Linear(out_features=8)", "LayerNorm()", "Linear(out_features=8)", shape="[9]"),
        id="a normalization that bends",
    ),
    pytest.param("idle-activation", chained(CONV, "Sigmoid()", CONV, "Sigmoid()"), id="weights between them"),
    pytest.param("idle-activation", chained(CONV, "LeakyReLU()", "ReLU()"), id="values below 0 left"),
    pytest.param("idle-activation", chained(CONV, "Softplus()", "Tanh()"), id="another curve"),
    pytest.param("softmax-twice", chained("LogSoftmax()", "Softmax()", shape="[9]"), id="back from logarithms"),
    pytest.param("softmax-axis", chained("Softmax()", shape="[9]"), id="softmax of a row"),
    pytest.param(
        "softmax-axis",
        "x = Input(shape=[6, 6])\nsoft = Softmax(dim=2)\nv = Input(shape=[6, 8])\nm = MatMul()\ny = Output()\n"
        "x -> soft -> m.input\nv -> m.other\nm -> y",
        id="attention",
    ),
    pytest.param("strong-dropout", chained("Dropout(p=0.8)", "Linear()", shape="[9]"), id="much dropout"),
    pytest.param("dropout-before-output", chained("Dropout()", "Linear()", shape="[9]"), id="dropout before the layer"),
    pytest.param(
        "dropout-before-norm", chained("Dropout()", "Linear(out_features=8)", "BatchNorm1d()", shape="[9]"), id="weights between"
    ),
    pytest.param("dropout-before-norm", chained("Dropout()", "LayerNorm()", shape="[9]"), id="another normalization"),
    pytest.param("bias-before-norm", chained(CONV[:-1] + ", bias=False)", "BatchNorm2d()"), id="no bias"),
    pytest.param("bias-before-norm", chained(CONV, "ReLU()", "BatchNorm2d()"), id="an activation between them"),
    pytest.param(
        "bias-before-norm",
        f"x = Input(shape=[3, 8, 8])\nc = {CONV}\nn = BatchNorm2d()\na = Add()\ny = Output()\nx -> c -> n -> a -> y\nc -> a",
        id="a bias that is used elsewhere, too",
    ),
    pytest.param("skipping-stride", chained("Conv2d(out_channels=8, kernel_size=1, stride=2)"), id="a shortcut"),
    pytest.param("skipping-stride", chained("MaxPool2d(kernel_size=2)"), id="a stride that is left to torch"),
    pytest.param(
        "skipping-stride", chained("Conv2d(out_channels=8, kernel_size=2, dilation=3, stride=4)"), id="a wide window"
    ),
    pytest.param("only-padding", chained(CONV, shape="[3, 2, 2]"), id="padding and something else"),
    pytest.param(
        "swapped-axes",
        chained("Conv1d(out_channels=16)", "Permute(dims=[0, 2, 1])", "LSTM()", shape="[4, 30]"),
        id="axes that were changed",
    ),
    pytest.param(
        "swapped-axes",
        chained("Conv1d(out_channels=4)", "AdaptiveAvgPool1d(output_size=1)", "Flatten()", "Linear()", shape="[4, 30]"),
        id="convolutions alone",
    ),
    pytest.param("single-step", chained("LSTM()", shape="[24, 1]"), id="many steps of one feature"),
    pytest.param("single-step", chained("LSTM()", shape="[1, 1]"), id="a single number"),
    pytest.param(
        "single-step",
        "x = Input(shape=[1, 8])\nh = Input(shape=[12, 8])\ne = GRU()\nd = GRU()\ny = Output()\n"
        "h -> e\nx -> d -> y\ne.hidden -> d.initial_hidden",
        id="one step of a decoder",
    ),
    pytest.param("embedding-range", chained("Embedding(num_embeddings=500)", shape="[12]", dtype="int64"), id="rows enough"),
    pytest.param(
        "large-layer", chained(CONV, "ReLU()", "MaxPool2d(kernel_size=2)", "Flatten()", "Linear(out_features=128)"), id="pooled"
    ),
    pytest.param("batch-not-first", chained("Permute(dims=[0, 2, 1])", shape="[6, 5]"), id="other axes moved"),
    pytest.param(
        "vanishing-gradients", chained(*(["Linear()", "Tanh()"] * 5), "Linear()", shape="[9]"), id="a few activations"
    ),
    pytest.param(
        "vanishing-gradients",
        chained(*(["Linear(out_features=9)", "BatchNorm1d()", "Sigmoid()"] * 6), "Linear()", shape="[9]"),
        id="normalized between",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), NEAR)
def test_no_word_where_all_is_well(code: str, text: str) -> None:
    assert code not in codes(drawing(text), WORDS if "Embedding" in text else None)


def _trained_with(text: str, **stage: object) -> Document:
    document = drawing(text)
    apply(document, SetRecipe(Recipe(stages=(Stage(**stage),))))  # type: ignore[arg-type]
    return document


def test_batch_normalization_needs_more_than_one_value() -> None:
    row = chained("Linear()", "BatchNorm1d()", "ReLU()", "Linear()", shape="[9]")
    document = _trained_with(row, settings={"batch_size": 1})
    finding = only(document, "single-samples")
    assert finding.severity == "error"
    assert finding.message == (
        "Stage train takes 1 sample per step, and n2 compares the samples of a step with each other: take more."
    )
    mends(document, finding)
    image = _trained_with(chained(CONV, "BatchNorm2d()"), settings={"batch_size": 1})
    assert only(image, "single-samples").severity == "warning", "an image has many values in a channel"
    assert "single-samples" not in codes(_trained_with(row, settings={"batch_size": 2}))
    layer = row.replace("BatchNorm1d", "LayerNorm")
    assert "single-samples" not in codes(_trained_with(layer, settings={"batch_size": 1}))


@pytest.mark.parametrize(
    ("optimizer", "rate", "told"),
    [
        ("Adam", 0.5, True),
        ("Adam", 0.1, False),
        ("SGD", 1.0, False),
        ("SGD", 3.0, True),
        ("AdamW", 1e-5, False),
    ],
)
def test_a_learning_rate_that_nobody_uses(optimizer: str, rate: float, told: bool) -> None:
    part = Component(kind=optimizer, parameters={"lr": rate})
    document = _trained_with(chained("Linear()", shape="[9]"), optimizer=part)
    assert ("learning-rate" in codes(document)) == told
    if told:
        finding = only(document, "learning-rate")
        assert f"is {rate:g}, and {optimizer} mostly works with about" in finding.message
        mends(document, finding)


LEARNING = """
x = Input(shape=[9])
fc1 = Linear(out_features=8)
{barrier}
fc2 = Linear(out_features=3)
y = Output()
t = Target()
loss = CrossEntropyLoss()
x -> fc1 -> {chain} -> fc2 -> loss
fc2 -> y
t -> loss.target
"""


@pytest.mark.parametrize(
    ("barrier", "chain", "severity", "message", "fix"),
    [
        (
            "step = Step()",
            "step",
            "warning",
            "The weights of fc1 never change: step lets no gradient back to them.",
            None,
        ),
        (
            "stop = StopGradient()",
            "stop",
            "hint",
            "The weights of fc1 never change: stop lets no gradient back to them.",
            "Remove stop",
        ),
        (
            "most = ArgMax(keepdim=True)\ncast = Cast()",
            "most -> cast",
            "warning",
            "The weights of fc1 never change: most lets no gradient back to them.",
            None,
        ),
    ],
)
def test_weights_that_no_gradient_reaches(
    barrier: str, chain: str, severity: str, message: str, fix: str | None
) -> None:
    document = drawing(LEARNING.format(barrier=barrier, chain=chain))
    finding = only(document, "no-gradient")
    assert (finding.severity, finding.message) == (severity, message)
    assert [offered.label for offered in finding.fixes] == ([fix] if fix else [])
    mends(document, finding)


def test_a_way_around_a_barrier_lets_weights_learn() -> None:
    text = LEARNING.format(barrier="step = Step()\njoin = Add()", chain="step -> join")
    assert "no-gradient" not in codes(drawing(text + "fc1 -> join"))


def test_an_answer_that_no_loss_judges_stays_random() -> None:
    text = LEARNING.format(
        barrier="relu = ReLU()\nside = Linear(out_features=4)\nmore = Output()", chain="relu"
    )
    document = drawing(text + "relu -> side -> more")
    finding = only(document, "no-gradient")
    assert finding.message == "The weights of side never change: more depends on them, and no loss does."
    assert finding.fixes
    mends(document, finding)


def test_a_loss_of_a_network_without_weights() -> None:
    text = "x = Input(shape=[3])\nr = ReLU()\ny = Output()\nt = Target()\nloss = CrossEntropyLoss()\n"
    document = drawing(text + "x -> r -> y\nr -> loss\nt -> loss.target")
    finding = only(document, "no-weights")
    assert finding.message == (
        "No node of main has weights, so training cannot change what loss measures: add a layer such as Linear or "
        "Conv2d."
    )
    assert "no-weights" not in codes(drawing(LEARNING.format(barrier="relu = ReLU()", chain="relu")))


def test_a_bias_is_told_of_once_for_the_whole_network() -> None:
    document = drawing(chained(*([CONV, "BatchNorm2d()", "ReLU()"] * 9)))
    finding = only(document, "bias-before-norm")
    assert len(finding.nodes) == 9
    apply(document, finding.fixes[0].edit)
    assert check(document).networks["main"].parameters == 9 * 16 + 3 * 8 * 9 + 8 * 8 * 8 * 9


TWICE = """
left = Input(shape=[9])
right = Input(shape=[9])
one = Linear(out_features=4)
other = Linear(out_features=4, shares="one")
apart = PairwiseDistance()
y = Output()
left -> one -> apart.x1
{second} -> other -> apart.x2
apart -> y
"""


def test_shared_weights_on_the_same_input_give_the_same() -> None:
    document = drawing(TWICE.format(second="left"))
    finding = only(document, "repeated-work")
    assert finding.message == (
        "other has the weights of one and the same input, so both give the same: use one twice, or give other "
        "weights of its own."
    )
    mends(document, finding)
    assert "repeated-work" not in codes(drawing(TWICE.format(second="right")))
    assert "repeated-work" not in codes(drawing(TWICE.format(second="left").replace(', shares="one"', "")))


@pytest.mark.parametrize(
    ("stage", "code", "message", "fix"),
    [
        (
            {"learns": ("fc", "encodr")},
            "stage-unknown-node",
            "Stage train teaches encodr, and main has no such node.",
            "Take encodr out of the stage",
        ),
        (
            {"objectives": ("lss",)},
            "stage-unknown-node",
            "Stage train follows the loss lss, and main has no such node.",
            "Use loss",
        ),
        (
            {"learns": ("relu",)},
            "stage-without-weights",
            "Stage train teaches relu, which has no weights: it changes nothing.",
            "Teach all nodes",
        ),
    ],
)
def test_a_stage_teaches_nodes_that_can_learn(
    stage: dict[str, tuple[str, ...]], code: str, message: str, fix: str
) -> None:
    text = LEARNING.format(barrier="relu = ReLU()", chain="relu").replace("fc1", "fc")
    document = _trained_with(text, **stage)
    finding = only(document, code)
    assert finding.message == message
    assert fix in [offered.label for offered in finding.fixes]
    mends(document, finding)
    sound = _trained_with(text, learns=("fc", "relu"), objectives=("loss",))
    assert not {"stage-unknown-node", "stage-without-weights"} & set(codes(sound))


def test_a_rule_teaches_what_has_prototypes_and_no_weights() -> None:
    text = """
        pixels = Input(shape=[64])
        map = SelfOrganizingMap()
        unit = Output()
        pixels -> map -> unit
    """
    assert "stage-without-weights" not in codes(_trained_with(text, rule="competitive", learns=("map",)))
    assert "stage-without-weights" in codes(_trained_with(text, rule="gradient", learns=("map",)))


def test_a_stage_reaches_into_networks() -> None:
    text = """
    x = Input(shape=[9])
    one = block()
    y = Output()
    x -> one -> y
    network block()
    x = Input(shape=[9])
    fc = Linear(out_features=3)
    y = Output()
    x -> fc -> y
    """
    assert "stage-unknown-node" not in codes(_trained_with(text, learns=("one.fc",)))
    assert "stage-unknown-node" in codes(_trained_with(text, learns=("one.conv",)))


@pytest.mark.parametrize(("kind", "told"), [("SelfOrganizingMap", False), ("Linear", True)])
def test_what_learns_from_samples_alone_needs_no_loss(kind: str, told: bool) -> None:
    assert ("no-objective" in codes(drawing(chained(f"{kind}()", shape="[9]")))) == told
