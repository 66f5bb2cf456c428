"""ONNX files with a dynamic batch axis, checked in onnxruntime on samples the network never learned from."""

from __future__ import annotations

import contextlib
import logging
import re
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from nodeforge.compiler import Source
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import Exported
from nodeforge.project.files import make_folder, write_atomic
from nodeforge.training import TrainedRun
from nodeforge.training.batches import Split, load_split

if TYPE_CHECKING:
    import onnx

OPSET = 20
CHECKED_BATCHES = (1, 2, 5)
TOLERANCE = 1e-4
"""Largest difference accepted, absolute or relative to the largest number that torch gives."""

METADATA_KEY = "nodeforge.project"


def export_onnx(trained: TrainedRun, output: Path) -> Exported:
    """Write the path from Input to Output as an ONNX file.

    The file holds the project as it was trained under `nodeforge.project` in its metadata, and calls inputs and
    outputs by their nodes' names.

    Raises:
        UserError: The network cannot be expressed in ONNX, computes something else there, or the file cannot
            be written. A file that was there before is as it was.
    """
    output = output.absolute()
    if output.is_dir():
        raise UserError(f"{output} is a folder: name a file in it, such as {output.name}.onnx.")
    if not trained.source.outputs:
        raise UserError("The network has no Output node, so there is nothing to export: add one and train.")
    make_folder(output.parent)
    samples = _held_out(trained)
    model = _converted(trained, samples)
    model.metadata_props.add(key=METADATA_KEY, value=trained.document_text.decode())
    data = model.SerializeToString()
    difference = _checked(trained, samples, data)
    write_atomic(output, data)
    return Exported(
        output=str(output),
        format="onnx",
        opset=next(entry.version for entry in model.opset_import if entry.domain == ""),
        max_abs_difference=difference,
        checked_batches=list(CHECKED_BATCHES),
    )


def _held_out(trained: TrainedRun) -> Split:
    """Samples the network never learned from, where the data keeps some."""
    name = next(name for name in ("test", "validation", "train") if name in trained.dataset.splits)
    return load_split(trained.dataset, name, trained.source, torch.device("cpu"), channels_last=False)


def _first(samples: Split, count: int) -> tuple[Tensor, ...]:
    """The first samples, repeated where there are fewer."""
    places = torch.arange(count) % len(samples)
    return samples.take(places).inputs


def _converted(trained: TrainedRun, samples: Split) -> onnx.ModelProto:
    try:
        with _quiet(), torch.no_grad():
            program = torch.onnx.export(
                trained.module,
                _first(samples, 2),
                input_names=[slot.node for slot in trained.source.inputs],
                output_names=list(trained.source.outputs),
                dynamic_shapes=tuple({0: "batch"} for _ in trained.source.inputs),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        raise _refusal(error, trained) from error
    assert program is not None
    return program.model_proto


def _refusal(error: BaseException, trained: TrainedRun) -> UserError:
    """What stands in the way of the conversion, in one sentence."""
    name = _node_in_translation(error, trained.source)
    if not name:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        return UserError(f"This network cannot be written as ONNX: {reason}")
    kind = trained.document.main_network.nodes[name].kind
    message = (
        f"{name} cannot be written as ONNX, which has nothing for {kind}: put another kind in its place."
    )
    return UserError(message, node=name)


def _node_in_translation(error: BaseException | None, source: Source) -> str:
    """The node whose operation the exporter failed at, or "" when it was at none.

    The exporter's errors do not hold the operation, so it is taken from the frames that they came through; each
    operation knows the line of the source that it was traced at.
    """
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__ if error else None))
    operations = (
        value for frame in frames for value in frame.f_locals.values() if isinstance(value, torch.fx.Node)
    )
    for operation in operations:
        trace = operation.meta.get("stack_trace") or ""
        line = re.search(re.escape(f'"{source.filename}", line ') + r"(\d+)", trace)
        if line and (node := source.line_nodes.get(int(line[1]))):
            return node
    return _node_in_translation(error.__cause__, source) if error else ""


def _checked(trained: TrainedRun, samples: Split, data: bytes) -> float:
    """The largest difference between onnxruntime and torch.

    Raises:
        UserError: onnxruntime cannot run the file, or computes something else.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        return max(_difference(trained, session, _first(samples, count)) for count in CHECKED_BATCHES)
    except UserError:
        raise
    except Exception as error:  # onnxruntime's own exceptions have no common base but this
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"onnxruntime cannot run the exported network, so no file was written: {reason}"
        ) from error


def _difference(trained: TrainedRun, session: Any, inputs: tuple[Tensor, ...]) -> float:
    with torch.inference_mode():
        given = trained.module(*inputs)
    expected = [t.numpy() for t in (given if isinstance(given, tuple) else (given,))]
    names = [entry.name for entry in session.get_inputs()]
    slots = {slot.node: tensor.numpy() for slot, tensor in zip(trained.source.inputs, inputs, strict=True)}
    results = session.run(None, {name: slots[name] for name in names})
    largest = 0.0
    for name, ours, theirs in zip(trained.source.outputs, expected, results, strict=True):
        if ours.shape != theirs.shape:
            raise UserError(
                f"The exported network gives {name} the shape {theirs.shape} for a batch of {len(inputs[0])}, "
                f"and torch {ours.shape}: no file was written."
            )
        difference = float(np.abs(ours - theirs).max(initial=0.0))
        if not difference <= TOLERANCE * max(1.0, float(np.abs(ours).max(initial=0.0))):
            raise UserError(
                f"The exported network differs from the trained one by {difference:.2g} at {name} for a batch of "
                f"{len(inputs[0])}, more than {TOLERANCE:g}: no file was written."
            )
        largest = max(largest, difference)
    return largest


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter tells its own developers."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
