"""What the command line tells of a project's data."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError, one_line
from nodeforge.core.specs import DataFacts
from nodeforge.session.checking import facts_of


def readable_data(document: Document, folder: Path) -> DataFacts | None:
    """What the data hold; None where there are none, or where they are at fault, which the check tells."""
    with contextlib.suppress(UserError):
        return facts_of(document, folder)
    return None


def data_record(facts: DataFacts | None) -> dict[str, Any] | None:
    """As `check --json` prints it."""
    if facts is None:
        return None
    return {"title": facts.title, "sizes": dict(facts.sizes), "notes": list(facts.notes)}


def data_text(facts: DataFacts) -> str:
    """Sizes of the splits, and everything that was done to the data."""
    splits = ", ".join(f"{name} {size:,}" for name, size in facts.sizes.items() if size)
    title = f"Data {one_line(facts.title)}: {sum(facts.sizes.values()):,} samples ({splits})"
    return "\n  ".join([title, *map(one_line, facts.notes)])
