"""Diagnostics as cards: what is wrong, why it matters, and buttons that mend it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QEnterEvent, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nodeforge.core.diagnostics import Diagnostic, Fix
from nodeforge.ui.icons import icon
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import clear, label


def apply_fix(model: ProjectModel, fix: Fix) -> None:
    """Carry out a fix as one undo step."""
    model.do(fix.edit, label=fix.label)


def fix_button(model: ProjectModel, fix: Fix) -> QPushButton:
    """A button that carries out the fix."""
    button = _FixButton(model, fix)
    button.setIcon(icon("fix"))
    button.setAccessibleName(f"Fix: {fix.label}")
    button.setToolTip(fix.label)
    button.clicked.connect(lambda: apply_fix(model, fix))
    return button


class _FixButton(QPushButton):
    """Shortens its words where there is no room for them: long names must not widen the panel.

    While the pointer is over it, the model tells that its fix is considered.
    """

    def __init__(self, model: ProjectModel, fix: Fix) -> None:
        super().__init__(fix.label)
        self._model = model
        self._fix = fix
        self._words = fix.label
        self.setMinimumWidth(1)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._model.considered.emit(self._fix.edit)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._model.considered.emit(None)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.underMouse():
            self._model.considered.emit(None)

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(self._width(self._words) - self._width(self.text()), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lacking = self.sizeHint().width() - self.width()
        room = self._width(self._words) - lacking
        shortened = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        self.setText(shortened if lacking > 0 else self._words)

    def _width(self, words: str) -> int:
        return self.fontMetrics().horizontalAdvance(words)


class FindingCard(QFrame):
    """One diagnostic."""

    def __init__(self, model: ProjectModel, finding: Diagnostic) -> None:
        super().__init__()
        self.setProperty("role", f"finding-{finding.severity}")
        sign = QLabel()
        sign.setPixmap(icon(str(finding.severity), str(finding.severity)).pixmap(QSize(18, 18)))
        sign.setAccessibleName(str(finding.severity))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(finding.message, wrap=True))
        if finding.reason:
            words.addWidget(label(finding.reason, "muted", wrap=True))
        for fix in finding.fixes:
            words.addWidget(fix_button(model, fix), 0, Qt.AlignmentFlag.AlignLeft)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 8, 9, 8)
        layout.setSpacing(8)
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)


class Findings(QWidget):
    """The cards of one node."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        self._shown: tuple[Diagnostic, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self.hide()

    def show_findings(self, findings: Sequence[Diagnostic]) -> None:
        if tuple(findings) == self._shown:
            return
        self._shown = tuple(findings)
        clear(self._layout)
        for finding in findings:
            self._layout.addWidget(FindingCard(self._model, finding))
        self.setVisible(bool(findings))
