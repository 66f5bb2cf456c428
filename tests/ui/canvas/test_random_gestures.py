"""Random gestures, undo and redo on the real canvas: it always shows the graph, and all can be taken back."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from restless import Restless, assert_shows_the_graph

from nodeforge.core.document import Document
from nodeforge.core.drawing import Frame
from nodeforge.core.edits import SetFrames, apply
from nodeforge.project import schema


def _drawn(document: Document) -> Document:
    frame = Frame(area=(220, -60, 480, 190), title="Features", color="teal")
    apply(document, SetFrames("main", {"frame1": frame}))
    return document


def _go_wild(canvas, random: Random, steps: int) -> None:
    first = schema.encode(canvas.model.document)
    hands = Restless(canvas, random)
    items = len(canvas.scene().items())
    done: list[str] = []
    try:
        for _ in range(steps):
            done.append(hands.step())
            assert_shows_the_graph(canvas)
            if not canvas.mouse.busy:  # a wire drawn by keys may still hang
                assert len(canvas.scene().items()) == items, "a gesture left something in the scene"
            assert schema.encode(schema.decode(schema.encode(canvas.model.document)))
        while canvas.model.workspace.history.can_redo:
            canvas.model.redo()
        last = schema.encode(canvas.model.document)
        while canvas.model.workspace.history.can_undo:
            canvas.model.undo()
        QApplication.processEvents()
        assert_shows_the_graph(canvas)
        assert schema.encode(canvas.model.document) == first
        while canvas.model.workspace.history.can_redo:
            canvas.model.redo()
        QApplication.processEvents()
        assert_shows_the_graph(canvas)
        assert schema.encode(canvas.model.document) == last
    except BaseException as error:
        error.add_note("after:\n" + "\n".join(done[-12:]))
        raise


@given(st.randoms(use_true_random=False))
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_canvas_shows_the_graph_whatever_the_hands_do(make_canvas, document, random: Random) -> None:
    canvas = make_canvas(_drawn(document.copy()))
    _go_wild(canvas, random, 40)
    canvas.close()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(40))
def test_ten_thousand_steps(make_canvas, document, seed: int) -> None:
    _go_wild(make_canvas(_drawn(document)), Random(seed), 260)
