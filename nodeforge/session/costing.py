"""What a project costs: its networks, the memory that training needs, and both as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nodeforge.analysis.costs import NetworkCosts, measure
from nodeforge.analysis.forecast import MemoryUse, batch_of, forecast
from nodeforge.analysis.report import NetworkReport, NodeReport, Report
from nodeforge.core.document import Document, Stage
from nodeforge.core.specs import DataFacts, format_shape

COLUMNS = ("network", "node", "kind", "output", "parameters", "macs", "activation_bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCosts:
    """Costs of a project.

    Attributes:
        stage: The stage of the recipe that needs most memory.
        memory: What it needs to train the main network.
        networks: By name, at the batch of that stage.
    """

    stage: Stage
    memory: MemoryUse
    networks: Mapping[str, NetworkCosts]


def project_costs(document: Document, report: Report, facts: DataFacts | None = None) -> ProjectCosts:
    """What a project costs as it is drawn and as its recipe trains it."""
    found: ProjectCosts | None = None
    for stage in document.recipe.stages:
        batch = batch_of(stage, facts)
        networks = {
            name: measure(document, document.networks[name], known, batch)
            for name, known in report.networks.items()
        }
        memory = forecast(networks[document.main], stage)
        if found is None or memory.total > found.memory.total:
            found = ProjectCosts(stage=stage, memory=memory, networks=networks)
    assert found is not None, "a recipe has a stage"
    return found


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


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def count(value: int) -> str:
    """A number in short: "812", "1.24 k", "11.7 M", "1.81 G"."""
    return _scaled(value, ("", " k", " M", " G", " T", " P", " E"))


def size(value: int) -> str:
    """Bytes in short: "812 B", "1.24 kB", "41.2 MB"."""
    return _scaled(value, (" B", " kB", " MB", " GB", " TB", " PB", " EB"))


def _scaled(number: float, units: tuple[str, ...]) -> str:
    place = 0
    while number >= 999.5 and place < len(units) - 1:
        number, place = number / 1000, place + 1
    decimals = 0 if not place else sum(number < limit for limit in (9.995, 99.95))
    return f"{number:.{decimals}f}{units[place]}"
