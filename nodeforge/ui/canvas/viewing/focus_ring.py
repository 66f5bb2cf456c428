"""A ring around the canvas while keys that brought the focus here go to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_BY_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class FocusRing(QFrame):
    """Shown from the moment in which the focus came by keys until it goes or the mouse is used."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("focusRing")
        self.hide()
        canvas.installEventFilter(self)
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.FocusIn if isinstance(event, QFocusEvent) and event.reason() in _BY_KEYS:
                color = self._canvas.palette_colors.selection.name()
                self.setStyleSheet(f"#focusRing {{ border: 2px solid {color}; background: transparent; }}")
                self.setGeometry(self._canvas.rect())
                self.show()
                self.raise_()
            case QEvent.Type.FocusOut | QEvent.Type.MouseButtonPress:
                self.hide()
            case QEvent.Type.Resize:
                self.setGeometry(self._canvas.rect())
        return False
