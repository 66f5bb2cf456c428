"""The checker: specs along the wires, then the rules. What an edit did not touch is not computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nodeforge.analysis.evaluation import Evaluator, Oracle
from nodeforge.analysis.network_memory import Context, NetworkMemory, Steps, answers
from nodeforge.analysis.report import Report
from nodeforge.analysis.rules import DOCUMENT_RULES, TEACHING_RULES
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind
from nodeforge.catalog.networks import reachable
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.document import Document
from nodeforge.core.expressions import scope_of
from nodeforge.core.specs import DataFacts

_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}


class Checker:
    """Checks a document again and again while it is edited. Belongs to one thread.

    Args:
        oracle: Answers for kinds without a shape rule; their outputs stay unknown without it.
        catalog: Node kinds by name; all there are when None.
    """

    def __init__(self, oracle: Oracle | None = None, catalog: Mapping[str, Kind] | None = None) -> None:
        self._evaluator = Evaluator(kinds() if catalog is None else catalog, oracle)
        self._networks: dict[str, NetworkMemory] = {}
        self._outdated: frozenset[str] = frozenset()
        """Networks and layers that mean something else than at the last check that came to its end."""
        self._of_teaching: tuple[Diagnostic, ...] = ()
        self._taught: object = None
        """What the findings on who teaches whom depend on, as it was when they were found."""

    def check(self, document: Document, facts: DataFacts | None = None) -> Report:
        """The findings on the document as it is now."""
        steps = self.checking(document, facts)
        try:
            while True:
                next(steps)
        except StopIteration as done:
            report: Report = done.value
            return report

    def checking(self, document: Document, facts: DataFacts | None = None) -> Steps[Report]:
        """The same in steps of a few milliseconds at most, so that whoever must not be held up can do it bit by bit.

        When the document comes to mean something else in between, the rest is to be given up: the next check goes on
        from there.
        """
        self._networks = {
            name: self._networks.get(name) or NetworkMemory(self._evaluator) for name in document.networks
        }
        order, changed = self._evaluator.renew(document)
        self._outdated |= changed
        yield
        used = reachable(document, document.main)
        scope = document.scope
        for name in order:  # what stands in others first
            graph = document.networks[name]
            is_main = name == document.main
            # Only the main network is fed by the data.
            context = Context(facts if is_main else None, is_main, name in used)
            inner = scope_of(graph.parameters, scope)[0]
            yield from self._networks[name].update(graph, inner, self._outdated, context)
        self._outdated = frozenset()
        reports = {name: self._networks[name].report() for name in document.networks}
        yield
        of_document = yield from answers(DOCUMENT_RULES, document, facts, reports)
        taught = (document.main, self._networks[document.main].stamp, document.recipe)
        if taught != self._taught:
            self._of_teaching = yield from answers(TEACHING_RULES, document, facts, reports)
            self._taught = taught
        found = [*of_document, *self._of_teaching]
        for name, graph in document.networks.items():
            findings = self._networks[name].findings(graph)
            found += findings if name in used else map(_for_later, findings)
        found.sort(key=lambda finding: _SEVERITIES[finding.severity])
        return Report(diagnostics=tuple(found), networks=reports)


def check(document: Document, facts: DataFacts | None = None, oracle: Oracle | None = None) -> Report:
    """Check a document once.

    Args:
        document: What is checked.
        facts: What the data holds; None when unknown, and then nothing is said about the data.
        oracle: Answers for kinds without a shape rule: the project's own layers.
    """
    return Checker(oracle).check(document, facts)


def _for_later(finding: Diagnostic) -> Diagnostic:
    """What is wrong in a network that nothing uses: it keeps nothing from running."""
    severe = finding.severity is Severity.ERROR
    return replace(finding, severity=Severity.WARNING) if severe else finding
