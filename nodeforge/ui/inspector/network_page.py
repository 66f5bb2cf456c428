"""The page of a network that is no main one: shown inside it while no node is selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from nodeforge.catalog.networks import uses_of
from nodeforge.core.edits import RenameNetwork, SetText
from nodeforge.ui.inspector.facts import Fact, Facts
from nodeforge.ui.inspector.name_field import NameField
from nodeforge.ui.inspector.variables import VariableTable
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, page_layout


class NetworkPage(QWidget):
    """Name, description, exposed parameters and size of the shown network."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        tip = "Also the name of its class in the generated code. Letters, digits and _."
        self.name = NameField("Name of the network", tip, self._taken)
        self.name.renamed.connect(self._rename)
        self.description = QPlainTextEdit()
        self.description.setAccessibleName("Description of the network")
        self.description.setPlaceholderText(
            "What it is for. The first sentence stands wherever it can be used."
        )
        self.description.setTabChangesFocus(True)
        self.description.setFixedHeight(84)
        self.description.installEventFilter(self)
        self.description.textChanged.connect(self._describe)
        self.parameters = VariableTable(model, of_network=True)
        self.facts = Facts("SUMMARY")
        layout = page_layout(self)
        layout.addWidget(label("NETWORK", "section"))
        layout.addWidget(self.name)
        layout.addWidget(self.name.error)
        layout.addWidget(label("DESCRIPTION", "section"))
        for widget in (self.description, self.parameters, self.facts):
            layout.addWidget(widget)
        layout.addWidget(
            label("What you change in here changes at every use of the network.", "muted", wrap=True)
        )
        layout.addStretch(1)

    def refresh(self) -> None:
        """Show the document as it is now."""
        graph = self._model.graph
        self.name.show_name(graph.name)
        if self.description.toPlainText() != graph.description:
            self.description.blockSignals(True)
            self.description.setPlainText(graph.description)
            self.description.blockSignals(False)
        self.parameters.refresh()
        self.show_report()

    def show_report(self) -> None:
        """Show the counts of the last report, at the use through which the network was entered."""
        model = self._model
        known = model.network_report
        uses = list(uses_of(model.document, model.network))
        trainable = f"{known.parameters:,} numbers" if known else "unknown yet"
        self.facts.show_facts(
            [
                Fact(name="nodes", value=f"{len(model.graph):,}"),
                Fact(name="trainable", value=trainable, doc="What training changes in one copy of it."),
                Fact(name="used", value=used_words(len(uses)), doc=", ".join(node for _, node in uses)),
            ]
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._model.workspace.history.seal()
        return False

    def _describe(self) -> None:
        network = self._model.network
        text = self.description.toPlainText()
        self._model.do(
            SetText("description", text, network),
            label=f"Describe {network}",
            merge_key=f"text/{network}",
        )

    def _taken(self, name: str) -> str:
        return f"{name} is the name of a network or a layer already." if name in self._model.kinds else ""

    def _rename(self, name: str) -> None:
        network = self._model.network
        self._model.do(RenameNetwork(network, name), label=f"Rename {network} to {name}")


def used_words(count: int) -> str:
    """How often a network is used, in words."""
    return {0: "nowhere", 1: "once", 2: "twice"}.get(count, f"{count} times")
