"""What is said of weights to begin with, and which nodes may get them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nodeforge.analysis.report import NetworkReport
from nodeforge.core.document import SHIPPED_WEIGHTS, Recipe, WeightSource
from nodeforge.core.errors import UserError
from nodeforge.core.specs import format_shape
from nodeforge.engine.messages import WeightMatch
from nodeforge.project.runs import RunStore

Group = tuple[str, str, list[tuple[str, str]]]
"""A heading, what it means, and the tensors under it: name and shapes."""


def receivers(report: NetworkReport, within: str = "") -> Iterator[str]:
    """Paths of the nodes with weights, in execution order; a network before what is in it."""
    for name in report.order:
        node = report.nodes[name]
        if node.parameters:
            yield within + name
            if node.inside is not None:
                yield from receivers(node.inside, f"{within}{name}.")


def title_of(source: WeightSource, folder: Path | None) -> str:
    """What a person calls a source: the name of the run, or of the file."""
    file = Path(source.source.removeprefix(SHIPPED_WEIGHTS)).name
    try:
        return RunStore(folder).info(source.source).name if folder else file
    except UserError:
        return file


def summary(recipe: Recipe, folder: Path | None) -> str:
    """What a training begins with, in a few words."""
    match recipe.weights:
        case ():
            return "Begins with random weights"
        case (source,):
            return f"Begins with {title_of(source, folder)}"
        case sources:
            return f"Begins with weights from {len(sources)} sources"


def verdict(match: WeightMatch) -> str:
    """How much of a network a source fills, in a sentence."""
    total = len(match.matched) + len(match.other_shapes) + len(match.missing)
    into = match.into or "the network"
    if len(match.matched) == total:
        return f"All {total} tensors of {into} are found."
    return f"{len(match.matched)} of the {total} tensors of {into} are found; the others begin as drawn."


def groups(match: WeightMatch) -> list[Group]:
    """The report by name and shape; groups without tensors are left out."""
    found: list[Group] = [
        ("Found", "they are taken", [(name, "") for name in match.matched]),
        (
            "Of another shape",
            "they begin as drawn",
            [
                (name, f"{format_shape(there)} there, {format_shape(here)} here")
                for name, there, here in match.other_shapes
            ],
        ),
        ("Not found", "they begin as drawn", [(name, "") for name in match.missing]),
        ("Not used", "the network has no such tensor", [(name, "") for name in match.unused]),
    ]
    return [group for group in found if group[2]]
