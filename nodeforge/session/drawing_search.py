"""Searching a project's drawings for what is no node: frames and notes, bookmarks, and whole networks, by their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nodeforge.core.graph import Graph


class Found(NamedTuple):
    """What fits a query.

    Attributes:
        network: The network in which it lies.
        name: Its name there; that of the network for a network.
        what: "node", "frame", "bookmark" or "network".
    """

    network: str
    name: str
    what: str = "node"


def find_beside(query: str, graph: Graph) -> list[Found]:
    """Frames and bookmarks of a network that say all words of a query; "note" alone finds every note."""
    drawing = graph.drawing
    return [
        *(
            Found(graph.name, name, "frame")
            for name, frame in drawing.frames.items()
            if _fits(query, "frame" if frame.title or not frame.text else "note", frame.title, frame.text)
        ),
        *(
            Found(graph.name, name, "bookmark")
            for name, mark in drawing.bookmarks.items()
            if _fits(query, "bookmark", name, mark.title)
        ),
    ]


def find_networks(query: str, networks: Mapping[str, Graph]) -> list[Found]:
    """The networks with all words of a query in their names; "network" finds all."""
    return [Found(name, name, "network") for name in networks if _fits(query, "network", name)]


def _fits(query: str, what: str, *said: str) -> bool:
    text = "\n".join(said).lower()
    words = query.lower().split()
    return bool(words) and all(word == what or word in text for word in words)
