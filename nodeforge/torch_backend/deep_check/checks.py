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
from nodeforge.torch_backend.deep_check.failing import RUN_ERRORS, failure
from nodeforge.torch_backend.deep_check.subject import Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Outcome, Verdict, skipped

_CHECKS: Mapping[str, ModuleType] = {
    "runs": running,
    "independent": independence,
    "causal": causality,
    "gradients": gradients,
    "modes": modes,
    "repeatable": repeating,
    "scale": scales,
}
_FAILURES = ("cannot-run", "shape-differs")
TITLES: Mapping[str, str] = {name: module.TITLE for name, module in _CHECKS.items()}


class EndedError(Exception):
    """The check must not go on: its text says why."""


def deep_check(subject: Subject) -> Iterator[Verdict]:
    """One verdict after the other."""
    ended, has_failed = "", False
    for name, module in _CHECKS.items():
        started = time.perf_counter()
        try:
            answer = _unfinished(ended) if ended else module.check(subject)
        except EndedError as error:
            ended = str(error)
            answer = _unfinished(ended)
        except RUN_ERRORS as error:
            # What does not run at all was told by the first check.
            answer = (
                skipped("The network must run first.")
                if has_failed
                else failure(subject, error, "while it is tried")
            )
        has_failed = has_failed or any(finding.code in _FAILURES for finding in answer.findings)
        yield Verdict(check=name, title=module.TITLE, answer=answer, seconds=time.perf_counter() - started)


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
