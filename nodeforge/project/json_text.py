"""The text of project files: strict JSON in, JSON that reads well in a diff out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from nodeforge.core.errors import UserError

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode

WIDTH = 110
"""A value below the levels that are always spread out stays on one line up to this many characters."""

_SPREAD = {"networks": 3, "data": 1, "recipe": 3}
"""How many levels of a top-level entry take a line an item, however short: adding one then adds a line."""


def format_json(project: Mapping[str, Any]) -> str:
    """The project as JSON text that ends with a newline."""
    entries = [
        f"  {_encode(key)}: {_format(value, 2, _SPREAD.get(key, 0))}" for key, value in project.items()
    ]
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _format(value: Any, indent: int, spread: int) -> str:
    is_leaf = not isinstance(value, (dict, list, tuple)) or not value
    if is_leaf or spread <= 0:
        line = _encode(value)
        if is_leaf or indent + len(line) <= WIDTH:
            return line
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        items = [
            f"{inner}{_encode(key)}: {_format(item, indent + 2, spread - 1)}" for key, item in value.items()
        ]
    else:
        items = [inner + _format(item, indent + 2, spread - 1) for item in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return first + "\n" + ",\n".join(items) + "\n" + " " * indent + last


def parse_json(data: bytes) -> dict[str, Any]:
    """Strict JSON: no duplicate keys, no NaN or infinity, valid text, an object on top.

    Raises:
        UserError: With the end of a sentence that begins with the file's name.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"it is not text (byte {error.start} is not UTF-8).") from None
    if not text.strip():
        raise UserError("it is empty.")
    try:
        raw = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_finite,
            parse_constant=_no_constant,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise UserError(f"it ends too early, in line {error.lineno}; a part of it is missing.") from None
        reason = error.msg[0].lower() + error.msg[1:]
        raise UserError(f"line {error.lineno}, column {error.colno} is not valid JSON ({reason}).") from None
    except RecursionError:
        raise UserError("its brackets are nested too deeply.") from None
    if not isinstance(raw, dict):
        raise UserError("it is JSON, but no NodeForge project.")
    if "\\ud" in text or "\\uD" in text:
        _check_surrogates(raw)
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise UserError(f'"{twice}" stands twice in the same place; remove or rename one.')
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UserError(f"the number {text} is too large.")
    return number


def _integer(text: str) -> int:
    if len(text) > 100:
        raise UserError(f"the number {text[:20]}… is too large.")
    return int(text)


def _no_constant(text: str) -> float:
    raise UserError(f"{text} is not a number that a project can hold.")


def _check_surrogates(raw: dict[str, Any]) -> None:
    try:
        json.dumps(raw, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UserError("one of its texts has half a character (a lone \\ud… escape).") from None
