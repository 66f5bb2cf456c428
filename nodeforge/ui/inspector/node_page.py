"""The page of one node. One page a kind is kept and shown for whichever node of it is selected."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeforge.analysis.report import NodeReport
from nodeforge.catalog.custom import CustomKind
from nodeforge.catalog.kind import Kind, Role
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.edits import RenameNode, SetParameter, Unset
from nodeforge.core.expressions import resolve
from nodeforge.core.parameters import Value
from nodeforge.session.exposing import exposable, expose
from nodeforge.ui.custom.part import CodePart
from nodeforge.ui.icons import icon, kind_icon
from nodeforge.ui.inspector.curve import CurveView
from nodeforge.ui.inspector.facts import Fact, Facts
from nodeforge.ui.inspector.findings import Findings
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.inspector.learning import Learning
from nodeforge.ui.inspector.name_field import NameField
from nodeforge.ui.inspector.sizes import SizeFacts
from nodeforge.ui.inspector.weights import Weights, may_have_weights
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, page_layout

GLYPH_PX = 34


class NodePage(QWidget):
    """Name, findings, parameters, derived sizes, shapes, formula and curve of a node."""

    def __init__(self, model: ProjectModel, kind: Kind, open_help: Callable[[str], None]) -> None:
        super().__init__()
        self._model = model
        self.kind = kind
        self._node = ""
        self._open_help = open_help
        tip = "The node's name, also in the generated code. Letters, digits and _."
        self.name = NameField("Name of the node", tip, self._taken)
        self.name.renamed.connect(self._rename)
        self.findings = Findings(model)
        self.weights = Weights(model) if may_have_weights(kind) else None
        self.learning = Learning(model) if may_have_weights(kind) else None
        self.form = ParameterForm(kind.parameters)
        self.form.edited.connect(self._set)
        self.form.finished.connect(lambda: model.workspace.history.seal())
        self.form.menu_opening.connect(self._fill_menu)
        self.derived = Facts("FOLLOWS FROM THE INPUT")
        self.shapes = Facts("SHAPES")
        self.sizes = SizeFacts(model) if kind.role is Role.INPUT else None
        self.curve = CurveView() if kind.curve else None
        self._lay_out()

    def show_node(self, name: str) -> None:
        """Show another node of the kind."""
        self._node = name
        self.refresh()

    def refresh(self) -> None:
        """Show the document and the last report as they are now."""
        node = self._model.graph.nodes.get(self._node)
        if node is None:
            return
        self.name.show_name(node.name)
        if self.weights is not None:
            self.weights.show_node(node)
        if self.learning is not None:
            self.learning.show_node(node.name)
        owner = self._model.graph.nodes.get(node.shares, node)
        values = self.kind.complete(owner.parameters)
        scope = self._model.scope
        self.form.show_values(values, owner.parameters.keys(), scope=scope)
        self.form.setEnabled(owner is node)
        if self.curve is not None and self.kind.curve is not None:
            with suppress(ValueError):  # the field says what is wrong
                values = {name: resolve(value, scope) for name, value in values.items()}
            self.curve.show_curve(self.kind.curve, values)

    def show_report(self, report: NodeReport | None) -> None:
        """Show what the checker found out about the node."""
        self.findings.show_findings(
            self._model.report.of_node(self._model.network, self._node) if report else ()
        )
        self.derived.show_facts(self._derived_facts(report))
        self.shapes.show_facts(self._shape_facts(report))
        if self.sizes is not None and report is not None:
            self.sizes.show_node(self._node)

    # Parts ----------------------------------------------------------------------------------------

    def _derived_facts(self, report: NodeReport | None) -> list[Fact]:
        known = report.derived if report else {}
        return [
            Fact(
                name=item.name,
                value=str(known[item.name]) if item.name in known else "unknown yet",
                doc=item.doc,
            )
            for item in self.kind.derived
        ]

    def _shape_facts(self, report: NodeReport | None) -> list[Fact]:
        if report is None:
            return []
        facts = []
        for port in self.kind.inputs:
            specs = report.inputs.get(port.name, ())
            facts += [Fact(name=f"{port.name} →", value=f"{s}  {s.dtype}", doc=port.doc) for s in specs]
        for port in self.kind.outputs:
            if (spec := report.outputs.get(port.name)) is not None:
                facts.append(Fact(name=f"→ {port.name}", value=f"{spec}  {spec.dtype}", doc=port.doc))
        if may_have_weights(self.kind) and report.outputs:
            doc = "Numbers in this node that training changes."
            facts.append(Fact(name="trainable", value=f"{report.parameters:,} numbers", doc=doc))
        return facts

    def _lay_out(self) -> None:
        layout = page_layout(self)
        layout.addLayout(self._header())
        layout.addWidget(self.name.error)
        layout.addWidget(label(self.kind.summary, wrap=True))
        layout.addWidget(self.findings)
        if isinstance(self.kind, CustomKind):
            layout.addWidget(CodePart(self._model, self.kind.name, self.kind))
        if isinstance(self.kind, NetworkKind):
            layout.addWidget(self._inside_button(), 0, Qt.AlignmentFlag.AlignLeft)
        if self.weights is not None:
            layout.addWidget(self.weights)
        if self.kind.parameters:
            layout.addWidget(label("PARAMETERS", "section"))
        layout.addWidget(self.form)  # also where it is empty, so that it goes with the page
        self.form.setVisible(bool(self.kind.parameters))
        if self.learning is not None:
            layout.addWidget(self.learning)
        layout.addWidget(self.derived)
        layout.addWidget(self.shapes)
        if self.sizes is not None:
            layout.addWidget(self.sizes)
        if self.kind.formula:
            layout.addWidget(label("FORMULA", "section"))
            formula = label(self.kind.formula, "formula", wrap=True)
            formula.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(formula)
        if self.curve is not None:
            layout.addWidget(self.curve)
        layout.addStretch(1)

    def _inside_button(self) -> QPushButton:
        button = QPushButton(icon("networks"), "Look inside")
        button.setToolTip("Show the network at this use (double-click or Enter on the canvas)")
        button.clicked.connect(lambda: self._model.enter(self._node))
        return button

    def _header(self) -> QHBoxLayout:
        glyph = QLabel()
        glyph.setPixmap(kind_icon(self.kind).pixmap(QSize(GLYPH_PX, GLYPH_PX)))
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self.name)
        names.addWidget(label(_subtitle(self.kind), "muted"))
        about = QToolButton()
        about.setIcon(icon("book"))
        about.setAutoRaise(True)
        about.setToolTip(f"Read about {self.kind.label}")
        about.setAccessibleName(f"Read about {self.kind.label}")
        about.clicked.connect(lambda: self._open_help(self.kind.name))
        header = QHBoxLayout()
        header.setSpacing(9)
        header.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        header.addLayout(names, 1)
        if not isinstance(self.kind, NetworkKind):  # what it is stands inside
            header.addWidget(about, 0, Qt.AlignmentFlag.AlignTop)
        return header

    # Edits ----------------------------------------------------------------------------------------

    def _set(self, parameter: str, value: Value | Unset) -> None:
        self._model.do(
            SetParameter(self._model.network, self._node, parameter, value),
            label=f"Set {parameter} of {self._node}",
            merge_key=f"{self._model.network}/{self._node}/{parameter}",
        )

    def _fill_menu(self, parameter: str, menu: QMenu) -> None:
        """At a number, offer to give it a name."""
        document, network, node = self._model.document, self._model.network, self._node
        if exposable(document, network, node, parameter) is None:
            return
        is_main = network == document.main
        text = "Make a variable of this" if is_main else "Let each use set this"
        menu.addSeparator()
        menu.addAction(text, lambda: self._model.do(expose(document, network, node, parameter)))

    def _taken(self, name: str) -> str:
        return f"There is a node {name} already." if name in self._model.graph else ""

    def _rename(self, name: str) -> None:
        if self._node in self._model.graph:
            edit = RenameNode(self._model.network, self._node, name)
            self._model.do(edit, label=f"Rename {self._node} to {name}")


def _subtitle(kind: Kind) -> str:
    return kind.label if kind.label == kind.category else f"{kind.label} · {kind.category}"
