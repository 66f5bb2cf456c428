"""Arrays of the user, as numpy saves them."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError, system_reason
from nodeforge.core.parameters import Choice, Parameter, Text
from nodeforge.data.paths import check_file, chosen_file
from nodeforge.data.source import OWN, Array, Layout, RawField, Samples, Source, SourceCall
from nodeforge.data.streams import NpyRows, Stream

WHAT = ".npz or .npy file"
_INPUT_NAMES = ("x", "x_train", "images", "features", "inputs", "input", "data", "values", "series")
_TARGET_NAMES = ("y", "y_train", "labels", "label", "targets", "target", "classes")
_LAYOUTS = {2: Layout.FEATURES, 3: Layout.SERIES, 4: Layout.IMAGE}
_MOST_CLASSES = 1_000


def _load(call: SourceCall) -> Samples:
    path = chosen_file(call, WHAT)
    found = _open(path, call.memory)
    inputs = _pick(found, call.text("inputs").strip(), _INPUT_NAMES, path)
    assert inputs is not None
    targets = _targets(call, found, inputs, path)
    _refuse_other_than_numbers(inputs)
    if targets is not None and len(targets.values) != len(inputs.values):
        raise UserError(
            f"{inputs.name} of {path.name} has {len(inputs.values):,} samples and {targets.name} has {len(targets.values):,}: "
            "they must be as many."
        )
    fields = [_input_field(call, inputs)]
    if targets is not None:
        fields.append(_target_field(call, targets))
    return Samples(title=path.name, fields=tuple(fields), notes=_notes(inputs, targets, fields[0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Named:
    """An array, what it is called, and the file it lies in."""

    name: str
    values: Array | NpyRows
    path: Path


def _open(path: Path, memory: int) -> dict[str, Array | NpyRows]:
    """The arrays of a file by name; one of a .npy file that takes more than `memory` bytes is left there.

    Raises:
        UserError: The file is no such file.
    """
    try:
        if path.suffix.lower() == ".npy":
            # Prepared numbers take four bytes each beside those that were read.
            rows = NpyRows(path)
            large = len(rows) * (rows.sample_bytes + 4 * math.prod(rows.shape[1:])) > memory
            return {path.stem: rows if large else np.load(path, allow_pickle=False)}
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{path.name} is no readable file of plain numbers: save arrays with numpy.save or numpy.savez."
        ) from error
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {system_reason(error)}.") from error


def _pick(found: dict[str, Array | NpyRows], wish: str, usual: tuple[str, ...], path: Path) -> _Named | None:
    """The array that is wished for, else the one of a usual name, else, for inputs, the first."""
    if wish and wish not in found:
        raise UserError(f"{path.name} has no array {wish}: choose among {', '.join(found)}.")
    name = wish or next((name for name in found if name.lower() in usual), "")
    if not name and usual is _INPUT_NAMES:
        name = next(iter(found), "")
        if not name:
            raise UserError(f"{path.name} holds no arrays: save some with numpy.savez.")
    return _Named(name=name, values=found[name], path=path) if name else None


def _targets(
    call: SourceCall, found: dict[str, Array | NpyRows], inputs: _Named, path: Path
) -> _Named | None:
    """The answers: an array beside the inputs, or one in a file of its own."""
    wish = call.text("targets").strip()
    if wish.lower().endswith(".npy"):
        other = call.folder / Path(wish).expanduser()
        check_file(other, WHAT)
        return _Named(name=other.stem, values=next(iter(_open(other, call.memory).values())), path=other)
    others = {name: values for name, values in found.items() if name != inputs.name}
    return _pick(others, wish, _TARGET_NAMES, path)


def _refuse_other_than_numbers(array: _Named) -> None:
    """
    Raises:
        UserError: The array holds no numbers, or no samples.
    """
    shape = array.values.shape
    if array.values.dtype.kind not in "biuf":
        raise UserError(f"{array.name} of {array.path.name} holds no numbers: save an array of numbers.")
    if not shape or not math.prod(shape):
        raise UserError(f"{array.name} of {array.path.name} is empty: give it one sample a row.")


def _input_field(call: SourceCall, array: _Named) -> RawField:
    shape, kind, wish = array.values.shape, array.values.dtype, call.text("layout")
    grey = len(shape) == 3 and kind == np.uint8
    usual = Layout.IMAGE if grey else _LAYOUTS.get(len(shape), Layout.FEATURES)
    layout = usual if wish == "auto" else Layout(wish)
    arrange = _arrangement(layout, array)
    if isinstance(array.values, NpyRows):
        values: Array | Stream = NpyRows(array.path, arrange)
    else:
        values = arrange(array.values)
    if kind.kind == "f":
        _refuse_infinite(array, gaps=len(shape) <= 2 and not isinstance(values, Stream))
    pixels = layout is Layout.IMAGE and kind == np.uint8
    return RawField(
        name=layout.value, values=values, layout=layout, value_range=(0.0, 255.0) if pixels else None
    )


def _arrangement(layout: Layout, array: _Named) -> Callable[[Array], Array]:
    """Brings the axes of samples to what the layout wants: a channel for grey images and single sounds, channels
    before pixels.

    Raises:
        UserError: There are not as many axes.
    """
    shape = array.values.shape
    axes = len(shape)
    if (layout, axes) in ((Layout.IMAGE, 3), (Layout.WAVE, 2), (Layout.FEATURES, 1)):
        return lambda values: values[:, None]
    if layout is Layout.IMAGE and axes == 4 and shape[-1] in (1, 3) and shape[1] > 4:
        return lambda values: values.transpose(0, 3, 1, 2)
    needed = {Layout.SERIES: 3, Layout.IMAGE: 4, Layout.WAVE: 3}.get(layout, axes)
    if axes != needed:
        raise UserError(
            f"{array.name} of {array.path.name} has {axes} axes, and {layout.value} needs {needed}: "
            "set another layout."
        )
    return np.asarray


def _refuse_infinite(array: _Named, *, gaps: bool) -> None:
    """
    Raises:
        UserError: A value is infinite, or one is missing where gaps cannot be filled.
    """
    values, start = array.values, 0
    for block in values.blocks() if isinstance(values, Stream) else (values,):
        rows = block.reshape(len(block), -1)
        fault = np.isinf(rows) if gaps else ~np.isfinite(rows)
        if fault.any():
            row, place = np.argwhere(fault)[0]
            raise UserError(
                f"Sample {start + row + 1:,} of {array.name} in {array.path.name} holds {rows[row, place]} "
                f"(value {place + 1:,}): correct it, or take the sample out."
            )
        start += len(block)


def _target_field(call: SourceCall, array: _Named) -> RawField:
    _refuse_other_than_numbers(array)
    values = array.values.all() if isinstance(array.values, Stream) else array.values
    how = call.text("answers")
    flat = values.reshape(len(values)) if values.size == len(values) else values
    whole = flat.dtype.kind in "biu"
    count = len(np.unique(flat)) if flat.ndim == 1 else 0
    if how == "classes" or (how == "auto" and whole and 1 < count <= min(_MOST_CLASSES, len(flat) // 2)):
        if flat.ndim != 1:
            raise UserError(
                f"{array.name} of {array.path.name} has {values.ndim} axes, and classes are one number a sample: "
                "set answers to values."
            )
        numbers, labels = np.unique(flat, return_inverse=True)
        names = tuple(f"{number:g}" for number in numbers.tolist())
        return RawField(name="target", values=labels.astype(np.int64), role="target", classes=names)
    if flat.dtype.kind == "f":
        _refuse_infinite(array, gaps=True)
    return RawField(
        name="target", values=(flat[:, None] if flat.ndim == 1 else flat).astype(np.float64), role="target"
    )


def _notes(inputs: _Named, targets: _Named | None, field: RawField) -> tuple[str, ...]:
    answers = f"answers are {targets.name}" if targets else "there are no answers"
    return (f"Samples are {inputs.name}, read as {field.layout.value}; {answers}.",)


ARRAYS = Source(
    name="arrays",
    title="Numpy arrays",
    summary="Arrays of your own in an .npz or .npy file, one sample a row.",
    doc="Two axes are features, three of whole numbers from 0 to 255 grey images, three others series (steps, then "
    "quantities), four images, with channels first or last. A .npy file may be larger than the memory: each batch is then "
    "read from disk.",
    keywords=("npz", "npy", "numpy", "image", "series", "table", "own data"),
    parameters=(
        Parameter("path", Text(path=True), "", "The file; a relative path starts from the project's folder."),
        Parameter(
            "inputs",
            Text(),
            "",
            "The array with the samples. Empty: one called x, images or so, else the first.",
        ),
        Parameter(
            "targets",
            Text(),
            "",
            "The array with the answers, or a .npy file of its own. Empty: one called y, labels or so, if there is one.",
        ),
        Parameter(
            "layout",
            Choice(options=("auto", "features", "image", "series", "wave")),
            "auto",
            "What the axes of a sample mean.",
        ),
        Parameter(
            "answers",
            Choice(options=("auto", "classes", "values")),
            "auto",
            "auto: few different whole numbers are classes, all else are values.",
        ),
    ),
    load=_load,
    files=lambda call: (chosen_file(call, WHAT),),
    licence=OWN,
)
