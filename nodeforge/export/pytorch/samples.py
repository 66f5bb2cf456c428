"""The samples of an export: values by field, the rows of each split, and how the values are prepared."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.compiler import Slot, Source
from nodeforge.core.errors import UserError
from nodeforge.data import Dataset
from nodeforge.data.fitting import Fitted
from nodeforge.data.tokens import Vocabulary
from nodeforge.project.json_text import format_json

Array = NDArray[Any]


def field_name(dataset: Dataset, slot: Slot, role: str) -> str:
    """The field of the data that feeds an Input or Target node.

    Raises:
        UserError: There is none.
    """
    facts = dataset.facts.field(slot.field, role)
    if facts is None:
        raise UserError(f"{slot.node} asks for a field {slot.field!r} that {dataset.facts.title} lacks.")
    return facts.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedField:
    """One field as the export holds it.

    Attributes:
        values: Of all samples: raw where `notes` tell how to scale them, else as the network takes them.
        notes: What samples.py and predict.py must know of the field.
    """

    values: Array
    notes: Mapping[str, Any]


def packed_fields(dataset: Dataset, source: Source) -> dict[str, PackedField]:
    """The fields that the network reads, by name.

    Raises:
        UserError: There is no such field, or its samples are not in memory.
    """
    slots = [(slot, role) for role in ("input", "target") for slot in getattr(source, f"{role}s")]
    names = dict.fromkeys(field_name(dataset, slot, role) for slot, role in slots)
    absent = [name for name in names if name not in dataset.splits["train"]]
    if absent:
        raise UserError(
            f"The samples of {dataset.facts.title} are read from disk while they are trained on, and PyTorch code "
            "holds all of them: export to ONNX, or train on fewer."
        )
    return {name: _packed(dataset, name) for name in names}


def samples_npz(dataset: Dataset, fields: Mapping[str, PackedField]) -> bytes:
    """Arrays by field, and under `rows/<split>` the rows of each split. No pickle: reading it runs no code."""
    arrays = {name: field.values for name, field in fields.items()}
    arrays |= {f"rows/{name}": rows for name, rows in dataset.indices.items()}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def fields_json(fields: Mapping[str, PackedField]) -> bytes:
    """The notes of all fields."""
    return format_json({name: field.notes for name, field in fields.items()}).encode()


def _packed(dataset: Dataset, name: str) -> PackedField:
    raw = next((field for field in dataset.samples.fields if field.name == name), None)
    facts = next(facts for facts in dataset.facts.fields if facts.name == name)
    fitted = dataset.fitted.get(name)
    notes: dict[str, Any] = {"shape": list(dataset.splits["train"][name].shape[1:])}
    if facts.classes:
        notes["classes"] = list(facts.classes)
    if raw is not None and raw.columns:
        notes["columns"] = list(raw.columns)
    if raw is not None and raw.padded:
        notes["padded"] = raw.padded
    if isinstance(fitted, Vocabulary):
        notes |= _words(fitted)
    if raw is None or not isinstance(fitted, Fitted) or not isinstance(raw.values, np.ndarray):
        return PackedField(values=_prepared(dataset, name), notes=notes)
    return PackedField(values=np.ascontiguousarray(raw.values), notes=notes | _scaling(fitted))


def _words(vocabulary: Vocabulary) -> dict[str, Any]:
    tokens = vocabulary.tokens
    return {"unit": tokens.unit, "lower": tokens.lower, "words": list(vocabulary.words)}


def _scaling(fitted: Fitted) -> dict[str, Any]:
    found = {"center": fitted.center.tolist(), "scale": fitted.scale.tolist()}
    return found if fitted.fill is None else {**found, "fill": fitted.fill.tolist()}


def _prepared(dataset: Dataset, name: str) -> Array:
    """A field of all samples as the network takes it; rows that are in no split stay 0."""
    parts = {split: fields[name] for split, fields in dataset.splits.items()}
    first = parts["train"]
    values = np.zeros((len(dataset.samples), *first.shape[1:]), first.dtype)
    for split, part in parts.items():
        values[dataset.indices[split]] = part
    return values
