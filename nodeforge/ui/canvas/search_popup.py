"""The search that adds nodes: type a few letters and values, press Enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from nodeforge.catalog.kind import Kind
from nodeforge.ui import icons
from nodeforge.ui.canvas import search_query
from nodeforge.ui.canvas.anatomy import format_value
from nodeforge.ui.canvas.style import CanvasPalette
from nodeforge.ui.search import ranked_kinds

_SIZE = QSize(360, 400)
_ROW_PX = 30


class SearchPopup(QFrame):
    """A frameless list under a search field, at home in the window it lies over.

    Signals:
        chosen: (kind name, parameters) to add.
        closed: It is gone, whether or not something was chosen.
    """

    chosen = Signal(str, object)
    closed = Signal()

    def __init__(
        self, parent: QWidget, choices: Sequence[Kind], used: Mapping[str, int], palette: CanvasPalette
    ) -> None:
        super().__init__(parent)
        self._home = parent
        self._room = _SIZE.height()
        self._choices = choices
        self._used = used
        self._kinds: list[Kind] = []
        self.setObjectName("canvasSearch")
        self.setAccessibleName("Add a node")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search layers…   conv 32 3")
        self.field.setAccessibleName("Search for a layer; values may follow its name")
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setIconSize(QSize(22, 22))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Layers that match")
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setMinimumHeight(36)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self.field, self.list, self.hint):
            layout.addWidget(part)
        self._dress(palette)
        self.field.textChanged.connect(self._fill)
        self.list.currentRowChanged.connect(self._tell)
        self.list.itemClicked.connect(lambda _: self._choose())
        self.field.installEventFilter(self)
        self._fill("")

    def open_at(self, point: QPoint) -> None:
        """Show it at a point of the parent, moved so that all of it can be seen."""
        parent = self._home
        size = _SIZE.boundedTo(parent.size())
        x = max(0, min(point.x(), parent.width() - size.width()))
        y = max(0, min(point.y(), parent.height() - size.height()))
        self._room = size.height()
        self.setGeometry(x, y, size.width(), min(size.height(), self.height()))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close it; nothing more is chosen."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()
            self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            away = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
            if event.reason() not in away:
                self.dismiss()
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            page = 8 if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) else 1
            step = page if key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) else -page
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
        elif key == Qt.Key.Key_Tab:
            self._complete()
        else:
            return False
        return True

    def _fill(self, text: str) -> None:
        query = search_query.parse(text)
        self._kinds = ranked_kinds(query.words, self._choices, self._used)
        self.list.clear()
        for kind in self._kinds:
            item = QListWidgetItem(icons.kind_icon(kind), f"{kind.label}   ·   {kind.category}")
            item.setSizeHint(QSize(0, _ROW_PX))
            self.list.addItem(item)
        if self._kinds:
            self.list.setCurrentRow(0)
        self.resize(self.width(), min(self._room, self._chrome() + _ROW_PX * max(1, len(self._kinds))))
        self._tell()

    def _chrome(self) -> int:
        """Height of all but the list, in pixels."""
        return self.field.sizeHint().height() + self.hint.minimumHeight() + 34

    def _current(self) -> Kind | None:
        row = self.list.currentRow()
        return self._kinds[row] if 0 <= row < len(self._kinds) else None

    def _complete(self) -> None:
        """Tab: the whole name, ready for values."""
        kind = self._current()
        if kind is not None:
            values = search_query.parse(self.field.text()).values
            self.field.setText(" ".join((kind.label, *values)) + " ")

    def _tell(self) -> None:
        """Say what Enter would add, or what is wrong with the values."""
        kind = self._current()
        if kind is None:
            self._say("No layer is called that. Try fewer letters.", fault=True)
            return
        try:
            values = search_query.parameters(kind, search_query.parse(self.field.text()).values)
        except ValueError as error:
            self._say(str(error), fault=True)
            return
        told = ", ".join(f"{name} = {format_value(value)}" for name, value in values.items())
        self._say(told or kind.summary)

    def _say(self, text: str, *, fault: bool = False) -> None:
        self.hint.setText(text)
        self.hint.setProperty("fault", fault)
        self.hint.style().polish(self.hint)

    def _choose(self) -> None:
        kind = self._current()
        if kind is None:
            return
        try:
            values = search_query.parameters(kind, search_query.parse(self.field.text()).values)
        except ValueError:
            return  # the sentence stands under the list
        self.dismiss()
        self.chosen.emit(kind.name, values)

    def _dress(self, p: CanvasPalette) -> None:
        self.setStyleSheet(f"""
            QFrame#canvasSearch {{ background: {p.node.name()}; border: 1px solid {p.border.name()};
                border-radius: 10px; }}
            QLineEdit {{ background: {p.background.name()}; color: {p.title.name()}; padding: 6px 8px;
                border: 1px solid {p.border.name()}; border-radius: 6px; font-size: 14px; }}
            QLineEdit:focus {{ border-color: {p.selection.name()}; }}
            QListWidget {{ background: transparent; color: {p.title.name()}; border: none; outline: none; }}
            QListWidget::item {{ border-radius: 6px; padding-left: 4px; }}
            QListWidget::item:hover {{ background: {p.background.name()}; }}
            QListWidget::item:selected {{ background: {p.selection.name()}; color: white; }}
            QLabel {{ color: {p.text.name()}; padding: 0 2px; background: transparent; border: none; }}
            QLabel[fault="true"] {{ color: {p.error.name()}; }}
        """)
