"""Scrolling past a field never changes it: every field of the window and its dialogs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from nodeforge.core.document import Component, DataSettings, Stage
from nodeforge.core.edits import SetData, SetRecipe
from nodeforge.ui.export_dialog import ExportDialog
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.places import PLACES
from nodeforge.ui.preferences import PreferencesDialog
from nodeforge.ui.weights.dialog import WeightsDialog

OpenWindow = Callable[..., MainWindow]
Field = QComboBox | QAbstractSpinBox | QAbstractSlider | QLineEdit


def _fields(root: QWidget) -> Iterator[Field]:
    for widget in root.findChildren(QWidget):
        inner = isinstance(widget.parent(), (QComboBox, QAbstractSpinBox))
        if isinstance(widget, Field) and not inner and not isinstance(widget, QScrollBar):
            yield widget


def _value(field: Field) -> object:
    if isinstance(field, QComboBox):
        return field.currentIndex()
    return field.value() if isinstance(field, QAbstractSlider) else field.text()


def _roll(field: QWidget) -> None:
    for turn in (120, -120, -120):
        middle = QPointF(field.rect().center())
        buttons, held = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(
            field,
            QWheelEvent(
                middle, field.mapToGlobal(middle), QPoint(), QPoint(0, turn), buttons, held,
                Qt.ScrollPhase.NoScrollPhase, False,
            ),
        )  # fmt: skip


def _hold(root: QWidget, *, least: int) -> None:
    fields = [*_fields(root)]
    assert len(fields) >= least
    for field in fields:
        before = _value(field)
        _roll(field)
        assert _value(field) == before, f"the wheel changes {field.accessibleName() or field}"
        assert not field.hasFocus(), f"the wheel takes the focus to {field.accessibleName() or field}"


def test_no_field_of_the_window_follows_the_wheel(open_window: OpenWindow, project: Path) -> None:
    window = open_window(project)
    model = window.model
    model.do(SetData(DataSettings(source=Component(kind="csv", parameters={"path": "t.csv"}))))
    two = (Stage(name="a"), Stage(name="b", rule="ridge"))
    model.do(SetRecipe(type(model.document.recipe)(stages=two)))
    window.canvas.setFocus()
    for name in model.graph.nodes:
        model.select([name])
        QApplication.processEvents()
        _hold(window.workbench.inspector, least=1)
    for place in PLACES:
        window.workbench.show_panel(place.name)
        QApplication.processEvents()
        _hold(window.workbench.docks[place.name], least=0)
    _hold(window, least=30)


@pytest.mark.parametrize(
    "make",
    [
        lambda window: PreferencesDialog(window.preferences, window),
        lambda window: ExportDialog(window.model, window.engine, window),
        lambda window: WeightsDialog(window.model, window.engine, window),
    ],
)
def test_no_field_of_a_dialog_follows_the_wheel(
    open_window: OpenWindow, project: Path, qtbot: QtBot, make: Callable[[MainWindow], QDialog]
) -> None:
    dialog = make(open_window(project))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.setFocus()
    for field in _fields(dialog):
        field.clearFocus()
    _hold(dialog, least=1)


def test_touchpad_or_mouse_is_told_and_remembered(open_window: OpenWindow, project: Path) -> None:
    window = open_window(project)
    assert not window.canvas.wheel_pans
    window.commands["view.touchpad"].trigger()
    assert window.canvas.wheel_pans
    assert window.commands["view.touchpad"].isChecked()
    dialog = PreferencesDialog(window.preferences, window)
    assert dialog.pointing_box.currentData() == "touchpad"
    assert open_window(project).canvas.wheel_pans
    dialog.pointing_box.setCurrentIndex(0)
    dialog.pointing_box.activated.emit(0)
    assert not window.canvas.wheel_pans
