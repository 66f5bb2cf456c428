"""The lines of a run's log: curves per step in packed form, one epoch a line. JSON, one object a line."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Metrics = Mapping[str, Mapping[str, float]]
"""By split, the metrics by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """What is kept of an epoch."""

    stage: str
    epoch: int
    step: int
    learning_rate: float
    samples_per_second: float
    metrics: Metrics = dataclasses.field(default_factory=dict)
    best: bool = False


def encode_epoch(record: EpochRecord) -> bytes:
    return _line({"epoch": {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}})


def encode_steps(columns: Mapping[str, bytes]) -> bytes:
    """Packed little-endian arrays: "step" as int32, the others as float32."""
    return _line({"steps": {name: base64.b64encode(data).decode() for name, data in columns.items()}})


def decode(line: bytes) -> EpochRecord | dict[str, bytes] | None:
    """An epoch, or the columns of some steps; None for a line that a crash or a stranger garbled."""
    try:
        record = json.loads(line)
        if "epoch" in record:
            return EpochRecord(**record["epoch"])
        return {name: base64.b64decode(text, validate=True) for name, text in record["steps"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"
