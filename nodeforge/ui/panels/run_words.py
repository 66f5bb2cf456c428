"""What is told of runs beside their table, as rich text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from nodeforge.core.specs import SPLITS
from nodeforge.engine.messages import Evaluated
from nodeforge.project.runs import RunInfo
from nodeforge.ui.panels.run_diff import Difference
from nodeforge.ui.panels.run_table import when
from nodeforge.ui.panels.wording import duration, title_of, value_of


def details(run: RunInfo) -> str:
    """How a run went, and what it reached on each split."""
    facts = [f"{run.epochs:,} epochs in {duration(run.seconds)}, seed {run.seed}, begun {when(run.created)}"]
    if run.samples_per_second:
        facts.append(f"{run.samples_per_second:,.0f} samples/s")
    facts += [f"{name}: {value}" for name, value in run.environment.items()]
    message = f"<p>{html.escape(run.message)}</p>" if run.message else ""
    splits = [split for split in SPLITS if run.metrics.get(split)]
    metrics = list(dict.fromkeys(name for split in splits for name in run.metrics[split]))
    cells = ([title_of(name), *(_value(run.metrics[split], name) for split in splits)] for name in metrics)
    table = _table(["", *splits], cells) if metrics else ""
    return f"<h4>{html.escape(run.name)}</h4>{message}{table}<p>{html.escape('; '.join(facts))}</p>"


def evaluation(run: RunInfo, evaluated: Evaluated) -> str:
    """Metrics of a run beside what the simplest methods reach on the same samples."""
    columns: dict[str, Mapping[str, float]] = {run.name: evaluated.metrics, **evaluated.baseline}
    rows = (
        [title_of(name), *(_value(metrics, name) for metrics in columns.values())]
        for name in evaluated.metrics
    )
    note = (
        "<p>The network should do clearly better than the baselines beside it.</p>"
        if evaluated.baseline
        else ""
    )
    title = f"<h4>{html.escape(run.name)} on the {html.escape(evaluated.split)} data</h4>"
    return title + _table(["", *columns], rows) + note


def comparison(first: RunInfo, second: RunInfo, found: Sequence[Difference]) -> str:
    """In what two runs differ, and what each reached."""
    rows = [[item.setting, item.first, item.second] for item in found]
    for split in ("validation", "test"):
        for name in dict.fromkeys((*first.metrics.get(split, {}), *second.metrics.get(split, {}))):
            values = (_value(run.metrics.get(split, {}), name) for run in (first, second))
            rows.append([f"{split} {title_of(name)}", *values])
    same = "" if found else "<p>Both were trained from the same drawing with the same settings.</p>"
    return f"<h4>What differs</h4>{same}" + _table(["", first.name, second.name], rows)


def _value(metrics: Mapping[str, float], name: str) -> str:
    return value_of(name, metrics[name]) if name in metrics else "—"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th align='left'>{html.escape(text)}&nbsp;&nbsp;&nbsp;</th>" for text in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(text)}&nbsp;&nbsp;&nbsp;</td>" for text in row) + "</tr>"
        for row in rows
    )
    return f"<table cellspacing='0' cellpadding='2'><tr>{head}</tr>{body}</table>"
