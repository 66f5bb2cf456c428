"""The generated file: what it looks like, what it keeps alive, what it does with unfinished and hostile drawings."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.compiler import Slot, Source, generate
from nodeforge.core.document import Document
from nodeforge.core.edits import RenameNode, SetParameter, apply
from nodeforge.core.specs import TensorSpec

CNN = """
    image = Input(shape=[1, 8, 8], field="picture")
    label = Target()
    conv1 = Conv2d(out_channels=4, padding="same")
    relu1 = ReLU()
    conv2 = Conv2d(out_channels=4, padding=1)
    add = Add()
    flatten = Flatten()
    dense = Linear(out_features=3)
    logits = Output()
    loss = CrossEntropyLoss()
    image -> conv1 -> relu1 -> conv2 -> add -> flatten -> dense -> logits
    relu1 -> add
    dense -> loss
    label -> loss.target
"""

CNN_SOURCE = '''\
from torch import Tensor, nn


class SmallCnn(nn.Module):
    """Small CNN: 959 trainable parameters.

    Takes image (N×1×8×8).
    Gives logits (N×3).
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, kernel_size=3, padding="same")
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(4, 4, kernel_size=3, padding=1)
        self.flatten = nn.Flatten()
        self.dense = nn.Linear(256, 3)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv1(image)  # N×4×8×8
        x = self.relu1(x)      # N×4×8×8
        y = self.conv2(x)      # N×4×8×8
        x = y + x              # N×4×8×8
        x = self.flatten(x)    # N×256
        x = self.dense(x)      # N×3
        return x

    def objectives(self, image: Tensor, label: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        logits = self(image)
        loss = self.loss(logits, label)
        return {"loss": loss}, logits
'''


def source_of(text: str, title: str = "Small CNN") -> Source:
    return generate_checked(titled(drawing(text), title))


def titled(document: Document, title: str) -> Document:
    document.title = title
    return document


def generate_checked(document: Document) -> Source:
    source = generate(document, check(document))
    ast.parse(source.text)
    return source


def method(source: Source, name: str) -> list[str]:
    """The lines of a method without comments."""
    lines = source.text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(f"    def {name}("))
    body = []
    for line in lines[start + 1 :]:
        if not line.startswith("        "):
            break
        body.append(line.partition("  # ")[0].strip())
    return body


def test_a_network_reads_as_a_person_would_write_it() -> None:
    source = source_of(CNN)
    assert source.text == CNN_SOURCE
    assert source.complete


def test_the_source_says_what_feeds_it() -> None:
    source = source_of(CNN)
    assert source.inputs == (Slot(node="image", spec=TensorSpec(("N", 1, 8, 8)), field="picture"),)
    assert source.targets == (Slot(node="label", spec=TensorSpec(("N",), "int64")),)
    assert source.outputs == ("logits",)
    assert source.objectives == ("loss",)


def test_lines_and_nodes_point_at_each_other() -> None:
    source = source_of(CNN)
    lines = source.text.split("\n")
    assert [lines[n - 1].strip()[:14] for n in source.node_lines["relu1"]] == [
        "self.relu1 = n",
        "x = self.relu1",
    ]
    for node, numbers in source.node_lines.items():
        for number in numbers:
            assert node == source.line_nodes[number] or "def " in lines[number - 1]
    assert set(source.node_lines) == set(drawing(CNN).main_network.nodes)


def test_the_text_depends_on_the_drawing_alone() -> None:
    assert source_of(CNN) == source_of(CNN)
    assert source_of(CNN).filename != source_of(CNN, "Other").filename


def test_losses_on_inner_values_are_written_out_in_line() -> None:
    source = source_of(
        CNN.replace("dense -> logits", "dense -> prob -> logits").replace(
            "image =", "prob = Softmax()\n image ="
        )
    )
    assert method(source, "objectives")[-4:] == [
        "x = self.dense(x)",
        "y = self.prob(x)",
        "loss = self.loss(x, label)",
        'return {"loss": loss}, y',
    ]


def test_what_only_the_losses_need_follows_the_call() -> None:
    source = source_of(
        """
        x = Input(shape=[4])
        y = Target(shape=[], dtype="float32")
        column = Reshape(shape=[1])
        line = Linear(out_features=1)
        out = Output()
        mse = MSELoss()
        l1 = L1Loss()
        x -> line -> out
        y -> column -> mse.target
        column -> l1.target
        line -> mse
        line -> l1
        """
    )
    assert method(source, "objectives") == [
        "out = self(x)",
        "y = y.reshape(y.shape[0], 1)",
        "mse = self.mse(out, y)",
        "l1 = self.l1(out, y)",
        'return {"mse": mse, "l1": l1}, out',
    ]


def test_several_outputs_make_a_tuple() -> None:
    source = source_of(
        """
        x = Input(shape=[6, 2])
        lstm = LSTM(hidden_size=3)
        sequence = Output()
        cell = Output()
        x -> lstm -> sequence
        lstm.cell -> cell
        """
    )
    assert method(source, "forward") == ["x, (_, y) = self.lstm(x)", "return x, y"]
    assert "def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:" in source.text


def test_a_value_that_would_linger_is_deleted() -> None:
    chain = " -> ".join(f"r{i}" for i in range(6))
    nodes = "\n".join(f"r{i} = ReLU()" for i in range(6))
    source = source_of(
        f"""
        x = Input(shape=[6])
        a = Linear(out_features=6)
        b = Linear(out_features=6)
        add = Add()
        {nodes}
        y = Output()
        x -> a -> add
        x -> b -> add -> {chain} -> y
        """
    )
    lines = method(source, "forward")
    assert lines[:5] == ["y = self.a(x)", "x = self.b(x)", "x = y + x", "del y", "x = self.r0(x)"]


def test_many_live_values_are_named_after_their_nodes() -> None:
    branches = "\n".join(f"branch{i} = Linear(out_features=2)\n image -> branch{i} -> cat" for i in range(5))
    source = source_of(f"image = Input(shape=[3])\ncat = Concat()\nout = Output()\n{branches}\ncat -> out")
    assert method(source, "forward")[3:] == [
        "branch3 = self.branch3(image)",
        "branch4 = self.branch4(image)",
        "x = torch.cat([x, y, z, branch3, branch4], dim=1)",
        "return x",
    ]


def test_what_leads_nowhere_is_left_out_and_named() -> None:
    source = source_of(CNN + "\nstray = Dropout()\nconv1 -> stray\nlonely = ReLU()")
    assert source.complete
    assert "self.stray" not in source.text
    assert "left out: stray" in source.text
    assert "# lonely: ReLU; nothing is wired to input" in source.text


@pytest.mark.parametrize(
    ("drawn", "comment"),
    [
        ("x = Input(shape=[4])\ny = Output()\nx -> y", ""),
        (
            "x = Input(shape=[4])\nc = Conv2d()\ny = Output()\nx -> c -> y",
            "# c: Conv2d; its inputs or parameters",
        ),
        ("x = Input(shape=[4])\nc = Foo()\ny = Output()\nx -> y", "# c: an unknown kind of node"),
        ("x = Input(shape=[4])\nl = Linear()\nx -> l", "no Output node"),
        ("a = ReLU()\nb = ReLU()\na -> b -> a", "# The wires run in a circle"),
        ("x = Input()\nl = Linear()\ny = Output()\nx -> l -> y", "# l: Linear; waits for x"),
        ("t = Target(shape=[2], dtype='float32')\ny = Output()\nt -> y", "depends on a Target"),
        ("", "no Output node"),
    ],
)
def test_an_unfinished_drawing_can_be_read(drawn: str, comment: str) -> None:
    source = source_of(drawn)
    assert comment in source.text
    if comment and "Foo" not in drawn:
        assert not source.complete


def test_names_that_torch_uses_are_kept_apart() -> None:
    document = drawing(CNN)
    for name, new in [
        ("dense", "train"),
        ("conv1", "nn"),
        ("image", "torch"),
        ("label", "Tensor"),
        ("loss", "forward"),
    ]:
        apply(document, RenameNode("main", name, new))
    source = generate_checked(titled(document, "nn"))
    assert source.attributes["train"] == "train_"
    assert "self.train_ = nn.Linear(256, 3)" in source.text
    assert "def objectives(self, torch_: Tensor, Tensor_: Tensor)" in source.text
    assert '{"forward": ' in source.text
    assert source.complete


HOSTILE = [
    '"); import os; os.system("touch /tmp/owned") #',
    "x'''\nimport os\n'''",
    '"""\nraise SystemExit\n"""',
    "same\\",
    "𝕖𝕧𝕒𝕝",
    "a\u2028b\x0cc\rd",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_out_of_the_code(text: str) -> None:
    document = titled(drawing(CNN), text)
    apply(document, SetParameter("main", "image", "field", text))
    apply(document, SetParameter("main", "conv1", "padding", text))
    apply(document, SetParameter("main", "conv2", "padding_mode", text))
    apply(document, SetParameter("main", "conv2", "evil", text))
    network = document.main_network
    network.nodes["relu1"] = replace(network.nodes["relu1"], kind=text)
    source = generate_checked(document)
    assert not source.complete
    tree = ast.parse(source.text)
    (made,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [type(node).__name__ for node in tree.body] == ["ImportFrom", "ClassDef"]
    assert [node.name for node in made.body if isinstance(node, ast.FunctionDef)] == ["__init__", "forward"]
    assert "system" not in source.text.replace(made.body[0].value.value, "")  # type: ignore[attr-defined]
