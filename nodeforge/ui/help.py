"""The help window: guides from `resources/help`, a page for every kind, and the list of shortcuts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor, QTextDocument, QTextFrameFormat, QTextTable
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge import catalog
from nodeforge.project.shipped import resources
from nodeforge.ui import theme
from nodeforge.ui.actions import Actions, readable_keys
from nodeforge.ui.icons import kind_icon
from nodeforge.ui.kind_page import show_kind

_FIRST = ("getting-started", "window", "shortcuts")
_PAGE = Qt.ItemDataRole.UserRole


_MARGIN = 22
"""Around a page, in pixels."""
_CELL_PADDING = 6
_PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"
_PICTURE_WIDTH = 600
"""That of the text in a window of the usual size."""


class HelpWindow(QDialog):
    """Topics on the left, the page on the right. Links to other pages are followed inside."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("NodeForge help")
        self.setModal(False)
        self.resize(900, 620)
        self._actions = actions
        self._page = ""
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search topics")
        self.search.setAccessibleName("Search topics")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.topics = QTreeWidget()
        self.topics.setHeaderHidden(True)
        self.topics.setAccessibleName("Topics")
        self.topics.currentItemChanged.connect(lambda item, _: self._show_item(item))
        self.browser = QTextBrowser()
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(self._follow)
        self.browser.document().setDocumentMargin(_MARGIN)
        self.browser.setSearchPaths([str(resources() / "help")])
        self._items: dict[str, QTreeWidgetItem] = {}
        self._fill()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(8, 8, 4, 8)
        column.addWidget(self.search)
        column.addWidget(self.topics)
        splitter = QSplitter()
        splitter.addWidget(left)
        splitter.addWidget(self.browser)
        splitter.setSizes([240, 660])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def show_page(self, page: str) -> None:
        """Open the window at a page: the stem of a guide's file, or `kind:Conv2d`."""
        self.search.clear()
        item = self._items.get(page)
        if item is not None:
            self.topics.setCurrentItem(item)
            self.topics.scrollToItem(item)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_items") and self._page:
            self._render(self._page)

    def _fill(self) -> None:
        for path in guides():
            self._add(self.topics.invisibleRootItem(), path.stem, _title(path))
        groups: dict[str, QTreeWidgetItem] = {}
        for kind in catalog.kinds().values():
            if kind.category not in groups:
                group = QTreeWidgetItem(self.topics, [kind.category])
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                groups[kind.category] = group
            item = self._add(groups[kind.category], f"kind:{kind.name}", kind.label)
            item.setIcon(0, kind_icon(kind))

    def _add(self, parent: QTreeWidgetItem, page: str, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [title])
        item.setData(0, _PAGE, page)
        self._items[page] = item
        return item

    def _filter(self, query: str) -> None:
        wanted = query.casefold().strip()
        for item in self._items.values():
            item.setHidden(wanted not in item.text(0).casefold())
        for index in range(self.topics.topLevelItemCount()):
            group = self.topics.topLevelItem(index)
            if group is not None and group.childCount():
                shown = [
                    item for item in self._items.values() if item.parent() is group and not item.isHidden()
                ]
                group.setHidden(not shown)
                group.setExpanded(bool(wanted))

    def _show_item(self, item: QTreeWidgetItem | None) -> None:
        page = item.data(0, _PAGE) if item is not None else None
        if page:
            self._render(page)

    def _render(self, page: str) -> None:
        self._page = page
        if page.startswith("kind:"):
            show_kind(self.browser.document(), catalog.kinds()[page.removeprefix("kind:")])
            self.browser.verticalScrollBar().setValue(0)
            return
        text = (resources() / "help" / f"{page}.md").read_text("utf-8")
        if page == "shortcuts":
            text += shortcut_table(self._actions)
        self.browser.document().setDefaultStyleSheet("")
        self.browser.setMarkdown(text)
        _dress(self.browser.document())

    def _follow(self, url: QUrl) -> None:
        target = url.toString().removesuffix(".md")
        if target in self._items:
            self.show_page(target)
        elif url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)


def _dress(page: QTextDocument) -> None:
    """Give tables thin lines in the colour of the theme, and pictures the width of the text."""
    for frame in page.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            look = frame.format()
            look.setBorder(1)
            look.setBorderBrush(theme.color("border"))
            look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            look.setBorderCollapse(True)
            look.setCellPadding(_CELL_PADDING)
            look.setCellSpacing(0)
            frame.setFormat(look)
    cursor = QTextCursor(page)
    while not (cursor := page.find(_PICTURE, cursor)).isNull():
        picture = cursor.charFormat().toImageFormat()
        picture.setWidth(_PICTURE_WIDTH)
        cursor.setCharFormat(picture)


def guides() -> list[Path]:
    """The guides, the first steps first."""
    files = sorted((resources() / "help").glob("*.md"))
    return sorted(files, key=lambda path: _FIRST.index(path.stem) if path.stem in _FIRST else len(_FIRST))


def _title(path: Path) -> str:
    """The first line of a guide, which is its heading."""
    with path.open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()


def shortcut_table(actions: Actions) -> str:
    """Every command that has keys, by menu, as Markdown."""
    lines = []
    menu = None
    for command, action in actions:
        if action.shortcuts():
            if command.menu != menu:
                menu = command.menu
                lines += ["", f"## {menu or 'Anywhere'}", "", "| Command | Keys |", "|---|---|"]
            where = " (on the canvas)" if command.on_canvas else ""
            lines.append(f"| {command.words}{where} | {readable_keys(action)} |")
    return "\n".join(lines) + "\n"
