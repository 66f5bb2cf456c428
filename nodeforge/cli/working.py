"""Commands that compute: train, evaluate, predict, export."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import TextIO

from nodeforge.cli.data import data_text, readable_data
from nodeforge.cli.evaluation import evaluation_record, evaluation_text
from nodeforge.cli.progress import TrainingDisplay
from nodeforge.cli.run import UsageError
from nodeforge.cli.text import json_line, metrics_table, run_record, typed
from nodeforge.core.document import Document
from nodeforge.core.edits import apply
from nodeforge.core.errors import UserError
from nodeforge.project import files, schema
from nodeforge.project.runs import RunInfo, RunStore
from nodeforge.session.assignments import assignment
from nodeforge.session.checking import check_project, require_ok
from nodeforge.session.jobs import Jobs, TrainingError, find_run
from nodeforge.session.starting_weights import begins_with, weight_source


def train(options: argparse.Namespace) -> int:
    """Train to the end or to Ctrl-C, showing how it goes."""
    folder = files.project_folder(options.project)
    resume = find_run(folder, options.resume) if options.resume else ""
    document = _document_to_train(options, folder, resume)
    require_ok(check_project(document, folder))
    out: TextIO = sys.stderr if options.json else sys.stdout
    facts = readable_data(document, folder)
    if facts is not None and not resume:
        print(data_text(facts), file=out)
    try:
        with Jobs() as jobs, TrainingDisplay(out) as display:
            run = jobs.train(document, folder, resume=resume, on_event=display.show).run
    except TrainingError as error:
        if options.json:
            print(json_line(run_record(RunStore(folder).info(error.run))))
        raise
    info = RunStore(folder).info(run)
    print(_summary(info, options.project), file=out)
    if options.json:
        print(json_line(run_record(info)))
    return 0


def _document_to_train(options: argparse.Namespace, folder: Path, resume: str) -> Document:
    """The project, or the run's own copy of it, with what the command line sets."""
    seed = [("--seed", "seed", options.seed)] if options.seed is not None else []
    settings = [*seed, *((f"--set {key}", key, value) for key, value in options.settings)]
    if resume:
        if settings or options.weights:
            raise UsageError("A resumed run keeps its settings: leave out --seed, --set and --weights.")
        return schema.decode(RunStore(folder).document(resume), f"run {resume}")
    document = files.load(folder)
    for option, key, value in settings:
        try:
            apply(document, assignment(document, key, value))
        except UserError as error:
            raise UsageError(f"{option}={value}: {error}") from None
    for text in options.weights:
        node, _, source = text.rpartition("=")
        apply(document, begins_with(document, weight_source(folder, source, into=node)))
    return document


def _summary(info: RunInfo, project: Path) -> str:
    lines = [
        f"Run {info.id} {info.status}: {info.epochs} epochs in {info.seconds:.1f} s, "
        f"{info.samples_per_second:,.0f} samples/s",
    ]
    if info.metrics:
        lines.append(metrics_table(info.metrics))
    if info.resumable:
        lines.append(f"Go on with: nodeforge train {typed(project)} --resume {info.id}")
    return "\n".join(lines)


def evaluate(options: argparse.Namespace) -> int:
    """Metrics of a run beside the baselines'."""
    folder = files.project_folder(options.project)
    run = find_run(folder, options.run)
    with Jobs() as jobs:
        result = jobs.evaluate(folder, run, options.split, options.without)
    print(json_line(evaluation_record(result)) if options.json else evaluation_text(result))
    return 0


def predict(options: argparse.Namespace) -> int:
    """Predictions as CSV."""
    folder = files.project_folder(options.project)
    run = find_run(folder, options.run)
    with Jobs() as jobs:
        result = jobs.predict(folder, run, options.input)
    if options.json:
        print(json_line({"run": run, "columns": result.columns, "rows": result.rows}))
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows([result.columns, *result.rows])
    return 0


def export(options: argparse.Namespace) -> int:
    """A file or folder that was proven to compute what the run computes."""
    folder = files.project_folder(options.project)
    run = find_run(folder, options.run) if options.run else ""
    with Jobs() as jobs:
        result = jobs.export(folder, run, options.format, options.output)
    if options.json:
        record = {
            "output": result.output,
            "format": result.format,
            "opset": result.opset,
            "max_abs_difference": result.max_abs_difference,
            "checked_batches": result.checked_batches,
        }
        print(json_line(record))
    else:
        batches = ", ".join(map(str, result.checked_batches))
        format = f"{result.format}, opset {result.opset}" if result.opset else result.format
        print(
            f"{result.output}: {format}. Run on held-out samples in batches of {batches}, it differs from the "
            f"network here by at most {result.max_abs_difference:.2g}."
        )
    return 0
