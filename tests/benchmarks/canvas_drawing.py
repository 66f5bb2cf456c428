"""A large drawing as people make them: layers of many sizes, skip connections led round, frames, nodes at fault."""

from __future__ import annotations

from itertools import cycle, islice

from nodeforge.core.document import Document
from nodeforge.core.drawing import Frame
from nodeforge.core.edits import AddNode, Batch, Bend, Collapse, Connect, Edit, SetFrames, apply
from nodeforge.core.graph import Node, Wire

ROW = 100
"""Nodes in a row: a chain that ends in an Output, and behind it some that nothing is wired to, which the checker
marks."""
STRAY = 5
COLUMN_WIDTH, ROW_HEIGHT = 250.0, 260.0

_IMAGES = (
    ("Conv2d", {"out_channels": 8, "kernel_size": 3, "padding": 1}),
    ("BatchNorm2d", {}),
    ("ReLU", {}),
    ("Dropout2d", {}),
    ("Add", {}),
)
_SEQUENCES = (
    ("LSTM", {"hidden_size": 16}),
    ("LayerNorm", {}),
    ("MultiheadAttention", {"num_heads": 4}),
    ("Linear", {"out_features": 16}),
    ("GELU", {}),
)
_STRAYS = (("Concat", {}), ("MultiheadAttention", {"num_heads": 4}))
_FAMILIES = (_IMAGES, _SEQUENCES)
_FIRST_HEADS = (
    (("Input", {"shape": (3, 32, 32)}),),
    (("Flatten", {}), ("Linear", {"out_features": 320}), ("Reshape", {"shape": (20, 16)})),
)
_HEADS = (("Identity", {}),)


def mixed_drawing(count: int) -> Document:
    """So many nodes and about as many wires, in rows of image layers and of sequence layers in turns.

    The last row has at least ten.
    """
    document = Document(title=f"{count:,} nodes")
    edits: list[Edit] = []
    frames: dict[str, Frame] = {}
    for row, first in enumerate(range(0, count, ROW)):
        edits += _row(row, range(first, min(first + ROW, count)))
        if row % 4 == 0:
            area = (-40.0, ROW_HEIGHT * row - 60, COLUMN_WIDTH * ROW / 2, ROW_HEIGHT - 20)
            frames[f"frame{row + 1}"] = Frame(area=area, title=f"Stage {row + 1}", color="blue")
    apply(document, Batch((*edits, SetFrames("main", frames))))
    return document


def _row(row: int, numbers: range) -> list[Edit]:
    heads = _heads(row)
    chained = len(numbers) - STRAY
    kinds = [*heads, *islice(cycle(_FAMILIES[row % 2]), chained - len(heads) - 1), ("Output", {})]
    kinds += islice(cycle(_STRAYS), len(numbers) - chained)
    names = [f"n{number}" for number in numbers]
    edits: list[Edit] = []
    for column, (name, (kind, parameters)) in enumerate(zip(names, kinds, strict=True)):
        place = (COLUMN_WIDTH * column, ROW_HEIGHT * row + 7.0 * (column % 3))
        edits.append(AddNode("main", Node(name=name, kind=kind, parameters=parameters, position=place)))
    if row:
        above = max(0, row - 2)
        spine = Wire(f"n{above * ROW + len(_heads(above)) - 1}", "output", names[0], "input")
        edits.append(Connect("main", spine))
    for column in range(1, chained):
        edits += _wires(names, kinds[column][0], column, ROW_HEIGHT * row)
    return [*edits, Collapse("main", {names[4]: True})]


def _heads(row: int) -> tuple[tuple[str, dict[str, object]], ...]:
    """What a row begins with, fed by the last of what the row before of its family begins with."""
    return _FIRST_HEADS[row] if row < len(_FIRST_HEADS) else _HEADS


def _wires(names: list[str], kind: str, column: int, top: float) -> list[Edit]:
    before, here = names[column - 1], names[column]
    if kind == "MultiheadAttention":
        return [Connect("main", Wire(before, "output", here, port)) for port in ("query", "key", "value")]
    port = "inputs" if kind == "Add" else "input"
    edits: list[Edit] = [Connect("main", Wire(before, "output", here, port))]
    if kind == "Add":
        skip = Wire(names[column - 4], "output", here, port)
        lane = ((COLUMN_WIDTH * (column - 3), top - 40.0), (COLUMN_WIDTH * (column - 1), top - 40.0))
        edits += [Connect("main", skip), Bend("main", {skip: lane})]
    return edits
