"""From a run in a project's folder, or a project that was never trained, to a proven file or folder."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import Exported
from nodeforge.export.onnx import export_onnx
from nodeforge.export.pytorch import export_pytorch
from nodeforge.project import files, schema
from nodeforge.project.runs import RunStore
from nodeforge.torch_backend import build
from nodeforge.training import TrainedRun, load_run, randomness
from nodeforge.training.material import gather, require_same_data

FORMATS = ("onnx", "pytorch")


def export_run(
    *,
    folder: Path,
    run: str,
    checkpoint: str = "best",
    format: str = "onnx",
    output: Path,
    document: Document | None = None,
) -> Exported:
    """Write a network to a file or folder that was proven to compute the same.

    Args:
        folder: The project's folder.
        run: The run's id; "" for the newest that was trained. PyTorch code can also be written of a project that
            has none: then without weights.
        checkpoint: "best" or "last".
        format: One of FORMATS.
        output: The file or folder; what is there is replaced once the new one is proven.
        document: Export this, untrained, instead of a run.

    Raises:
        UserError: The run, the format or the place is at fault, or the check failed; nothing new is there then.
    """
    if format not in FORMATS:
        raise UserError(f"There is no export to {format!r}: choose one of {', '.join(FORMATS)}.")
    if format == "onnx":
        return export_onnx(load_run(folder, run, checkpoint), output)
    if document is None and not run and not _has_trained(folder):
        document = files.load(folder)
    if document is not None:
        return export_pytorch(_untrained(document, folder), output, checkpoint="")
    trained = load_run(folder, run, checkpoint)
    require_same_data(trained.dataset, RunStore(folder).info(trained.run))
    return export_pytorch(trained, output, checkpoint=checkpoint)


def _has_trained(folder: Path) -> bool:
    try:
        RunStore(folder).latest()
    except UserError:
        return False
    return True


def _untrained(document: Document, folder: Path) -> TrainedRun:
    """A network with the weights that a training would begin with."""
    material = gather(document, folder)
    with randomness.undisturbed():
        randomness.seed_all(material.document.recipe.seed)
        module = build(material.source)
    return TrainedRun(
        run="",
        module=module.eval(),
        source=material.source,
        document=material.document,
        document_text=schema.encode(document),
        dataset=material.dataset,
        question=material.question,
    )
