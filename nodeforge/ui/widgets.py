"""Small parts that several panels are made of."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeforge.ui.calm import ComboBox


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles: "muted", "section", "heading", "error"."""
    widget = QLabel(text)
    widget.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        widget.setProperty("role", role)
    if wrap:
        widget.setWordWrap(True)
        # A wrapped label must not widen its panel, nor keep it from getting narrow.
        widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        widget.setMinimumWidth(1)
    return widget


def page_layout(page: QWidget) -> QVBoxLayout:
    """The layout of a page of the inspector."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(14, 12, 14, 14)
    layout.setSpacing(11)
    return layout


def quiet_button(text: str, tip: str = "") -> QPushButton:
    """A button that looks like a link, for a command beside text."""
    button = QPushButton(text)
    button.setProperty("quiet", True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setToolTip(tip)
    return button


class ChoiceBox(ComboBox):
    """A choice that does not widen its panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)


class Fold(QWidget):
    """A titled part that opens and closes."""

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setProperty("role", "fold")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(self._closed())
        self.button.toggled.connect(self._toggle)
        content.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.button)
        layout.addWidget(content)

    def _closed(self) -> Qt.ArrowType:
        """The arrow that points where one reads to."""
        return Qt.ArrowType.LeftArrow if self.isRightToLeft() else Qt.ArrowType.RightArrow

    def _toggle(self, opened: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if opened else self._closed())
        self._content.setVisible(opened)
        self.toggled.emit(opened)


def clear(layout: QBoxLayout) -> None:
    """Take every widget out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def restyle(widget: QWidget) -> None:
    """Let the style sheet look at a changed dynamic property."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def first_field(area: QWidget) -> QWidget | None:
    """What takes the keys first in an area, from the top; None when nothing does.

    Qt's own chain of focus is left alone: `QWidget.nextInFocusChain` of PySide 6.11 makes a widget's wrapper the
    parent of the next one's, and the whole window is taken for deleted as soon as one of them is.
    """
    fields = [
        widget
        for widget in area.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.isVisible()
        and widget.isEnabled()
    ]
    places = [widget.mapTo(area, QPoint()) for widget in fields]
    first = min(range(len(fields)), key=lambda i: (places[i].y(), places[i].x()), default=None)
    return None if first is None else fields[first]
