"""The page of the selected frames: title, text, colour, and what lies in them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPlainTextEdit, QToolButton, QWidget

from nodeforge.core.drawing import COLORS, Frame
from nodeforge.session import framing
from nodeforge.ui import theme
from nodeforge.ui.canvas.painting.frame_painter import swatch
from nodeforge.ui.inspector.facts import Fact, Facts
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, page_layout


class FramePage(QWidget):
    """What a frame says and how it looks; of several frames, the colour alone."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        self.heading = label(role="heading")
        self.title = QLineEdit()
        self.title.setAccessibleName("Title of the frame")
        self.title.setPlaceholderText("No title")
        self.title.setMaxLength(120)
        self.title.textEdited.connect(lambda text: self._change("title", text))
        self.title.editingFinished.connect(self._seal)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Text of the frame, as Markdown")
        self.text.setPlaceholderText("Written in the frame, as Markdown")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(150)
        self.text.installEventFilter(self)
        self.text.textChanged.connect(lambda: self._change("text", self.text.toPlainText()))
        self.colors = QButtonGroup(self)
        self.facts = Facts("IN IT")
        self._words = QWidget()
        words = page_layout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.addWidget(label("TITLE", "section"))
        words.addWidget(self.title)
        words.addWidget(label("TEXT", "section"))
        words.addWidget(self.text)
        layout = page_layout(self)
        layout.addWidget(self.heading)
        layout.addWidget(self._words)
        layout.addWidget(label("COLOUR", "section"))
        layout.addLayout(self._swatches())
        layout.addWidget(self.facts)
        layout.addStretch(1)

    def _swatches(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for place, color in enumerate(COLORS):
            button = QToolButton()
            button.setIconSize(QSize(16, 16))
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setToolTip(color.capitalize())
            button.setAccessibleName(color.capitalize())
            self.colors.addButton(button, place)
            row.addWidget(button)
        row.addStretch(1)
        self.colors.idClicked.connect(lambda place: self._tint(COLORS[place]))
        self._paint_swatches()
        return row

    def _paint_swatches(self) -> None:
        for place, color in enumerate(COLORS):
            self.colors.button(place).setIcon(swatch(color, dark=theme.is_dark()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "colors"):
            self._paint_swatches()

    def _frames(self) -> dict[str, Frame]:
        frames = self._model.graph.drawing.frames
        return {name: frames[name] for name in sorted(self._model.frames) if name in frames}

    def refresh(self) -> None:
        """Show the selected frames as they are now."""
        frames = self._frames()
        if not frames:
            return
        first, *others = frames.values()
        note = framing.is_note(self._model.graph, first)
        self.heading.setText(f"{len(frames)} frames" if others else "Note" if note else "Frame")
        self._words.setVisible(not others)
        if self.title.text() != first.title:
            self.title.setText(first.title)
        if self.text.toPlainText() != first.text:
            self.text.blockSignals(True)
            self.text.setPlainText(first.text)
            self.text.blockSignals(False)
        self.colors.setExclusive(False)
        for place, color in enumerate(COLORS):
            self.colors.button(place).setChecked(all(frame.color == color for frame in frames.values()))
        self.colors.setExclusive(not others)
        self.show_report()

    def show_report(self) -> None:
        """Show what lies in the frames, by the latest report."""
        graph, known = self._model.graph, self._model.network_report
        frames = self._frames().values()
        names = set().union(*(framing.nodes_within(graph, frame) for frame in frames))
        reports = known.nodes if known else {}
        trainable = sum(reports[name].parameters for name in names if name in reports)
        told = [
            Fact(name="nodes", value=f"{len(names):,}", doc=", ".join(sorted(names)[:40])),
            Fact(name="trainable", value=f"{trainable:,} numbers", doc="What training changes in them."),
        ]
        self.facts.show_facts(told if names else [])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._seal()
        return False

    def _change(self, field: str, text: str) -> None:
        frames = self._frames()
        if len(frames) == 1:
            ((name, frame),) = frames.items()
            changed = replace(frame, title=text) if field == "title" else replace(frame, text=text)
            edit = framing.changed(self._model.graph, {name: changed})
            self._model.do(edit, label=f"Change the {field} of a frame", merge_key=f"frame/{name}/{field}")

    def _tint(self, color: str) -> None:
        frames = {name: replace(frame, color=color) for name, frame in self._frames().items()}
        self._model.do(framing.changed(self._model.graph, frames), label="Tint frame")
        self.refresh()

    def _seal(self) -> None:
        self._model.workspace.history.seal()
