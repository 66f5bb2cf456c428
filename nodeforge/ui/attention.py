"""Work that a panel needs only while somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


def in_sight(widget: QWidget) -> bool:
    """Whether any of a widget is seen. A panel behind another tab counts as visible in Qt, but has no region."""
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


class WhenSeen(QObject):
    """Does a panel's work once for many requests, and only while the panel is in sight.

    What was asked for meanwhile is done when the panel comes into sight.

    Args:
        panel: The panel; owns this.
        work: What to do; it shows the state of that moment.
        delay_ms: How long to wait for further requests, each of which starts the wait anew.
    """

    def __init__(self, panel: QWidget, work: Callable[[], object], delay_ms: int = 0) -> None:
        super().__init__(panel)
        self._panel = panel
        self._work = work
        self._wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay_ms)
        self._timer.timeout.connect(self._do)
        panel.installEventFilter(self)

    def ask(self) -> None:
        """The panel is out of date."""
        self._wanted = True
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A panel whose tab comes to the front is not told; but it is painted.
        appears = event.type() in (QEvent.Type.Show, QEvent.Type.Paint)
        if appears and self._wanted and not self._timer.isActive():
            QTimer.singleShot(0, self, self._do)
        return False

    def _do(self) -> None:
        if self._wanted and in_sight(self._panel):
            self._wanted = False
            self._work()
