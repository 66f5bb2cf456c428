"""The list of bookmarks: go there, rename, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from nodeforge.core.changes import Change
from nodeforge.core.drawing import BOOKMARK_KEYS
from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.canvas.viewing import bookmarks
from nodeforge.ui.canvas.viewing.bookmarks import Place
from nodeforge.ui.widgets import label

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_NAME, _TITLE, _NETWORK = range(3)


class BookmarkList(QDialog):
    """Every bookmark of the project. Enter goes there, F2 renames, Del removes.

    Attributes:
        rows: A row for each bookmark.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._places: list[Place] = []
        self.setWindowTitle("Bookmarks")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(440, 300)
        self.rows = QTreeWidget()
        self.rows.setHeaderLabels(["Key", "What lies there", "Network"])
        self.rows.setRootIsDecorated(False)
        self.rows.setAccessibleName("Bookmarks")
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.rows.header().setStretchLastSection(False)
        self.rows.header().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.ResizeToContents)
        self.rows.header().setSectionResizeMode(_TITLE, QHeaderView.ResizeMode.Stretch)
        self.rows.itemDoubleClicked.connect(lambda *_: self.go())
        self.rows.itemChanged.connect(self._retitle)
        self.rows.currentItemChanged.connect(lambda *_: self._refresh_buttons())
        self.go_button = self._button("Go there", self.go)
        self.rename_button = self._button("Rename", self.rename)
        self.remove_button = self._button("Remove", self.remove)
        add = self._button("Add what is seen", lambda: bookmarks.set_here(canvas))
        self.go_button.setDefault(True)
        buttons = QHBoxLayout()
        for button in (add, self.rename_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.go_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.rows)
        layout.addWidget(
            label("Ctrl+1 to Ctrl+9 set a bookmark to what is seen; 1 to 9 go there.", "muted", wrap=True)
        )
        layout.addLayout(buttons)
        # Not at once: a row must not go while it is being edited.
        self._stale = WhenSeen(self, self.refresh)
        canvas.model.changed.connect(self._on_changed)
        canvas.model.opened.connect(self.close)
        self.refresh()

    def _button(self, text: str, run: object) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(run)
        return button

    def _on_changed(self, change: Change) -> None:
        if change.settings or any(inner.drawn for inner in change.networks.values()):
            self._stale.ask()

    def refresh(self) -> None:
        """Show the document as it is now; the chosen row stays."""
        chosen = self.place
        self._places = bookmarks.places(self._canvas.model.document)
        self.rows.blockSignals(True)
        self.rows.clear()
        for place in self._places:
            row = QTreeWidgetItem(self.rows, [place.name, place.words, place.network])
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsEditable)
            same = chosen is not None and (place.network, place.name) == (chosen.network, chosen.name)
            if same or self.rows.topLevelItemCount() == 1:  # the first one, until the same is found
                self.rows.setCurrentItem(row)
        self.rows.blockSignals(False)
        self._refresh_buttons()

    @property
    def place(self) -> Place | None:
        """The chosen bookmark."""
        row = self.rows.currentItem()
        return self._places[self.rows.indexOfTopLevelItem(row)] if row is not None else None

    def go(self) -> None:
        """Go to the chosen bookmark; the list has done its work."""
        place = self.place
        if place is not None:
            self.close()
            bookmarks.go_to(self._canvas, place.name)

    def rename(self) -> None:
        """Open the field in which the chosen bookmark is renamed."""
        if (row := self.rows.currentItem()) is not None:
            self.rows.editItem(row, _TITLE)

    def remove(self) -> None:
        """Remove the chosen bookmark."""
        if (place := self.place) is not None:
            bookmarks.remove(self._canvas.model, place)

    def _retitle(self, row: QTreeWidgetItem, column: int) -> None:
        index = self.rows.indexOfTopLevelItem(row)
        place, title = self._places[index], row.text(_TITLE).strip()
        if column == _TITLE and title != place.words:
            bookmarks.retitle(self._canvas.model, place, title)
        else:
            self._stale.ask()

    def _refresh_buttons(self) -> None:
        for button in (self.go_button, self.rename_button, self.remove_button):
            button.setEnabled(self.place is not None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.remove()
        elif event.key() == Qt.Key.Key_F2:
            self.rename()
        elif event.text() and event.text() in BOOKMARK_KEYS:
            self.close()
            bookmarks.go_to(self._canvas, event.text())
        else:
            super().keyPressEvent(event)
