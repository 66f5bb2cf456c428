"""How a training shows itself: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, TextIO

from nodeforge.cli.text import number
from nodeforge.engine import messages as m

LINE_INTERVAL_SECONDS = 0.5
"""Short epochs share a line: at most one in this time, but always the last."""

_SHOWN_METRICS = 3


class TrainingDisplay:
    """Shows the events of one run. Use it in a `with` block."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._bar: Any = None
        self._epochs = 0
        self._stage = ""
        self._printed_at = float("-inf")

    def __enter__(self) -> TrainingDisplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, event: m.Event) -> None:
        """Draw what an event tells."""
        match event:
            case m.Progress():
                self._epochs = event.epochs
                self._enter(event)
                self._move_bar(event)
            case m.EpochEnded():
                self._print_epoch(event)
            case m.TrainingState(state="finished" | "stopped", message=message) if message:
                self._print(message)

    def _enter(self, event: m.Progress) -> None:
        """Say which stage begins, where there are several; each has a bar of its own."""
        if event.stage == self._stage:
            return
        self._stage = event.stage
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if event.stages > 1:
            self._print(f"stage {event.stage_number}/{event.stages}: {event.stage}")

    def _move_bar(self, event: m.Progress) -> None:
        if not self._out.isatty():
            return
        if self._bar is None:
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # its thread would outlive the bar
            self._bar = tqdm(
                total=event.epochs * event.batches,
                file=self._out,
                unit="batch",
                leave=False,
                dynamic_ncols=True,
                bar_format="{desc} {bar} {n_fmt}/{total_fmt} [{elapsed}<{remaining}]{postfix}",
            )
        self._bar.set_description_str(f"epoch {event.epoch}/{event.epochs}", refresh=False)
        self._bar.set_postfix_str(f"{event.samples_per_second:,.0f} samples/s", refresh=False)
        self._bar.update((event.epoch - 1) * event.batches + event.batch - self._bar.n)

    def _print_epoch(self, event: m.EpochEnded) -> None:
        now = time.monotonic()
        if now - self._printed_at < LINE_INTERVAL_SECONDS and event.epoch != self._epochs:
            return
        self._printed_at = now
        parts = [f"epoch {event.epoch:>{len(str(self._epochs))}}/{self._epochs or '?'}"]
        for split, metrics in event.metrics.items():
            shown = list(metrics.items())[:_SHOWN_METRICS]
            parts.append(f"{split}: " + ", ".join(f"{name} {number(value)}" for name, value in shown))
        self._print("  |  ".join(parts) + ("  (best)" if event.best else ""))

    def _print(self, line: str) -> None:
        if self._bar is not None:
            self._bar.write(line, file=self._out)
        else:
            print(line, file=self._out, flush=True)
