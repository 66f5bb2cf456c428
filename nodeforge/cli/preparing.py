"""Commands that prepare a training: weights to begin with, a learning rate to train at."""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace

import msgspec

from nodeforge.cli.text import json_line, typed
from nodeforge.core.edits import apply
from nodeforge.engine.messages import RatesTried, WeightMatch
from nodeforge.project import files
from nodeforge.session.checking import check_project, require_ok
from nodeforge.session.jobs import Jobs
from nodeforge.session.starting_weights import begins_with, weight_source

_MOST = 12
"""Names that are listed one by one."""


def weights(options: argparse.Namespace) -> int:
    """What of a run or a file fits; with --keep the project begins with it from now on."""
    folder = files.project_folder(options.project)
    document = files.load(folder)
    source = weight_source(folder, options.source, into=options.into, prefix=options.prefix)
    alone = document.copy()
    alone.recipe = replace(document.recipe, weights=(source,))
    require_ok(check_project(alone, folder))
    with Jobs() as jobs:
        (match,) = jobs.match_weights(alone, folder)
    if options.keep:
        apply(document, begins_with(document, source))
        files.save(document, folder)
    print(_match_text(match))
    if options.keep:
        print("The project's trainings begin with them from now on.")
    if options.json:
        print(json_line(msgspec.to_builtins(match)))
    return 0


def _match_text(match: WeightMatch) -> str:
    shapes = [f"{name}: {there} there, {here} here" for name, there, here in match.other_shapes]
    parts = (
        ("fit", match.matched),
        ("of another shape", shapes),
        ("not found; they begin as drawn", match.missing),
        ("there, and without use here", match.unused),
    )
    lines = [f"{match.source} -> {match.into or 'the network'}"]
    for words, names in parts:
        if names:
            lines.append(f"{len(names)} {words}:")
            lines += [f"  {name}" for name in names[:_MOST]]
            lines += [f"  and {len(names) - _MOST} more"] if len(names) > _MOST else []
    return "\n".join(lines)


def lr_range(options: argparse.Namespace) -> int:
    """The learning-rate range test, as a curve of text and a suggestion."""
    folder = files.project_folder(options.project)
    document = files.load(folder)
    require_ok(check_project(document, folder))
    with Jobs() as jobs:
        tried = jobs.try_rates(
            document, folder, stage=options.stage, low=options.low, high=options.high, steps=options.steps
        )
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            rows = zip(tried.rates, tried.losses, tried.smoothed, strict=True)
            csv.writer(file).writerows([("learning_rate", "loss", "smoothed_loss"), *rows])
    if options.json:
        print(json_line(msgspec.to_builtins(tried)))
        return 0
    print(_curve(tried))
    print(tried.note)
    if tried.suggestion:
        print(f"Try: nodeforge train {typed(options.project)} --set optimizer.lr={tried.suggestion:g}")
    return 0


_ROWS, _WIDTH = 20, 48


def _curve(tried: RatesTried) -> str:
    """A row for each of some rates: the smoothed loss as a bar. Bars end where the loss began."""
    top = max(tried.smoothed[0], 1e-12)
    count = len(tried.rates)
    places = sorted({round(row * (count - 1) / (_ROWS - 1)) for row in range(_ROWS)})
    lines = ["learning rate   loss"]
    for place in places:
        loss = tried.smoothed[place]
        bar = "█" * max(0, min(_WIDTH, round(_WIDTH * loss / top)))
        lines.append(f"{tried.rates[place]:>13.1e}   {loss:<9.4g} {bar}")
    return "\n".join(lines)
