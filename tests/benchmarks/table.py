"""Rows of the benchmark table: what was measured, beside what, and what is wanted."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was measured ("train step, digits MLP, batch 64").
        ours: Our figure, with its unit ("1.92 ms").
        baseline: What it is compared with, with its figure ("plain DataLoader loop 4.6 ms"); may be empty.
        result: The comparison ("2.4× faster", "0.99"), or our figure again.
        target: What is wanted ("≥ 2.2×"); may be empty.
        met: Whether it is; None where there is no target.
    """

    name: str
    ours: str
    baseline: str = ""
    result: str = ""
    target: str = ""
    met: bool | None = None


def format_table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| Measured | NodeForge | Beside | Result | Wanted | |", "|---|---|---|---|---|---|"]
    marks = {True: "✓", False: "✗", None: ""}
    lines += [
        f"| {row.name} | {row.ours} | {row.baseline} | {row.result} | {row.target} | {marks[row.met]} |"
        for row in rows
    ]
    return "\n".join(lines)


def machine() -> str:
    """One line on where it was measured."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
