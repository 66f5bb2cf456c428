"""Weights that a training begins with: from what a person names to what the recipe says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nodeforge.core.document import Document, WeightSource
from nodeforge.core.edits import Edit, SetRecipe
from nodeforge.core.errors import UserError
from nodeforge.session.jobs import find_run

WEIGHT_FILES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")


def weight_source(folder: Path | None, source: str, *, into: str = "", prefix: str = "") -> WeightSource:
    """A source as the recipe names it: a run by its id, a file in the project's folder relative to that.

    Args:
        folder: The project's folder; None while it has none, and so no runs.
        source: The name or id of a run ("" for the newest), or a file, relative to where one is.
        into, prefix: As in `WeightSource`.

    Raises:
        UserError: There is no such run, or the file cannot hold weights.
    """
    path = Path(source)
    if path.suffix in WEIGHT_FILES:
        if folder is not None and path.exists():
            whole, home = path.resolve(), folder.resolve()
            path = whole.relative_to(home) if whole.is_relative_to(home) else whole
        return WeightSource(source=path.as_posix(), into=into, prefix=prefix)
    try:
        if folder is not None:
            return WeightSource(source=find_run(folder, source), into=into, prefix=prefix)
    except UserError:
        if not path.is_file():
            raise
    if path.is_file():
        known = ", ".join(WEIGHT_FILES)
        raise UserError(f"{path.name} holds no weights: choose a file whose name ends in one of {known}.")
    return WeightSource(source=path.as_posix(), into=into, prefix=prefix)


def begins_with(document: Document, source: WeightSource) -> Edit:
    """The edit that adds a source; one for the same node is replaced."""
    others = tuple(each for each in document.recipe.weights if each.into != source.into)
    return SetRecipe(replace(document.recipe, weights=(*others, source)))
