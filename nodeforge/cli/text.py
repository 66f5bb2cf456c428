"""Tables and numbers as people read them, and results as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nodeforge.core.errors import one_line
from nodeforge.project.runs import RunInfo


def number(value: float) -> str:
    """Five digits or so: 0.9312, 12.346, 1234.5; very small and very large ones as 1.2e-07."""
    size = abs(value)
    if size != 0 and not 1e-3 <= size < 1e4:
        return f"{value:.3g}"
    decimals = 4 - sum(size >= limit for limit in (10, 100, 1000))
    return f"{value:.{decimals}f}"


def table(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Rows in columns as wide as needed; the columns named in `right` are flush right."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def metrics_table(by_row: Mapping[str, Mapping[str, float]]) -> str:
    """One row per split or model, one column per metric."""
    names = list(dict.fromkeys(name for metrics in by_row.values() for name in metrics))
    rows = [["", *names]]
    for label, metrics in by_row.items():
        rows.append([label, *(number(metrics[name]) if name in metrics else "" for name in names)])
    return table(rows, right=range(1, len(names) + 1))


def typed(path: Path) -> str:
    """A path as it must be typed on a command line."""
    return f'"{path}"' if " " in str(path) else str(path)


def run_record(info: RunInfo) -> dict[str, Any]:
    """A run as plain data, as `train --json` prints it."""
    return {
        "run": info.id,
        "status": info.status,
        "epochs": info.epochs,
        "seconds": info.seconds,
        "samples_per_second": info.samples_per_second,
        "metrics": info.metrics,
    }


def json_line(result: Any) -> str:
    """One line of JSON. Numbers that JSON cannot hold (NaN, infinity) become null."""
    return json.dumps(_finite(result), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
