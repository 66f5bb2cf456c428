"""Which sizes a network takes, against torch itself: the module is fed every size, on the meta device."""

from __future__ import annotations

import pytest
import showcase
import torch
from drawings import drawing
from torch import nn

from nodeforge.analysis import check
from nodeforge.analysis.sizes import accepted_sizes
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.torch_backend.build import build

CONV = "Conv2d(out_channels=4, kernel_size=3, padding=1)"


def chained(shape: str, *nodes: str, dtype: str = "float32") -> Document:
    names = [f"n{number}" for number in range(1, len(nodes) + 1)]
    lines = [f"{name} = {node}" for name, node in zip(names, nodes, strict=True)]
    text = "\n".join([f"x = Input(shape={shape}, dtype='{dtype}')", *lines, "y = Output()"])
    return drawing(f"{text}\n{' -> '.join(['x', *names, 'y'])}")


def unet(levels: int) -> Document:
    """Down by pooling, up by transposed convolutions, joined on each level."""
    lines = ["x = Input(shape=[1, 32, 32])", "y = Output()"]
    wires = []
    last = "x"
    for level in range(levels):
        lines += [f"c{level} = {CONV}", f"r{level} = ReLU()", f"p{level} = MaxPool2d(kernel_size=2)"]
        wires.append(f"{last} -> c{level} -> r{level} -> p{level}")
        last = f"p{level}"
    for level in reversed(range(levels)):
        lines += [
            f"u{level} = ConvTranspose2d(out_channels=4, kernel_size=2, stride=2)",
            f"j{level} = Concat()",
        ]
        lines += [f"d{level} = {CONV}"]
        wires += [f"{last} -> u{level} -> j{level} -> d{level}", f"r{level} -> j{level}"]
        last = f"d{level}"
    return drawing("\n".join([*lines, *wires, f"{last} -> y"]))


def works(module: nn.Module, shape: tuple[int, ...], dtype: torch.dtype) -> bool:
    """Whether a module, as it was made for the declared shape, runs on another one."""
    try:
        module(torch.zeros(2, *shape, dtype=dtype, device="meta"))
    except (RuntimeError, IndexError):
        return False
    return True


NETWORKS = [
    pytest.param(chained("[1, 28, 28]", CONV, "MaxPool2d(kernel_size=2)", "Flatten()", "Linear()"), "height and width: 28 to 29", id="flattened"),
    pytest.param(chained("[3, 20, 24]", CONV, "ReLU()", CONV), "height and width: any size", id="convolutions"),
    pytest.param(chained("[3, 20, 20]", "Conv2d(out_channels=4, kernel_size=5)", "Conv2d(out_channels=4, kernel_size=3)"), "height and width: at least 7", id="no padding"),
    pytest.param(chained("[1, 32, 32]", *["Conv2d(out_channels=4, kernel_size=3)", "MaxPool2d(kernel_size=2)"] * 2, "AdaptiveAvgPool2d(output_size=1)", "Flatten()", "Linear()"), "height and width: at least 10", id="pooled at the end"),
    pytest.param(unet(3), "height and width: multiples of 8", id="U-Net"),
    pytest.param(chained("[3, 12, 20]", "PixelUnshuffle(downscale_factor=4)", "Conv2d(kernel_size=3)"), "height and width: multiples of 4, at least 12", id="folded pixels"),
    pytest.param(chained("[1, 9, 30]", "Conv2d(out_channels=4, kernel_size=(3, 1))"), "height: at least 3; width: any size", id="one axis each"),
    pytest.param(chained("[24, 3]", "LSTM(hidden_size=4)", "Select()", "Linear()"), "length: any size", id="sequence"),
    pytest.param(chained("[24, 8]", "LearnedPositionalEncoding()", "TransformerEncoderLayer(nhead=2)"), "only 24×8", id="learned positions"),
    pytest.param(chained("[24]", "Embedding(num_embeddings=9)", "Mean(dim=[1])", "Linear()", dtype="int64"), "length: any size", id="words"),
    pytest.param(chained("[3, 8, 8]", "Reshape(shape=[-1])", "ReLU()"), "only 3×8×8", id="a shape written into the source"),
    pytest.param(chained("[4]", "Linear()"), "only 4", id="features"),
    pytest.param(drawing("x = Input(shape=[3, 16, 16])\nt = Transpose(dim0=2, dim1=3)\na = Add()\ny = Output()\nx -> a -> y\nx -> t -> a"), "channels: any size; height = width: any size", id="square"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "text"), NETWORKS)
def test_accepted_sizes_are_those_that_torch_takes(document: Document, text: str) -> None:
    found = accepted_sizes(document, "main", "x")
    assert found is not None
    assert found.text == text
    report = check(document)
    module = build(generate(document, report, "main")).to("meta").eval()
    spec = report.networks["main"].nodes["x"].outputs["output"]
    declared, dtype = spec.sample_shape, getattr(torch, spec.dtype)
    # On the meta device recurrent layers go step by step, and take their time.
    tried = range(2, 37) if len(declared) == 3 else (2, 5, 12, 23, 24, 25)
    names = {1: ["length"], 2: ["length", "features"], 3: ["channels", "height", "width"]}[len(declared)]
    groups = [tuple(key.split(" = ")) for key in found.axes if " = " in key] or [(name,) for name in names]
    for group in groups:
        moved = [names.index(name) for name in group]
        sizes = found.axes.get(" = ".join(group), (declared[moved[0]],))
        for size in tried:  # not 1, which torch repeats wherever it meets another size
            shape = tuple(size if place in moved else int(old) for place, old in enumerate(declared))
            assert works(module, shape, dtype) == (size in sizes), (group, size)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RESNET_18", "height and width: any size"),
        ("U_NET", "height and width: 188, 204, 220 and so on in steps of 16"),
    ],
)
def test_sizes_far_from_the_declared_one_are_found(name: str, text: str) -> None:
    """The original U-Net pads nothing: 572 of its paper is 188 + 24 · 16."""
    found = accepted_sizes(drawing(getattr(showcase, name)), "main", "image")
    assert found is not None
    assert found.text == text


def test_sizes_are_not_told_of_a_network_that_is_not_complete() -> None:
    document = chained("[4]", "Conv2d()")
    assert accepted_sizes(document, "main", "x") is None
    document = drawing("x = Input(shape=[4])\nfc = Linear()\nx -> fc")
    assert accepted_sizes(document, "main", "x") is None


def test_other_inputs_and_losses_stand_aside() -> None:
    text = """
    x = Input(shape=[1, 16, 16])
    z = Input(shape=[5])
    conv = Conv2d(out_channels=2, kernel_size=3, padding=1)
    pool = AdaptiveAvgPool2d(output_size=1)
    flat = Flatten()
    join = Concat()
    fc = Linear(out_features=3)
    y = Output()
    t = Target(shape=[2, 16, 16], dtype="float32")
    loss = MSELoss()
    x -> conv -> pool -> flat -> join -> fc -> y
    z -> join
    conv -> loss
    t -> loss.target
    """
    document = drawing(text)
    image, row = accepted_sizes(document, "main", "x"), accepted_sizes(document, "main", "z")
    assert image is not None
    assert image.text == "height and width: any size"
    assert row is not None
    assert row.text == "only 5, while the other inputs stay as they are"
