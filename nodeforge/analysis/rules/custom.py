"""Layers of the project's own that cannot be used: their code is broken, or nobody has trusted it yet."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.custom import CustomKind
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.graph import Node


def broken_code(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """The file is missing, or holds no layer of that name."""
    own = view.evaluator.custom.get(node.kind)
    if isinstance(own, str) and node.kind not in view.catalog:
        yield view.finding(
            "custom-broken",
            Severity.ERROR,
            f"{node.name}: {own}",
            reason="A layer of your own is a class in a file of the project; its text tells which ports it has.",
            node=node.name,
        )


def untrusted_code(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Code that came with the project, or was changed, and that the person has not read yet."""
    own = view.catalog.get(node.kind)
    if isinstance(own, CustomKind) and not own.trusted:
        yield view.finding(
            "custom-untrusted",
            Severity.ERROR,
            f"{node.name} is off, since its code in {own.file} is not trusted on this machine: read it, then trust "
            "it in the inspector or with `nodeforge trust`.",
            reason="Code can do anything that you can do on this computer, so none runs before you agreed to it. "
            "After a change it is off again.",
            node=node.name,
        )


NODE_RULES = (broken_code, untrusted_code)
