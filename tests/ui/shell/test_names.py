"""Everything that takes a hand has a name for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
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

from nodeforge.core.document import Component, DataSettings
from nodeforge.core.edits import SetData
from nodeforge.ui.deep_check import DeepCheckDialog
from nodeforge.ui.export_dialog import ExportDialog
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.places import PLACES
from nodeforge.ui.preferences import PreferencesDialog
from nodeforge.ui.shortcuts.dialog import ShortcutsDialog
from nodeforge.ui.weights.dialog import WeightsDialog

_TAKING = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractSlider)


def _nameless(root: QWidget) -> Iterator[str]:
    """What is shown, or would be in an open panel, and has no name."""
    for widget in root.findChildren(QWidget):
        inner = isinstance(widget.parent(), (QComboBox, QAbstractSpinBox, QLineEdit, QScrollBar))
        own = not (
            widget.isHidden()
            or widget.objectName().startswith("qt_")
            or isinstance(widget, QScrollBar)
            or inner
        )
        if (
            isinstance(widget, _TAKING) and own and widget.window() is root.window()
        ):  # popups name theirs late
            known = QAccessible.queryAccessibleInterface(widget)
            if known is not None and not known.text(QAccessible.Text.Name).strip():
                yield f"{type(widget).__name__} in {type(widget.parent()).__name__}: {widget.toolTip()}"


def test_everything_in_the_window_has_a_name(open_window: Callable[..., MainWindow], project: Path) -> None:
    window = open_window(project)
    window.model.do(SetData(DataSettings(source=Component(kind="csv", parameters={"path": "t.csv"}))))
    for node in window.model.graph.nodes:
        window.model.select([node])
        QApplication.processEvents()
        assert sorted(set(_nameless(window.workbench.inspector))) == []
    for place in PLACES:
        window.workbench.show_panel(place.name)
        QApplication.processEvents()
    assert sorted(set(_nameless(window))) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda window: PreferencesDialog(window.preferences, window),
        lambda window: ExportDialog(window.model, window.engine, window),
        lambda window: WeightsDialog(window.model, window.engine, window),
        lambda window: ShortcutsDialog(window.keymap, window),
        lambda window: DeepCheckDialog(window.model, window.engine, window),
    ],
)
def test_everything_in_a_dialog_has_a_name(
    open_window: Callable[..., MainWindow], project: Path, qtbot: QtBot, make: Callable[[MainWindow], QDialog]
) -> None:
    dialog = make(open_window(project))
    qtbot.addWidget(dialog)
    dialog.show()
    assert sorted(set(_nameless(dialog))) == []
