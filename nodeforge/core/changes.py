"""What an edit did, in the past tense: enough for a view to redraw only that."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class NetworkChange:
    """Nodes of one network, by what happened to them. A node stands in the sets that apply."""

    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    """Their place or their size on the canvas changed."""
    configured: set[str] = field(default_factory=set)
    """Parameters or kind changed."""
    rewired: set[str] = field(default_factory=set)
    """Wires that enter or leave it were added, removed or reordered."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Old name to new name; the new name also stands in `rewired`."""
    exposed: bool = False
    """The network's own parameters changed."""
    drawn: bool = False
    """Its frames, the ways of its wires, its bookmarks or its direction changed."""

    @property
    def only_moved(self) -> bool:
        """Whether nothing changed but the drawing."""
        return not (
            self.added or self.removed or self.configured or self.rewired or self.renamed or self.exposed
        )

    def __bool__(self) -> bool:
        return self.drawn or bool(self.moved) or not self.only_moved


@dataclass(slots=True)
class Change:
    """Summary of an edit over the whole document."""

    networks: dict[str, NetworkChange] = field(default_factory=dict)
    settings: set[str] = field(default_factory=set)
    """Names of document fields that changed: "title", "data", "recipe", "variables", "networks" (which there are,
    or which is the main one)..."""
    renamed_networks: dict[str, str] = field(default_factory=dict)
    """Old name to new name; "networks" then stands in `settings`."""

    def network(self, name: str) -> NetworkChange:
        return self.networks.setdefault(name, NetworkChange())

    def __bool__(self) -> bool:
        return bool(self.settings) or any(self.networks.values())

    @property
    def affects_meaning(self) -> bool:
        """Whether anything but positions and texts changed, so that checks must run again."""
        return bool(self.settings - {"title", "description"}) or any(
            not change.only_moved for change in self.networks.values()
        )

    def merge(self, later: Change) -> None:
        """Add what a later edit did."""
        self.settings |= later.settings
        self.renamed_networks.update(later.renamed_networks)
        for name, change in later.networks.items():
            mine = self.network(name)
            for node in change.added:
                mine.removed.discard(node)
            for node in change.removed:
                mine.added.discard(node)
            mine.added |= change.added
            mine.removed |= change.removed
            mine.moved |= change.moved
            mine.configured |= change.configured
            mine.rewired |= change.rewired
            mine.renamed.update(change.renamed)
            mine.exposed |= change.exposed
            mine.drawn |= change.drawn
