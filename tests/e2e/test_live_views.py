"""The real window shows what networks make of samples while they train."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from person import Key, Keys, Start

from nodeforge.project import shipped


@pytest.mark.parametrize(
    ("project", "own"),
    [
        ("mnist-cnn", "activations"),
        pytest.param("elnino-lstm", "states", marks=pytest.mark.long),
        pytest.param("vit", "attention", marks=pytest.mark.long),
    ],
)
def test_views_of_a_training_move_while_they_are_in_sight(
    start: Start, tmp_path: Path, project: str, own: str
) -> None:
    folder = tmp_path / project
    folder.mkdir()
    shutil.copy(shipped.project(project) / "project.json", folder)
    person = start(folder)
    person.enter("epochs", "1000", person.panel("training"))
    person.press(Key.Key_S, Keys.ControlModifier)
    person.wait_for_engine()
    person.panel("live")
    person.press(Key.Key_F5)
    live = person.window.workbench.live
    person.wait(lambda: live.cards and all(card.has_data for card in live.cards))
    assert own in [card.view for card in live.cards]
    assert not [card.shown.fault for card in live.cards if card.shown.fault]
    before = {card.key: card.shown.step for card in live.cards}
    person.wait(lambda: all(card.shown.step > before[card.key] for card in live.cards))
    person.press(Key.Key_F6)
    person.wait(lambda: person.window.workbench.training.state == "paused")
    first = live.cards[0].shown
    live.sample_box.setFocus()
    person.press(Key.Key_Up)
    person.wait(lambda: live.cards[0].shown is not first and live.cards[0].shown.note != first.note)
    person.press(Key.Key_F5, Keys.ShiftModifier)
    person.wait(lambda: person.window.workbench.training.state == "idle")
