"""The project's data: where they come from, what they hold, and how they are used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from nodeforge import data
from nodeforge.core.changes import Change
from nodeforge.core.document import Column
from nodeforge.core.edits import UNSET, SetData
from nodeforge.core.expressions import has_expression
from nodeforge.core.specs import DataFacts, DataFinding, FieldFacts, TensorSpec, format_shape
from nodeforge.engine.messages import AnyReply, DataDescribed, DescribeData, Failed, FieldDescription, Table
from nodeforge.project import schema
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.panels.component_form import with_value
from nodeforge.ui.panels.data_files import source_for
from nodeforge.ui.panels.data_preview import DataPreview, scrolling
from nodeforge.ui.panels.data_settings import DataSettingsForm
from nodeforge.ui.panels.data_sketches import ClassBars
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

SETTLE_MS = 250
"""How long the settings must be left alone before the data are read again."""
_LEAST_WIDTHS = (300, 240, 200)
"""Of settings, preview and facts, in pixels; where the panel is narrower, it scrolls."""
NO_DATA = "Choose where the samples come from, or drop a file or a folder of pictures, sounds or texts here."


def facts_of(described: DataDescribed) -> DataFacts:
    """What the checker needs of a description."""
    fields = tuple(
        FieldFacts(
            name=field.name,
            spec=TensorSpec(tuple(field.shape), field.dtype),
            role=field.role,
            classes=tuple(field.classes),
            span=field.span,
            vocabulary=field.vocabulary,
        )
        for field in described.fields
    )
    findings = tuple(
        DataFinding(
            code=finding.code,
            message=finding.message,
            reason=finding.reason,
            serious=finding.serious,
            preparation=finding.preparation,
            column=finding.column,
        )
        for finding in described.findings
    )
    return DataFacts(
        title=described.title,
        fields=fields,
        sizes=dict(described.sizes),
        findings=findings,
        notes=tuple(described.notes),
    )


class DataPanel(QWidget):
    """Settings, preview and facts of the data.

    The engine describes the data again whenever their settings change; an answer to settings that have
    changed since is thrown away. What it says goes to the model, so that graph and data check each other. Data
    that cannot be read are read again when the person comes back from another program, where they may be mended.
    """

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_panel")
        self.setAcceptDrops(True)
        self._model = model
        self._engine = engine
        self._asked = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._describe)
        self.settings = DataSettingsForm(model)
        self._make_preview()
        self._lay_out()
        model.changed.connect(self._on_change)
        model.opened.connect(self._on_open)
        engine.state_changed.connect(self._on_engine_state)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._on_return)
        self._on_open()

    def _make_preview(self) -> None:
        self.title = label()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.sizes = label(role="muted", wrap=True)
        self.fault = label(role="error", wrap=True)
        self.preview = DataPreview()
        self.preview.table.columns_edited.connect(self._set_columns)
        self.fields = label(wrap=True)
        self.bars = ClassBars()
        self.notes = label(role="muted", wrap=True)

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.sizes)
        column.addWidget(self.fault)
        column.addWidget(self.preview, 1)
        facts = QWidget()
        side = QVBoxLayout(facts)
        side.setContentsMargins(8, 8, 10, 8)
        side.setSpacing(6)
        self._bars_title = label("CLASSES", "section")
        self._notes_title = label("WHAT WAS DONE", "section")
        self._fields_title = label("FIELDS", "section")
        for title, content in (
            (self._fields_title, self.fields),
            (self._bars_title, self.bars),
            (self._notes_title, self.notes),
        ):
            side.addWidget(title)
            side.addWidget(content)
        side.addStretch(1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget, least in zip((self.settings, middle, scrolling(facts)), _LEAST_WIDTHS, strict=True):
            widget.setMinimumWidth(least)
            splitter.addWidget(widget)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([300, 460, 240])
        splitter.setChildrenCollapsible(False)
        room = scrolling(splitter)
        room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(room)

    # Asking the engine ----------------------------------------------------------------------------

    def _on_open(self) -> None:
        self.settings.refresh()
        self._clear()
        self._describe()

    def _on_change(self, change: Change) -> None:
        if "data" in change.settings or ("variables" in change.settings and self._follows_variables()):
            self.settings.refresh()
            self._asked += 1  # an answer under way is about other settings
            self._settle.start()

    def _follows_variables(self) -> bool:
        """Whether a setting of the data is an expression."""
        settings = self._model.document.data
        values = (*settings.source.parameters.values(), *settings.preparation.values()) if settings else ()
        return any(map(has_expression, values))

    def _on_engine_state(self, state: str, sentence: str) -> None:
        if state == "ready" and self._model.workspace.facts is None:
            self._describe()

    def _on_return(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive and self._model.workspace.data_fault:
            self._describe()

    def _describe(self) -> None:
        self._settle.stop()
        self._asked += 1
        if self._model.document.data is None:
            self._model.set_facts(None)
            self._clear()
            return
        if self.preview.says_something:
            self.preview.say("Reading the data…")
        asked = self._asked
        request = DescribeData(
            document=schema.encode(self._model.document), folder=str(self._model.folder or Path.cwd())
        )
        self._engine.request(request, lambda reply: self._take(reply, asked))

    def _take(self, reply: AnyReply, asked: int) -> None:
        if asked != self._asked:
            return
        if isinstance(reply, DataDescribed):
            self._show(reply)
            self._model.set_facts(facts_of(reply))
        elif isinstance(reply, Failed):
            self._clear()
            if reply.table is None:
                self.preview.say(reply.message, "error")
            else:
                self._show_fault(reply.message, reply.table)
            self._model.set_facts(None, reply.message if reply.user_fault else "")

    # Showing --------------------------------------------------------------------------------------

    def _show_fault(self, sentence: str, table: Table) -> None:
        """What is wrong, above the columns whose roles and types may mend it."""
        self.fault.setText(sentence)
        self.fault.show()
        for empty in (self.title, self.sizes):
            empty.hide()
        self.preview.show_fault(table)

    def _show(self, described: DataDescribed) -> None:
        self.fault.hide()
        for heading in (self.title, self.sizes):
            heading.show()
        total = sum(described.sizes.values())
        splits = " · ".join(f"{name} {size:,}" for name, size in described.sizes.items() if size)
        self.title.setText(described.title)
        self.sizes.setText(f"{total:,} samples: {splits}")
        lines = [
            f"{_called(field)}: {format_shape(field.shape)} {field.dtype}" + _told(field)
            for field in described.fields
        ]
        self.fields.setText("\n".join(lines))
        named = next((field.classes for field in described.fields if field.classes), [])
        classes = named if described.class_counts else []  # the letters of a running text are not counted
        self.bars.set_counts(classes, described.class_counts)
        self.notes.setText("\n".join(described.notes))
        for title, shown in (
            (self._fields_title, bool(lines)),
            (self._bars_title, bool(described.class_counts)),
            (self._notes_title, bool(described.notes)),
        ):
            title.setVisible(shown)
        self.preview.show_data(described, editable=self._source_is_tabular())

    def _source_is_tabular(self) -> bool:
        settings = self._model.document.data
        source = data.sources().get(settings.source.kind) if settings else None
        return source is not None and source.tabular

    def _clear(self) -> None:
        for text in (self.title, self.sizes, self.fields, self.notes):
            text.clear()
        self.fault.hide()
        self.bars.set_counts([], {})
        for title in (self._fields_title, self._bars_title, self._notes_title):
            title.hide()
        self.preview.say(NO_DATA)

    # Editing --------------------------------------------------------------------------------------

    def _set_columns(self, columns: tuple[Column, ...], edited: str) -> None:
        settings = self._model.document.data
        if settings is None:
            return
        source = replace(settings.source, parameters=with_value(settings.source.parameters, "target", UNSET))
        changed = replace(settings, source=source, columns=columns)
        self._model.do(SetData(changed), label=f"Set column {edited}")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _data_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _data_in(event)
        if path is not None:
            self.settings.use_file(path)
            event.acceptProposedAction()


def _data_in(event: QDropEvent) -> Path | None:
    """The first file or folder that is being dragged and is data of a known kind."""
    paths = (Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
    return next((path for path in paths if source_for(path)), None)


def _called(field: FieldDescription) -> str:
    """What a field is and how it is called, once where that is the same."""
    return field.role if field.name == field.role else f"{field.role} {field.name}"


def _told(field: FieldDescription) -> str:
    """What else there is to say about a field."""
    if field.vocabulary and field.role == "input":
        return f", {field.vocabulary:,} numbers"
    return f", {len(field.classes):,} classes" if field.classes else ""
