"""A trained or untrained network as a folder of PyTorch code that needs nothing of NodeForge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_model

from nodeforge import __version__
from nodeforge.core.errors import UserError, one_line
from nodeforge.engine.messages import Exported
from nodeforge.export.pytorch import other_scripts
from nodeforge.export.pytorch.facts import Facts, facts_of
from nodeforge.export.pytorch.folder import MARK, replaced
from nodeforge.export.pytorch.proof import CHECKED_BATCHES, prove
from nodeforge.export.pytorch.recipe import require_plain_data, stage_code
from nodeforge.export.pytorch.samples import fields_json, packed_fields, samples_npz
from nodeforge.export.pytorch.train_script import train_py
from nodeforge.project.files import write_atomic
from nodeforge.project.json_text import format_json, parse_json
from nodeforge.training import TrainedRun
from nodeforge.training.optimizers import build_optimizer

WEIGHTS = "weights.safetensors"


def export_pytorch(trained: TrainedRun, output: Path, *, checkpoint: str) -> Exported:
    """Write the network, its training and its samples as code and data, and prove that they agree.

    Args:
        trained: The network.
        output: A folder that is new, empty, or an earlier export, which is replaced.
        checkpoint: Which weights they are, "best" or "last"; "" writes none, for a network that was never trained.

    Raises:
        UserError: The training cannot begin or cannot be written as code, the folder is in use, or the written
            code computes something else. What was there before is as it was.
    """
    if not trained.source.objectives:
        raise UserError("The network has no objective: add a loss such as CrossEntropyLoss and wire it.")
    if trained.document.data is not None:
        require_plain_data(trained.document.data)
    fields = packed_fields(trained.dataset, trained.source)
    stage = stage_code(trained.document.recipe)
    _require_trainable(trained)
    facts = facts_of(trained, stage, checkpoint, fields)
    with replaced(output.absolute()) as folder:
        for name, data in _files(facts).items():
            write_atomic(folder / name, data)
        if checkpoint:
            _write_weights(trained, folder / WEIGHTS)
        difference = prove(trained, folder, weights=folder / WEIGHTS if checkpoint else None)
    return Exported(
        output=str(output.absolute()),
        format="pytorch",
        max_abs_difference=difference,
        checked_batches=list(CHECKED_BATCHES),
    )


def _require_trainable(trained: TrainedRun) -> None:
    """See that a training could begin: a run has shown it, a drawing has not.

    Raises:
        UserError: There is nothing to learn, or the optimizer's parameters do not go together.
    """
    parameters = [parameter for parameter in trained.module.parameters() if parameter.requires_grad]
    if not parameters:
        raise UserError("The network has nothing to learn: add a layer with weights, such as Linear.")
    (stage,) = trained.document.recipe.stages
    build_optimizer(stage.optimizer, parameters, torch.device("cpu"))


def _files(facts: Facts) -> Mapping[str, bytes]:
    """All files by name but for the weights."""
    trained = facts.trained
    texts = {
        "README.md": other_scripts.readme(facts),
        "model.py": trained.source.text,
        "train.py": train_py(facts),
        "samples.py": other_scripts.samples_py(facts),
        "requirements.txt": other_scripts.requirements(),
        MARK: _origin(trained),
    }
    if facts.answer is not None:
        texts["predict.py"] = other_scripts.predict_py(facts)
    files = {name: text.encode() for name, text in texts.items()}
    return files | {
        "samples.npz": samples_npz(trained.dataset, facts.fields),
        "fields.json": fields_json(facts.fields),
    }


def _origin(trained: TrainedRun) -> str:
    """Where the code comes from; also what marks the folder as an export."""
    project = parse_json(trained.document_text)
    return format_json({"nodeforge": __version__, "run": trained.run, "project": project})


def _write_weights(trained: TrainedRun, path: Path) -> None:
    try:
        save_model(trained.module, str(path))
    except SafetensorError as error:  # also where the system refuses to write
        raise UserError(f"{path.name} could not be written: {one_line(str(error))}.") from error
