"""Nodes as text that has been through a chat, a mail or a document: the project file in it is found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_TRIES = 200
"""So many braces are looked at; a text of nothing but braces must not hold anyone up."""
_QUOTED = re.compile(r"^\s*>[ \t]?", re.MULTILINE)
"""What mail programs put before the lines of a quoted letter."""
_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "\u00a0": " ", "\u200b": "", "\ufeff": ""})


def project_in(text: str) -> str:
    """The project file in a text, without what stands around it: greetings, Markdown fences, marks of quoting.

    Returns:
        "" when there is none; all of the text when there is one and it is broken, so that its fault can be told.
    """
    stripped = text.strip()
    if stripped.startswith("{") and stripped.endswith("}"):
        return stripped
    if "schema_version" not in text:
        return ""
    return next((found for variant in _variants(text) if (found := _object_in(variant))), stripped)


def _variants(text: str) -> Iterator[str]:
    """The text as it is, and as it was before it was quoted or its quotation marks were made beautiful."""
    yield text
    yield _QUOTED.sub("", text)
    yield _QUOTED.sub("", text).translate(_TYPOGRAPHIC)


def _object_in(text: str) -> str:
    """The first JSON object that calls itself a project; "" when there is none."""
    decoder, start = json.JSONDecoder(), -1
    for _ in range(_TRIES):
        start = text.find("{", start + 1)
        if start < 0:
            break
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if "schema_version" in found:
            return text[start:end]
        start = end - 1
    return ""
