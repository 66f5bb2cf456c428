"""Offers unsaved work that a crash left behind."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from nodeforge.project.journal import Leftover
from nodeforge.ui.icons import icon
from nodeforge.ui.widgets import label


class RecoveryDialog(QDialog):
    """Recover one, forget all, or decide at the next start.

    Signals:
        chosen: The `Leftover` to take up.
    """

    chosen = Signal(object)

    def __init__(self, leftovers: list[Leftover], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unsaved work")
        self.setMinimumWidth(460)
        self._leftovers = leftovers
        self.list = QListWidget()
        self.list.setAccessibleName("Unsaved work")
        self.list.setSpacing(3)
        for leftover in leftovers:
            when = datetime.fromtimestamp(leftover.saved_at).strftime("%d %B %Y, %H:%M")
            place = leftover.folder or "never saved"
            item = QListWidgetItem(icon("recover"), f"{leftover.title}\n{when} · {place}")
            item.setData(Qt.ItemDataRole.UserRole, leftover)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self._recover)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.recover_button = buttons.addButton("&Recover", role.AcceptRole)
        self.recover_button.setDefault(True)
        self.recover_button.clicked.connect(self._recover)
        self.forget_button = buttons.addButton("&Forget all", role.DestructiveRole)
        self.forget_button.clicked.connect(self._forget)
        buttons.addButton("Decide &later", role.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        sentence = "NodeForge ended last time before this was saved. Nothing is lost: choose what to take up."
        layout.addWidget(label(sentence, wrap=True))
        layout.addWidget(self.list)
        layout.addWidget(buttons)

    def _recover(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _forget(self) -> None:
        for leftover in self._leftovers:
            leftover.discard()
        self.reject()
