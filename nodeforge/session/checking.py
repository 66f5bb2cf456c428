"""Checking a project as a whole: the drawing, the data, and each against the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from nodeforge.analysis import Report, check
from nodeforge.catalog.custom import custom_kinds
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document
from nodeforge.core.edits import SetData
from nodeforge.core.errors import UserError
from nodeforge.core.specs import DataFacts


def check_project(document: Document, folder: Path) -> Report:
    """The checker's report with the data read; a fault in the data is one more diagnostic.

    Args:
        document: The project.
        folder: Where relative paths of its data start.
    """
    try:
        facts = facts_of(document, folder)
    except UserError as error:
        return with_data_fault(_check(document, None), document, str(error))
    return _check(document, facts)


def with_data_fault(report: Report, document: Document, sentence: str) -> Report:
    """A report that says as well why the data cannot be read."""
    fault = Diagnostic(
        code="data", severity=Severity.ERROR, message=sentence, fixes=tuple(_other_sources(document))
    )
    return replace(report, diagnostics=(fault, *report.diagnostics))


def _check(document: Document, facts: DataFacts | None) -> Report:
    if not custom_kinds(document):
        return check(document, facts)
    from nodeforge.session.jobs import Jobs

    with Jobs() as jobs:  # only an engine may run what a person wrote
        return check(document, facts, jobs.shapes)


def _other_sources(document: Document) -> Iterator[Fix]:
    """For a data source that there is not: those of a similar name."""
    from nodeforge.data import sources  # brings numpy

    data = document.data
    if data is None or data.source.kind in sources():
        return
    for name in get_close_matches(data.source.kind, sources(), n=2):
        source = replace(data.source, kind=name)
        yield Fix(label=f"Use {sources()[name].label}", edit=SetData(replace(data, source=source)))


def facts_of(document: Document, folder: Path) -> DataFacts | None:
    """What the project's data holds; None when it has no data.

    Raises:
        UserError: The data is at fault.
    """
    document = document.computed()
    if document.data is None:
        return None
    from nodeforge.data import load  # brings numpy

    return load(document.data, folder).facts


def require_ok(report: Report) -> None:
    """Let a report without errors pass.

    Raises:
        UserError: Something keeps the graph from running: the first fault, and how many there are.
    """
    errors = [diagnostic for diagnostic in report.diagnostics if diagnostic.severity == Severity.ERROR]
    if errors:
        others = f" ({len(errors) - 1} more; `nodeforge check` lists them.)" if len(errors) > 1 else ""
        raise UserError(f"{describe(report, errors[0])}{others}")


def describe(report: Report, diagnostic: Diagnostic) -> str:
    """What is wrong, in one line, with the network where there are several. The node is in the sentence."""
    if diagnostic.network and len(report.networks) > 1:
        return f"{diagnostic.network}: {diagnostic.message}"
    return diagnostic.message
