"""Shows the code of a layer, and asks whether it may run."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from nodeforge.catalog.custom import CustomKind
from nodeforge.ui.icons import icon
from nodeforge.ui.panels.code_view import CodeView
from nodeforge.ui.widgets import label

WARNING = (
    "Once trusted, this code runs whenever the network is tried, trained or exported, and it can do anything that you "
    "can do on this computer: read, change and send your files. None of it has run so far. Trust it if you "
    "understand what it does, or know who wrote it."
)
_SIGN = QSize(26, 26)


class TrustDialog(QDialog):
    """Accepted when the person trusts the text that is shown. Leaving it off is what Enter and Esc do."""

    def __init__(self, kind: CustomKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self.setWindowTitle(f"The code of {kind.name}")
        self.resize(760, 660)
        self.code = CodeView()
        self.code.setAccessibleName(f"The code of {kind.name}")
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.code.show_text(kind.text)
        self.buttons = QDialogButtonBox()
        self.leave = self.buttons.addButton("Leave it off", QDialogButtonBox.ButtonRole.RejectRole)
        self.trust = self.buttons.addButton("Trust this code", QDialogButtonBox.ButtonRole.AcceptRole)
        self.trust.setAutoDefault(False)
        self.leave.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(self._head())
        layout.addWidget(self.code, 1)
        layout.addWidget(self._hash())
        layout.addWidget(self.buttons)
        self.leave.setFocus()

    def _head(self) -> QHBoxLayout:
        sign = QLabel()
        sign.setPixmap(icon("lock", "warning").pixmap(_SIGN))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(f"{self.kind.file} is code of this project", "heading", wrap=True))
        words.addWidget(label(WARNING, "muted", wrap=True))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        return head

    def _hash(self) -> QLabel:
        line = label(f"SHA-256 {self.kind.hash}", "muted")
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line.setToolTip("What is trusted is exactly this text: one letter changed, and it is off again")
        return line
