"""Runs generated source, and finds the node behind an error in it."""

from __future__ import annotations

import linecache
from types import TracebackType
from typing import Any

from torch import nn

from nodeforge.compiler import Source
from nodeforge.core.errors import UserError
from nodeforge.project import trust

GENERATED = "nodeforge.generated"
"""What generated classes give as the name of their Python module."""


def build(source: Source) -> nn.Module:
    """The network as a module with fresh weights; it keeps what it was made of as `.source`.

    The text is registered with linecache, so that tracebacks show its lines.

    Raises:
        UserError: The source is not complete, or it holds code of a person's own that is not trusted here.
    """
    trust.require(source.custom)
    if source.missing:
        raise UserError(f"{source.class_name} cannot run yet: {', '.join(source.missing)} are not complete.")
    if not source.complete:
        raise UserError(
            f"{source.class_name} computes nothing yet: wire a layer to an Output node or a loss."
        )
    lines = source.text.splitlines(keepends=True)
    linecache.cache[source.filename] = (len(source.text), None, lines, source.filename)
    namespace: dict[str, Any] = {"__name__": GENERATED}
    exec(compile(source.text, source.filename, "exec", dont_inherit=True), namespace)
    module: nn.Module = namespace[source.class_name]()
    module.source = source  # type: ignore[assignment]
    return module


def node_of(error: BaseException | TracebackType | None, source: Source) -> str:
    """The node whose line of the source an error came through, or "" when it came from elsewhere."""
    traceback = error.__traceback__ if isinstance(error, BaseException) else error
    node = ""
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == source.filename:
            node = source.line_nodes.get(traceback.tb_lineno, node)
        traceback = traceback.tb_next
    return node
