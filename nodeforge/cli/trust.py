"""Reading and trusting the code that a project brings."""

from __future__ import annotations

import argparse

from nodeforge.catalog.custom import custom_faults
from nodeforge.core.errors import UserError
from nodeforge.project import files, trust
from nodeforge.session.custom_layers import untrusted

_WARNING = "Once trusted, it can do anything that you can do on this computer. None of it has run so far."


def trust_project(options: argparse.Namespace) -> int:
    """Show every text that is not trusted yet, and ask about each."""
    folder = files.project_folder(options.project)
    document = files.load(folder)
    for fault in custom_faults(document).values():
        print(fault)
    waiting = untrusted(document)
    if not waiting:
        print(
            "Nothing to trust: " + ("all its code is." if document.custom else "it has no layers of its own.")
        )
    for kind in waiting:
        print(f"{folder / kind.file}\nSHA-256 {kind.hash}\n\n{kind.text}\n{_WARNING}")
        if options.yes or _agreed(kind.name):
            trust.trust(kind.text, f"{kind.name} of {folder}")
            print(f"{kind.name} is trusted on this machine until its text changes.")
        else:
            print(f"{kind.name} stays off.")
    return 0


def _agreed(name: str) -> bool:
    try:
        return input(f"Trust the code of {name}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        raise UserError("Nobody is there to answer: read the code, then add --yes.") from None
