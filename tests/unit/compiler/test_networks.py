"""Networks inside networks: the classes that are written, and that they compute what a person would have written."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import showcase
import torch
from drawings import drawing
from torch import Tensor, nn

from nodeforge.analysis import check
from nodeforge.analysis.report import NetworkReport
from nodeforge.compiler import Source, generate
from nodeforge.compiler.writer import folded
from nodeforge.torch_backend import build, node_of

BLOCKS = """
    width = 16
    image = Input(shape=[8])
    first = block(d_ff=32)
    rest = block(repeat=3)
    again = block(shares="rest")
    out = Output()
    image -> first -> rest -> again -> out
    network block(d_ff="=width*4")
    x = Input(shape=[8])
    up = Linear(out_features="=d_ff")
    act = ReLU()
    down = Linear(out_features="=width")
    y = Output()
    x -> up -> act -> down -> y
"""

BLOCKS_SOURCE = '''\
from torch import Tensor, nn


class Block(nn.Module):
    """block: 816 trainable parameters, as it is used first.

    Takes x (N×8).
    Gives y (N×16).
    The shapes are those of the first of 2 different uses.
    """

    def __init__(self, *, in_features: int, d_ff: int) -> None:
        super().__init__()
        self.up = nn.Linear(in_features, d_ff)
        self.act = nn.ReLU()
        self.down = nn.Linear(d_ff, 16)

    def forward(self, x: Tensor) -> Tensor:
        x = self.up(x)    # N×32
        x = self.act(x)   # N×32
        x = self.down(x)  # N×16
        return x


class Untitled(nn.Module):
    """Untitled: 7,200 trainable parameters.

    Takes image (N×8).
    Gives out (N×16).
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = Block(in_features=8, d_ff=32)
        self.rest = nn.Sequential(*(Block(in_features=16, d_ff=64) for _ in range(3)))

    def forward(self, image: Tensor) -> Tensor:
        x = self.first(image)  # N×16
        x = self.rest(x)       # N×16
        x = self.rest(x)       # N×16
        return x
'''


def source_of(text: str) -> tuple[Source, NetworkReport]:
    document = drawing(text)
    report = check(document)
    assert [d.message for d in report.diagnostics if d.severity == "error"] == []
    return generate(document, report), report.networks["main"]


def built(text: str) -> tuple[nn.Module, NetworkReport]:
    source, report = source_of(text)
    module = build(source)
    assert sum(p.numel() for p in module.parameters()) == report.parameters
    return module, report


def test_uses_of_one_network_share_a_class() -> None:
    source, _ = source_of(BLOCKS)
    assert source.text == BLOCKS_SOURCE


def test_it_computes_what_a_hand_written_network_computes() -> None:
    def block(size: int, hidden: int) -> nn.Module:
        return nn.Sequential(nn.Linear(size, hidden), nn.ReLU(), nn.Linear(hidden, 16))

    first, rest = block(8, 32), nn.Sequential(*(block(16, 64) for _ in range(3)))
    module, _ = built(BLOCKS)
    hand = nn.Sequential(first, rest)
    module.load_state_dict(dict(zip(module.state_dict(), hand.state_dict().values(), strict=True)))
    x = torch.randn(5, 8)
    assert torch.equal(module(x), rest(rest(first(x))))


def test_lines_tell_their_network_and_node() -> None:
    source, _ = source_of(BLOCKS)
    lines = source.text.splitlines()
    assert [lines[n - 1].strip().partition(" = ")[0] for n in source.node_lines["block.down"]] == [
        "self.down",
        "x",
    ]
    assert source.attributes["block.down"] == "down"
    assert [lines[n - 1].strip()[:9] for n in source.node_lines["rest"]] == ["self.rest", "x = self."]


def test_a_failure_is_traced_to_the_node_inside() -> None:
    module, _ = built(BLOCKS)
    with pytest.raises(RuntimeError) as failure:
        module.first(torch.randn(2, 3))
    source, _ = source_of(BLOCKS)
    assert node_of(failure.value, source) == "block.up"


def test_repeats_carry_several_values_and_keep_the_others() -> None:
    text = """
        a = Input(shape=[4])
        b = Input(shape=[4])
        mask = Input(shape=[4])
        twice = pair(repeat=2, share_repeats={shared})
        sum = Output()
        product = Output()
        masked = Output()
        add = Add()
        a -> twice.u
        b -> twice.v
        mask -> twice.m
        twice.p -> sum
        twice.q -> product
        twice.p -> add
        mask -> add
        add -> masked
        network pair()
        u = Input(shape=[4])
        v = Input(shape=[4])
        m = Input(shape=[4])
        add = Add()
        dense = Linear(out_features=4)
        multiply = Multiply()
        p = Output()
        q = Output()
        u -> add
        v -> add
        add -> dense -> multiply
        m -> multiply
        multiply -> p
        u -> q
    """
    a, b, mask = torch.randn(3, 2, 4)
    for shared in (False, True):
        module, report = built(text.format(shared=shared))
        assert report.parameters == (20 if shared else 40)
        u, v = a, b
        for index in range(2):
            dense = module.twice.dense if shared else module.twice[index].dense
            u, v = dense(u + v) * mask, u
        for got, wanted in zip(module(a, b, mask), (u, v, u + mask), strict=True):
            assert torch.equal(got, wanted)


def test_a_class_is_told_numbers_in_its_own_words() -> None:
    source, _ = source_of("""
        x = Input(shape=[10, 32])
        small = attend(d_model=32, heads=2, depth=2)
        big = attend(d_model=64, heads=4)
        widen = Linear(out_features=64)
        out = Output()
        x -> small -> widen -> big -> out
        network attend(d_model=32, heads=4, depth=1)
        q = Input(shape=[10, 32])
        inner = layer_of(width="=d_model", heads="=heads", repeat="=depth")
        y = Output()
        q -> inner -> y
        network layer_of(width=32, heads=4)
        q = Input(shape=[10, 32])
        attention = MultiheadAttention(num_heads="=heads")
        narrow = Linear(out_features="=width/2")
        wide = Linear(out_features="=width")
        y = Output()
        q -> attention.query
        q -> attention.key
        q -> attention.value
        attention -> narrow -> wide -> y
    """)
    assert "int(width / 2)" in source.text
    assert "class LayerOf2" not in source.text
    # One of the two repeats, the other does not: two computations, two classes.
    assert "*(LayerOf(" in source.text
    assert "for _ in range(depth))" in source.text
    module = build(source)
    assert module(torch.randn(2, 10, 32)).shape == (2, 10, 64)


def test_what_is_computed_differently_is_another_class() -> None:
    """The number of channels stands in the reshaping line, so that one class cannot serve both."""
    source, _ = source_of("""
        x = Input(shape=[12])
        a = fold(parts=3)
        b = fold(parts=4)
        p = Output()
        q = Output()
        x -> a -> p
        x -> b -> q
        network fold(parts=2)
        v = Input(shape=[12])
        reshape = Reshape(shape=["=parts", -1])
        w = Output()
        v -> reshape -> w
    """)
    assert "class Fold(" in source.text
    assert "class Fold2(" in source.text
    p, q = build(source)(torch.randn(2, 12))
    assert (p.shape, q.shape) == ((2, 3, 4), (2, 4, 3))


def test_one_use_of_shared_weights_trains_both() -> None:
    module, report = built("""
        left = Input(shape=[6])
        right = Input(shape=[6])
        one = tower()
        other = tower(shares="one")
        distance = Subtract()
        out = Output()
        left -> one -> distance
        right -> other -> distance.other
        distance -> out
        network tower()
        x = Input(shape=[6])
        dense = Linear(out_features=3)
        y = Output()
        x -> dense -> y
    """)
    assert report.parameters == 21
    left, right = torch.randn(2, 4, 6)

    def tower(x: Tensor) -> Tensor:
        return module.one.dense(x)

    assert torch.equal(module(left, right), tower(left) - tower(right))


@pytest.mark.parametrize("name", ["RESNET_18", "U_NET", "BERT", "SEQ2SEQ", "INCEPTION", "SIAMESE"])
def test_the_text_is_formatted(name: str) -> None:
    """As ruff would have it, except that comments behind lines stand in one column."""
    document = drawing(getattr(showcase, name))
    text = re.sub(" +# N×", "  # N×", generate(document, check(document)).text)
    options = ["--isolated", "--line-length", "110", "-"]
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", *options],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert text == formatted.stdout
    faults = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select", "E,F,I,UP", *options],
        input=text,
        capture_output=True,
        text=True,
    )
    assert faults.returncode == 0, faults.stdout


def test_long_lines_are_folded_at_their_brackets() -> None:
    words = ", ".join(f"argument_{number}=[1, (2, 3)]" for number in range(4))
    assert folded(f"        self.a = f({words})") == [
        "        self.a = f(",
        f"            {words}",
        "        )",
    ]
    many = [f'argument_{number}="a, (b"' for number in range(9)]
    assert folded(f"        self.a = f({', '.join(many)})") == [
        "        self.a = f(",
        *(f"            {one}," for one in many),
        "        )",
    ]
    assert folded("x = '" + "(" * 200 + "'") == ["x = '" + "(" * 200 + "'"]
