"""How a training shows itself: a bar where there is a terminal, plain lines where there is none."""

from __future__ import annotations

import io

import msgspec
import pytest

from nodeforge.cli import progress
from nodeforge.cli.progress import TrainingDisplay
from nodeforge.cli.text import json_line, metrics_table, number
from nodeforge.engine import messages as m

EPOCHS = 20
PROGRESS = m.Progress(
    run="r", stage="train", epoch=1, epochs=EPOCHS, batch=3, batches=5, step=3, seconds=0.1, seconds_left=1.0,
    samples_per_second=12_345.6,
)  # fmt: skip
METRICS = {"train": {"loss": 0.25, "accuracy": 0.5}, "validation": {"loss": 0.5, "accuracy": 0.25}}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def show(out: io.StringIO) -> str:
    with TrainingDisplay(out) as display:
        for epoch in range(1, EPOCHS + 1):
            display.show(msgspec.structs.replace(PROGRESS, epoch=epoch))
            ended = m.EpochEnded(
                run="r", stage="train", epoch=epoch, step=5 * epoch, learning_rate=0.1,
                samples_per_second=100.0, metrics=METRICS, best=epoch == EPOCHS,
            )  # fmt: skip
            display.show(ended)
        display.show(m.TrainingState(run="r", state="stopped", message="No improvement for 5 epochs."))
    return out.getvalue()


def test_plain_lines_share_short_epochs_and_always_show_the_last() -> None:
    lines = show(io.StringIO()).splitlines()
    assert lines[0] == (
        "epoch  1/20  |  train: loss 0.2500, accuracy 0.5000  |  validation: loss 0.5000, accuracy 0.2500"
    )
    assert len(lines) < EPOCHS
    assert lines[-2].startswith("epoch 20/20")
    assert lines[-2].endswith("(best)")
    assert lines[-1] == "No improvement for 5 epochs."
    assert not any("\r" in line for line in lines)


def test_long_epochs_have_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_INTERVAL_SECONDS", 0.0)
    assert len(show(io.StringIO()).splitlines()) == EPOCHS + 1


def test_a_terminal_gets_a_bar_as_well() -> None:
    shown = show(Terminal())
    assert "\repoch 1/20" in shown
    assert "samples/s" in shown
    assert "epoch 20/20  |  train: loss" in shown


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.96512, "0.9651"), (1.0, "1.0000"), (12.3456, "12.346"), (-0.92537, "-0.9254"), (float("nan"), "nan"), (1234.5, "1234.5"), (9.5e-7, "9.5e-07"), (2e9, "2e+09"), (0.0, "0.0000")],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_metrics_that_a_row_lacks_stay_empty() -> None:
    text = metrics_table({"this run": {"loss": 0.5, "accuracy": 1.0}, "majority": {"accuracy": 0.25}})
    assert text.splitlines() == [
        "            loss  accuracy",
        "this run  0.5000    1.0000",
        "majority            0.2500",
    ]


def test_json_holds_no_nan() -> None:
    assert json_line({"a": [float("nan"), (float("inf"), 1.5)], "é": None}) == (
        '{"a": [null, [null, 1.5]], "é": null}'
    )


@pytest.mark.parametrize("out", [io.StringIO(), Terminal()])
def test_stages_are_named_as_they_begin(out: io.StringIO) -> None:
    with TrainingDisplay(out) as display:
        for number, stage in enumerate(("centres", "readout"), 1):
            for batch in (3, 5):
                told = {"stage": stage, "stage_number": number, "stages": 2, "batch": batch}
                display.show(msgspec.structs.replace(PROGRESS, **told))
    lines = out.getvalue().replace("\r", "\n").splitlines()
    assert [line for line in lines if line.startswith("stage")] == [
        "stage 1/2: centres",
        "stage 2/2: readout",
    ]
