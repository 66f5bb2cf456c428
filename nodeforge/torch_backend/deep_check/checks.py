"""The deep check: every property tried on the running network, one after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

from nodeforge.torch_backend.deep_check import (
    causality,
    gradients,
    independence,
    modes,
    repeating,
    running,
    scales,
)
from nodeforge.torch_backend.deep_check.subject import Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Outcome, Verdict

_CHECKS: Mapping[str, ModuleType] = {
    "runs": running,
    "independent": independence,
    "causal": causality,
    "gradients": gradients,
    "modes": modes,
    "repeatable": repeating,
    "scale": scales,
}
TITLES: Mapping[str, str] = {name: module.TITLE for name, module in _CHECKS.items()}


class EndedError(Exception):
    """The check must not go on: its text says why."""


def deep_check(subject: Subject) -> Iterator[Verdict]:
    """One verdict after the other. A network that cannot run is not asked the rest."""
    ended = ""
    for name, module in _CHECKS.items():
        started = time.perf_counter()
        answer = _answer(module.check, subject) if not ended else _unfinished(ended)
        seconds = time.perf_counter() - started
        yield Verdict(check=name, title=module.TITLE, answer=answer, seconds=seconds)
        if answer.outcome is Outcome.UNFINISHED:
            ended = answer.note
        elif name == "runs" and answer.outcome is Outcome.BROKEN:
            ended = "The network must run first."


def _answer(check: Callable[[Subject], Answer], subject: Subject) -> Answer:
    try:
        return check(subject)
    except EndedError as ended:
        return _unfinished(str(ended))


def _unfinished(reason: str) -> Answer:
    return Answer(outcome=Outcome.UNFINISHED, note=reason)


class Deadline:
    """Ends a check when its time is over or somebody wishes so; give it to `Subject.tick`."""

    def __init__(self, limit_s: float, cancelled: Callable[[], bool]) -> None:
        self._end = time.perf_counter() + limit_s
        self._limit_s = limit_s
        self._cancelled = cancelled

    def __call__(self) -> None:
        """Raise when the check must end.

        Raises:
            EndedError: It must.
        """
        if self._cancelled():
            raise EndedError("Cancelled.")
        if time.perf_counter() > self._end:
            raise EndedError(f"Not finished within {self._limit_s:g} s.")
