"""Which lines a plot of one quantity has, for one run or for several laid over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodeforge.core.document import Recipe
from nodeforge.ui.panels.wording import title_of
from nodeforge.ui.plots.curve_card import Line
from nodeforge.ui.plots.curves import SPEED, TRAIN, VALIDATION, RunCurves
from nodeforge.ui.plots.series import Smoothed


def lines_of(
    runs: Sequence[RunCurves], places: Mapping[str, int], quantity: str, smoothing: float
) -> list[Line]:
    """The lines of a quantity.

    Args:
        runs: Those to show.
        places: By run, the place of its colour. The validation curve of a run that stands alone takes the
            next colour; of several runs, each has one colour, and dots tell validation from training.
        quantity: "loss", "accuracy", "learning_rate", ...
        smoothing: Weight of the moving average over training curves; 0 for none.
    """
    lines = []
    for run in runs:
        for split in ("", TRAIN, VALIDATION):
            series = run.series.get((quantity, split))
            if series is None:
                continue
            alone = len(runs) == 1
            dense = split != VALIDATION and quantity in (*run.per_step, SPEED)
            line = Line(
                label=(split or title_of(quantity).lower()) if alone else f"{run.name} {split}".strip(),
                series=series,
                color=places[run.run] + (alone and split == VALIDATION),
                marked=not dense,
                leading=split == VALIDATION,
                smoothed=Smoothed(series, smoothing) if dense and smoothing and split else None,
            )
            lines.append(line)
    return lines


def losses_differ(recipe: Recipe, run: RunCurves) -> bool:
    """Whether the stages that a run has come to learn by different rules, so that their losses are no one curve."""
    rules = {stage.name: stage.rule for stage in recipe.stages}
    return len({rules[name] for name, _ in run.stages if name in rules}) > 1
