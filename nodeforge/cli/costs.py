"""Costs on the command line: as a CSV file, as JSON, in a few words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodeforge.analysis.costs import NodeCosts
from nodeforge.analysis.report import Report
from nodeforge.core.errors import UserError
from nodeforge.project import files
from nodeforge.session.costing import ProjectCosts, count, csv_header, csv_rows, size


def write_costs(report: Report, costs: ProjectCosts, path: Path) -> None:
    """Write a line for each node of each network.

    Raises:
        UserError: The file cannot be written.
    """
    if not path.absolute().parent.is_dir():
        raise UserError(
            f"There is no folder {path.absolute().parent} to write {path.name} into: make it first."
        )
    rows = (csv_rows(name, report.networks[name], each) for name, each in costs.networks.items())
    files.write_atomic(path, (csv_header() + "".join(rows)).encode())


def cost_record(costs: NodeCosts) -> dict[str, int | None]:
    """The costs of a node or a network as plain data; null where shapes are unknown."""
    known = costs.known
    return {"macs": costs.macs if known else None, "activation_bytes": costs.kept if known else None}


def memory_record(costs: ProjectCosts) -> dict[str, Any]:
    """The forecast of training memory as plain data, in bytes."""
    record = costs.memory.record()
    del record["peak"]  # only a training can tell
    return {"stage": costs.stage.name, "batch": next(iter(costs.networks.values())).batch, **record}


def macs_text(total: NodeCosts) -> str:
    """What follows the number of parameters."""
    return f", {count(total.macs)} multiply-accumulates a sample" if total.known and total.macs else ""


def memory_text(costs: ProjectCosts) -> str:
    """One line on the memory that training needs; empty where there is nothing to train."""
    memory, batch = costs.memory, memory_record(costs)["batch"]
    if not memory.parameters:
        return ""
    return f"\nTraining needs about {size(memory.total)} with batches of {batch:,}.\n"
