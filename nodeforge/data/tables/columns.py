"""Which column is what: guessed from its name and first values, unless the person has said so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError

ROLES = ("feature", "target", "ignore")
TYPES = ("number", "category")
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "?"})
"""Cells (trimmed, in lower case) that hold no value."""

_TARGET_NAMES = frozenset({"target", "label", "class", "y", "species", "category", "outcome"})
_ROW_NAMES = frozenset({"id", "index", "row", "unnamed: 0", ""})
_MOST_CLASS_NUMBERS = 20
_COMMA_NUMBER = re.compile(r"\s*[-+]?\d+,\d+\s*")


def is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def number(cell: str, *, comma: bool = False) -> float | None:
    """The cell's number, or None."""
    try:
        return float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        return None


def writes_commas(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the rows' numbers have a comma before their decimals: some do, and none has a point."""
    cells = [cell for row in rows for cell in row]
    return any(_COMMA_NUMBER.fullmatch(cell) for cell in cells) and not any(
        "." in cell and number(cell) is not None for cell in cells
    )


def plan_columns(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    place: str,
    target: str = "",
    wishes: Sequence[Column] = (),
    comma: bool = False,
) -> tuple[list[Column], list[str]]:
    """Role and type of every column, and sentences on what was guessed.

    Args:
        names: The header; "" for a column without a name.
        rows: The first rows.
        place: The file's name, for errors.
        target: The column to predict, or "" to guess it.
        wishes: What the person has set; the rest is guessed.
        comma: Whether decimals follow a comma.

    Raises:
        UserError: A wish names a column that is not there, or a role or type that does not exist.
    """
    wished = _wished(names, wishes, place)
    _check_target(target, names, wishes, place)
    cells = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    types = {
        name: wished[name].type if name in wished else guessed_type(cells[name], comma) for name in names
    }
    roles = {name: column.role for name, column in wished.items()} | ({target: "target"} if target else {})
    notes = []
    for name in names:
        if name not in roles and _tells_nothing(name, cells[name], types[name]):
            roles[name] = "ignore"
            notes.append(f"Column {name or 'without a name'} is left out: it numbers or names the rows.")
    if "target" not in roles.values():
        guess = _likely_target([name for name in names if name not in roles])
        if guess:
            roles[guess] = "target"
            notes.append(f"Column {guess} is taken as the target; choose another under data if it is not.")
        else:
            notes.append("No column is the target: only networks that need none can learn from this table.")
    for name in names:
        guessed_number = roles.get(name) == "target" and name not in wished and types[name] == "number"
        if guessed_number and _counts_classes(cells[name], comma):
            types[name] = "category"
    return [Column(name=name, role=roles.get(name, "feature"), type=types[name]) for name in names], notes


def _check_target(target: str, names: Sequence[str], wishes: Sequence[Column], place: str) -> None:
    """
    Raises:
        UserError: There is no such column, or another is the target as well.
    """
    if not target:
        return
    if target not in names:
        raise UserError(f"{place} has no column {target}: choose the target among {_list(names)}.")
    rivals = [column.name for column in wishes if column.role == "target" and column.name != target]
    if rivals:
        raise UserError(
            f"The target of {place} is set twice, to {target} and to {_list(rivals)}: "
            "clear data.target, or give the other another role."
        )


def _likely_target(names: Sequence[str]) -> str:
    """The column whose name says so, else the last; "" when no feature would be left."""
    if len(names) < 2:
        return ""
    return next((name for name in names if name.lower() in _TARGET_NAMES), names[-1])


def _wished(names: Sequence[str], wishes: Sequence[Column], place: str) -> Mapping[str, Column]:
    for column in wishes:
        if column.name not in names:
            raise UserError(
                f"{place} has no column {column.name}: take it out of the data settings, "
                f"or choose among {_list(names)}."
            )
        if column.role not in ROLES:
            raise UserError(
                f"Column {column.name} has the role {column.role!r}: it must be one of {', '.join(ROLES)}."
            )
        if column.type not in TYPES:
            raise UserError(
                f"Column {column.name} has the type {column.type!r}: it must be one of {', '.join(TYPES)}."
            )
    return {column.name: column for column in wishes}


def _list(names: Sequence[str]) -> str:
    """The first names in words."""
    shown = [name for name in names if name][:12]
    return ", ".join(shown) + (", …" if len(names) > len(shown) else "")


def guessed_type(cells: Sequence[str], comma: bool) -> str:
    """A number when most values are: a stray text among numbers is a fault to report, not a category."""
    known = [cell for cell in cells if not is_missing(cell)]
    numbers = sum(number(cell, comma=comma) is not None for cell in known)
    return "number" if 2 * numbers > len(known) or not known else "category"


def _tells_nothing(name: str, cells: Sequence[str], type_: str) -> bool:
    """Whether the column only numbers or names the rows."""
    distinct = len(set(cells)) == len(cells)
    if name.strip().lower() in _ROW_NAMES and (distinct or all(map(is_missing, cells))):
        return True
    return type_ == "category" and distinct and len(cells) >= 20


def _counts_classes(cells: Sequence[str], comma: bool) -> bool:
    """Whether numbers to predict are class numbers: few whole ones, each of them several times."""
    known = [cell for cell in cells if not is_missing(cell)]
    values = {number(cell, comma=comma) for cell in known}
    return len(values) <= min(_MOST_CLASS_NUMBERS, len(known) // 2) and all(
        value is not None and value.is_integer() for value in values
    )
