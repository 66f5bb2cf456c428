"""What an evaluation found, as text and as JSON."""

from __future__ import annotations

from typing import Any

from nodeforge.cli.text import number, table
from nodeforge.engine.messages import Evaluated

MOST_PARTS = 30
"""Of more classes than this the table says nothing at a glance; JSON has them all."""


def evaluation_record(found: Evaluated) -> dict[str, Any]:
    """An evaluation as plain data, as `evaluate --json` prints it."""
    return {
        "run": found.run,
        "split": found.split,
        "metrics": found.metrics,
        "baseline": found.baseline,
        "task": found.task,
        "headline": found.headline,
        "verdict": found.verdict,
        "beaten": found.beaten,
        "parts": [{"name": part.name, "count": part.count, **part.values} for part in found.parts],
        "splits": {
            name: {"metrics": part.metrics, "baseline": part.baseline} for name, part in found.splits.items()
        },
        "notes": found.notes,
        **({"without": found.without} if found.without else {}),
    }


def evaluation_text(found: Evaluated) -> str:
    """A row per metric, the run's column beside those of simple methods; then what it comes to."""
    columns = {"this run": found.metrics, **found.baseline}
    rows = [["", *columns]]
    for name in found.metrics:
        rows.append([name, *(number(part[name]) if name in part else "" for part in columns.values())])
    beside = ", beside simple baselines" if found.baseline else ""
    blocks = [
        f"Run {found.run}{_without(found)} on the {found.split} split{beside}:",
        table(rows, right=range(1, len(columns) + 1)),
    ]
    if 1 < len(found.parts) <= MOST_PARTS:
        blocks.append(_parts(found))
    return "\n".join([*blocks, *filter(None, (found.verdict, *found.notes))])


def _without(found: Evaluated) -> str:
    return f" without {', '.join(found.without)}" if found.without else ""


def _parts(found: Evaluated) -> str:
    names = list(dict.fromkeys(name for part in found.parts for name in part.values))
    rows = [["", "count", *names]]
    for part in found.parts:
        values = (number(part.values[name]) if name in part.values else "" for name in names)
        rows.append([part.name, f"{part.count:,}", *values])
    return table(rows, right=range(1, len(names) + 2))
