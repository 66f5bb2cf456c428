"""Edits of the layers that a project brings itself."""

from __future__ import annotations

from collections.abc import Mapping

from nodeforge.core.changes import Change
from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits.values import Edit, SetCustom
from nodeforge.core.errors import EditError
from nodeforge.core.parameters import is_identifier


def set_custom(document: Document, codes: Mapping[str, CustomCode], change: Change) -> Edit:
    seen: dict[str, str] = {}
    for name in codes:
        if not is_identifier(name):
            raise EditError(
                f"{name!r} cannot name a layer: use letters, digits and _, starting with a letter "
                "(not a Python keyword), at most 64 characters."
            )
        other = seen.setdefault(name.lower(), name)  # their files differ on every system
        if other != name:
            raise EditError(f"The layers {other} and {name} differ in capitals alone: rename one.")
    inverse = SetCustom(dict(document.custom))
    if dict(codes) != document.custom:
        document.custom = dict(codes)
        change.settings.add("custom")
    return inverse
