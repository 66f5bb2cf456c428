"""The frame around each plot: title, readout, menu, and words while there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeforge.core.errors import UserError
from nodeforge.ui.plots.saving import picture_of, save_picture, save_table
from nodeforge.ui.plots.style import PlotStyle

Table = tuple[Sequence[str], Iterable[Sequence[object]]]


class PlotCard(QFrame):
    """Base of the plots. A subclass gives `body`, draws in `refresh` and hands out its numbers in `table`.

    Signals:
        complained: A sentence to show to the person.
        enlarge_requested: The person wants this plot alone, or all of them again.
    """

    complained = Signal(str)
    enlarge_requested = Signal()

    def __init__(self, title: str, empty_text: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plot_card")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setMinimumSize(180, 80)
        self.body = body
        self.dirty = False
        self.style_now = PlotStyle.of(self.palette())
        self.title_label = QLabel(title)
        self.title_label.setObjectName("plot_title")
        font = self.title_label.font()
        font.setBold(True)
        self.title_label.setFont(font)
        self.readout = QLabel()
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._empty = QLabel(empty_text)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setMargin(12)
        self._empty.setProperty("role", "muted")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(body)
        self._lay_out()
        body.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        body.customContextMenuRequested.connect(self._show_menu)
        body.setAccessibleName(title)
        self._restyle()

    @property
    def title(self) -> str:
        return self.title_label.text()

    def set_title(self, title: str) -> None:
        self.title_label.setText(title)
        self.body.setAccessibleName(title)

    def show_body(self, has_data: bool) -> None:
        """Show the plot, or the words that say how to get something to plot."""
        self._pages.setCurrentIndex(1 if has_data else 0)
        self.menu_button.setEnabled(has_data)
        if not has_data:
            self.readout.clear()

    @property
    def has_data(self) -> bool:
        return self._pages.currentIndex() == 1

    def refresh(self) -> None:
        """Draw what has become known since the last time."""
        raise NotImplementedError

    def table(self) -> Table:
        """The numbers behind the plot: header and rows."""
        raise NotImplementedError

    def restyle(self, style: PlotStyle) -> None:
        """Take on colours."""

    def extend_menu(self, menu: QMenu) -> None:
        """Put what only this plot can do at the top of its menu."""

    def menu(self) -> QMenu:
        """What can be done with the plot. The caller owns the menu."""
        menu = QMenu(self)
        self.extend_menu(menu)
        menu.addAction("Enlarge or restore", self.enlarge_requested.emit)
        menu.addSeparator()
        menu.addAction("Save picture…", self.save_picture)
        menu.addAction("Copy picture", self.copy_picture)
        menu.addAction("Save numbers as CSV…", self.save_numbers)
        return menu

    def save_picture(self) -> None:
        """Ask where, and write the plot there as PNG or SVG."""
        self._save("Save picture", ".png", "PNG picture (*.png);;SVG drawing (*.svg)", self._write_picture)

    def save_numbers(self) -> None:
        """Ask where, and write the numbers there as CSV."""
        self._save("Save numbers", ".csv", "CSV table (*.csv)", lambda path: save_table(*self.table(), path))

    def copy_picture(self) -> None:
        """Put the plot on the clipboard."""
        QGuiApplication.clipboard().setPixmap(picture_of(self.body))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_pages"):
            self._restyle()
        super().changeEvent(event)

    def mouseDoubleClickEvent(self, event: QEvent) -> None:
        self.enlarge_requested.emit()

    def _lay_out(self) -> None:
        self.menu_button = QToolButton()
        self.menu_button.setText("⋯")
        self.menu_button.setAutoRaise(True)
        self.menu_button.setToolTip("Save or enlarge this plot")
        self.menu_button.setAccessibleName("Plot menu")
        self.menu_button.clicked.connect(
            lambda: self._show_menu(self.body.mapFromGlobal(self.menu_button.mapToGlobal(QPoint(0, 20))))
        )
        self.header = QHBoxLayout()
        self.header.setContentsMargins(8, 2, 2, 0)
        self.header.setSpacing(8)
        self.header.addWidget(self.title_label)
        self.header.addWidget(self.readout, 1)
        self.header.addWidget(self.menu_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(self.header)
        layout.addWidget(self._pages, 1)

    def _restyle(self) -> None:
        self.style_now = PlotStyle.of(self.palette())
        self.restyle(self.style_now)
        self.dirty = True

    def _show_menu(self, position: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.body.mapToGlobal(position))

    def _write_picture(self, path: Path) -> None:
        save_picture(self.body, path)

    def _save(self, caption: str, suffix: str, filters: str, write: Callable[[Path], None]) -> None:
        suggested = self.title.lower().replace(" ", "-") + suffix
        chosen, kind = QFileDialog.getSaveFileName(self, caption, suggested, filters)
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(".svg" if "svg" in kind else suffix)
        try:
            write(path)
        except UserError as error:
            self.complained.emit(str(error))
