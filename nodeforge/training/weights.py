"""Weights to begin with, from a run or a file, matched by name and shape. No file is ever run as code."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, load_file
from torch import Tensor, nn

from nodeforge.core.document import SHIPPED_WEIGHTS, Document, WeightSource
from nodeforge.core.errors import UserError, system_fault
from nodeforge.data import vendored
from nodeforge.engine.messages import WeightMatch
from nodeforge.project import shipped
from nodeforge.project.runs import RunStore
from nodeforge.torch_backend import build
from nodeforge.training import checkpoints, randomness
from nodeforge.training.ema import weights_in_use
from nodeforge.training.material import Material, gather
from nodeforge.training.passes import modules_at

_PICKLED = (".pt", ".pth", ".bin", ".ckpt")
_BROKEN = (pickle.UnpicklingError, EOFError, ValueError, TypeError, LookupError, AttributeError)
"""What the reader of a file stumbles over that is no sound pickle of tensors."""
_WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Under these names training scripts keep the weights among other things."""


def begin_with(module: nn.Module, material: Material, folder: Path) -> list[WeightMatch]:
    """Put the weights that the recipe begins with into a network; what became of each, in their order.

    Raises:
        UserError: A source cannot be read, or nothing in it fits.
    """
    return [_load(source, module, material, folder) for source in material.document.recipe.weights]


def _load(source: WeightSource, module: nn.Module, material: Material, folder: Path) -> WeightMatch:
    theirs = read_weights(source.source, folder)
    theirs = {n.removeprefix(source.prefix): t for n, t in theirs.items() if n.startswith(source.prefix)}
    targets = [module]
    if source.into:
        report = material.report.networks[material.document.main]
        targets = modules_at(module, material.source, report, source.into)
    ours = targets[0].state_dict()
    theirs = _named_alike(theirs, ours)
    match = WeightMatch(
        source=source.source,
        into=source.into,
        matched=[name for name, tensor in ours.items() if _fits(theirs.get(name), tensor)],
        other_shapes=[
            (name, list(theirs[name].shape), list(tensor.shape))
            for name, tensor in ours.items()
            if name in theirs and not _fits(theirs[name], tensor)
        ],
        missing=[name for name in ours if name not in theirs],
        unused=[name for name in theirs if name not in ours],
    )
    if not match.matched:
        where = source.into or "the network"
        raise UserError(
            f"Nothing in {source.source} fits {where}: it holds {_few(list(theirs))}, and {where} has {_few(list(ours))}. "
            "Give the prefix of its names, or name the node that they belong to.",
            node=source.into.partition(".")[0],
        )
    with torch.no_grad():
        for target in targets:
            own = target.state_dict()
            for name in match.matched:
                own[name].copy_(theirs[name])
    return match


def _fits(theirs: Tensor | None, ours: Tensor) -> bool:
    return theirs is not None and theirs.shape == ours.shape


def _named_alike(theirs: dict[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Their tensors, without a first name that all share ("module.", "model.") if none fits as it stands."""
    heads = {name.partition(".")[0] for name in theirs}
    if len(heads) != 1 or any(name in ours for name in theirs):
        return theirs
    return {name.partition(".")[2]: tensor for name, tensor in theirs.items()}


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") or "nothing"


def read_weights(source: str, folder: Path) -> dict[str, Tensor]:
    """The tensors of a run or a file, by name, on the processor.

    Args:
        source: As in `core.document.WeightSource`.
        folder: The project's folder.

    Raises:
        UserError: There is no such run or file, or it holds something else than tensors.
    """
    if source.startswith(SHIPPED_WEIGHTS):
        return _read_shipped(source.removeprefix(SHIPPED_WEIGHTS))
    path = folder / source
    if path.suffix in (".safetensors", *_PICKLED):
        if not path.is_file():
            raise UserError(f"There is no file {source} to take weights from.")
        return _read_pickled(path) if path.suffix in _PICKLED else _read_safetensors(path)
    run = RunStore(folder).path(RunStore(folder).info(source).id)
    best, last = (checkpoints.path_of(run, name) for name in (checkpoints.BEST, checkpoints.LAST))
    return weights_in_use(checkpoints.read(best if best.exists() else last))


def _read_shipped(name: str) -> dict[str, Tensor]:
    if name not in shipped.weights():
        raise UserError(
            f"No weights called {name} come with NodeForge; there are: {', '.join(shipped.weights())}."
        )
    return load(vendored.read(name, "weights"))


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            of_ours = "nodeforge" in (file.metadata() or {})
        return weights_in_use(checkpoints.read(path)) if of_ours else load_file(path)
    except SafetensorError as error:
        raise UserError(f"{path.name} is no sound safetensors file ({error}).") from None
    except OSError as error:
        raise UserError(system_fault(error)) from None


def _read_pickled(path: Path) -> dict[str, Tensor]:
    """A state_dict of torch.save. Its reader knows tensors and plain containers, and refuses all else."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected pickle protocol")  # it refuses what it does not know
            found = torch.load(path, map_location="cpu", weights_only=True)
    except (*_BROKEN, RuntimeError) as error:
        detail = (
            str(error).splitlines()[0] if isinstance(error, RuntimeError) else "it holds more than tensors"
        )
        raise UserError(
            f"{path.name} cannot be read safely ({detail}): save it with torch.save(model.state_dict(), ...)."
        ) from None
    wrapped = next((found[name] for name in _WRAPPERS if _is_state(_get(found, name))), found)
    if not _is_state(wrapped):
        raise UserError(
            f"{path.name} holds no weights by name: save it with torch.save(model.state_dict(), ...)."
        )
    return dict(wrapped)


def _get(found: Any, name: str) -> Any:
    return found.get(name) if isinstance(found, dict) else None


def _is_state(found: Any) -> bool:
    return isinstance(found, dict) and bool(found) and all(isinstance(t, Tensor) for t in found.values())


def match_weights(document: Document, folder: Path) -> list[WeightMatch]:
    """What would become of the weights that a recipe begins with; the project stays as it is.

    Raises:
        UserError: The drawing, the data or a source is at fault, or nothing in it fits.
    """
    material = gather(document, folder)
    with randomness.undisturbed():
        module = build(material.source)
    return begin_with(module, material, folder)


def sentence(match: WeightMatch) -> str:
    """What became of one source, in a sentence."""
    into = match.into or "the network"
    total = len(match.matched) + len(match.other_shapes) + len(match.missing)
    text = f"{into} begins with {len(match.matched)} of its {total} tensors from {match.source}"
    parts = [
        f"{len(match.other_shapes)} of another shape" if match.other_shapes else "",
        f"{len(match.missing)} not found" if match.missing else "",
        f"{len(match.unused)} there without use" if match.unused else "",
    ]
    rest = ", ".join(filter(None, parts))
    return f"{text} ({rest})." if rest else f"{text}."
