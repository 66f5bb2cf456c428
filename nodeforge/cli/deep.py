"""The deep check on the command line: what only the running network can tell, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.document import Document
from nodeforge.core.errors import UserError, one_line
from nodeforge.engine.messages import DeepChecked
from nodeforge.session.jobs import Jobs

_WORDS = {"held": "ok", "broken": "broken", "skipped": "skipped", "unfinished": "not finished"}


def try_out(document: Document, folder: Path, *, causal: bool, limit_s: float) -> DeepChecked:
    """Run the deep check."""
    with Jobs() as jobs:
        return jobs.deep_check(document, folder, causal=causal, limit_s=limit_s)


def deep_record(checked: DeepChecked) -> dict[str, Any]:
    """The result as plain data, but for its findings."""
    outcomes = {verdict.outcome for verdict in checked.verdicts}
    return {
        "ok": outcomes <= {"held", "skipped"},
        "finished": "unfinished" not in outcomes,
        "seconds": checked.seconds,
        "device": checked.device,
        "checks": [
            {
                "check": verdict.check,
                "title": verdict.title,
                "outcome": verdict.outcome,
                "note": verdict.note,
                "seconds": verdict.seconds,
            }
            for verdict in checked.verdicts
        ],
    }


def deep_text(checked: DeepChecked, findings: Iterable[Diagnostic]) -> str:
    """The result as people read it: each property, then what is wrong."""
    lines = [f"\nDeep check on the {checked.device}: {checked.seconds:.1f} s"]
    for verdict in checked.verdicts:
        lines.append(f"  {_WORDS[verdict.outcome]:<12}  {verdict.title} ({verdict.seconds:.2f} s)")
        if verdict.note:
            lines.append(f"{'':<16}{verdict.note}")
    for finding in findings:
        lines.append(f"{finding.severity}: {one_line(finding.message)}")
        lines += [f"  fix: {fix.label}" for fix in finding.fixes]
    return "\n".join(lines)


def require_sound(findings: Iterable[Diagnostic]) -> None:
    """Let a deep check without errors pass.

    Raises:
        UserError: The first of its errors.
    """
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise UserError(finding.message, node=finding.node)
