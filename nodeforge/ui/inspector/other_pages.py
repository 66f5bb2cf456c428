"""The pages for several nodes, for a node of an unknown kind, and for the project as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from nodeforge.core.edits import Batch, SetParameter, SetRecipe, SetText, Unset
from nodeforge.core.parameters import Integer, Parameter, Value
from nodeforge.ui.custom.part import CodePart
from nodeforge.ui.inspector.facts import Fact, Facts
from nodeforge.ui.inspector.findings import Findings
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.inspector.variables import VariableTable
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, page_layout


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seed(Integer):
    """A whole number that is no expression: chance follows from nothing."""

    numeric: ClassVar[bool] = False


SEED = Parameter(
    "seed",
    _Seed(minimum=0, maximum=2**31 - 1),
    0,
    "Start of all chance: the same seed gives the same weights, order and result.",
)


class SeveralPage(QWidget):
    """What the selected nodes have in common: an edit goes to all of them, as one undo step."""

    def __init__(self, model: ProjectModel, names: Sequence[str]) -> None:
        super().__init__()
        self._model = model
        self._names = tuple(names)
        self.form = ParameterForm(self._common())
        self.form.edited.connect(self._set)
        self.form.finished.connect(lambda: model.workspace.history.seal())
        layout = page_layout(self)
        layout.addWidget(label(f"{len(names)} nodes", "heading"))
        layout.addWidget(label(", ".join(sorted(names)), "muted", wrap=True))
        has_common = bool(self.form.rows)
        hint = "COMMON PARAMETERS" if has_common else "These nodes have no parameter in common."
        layout.addWidget(label(hint, "section", wrap=True))
        layout.addWidget(self.form)
        layout.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Show the document as it is now."""
        completed: list[dict[str, Value]] = []
        set_names: set[str] = set()
        for name in self._names:
            node = self._model.graph.nodes[name]
            kind = self._model.kinds.get(node.kind)
            completed.append(kind.complete(node.parameters) if kind else dict(node.parameters))
            set_names |= node.parameters.keys()
        first = completed[0]
        several = {p for p in self.form.rows if any(v.get(p) != first.get(p) for v in completed)}
        self.form.show_values(first, set_names, several, self._model.scope)

    def _common(self) -> list[Parameter]:
        kinds = [self._model.kinds.get(self._model.graph.nodes[name].kind) for name in self._names]
        if any(kind is None for kind in kinds):
            return []
        known = [kind for kind in kinds if kind is not None]
        return [
            parameter
            for parameter in known[0].parameters
            if all(
                (other := kind.parameter(parameter.name)) and other.type == parameter.type for kind in known
            )
        ]

    def _set(self, parameter: str, value: Value | Unset) -> None:
        network = self._model.network
        text = f"Set {parameter} of {len(self._names)} nodes"
        edits = tuple(SetParameter(network, name, parameter, value) for name in self._names)
        self._model.do(Batch(edits, text), label=text, merge_key=f"{network}/{self._names}/{parameter}")


class UnknownPage(QWidget):
    """A node whose kind the catalog lacks: shown as the file has it, so that nothing is lost."""

    def __init__(self, model: ProjectModel, name: str) -> None:
        super().__init__()
        node = model.graph.nodes[name]
        self._model = model
        self._node = name
        self.findings = Findings(model)
        self.show_report()
        facts = Facts("AS THE FILE HAS IT")
        facts.show_facts([Fact(name=key, value=str(value)) for key, value in node.parameters.items()])
        layout = page_layout(self)
        layout.addWidget(label(name, "heading"))
        own = node.kind in model.document.custom
        what = "its code cannot be used" if own else "a kind this version does not know"
        layout.addWidget(label(f"{node.kind} · {what}", "muted", wrap=True))
        layout.addWidget(self.findings)
        if own:
            layout.addWidget(CodePart(model, node.kind, None))
        layout.addWidget(facts)
        layout.addStretch(1)

    def show_report(self) -> None:
        """Show what the checker has found by now."""
        self.findings.show_findings(self._model.report.of_node(self._model.network, self._node))


class ProjectPage(QWidget):
    """Title, description, seed and size of the project: shown while no node is selected."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        self.title = QLineEdit()
        self.title.setAccessibleName("Title of the project")
        self.title.textEdited.connect(lambda text: self._set_text("title", text))
        self.title.editingFinished.connect(self._seal)
        self.description = QPlainTextEdit()
        self.description.setAccessibleName("Description of the project")
        self.description.setPlaceholderText("What this project is about")
        self.description.setTabChangesFocus(True)
        self.description.setFixedHeight(96)
        self.description.installEventFilter(self)
        self.description.textChanged.connect(self._on_description)
        self.seed = ParameterForm([SEED])
        self.seed.edited.connect(self._set_seed)
        self.seed.finished.connect(self._seal)
        self.variables = VariableTable(model, of_network=False)
        self.facts = Facts("SUMMARY")
        layout = page_layout(self)
        for title, widget in (
            ("TITLE", self.title),
            ("DESCRIPTION", self.description),
            ("CHANCE", self.seed),
        ):
            layout.addWidget(label(title, "section"))
            layout.addWidget(widget)
        layout.addWidget(self.variables)
        layout.addWidget(self.facts)
        layout.addWidget(label("Select a node to see and change its parameters.", "muted", wrap=True))
        layout.addStretch(1)

    def refresh(self) -> None:
        """Show the document as it is now."""
        document = self._model.document
        if self.title.text() != document.title:
            self.title.setText(document.title)
        if self.description.toPlainText() != document.description:
            self.description.blockSignals(True)
            self.description.setPlainText(document.description)
            self.description.blockSignals(False)
        self.variables.refresh()
        seed = document.recipe.seed
        self.seed.show_values({"seed": seed}, ("seed",) if seed else ())
        self._show_facts()

    def show_report(self) -> None:
        """Show the counts of the last report."""
        self._show_facts()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._seal()
        return False

    def _show_facts(self) -> None:
        document, report = self._model.document, self._model.report
        graphs = document.networks.values()
        main = report.networks.get(document.main)
        parameters = main.parameters if main else 0  # those of networks inside are in it
        self.facts.show_facts(
            [
                Fact(name="nodes", value=f"{sum(len(graph) for graph in graphs):,}"),
                Fact(name="wires", value=f"{sum(1 for graph in graphs for _ in graph.wires()):,}"),
                Fact(name="trainable", value=f"{parameters:,} numbers", doc="What training changes."),
                Fact(name="data", value=document.data.source.kind if document.data else "none chosen"),
                Fact(name="folder", value=str(self._model.folder or "not saved yet")),
            ]
        )

    def _on_description(self) -> None:
        self._set_text("description", self.description.toPlainText())

    def _set_text(self, field: str, text: str) -> None:
        self._model.do(SetText(field, text), label=f"Change the {field}", merge_key=f"text/{field}")

    def _set_seed(self, _: str, value: Value | Unset) -> None:
        seed = value if isinstance(value, int) else 0
        self._model.do(
            SetRecipe(replace(self._model.document.recipe, seed=seed)), label="Set the seed", merge_key="seed"
        )

    def _seal(self) -> None:
        self._model.workspace.history.seal()
