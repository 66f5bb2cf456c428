"""Costs as a table for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from nodeforge.analysis.costs import NetworkCosts
from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.core.specs import format_shape

COLUMNS = ("network", "node", "kind", "output", "parameters", "macs", "activation_bytes")


def csv_header() -> str:
    """The first line: what the columns are."""
    return _lines([COLUMNS])


def csv_rows(network: str, report: NetworkReport, costs: NetworkCosts) -> str:
    """One line for each node of a network; numbers are left out where shapes are unknown."""
    return _lines(_rows(network, report, costs))


def shapes(known: NodeReport) -> str:
    """The shapes that leave a node: "N×10, N×1"."""
    return ", ".join(format_shape(spec.shape) for spec in known.outputs.values())


def _rows(network: str, report: NetworkReport, costs: NetworkCosts) -> Iterator[tuple[object, ...]]:
    for name, cost in costs.nodes.items():
        known = report.nodes[name]
        numbers = (cost.parameters, cost.macs, cost.kept) if cost.known else ("", "", "")
        yield (network, name, known.kind.name if known.kind else "", shapes(known), *numbers)


def _lines(rows: object) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()
