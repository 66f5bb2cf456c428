"""Which network is looked at, and through which uses of networks one came to it."""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge.analysis.report import NetworkReport, NodeReport, Report
from nodeforge.catalog.networks import used_networks
from nodeforge.core.changes import Change
from nodeforge.core.document import Document


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A network, entered through uses: shapes inside are those of that use.

    Attributes:
        base: The network where the way begins; the one looked at when the path is empty.
        path: Names of the nodes that were entered, each in the network behind the one before.
    """

    base: str
    path: tuple[str, ...] = ()

    def networks(self, document: Document) -> tuple[str, ...]:
        """The networks along the way, the one looked at last."""
        names = [self.base]
        for use in self.path:
            names.append(document.networks[names[-1]].nodes[use].kind)
        return tuple(names)

    def inside(self, use: str) -> Whereabouts:
        """The place behind one more use."""
        return Whereabouts(self.base, (*self.path, use))

    def outside(self, levels: int = 1) -> Whereabouts:
        """The place some uses back."""
        return Whereabouts(self.base, self.path[: max(0, len(self.path) - levels)])

    def report(self, report: Report) -> NetworkReport | None:
        """What is known of the network here: at this use, where it was entered through one."""
        if not self.path:
            return report.networks.get(self.base)
        use = self.use(report)
        return use.inside if use else None

    def use(self, report: Report) -> NodeReport | None:
        """What is known of the use through which the network was entered; None for one that was not."""
        around = report.networks.get(self.base)
        use: NodeReport | None = None
        for name in self.path:
            use = around.nodes.get(name) if around else None
            around = use.inside if use else None
        return use

    def followed(self, document: Document, change: Change) -> Whereabouts:
        """The same place after a change, or as far along the way as there still is one."""
        base = change.renamed_networks.get(self.base, self.base)
        if base not in document.networks:
            return Whereabouts(document.main)
        path: list[str] = []
        network = base
        for use in self.path:
            graph = document.networks[network]
            renamed = change.networks[network].renamed if network in change.networks else {}
            use = use if use in graph else renamed.get(use, use)
            if use not in graph or graph.nodes[use].kind not in document.networks:
                break
            path.append(use)
            network = graph.nodes[use].kind
        return Whereabouts(base, tuple(path))


def way_to(document: Document, network: str) -> Whereabouts:
    """The shortest way to a network from the main one; the network by itself where nothing in use leads to it."""
    seen = {document.main}
    ways = [Whereabouts(document.main)]
    for way in ways:  # grows while it is walked
        here = document.networks[way.networks(document)[-1]]
        if here.name == network:
            return way
        for node in here.ordered_nodes():
            if node.kind in used_networks(document, here) - seen:
                seen.add(node.kind)
                ways.append(way.inside(node.name))
    return Whereabouts(network)
