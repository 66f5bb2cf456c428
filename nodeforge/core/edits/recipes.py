"""Stages of the recipe follow the nodes that they name."""

from __future__ import annotations

from dataclasses import replace

from nodeforge.core.document import Document, Recipe


def recipe_with_renamed(document: Document, network: str, name: str, new_name: str) -> Recipe:
    """The recipe after a node got another name; the document has it already."""

    def followed(path: str) -> str:
        """The path with the node's new name, if it leads to or through the node."""
        place, parts = document.main, []
        for part in path.split("."):
            found = new_name if (place, part) == (network, name) else part
            parts.append(found)
            graph = document.networks.get(place)
            node = graph.nodes.get(found) if graph is not None else None
            place = node.kind if node is not None else ""
        return ".".join(parts)

    stages = tuple(
        replace(
            stage,
            learns=tuple(map(followed, stage.learns)),
            objectives=tuple(map(followed, stage.objectives)),
            per_node={followed(node): values for node, values in stage.per_node.items()},
        )
        for stage in document.recipe.stages
    )
    weights = tuple(replace(source, into=followed(source.into)) for source in document.recipe.weights)
    return replace(document.recipe, stages=stages, weights=weights)
