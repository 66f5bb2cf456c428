"""Whose weights a node uses: its own, or those of another node of its kind."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from nodeforge.catalog.custom import CustomKind
from nodeforge.catalog.kind import Kind
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.edits import Share
from nodeforge.core.graph import Node
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import ChoiceBox, label, quiet_button

OWN = "its own"


def may_have_weights(kind: Kind) -> bool:
    """Whether there can be weights in a node of the kind."""
    return kind.parameter_count is not None or isinstance(kind, (NetworkKind, CustomKind))


class Weights(QWidget):
    """Hidden where there is no other node to share with."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        self._node = ""
        self.choice = ChoiceBox()
        self.choice.setAccessibleName("Weights")
        self.choice.setToolTip(
            "A node can use the weights of another of its kind: both compute alike, and learn as one."
        )
        self.choice.activated.connect(self._share)
        self.note = label(role="muted", wrap=True)
        self.owner: QPushButton = quiet_button("", "Show the node whose weights it uses")
        self.owner.clicked.connect(lambda: model.reveal(model.network, str(self.choice.currentData())))
        line = QHBoxLayout()
        line.setSpacing(6)
        name = label("weights")
        name.setMinimumWidth(104)
        line.addWidget(name)
        line.addWidget(self.choice, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.note)
        layout.addWidget(self.owner, 0, Qt.AlignmentFlag.AlignLeft)

    def show_node(self, node: Node) -> None:
        """Show what the document says of a node."""
        self._node = node.name
        others = self._model.graph.ordered_nodes()
        sharers = [other.name for other in others if other.shares == node.name]
        owners = [o.name for o in others if o.kind == node.kind and o.name != node.name and not o.shares]
        if node.shares and node.shares not in owners:
            owners.append(node.shares)
        self.choice.clear()
        self.choice.addItem(OWN, "")
        for owner in () if sharers else owners:
            self.choice.addItem(f"those of {owner}", owner)
        self.choice.setCurrentIndex(self.choice.findData(node.shares))
        self.choice.setEnabled(self.choice.count() > 1)
        self.note.setText(_note(node, sharers))
        self.note.setVisible(bool(self.note.text()))
        self.owner.setText(f"Go to {node.shares}")
        self.owner.setVisible(node.shares in self._model.graph)
        self.setVisible(bool(owners or sharers or node.shares))

    def _share(self, index: int) -> None:
        owner = str(self.choice.itemData(index))
        label_ = (
            f"Let {self._node} use the weights of {owner}" if owner else f"Give {self._node} its own weights"
        )
        self._model.do(Share(self._model.network, self._node, owner), label=label_)


def _note(node: Node, sharers: list[str]) -> str:
    if node.shares:
        return f"Its parameters are those of {node.shares}: change them there."
    return f"{', '.join(sharers)} {'uses' if len(sharers) == 1 else 'use'} them too." if sharers else ""
