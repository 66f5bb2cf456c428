"""Scripts from templates: our own text, from which lines are left out and in which literals are put."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template

_CONDITION = re.compile(r"  #\? (?P<terms>[\w ]+)$")


def render(template: str, values: Mapping[str, str], flags: Mapping[str, bool]) -> str:
    """The text of a script.

    A line that ends in `  #? a and not b` is kept where the flag a holds and b does not; then `$name` is replaced.
    Nothing in a value is replaced again. Functions that are left out leave no gap behind.

    Args:
        template: The text.
        values: By name, Python source to put in.
        flags: By name, whether it holds.
    """
    kept = (_kept(line, flags) for line in template.split("\n"))
    text = Template("\n".join(line for line in kept if line is not None)).substitute(values)
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip("\n") + "\n"


def _kept(line: str, flags: Mapping[str, bool]) -> str | None:
    """The line without its condition; None when that does not hold."""
    condition = _CONDITION.search(line)
    if condition is None:
        return line
    terms = condition["terms"].split(" and ")
    holds = all(flags[term.removeprefix("not ")] is not term.startswith("not ") for term in terms)
    return line[: condition.start()] if holds else None


def call(target: str, function: str, arguments: list[str], *, indent: int, width: int = 110) -> str:
    """`target = function(arguments)` on as few lines as fit into the width."""
    margin = " " * indent
    line = f"{margin}{target} = {function}({', '.join(arguments)})"
    if len(line) <= width:
        return line
    inner = f"{margin}    {', '.join(arguments)}"
    if len(inner) > width:
        inner = "\n".join(f"{margin}    {argument}," for argument in arguments)
    return f"{margin}{target} = {function}(\n{inner}\n{margin})"
