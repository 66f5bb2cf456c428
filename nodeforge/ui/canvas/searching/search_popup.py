"""The search that adds nodes: type a few letters and values, press Enter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from nodeforge.catalog.kind import Kind
from nodeforge.core.parameters import Value
from nodeforge.ui.accessibility.speech import announce
from nodeforge.ui.canvas.geometry.anatomy import format_value
from nodeforge.ui.canvas.searching import search_query
from nodeforge.ui.canvas.searching.search_rows import ROW_PX, Rows
from nodeforge.ui.canvas.style import CanvasPalette
from nodeforge.ui.search import ranked_kinds

Preview = Callable[[Kind, Mapping[str, Value]], str]
"""What adding a kind with these values would come to, in a few words; "" when that is not known."""

_SIZE = QSize(380, 420)
_KEYS = "Enter adds · Shift+Enter adds and goes on · Tab completes the name"


class SearchPopup(QFrame):
    """A frameless list under a search field, at home in the window it lies over.

    Signals:
        chosen: (kind name, parameters) to add. With Shift held, the search stays open for the next one.
        closed: It is gone, whether or not something was chosen.
    """

    chosen = Signal(str, object)
    closed = Signal()

    def __init__(
        self,
        parent: QWidget,
        choices: Sequence[Kind],
        used: Mapping[str, int],
        palette: CanvasPalette,
        *,
        lately: Sequence[str] = (),
        preview: Preview = lambda kind, values: "",
    ) -> None:
        super().__init__(parent)
        self._home = parent
        self._room = _SIZE.height()
        self._choices = choices
        self._used = used
        self._lately = lately
        self._preview = preview
        self._rows = Rows()
        self.setObjectName("canvasSearch")
        self.setAccessibleName("Add a node")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search layers…   conv 32 3")
        self.field.setAccessibleName("Search for a layer; values may follow its name")
        self.field.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setModel(self._rows)
        self.list.setIconSize(QSize(22, 22))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Layers that match")
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setMinimumHeight(36)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self.keys = QLabel(_KEYS)
        self.keys.setObjectName("keys")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self.field, self.list, self.hint, self.keys):
            layout.addWidget(part)
        self._dress(palette)
        self.field.textChanged.connect(self._fill)
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.list.clicked.connect(lambda _: self._choose())
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

    def offer(self, choices: Sequence[Kind]) -> None:
        """Begin anew with other choices: what the next one is to fit is another."""
        self._choices = choices
        if self.field.text():
            self.field.clear()
        else:
            self._fill("")

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
            self._choose(goes_on=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            page = 8 if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) else 1
            step = page if key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) else -page
            self._go_to(self.list.currentIndex().row() + step)
        elif key == Qt.Key.Key_Tab:
            self._complete()
        else:
            return False
        return True

    def _fill(self, text: str) -> None:
        query = search_query.parse(text)
        found = ranked_kinds(query.words, self._choices, self._used)
        if query.words:
            self._rows.show(found)
        else:
            known = {kind.name: kind for kind in found}
            first = [known.pop(name) for name in self._lately if name in known]
            self._rows.show([*first, *known.values()], {kind.name for kind in first})
        self._go_to(0)
        rows = max(1, self._rows.rowCount())
        self.resize(self.width(), min(self._room, self._chrome() + ROW_PX * rows))
        self._tell()

    def _go_to(self, row: int) -> None:
        row = max(0, min(self._rows.rowCount() - 1, row))
        self.list.setCurrentIndex(self._rows.index(row))

    def _chrome(self) -> int:
        """Height of all but the list, in pixels."""
        parts = self.field.sizeHint().height() + self.hint.minimumHeight() + self.keys.sizeHint().height()
        return parts + 40

    @property
    def current(self) -> Kind | None:
        """The kind that Enter adds."""
        row = self.list.currentIndex().row()
        return self._rows.kinds[row] if 0 <= row < self._rows.rowCount() else None

    def _complete(self) -> None:
        """Tab: the whole name, ready for values."""
        kind = self.current
        if kind is not None:
            values = search_query.parse(self.field.text()).values
            self.field.setText(" ".join((kind.label, *values)) + " ")

    def _tell(self) -> None:
        """Say what Enter would add, or what is wrong with the values."""
        kind = self.current
        if kind is None:
            self._say("No layer is called that. Try fewer letters.", fault=True)
            return
        try:
            values = search_query.parameters(kind, search_query.parse(self.field.text()).values)
        except ValueError as error:
            self._say(str(error), fault=True)
            return
        told = ", ".join(f"{name} = {format_value(value)}" for name, value in values.items())
        self._say("   ".join(filter(None, (told or kind.summary, self._preview(kind, values)))))

    def _say(self, text: str, *, fault: bool = False) -> None:
        self.hint.setText(text)
        self.hint.setProperty("fault", fault)
        self.hint.style().polish(self.hint)
        announce(self, f"{self.current.label}. {text}" if self.current else text)

    def _choose(self, *, goes_on: bool = False) -> None:
        kind = self.current
        if kind is None:
            return
        try:
            values = search_query.parameters(kind, search_query.parse(self.field.text()).values)
        except ValueError:
            return  # the sentence stands under the list
        if not goes_on:
            self.dismiss()
        self.chosen.emit(kind.name, values)

    def _dress(self, p: CanvasPalette) -> None:
        self.setStyleSheet(f"""
            QFrame#canvasSearch {{ background: {p.node.name()}; border: 1px solid {p.border.name()};
                border-radius: 10px; }}
            QLineEdit {{ background: {p.background.name()}; color: {p.title.name()}; padding: 6px 8px;
                border: 1px solid {p.border.name()}; border-radius: 6px; font-size: 14px; }}
            QLineEdit:focus {{ border-color: {p.selection.name()}; }}
            QListView {{ background: transparent; color: {p.title.name()}; border: none; outline: none; }}
            QListView::item {{ border-radius: 6px; padding-left: 4px; }}
            QListView::item:hover {{ background: {p.background.name()}; }}
            QListView::item:selected {{ background: {p.selection.name()}; color: white; }}
            QLabel {{ color: {p.text.name()}; padding: 0 2px; background: transparent; border: none; }}
            QLabel#keys {{ font-size: 11px; }}
            QLabel[fault="true"] {{ color: {p.error.name()}; }}
        """)
