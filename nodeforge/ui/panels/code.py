"""The generated PyTorch source: exactly what is trained. Lines and nodes point at each other."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from nodeforge.catalog.networks import reachable
from nodeforge.compiler import Source, generate
from nodeforge.core.errors import UserError
from nodeforge.project.files import write_atomic
from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.background import Background
from nodeforge.ui.icons import icon
from nodeforge.ui.panels.code_view import CodeView
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

HEAD = 12
"""Lines above the first layer of a class that belong to it: its name and its docstring."""
WAIT_MS = 80
"""While a person types, the code waits for the hand to rest."""


class CodePanel(QWidget):
    """Shows the source that is trained, at the class of the shown network; of a network that is not in it, its own.

    It is made only while somebody looks, on a thread of its own.
    """

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._source: Source | None = None
        self._network = ""
        """The network that the source is made of."""
        self._background = Background(self)
        self._making = WhenSeen(self, self._make, WAIT_MS)
        self._marking = WhenSeen(self, self._mark_selection)
        self.view = CodeView()
        self.view.line_chosen.connect(self._select_node)
        self.message = label(wrap=True)
        self.message.setContentsMargins(12, 10, 12, 10)
        self.title = label(role="muted")
        self.copy_button = self._button("copy", "Copy", "Copy the whole source", self._copy)
        self.save_button = self._button("save", "Save…", "Save the source as a Python file", self._save)
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 4, 6, 2)
        bar.addWidget(self.title, 1)
        bar.addWidget(self.copy_button)
        bar.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.message)
        layout.addWidget(self.view, 1)
        model.checked.connect(self._making.ask)
        model.network_changed.connect(self._making.ask)
        model.selection_changed.connect(self._marking.ask)
        self._making.ask()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "view"):
            self.view.highlighter.retheme()
            self._mark_selection()

    def _button(self, sign: str, text: str, tip: str, callback) -> QToolButton:  # type: ignore[no-untyped-def]
        button = QToolButton()
        button.setIcon(icon(sign))
        button.setText(text)
        button.setToolTip(tip)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAutoRaise(True)
        button.clicked.connect(callback)
        return button

    def _make(self) -> None:
        document, report = self._model.document.copy(), self._model.workspace.report
        network = self._model.network
        if network in reachable(document, document.main):
            network = document.main
        self._network = network

        def work() -> Source | UserError:
            try:
                return generate(document, report, network)
            except UserError as error:
                return error

        self._background.start(work, self._take)

    def _take(self, made: Source | UserError) -> None:
        source, fault = (None, str(made)) if isinstance(made, UserError) else (made, "")
        self._source = source
        self.message.setText(f"The code appears once the graph is right. {fault}")
        self.message.setVisible(source is None)
        self.view.setVisible(source is not None)
        self.copy_button.setEnabled(source is not None)
        self.save_button.setEnabled(source is not None)
        self.title.setText(f"{source.class_name} · {source.text.count(chr(10))} lines" if source else "")
        if source is not None:
            self.view.show_text(source.text)
        self._mark_selection()

    def _mark_selection(self) -> None:
        if self._source is None:
            return
        shown = self._model.network
        inside = "" if shown == self._network else f"{shown}."
        lines = self._source.node_lines
        marked = sorted(n for name in self._model.selection for n in lines.get(f"{inside}{name}", ()))
        self.view.mark_lines(marked)
        if inside and not marked:
            first = min((min(own) for name, own in lines.items() if name.startswith(inside)), default=1)
            self.view.show_line(first - HEAD)

    def _select_node(self, line: int) -> None:
        node = self._source.line_nodes.get(line) if self._source else None
        if node is not None:
            self._model.reveal(self._network, node)

    def _copy(self) -> None:
        if self._source is not None:
            QApplication.clipboard().setText(self._source.text)

    def _save(self) -> None:
        if self._source is None:
            return
        proposal = str((self._model.folder or Path.home()) / f"{self._source.class_name.lower()}.py")
        path, _ = QFileDialog.getSaveFileName(self, "Save the source", proposal, "Python (*.py)")
        if not path:
            return
        try:
            write_atomic(Path(path), self._source.text.encode())
        except UserError as error:
            self._model.complained.emit(str(error))
