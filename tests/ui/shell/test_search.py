"""The ranking of searches."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from nodeforge import catalog
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.searching.search_popup import SearchPopup
from nodeforge.ui.palette.panel import LayerPalette
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.search import ranked_kinds, score


def _found(query: str, used: dict[str, int] | None = None) -> list[str]:
    return [kind.name for kind in ranked_kinds(query, list(catalog.kinds().values()), used or {})]


MEANT = {
    "cross entropy": "CrossEntropyLoss",
    "crossent": "CrossEntropyLoss",
    "loss": "CrossEntropyLoss",
    "mse": "MSELoss",
    "conv": "Conv2d",
    "conv 1d": "Conv1d",
    "convolution": "Conv2d",
    "pool": "MaxPool2d",
    "pool max": "MaxPool2d",
    "dense": "Linear",
    "fc": "Linear",
    "Fully connected": "Linear",
    "norm": "BatchNorm2d",
    "bn": "BatchNorm2d",
    "drop": "Dropout",
    "lstm": "LSTM",
    "relu": "ReLU",
    "self attention": "MultiheadAttention",
}


@pytest.mark.parametrize(("typed", "meant"), MEANT.items())
def test_what_people_mean_comes_first_in_palette_and_canvas(
    qtbot: QtBot, model: ProjectModel, typed: str, meant: str
) -> None:
    palette = LayerPalette(model)
    qtbot.addWidget(palette)
    palette.search.setText(typed)
    assert palette.tree.currentItem().text(0) == meant
    popup = SearchPopup(palette, list(catalog.kinds().values()), {}, style.palette_for(False))
    popup.field.setText(typed)
    assert popup.list.currentIndex().data().startswith(f"{meant} ")


def test_used_kinds_come_before_the_common_ones() -> None:
    assert _found("conv", {"Conv1d": 3})[:2] == ["Conv1d", "Conv2d"]


def test_siblings_stand_in_the_order_of_the_catalog() -> None:
    assert _found("loss")[:3] == ["CrossEntropyLoss", "BCEWithLogitsLoss", "MSELoss"]
    assert _found("pool")[:3] == ["MaxPool2d", "MaxPool1d", "MaxPool3d"]


def test_letters_in_order_find_a_name() -> None:
    assert "Conv2d" in _found("cv2")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("c2d", "Conv2d"),
        ("bn2", "BatchNorm2d"),
        ("msel", "MSELoss"),
        ("ce", "CrossEntropyLoss"),
        ("mp2", "MaxPool2d"),
    ],
)
def test_beginnings_of_words_are_enough(typed: str, meant: str) -> None:
    assert _found(typed)[0] == meant


def test_nothing_typed_leaves_the_order() -> None:
    assert _found("  ", {"Conv1d": 3}) == list(catalog.kinds())


@pytest.mark.parametrize("nonsense", ["qqzz", "+"])
def test_nothing_answers_to_nonsense(nonsense: str) -> None:
    assert _found(nonsense) == []


def test_words_beat_a_beginning_a_beginning_a_part_and_a_part_scattered_letters() -> None:
    titles = ["net", "my net", "network", "my network", "sonnet", "nice text"]
    points = [score("net", title) for title in titles]
    assert None not in points
    assert points == sorted(points)  # type: ignore[type-var]
    assert len(set(points)) == len(points)
