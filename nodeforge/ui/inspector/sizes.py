"""Which other sizes the network takes at an Input, tried on another thread."""

from __future__ import annotations

from nodeforge.analysis.sizes import MOST_NODES, AcceptedSizes, accepted_sizes
from nodeforge.ui.background import Background
from nodeforge.ui.inspector.facts import Fact, Facts
from nodeforge.ui.project_model import ProjectModel

DOC = "Samples of these sizes run through the network as it is, with the same weights. Found by trying them."


class SizeFacts(Facts):
    """The sizes that an Input may be fed; hidden until they are known."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__("SIZES THAT WORK")
        self._model = model
        self._background = Background(self)
        self._place = ("", "")

    def show_node(self, name: str) -> None:
        """Find out for a node of the network that is shown. What was known of another one goes at once."""
        model = self._model
        network = model.network
        if (network, name) != self._place or len(model.graph) > MOST_NODES:
            self.show_facts(())
        self._place = (network, name)
        if len(model.graph) > MOST_NODES:
            return
        document = model.document.copy()
        self._background.start(lambda: accepted_sizes(document, network, name), self._take)

    def _take(self, sizes: AcceptedSizes | None) -> None:
        self.show_facts([Fact(name="takes", value=sizes.text, doc=DOC)] if sizes else ())
