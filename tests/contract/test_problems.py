"""Every code of the checker is explained in the help, with an example and a remedy, and nothing else is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import nodeforge
from nodeforge.project.shipped import resources

PACKAGE = Path(nodeforge.__file__).parent
FILES = [
    *sorted((PACKAGE / "analysis").rglob("*.py")),
    PACKAGE / "session" / "checking.py",
    *sorted((PACKAGE / "data").glob("*.py")),
]
FINDINGS = ("Diagnostic", "DataFinding")
ENTRIES = re.split(r"^### ", (resources() / "help" / "problems.md").read_text(encoding="utf-8"), flags=re.M)[
    1:
]


def _codes() -> set[str]:
    """Every code as a pattern: that of an f-string fits whatever is put in."""
    return {_pattern(code) for file in FILES for code in _given(ast.parse(file.read_text(encoding="utf-8")))}


def _given(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("finding", "ValueFault") and node.args:
                yield node.args[0]
            yield from (
                keyword.value for keyword in node.keywords if keyword.arg == "code" and name in FINDINGS
            )
        elif isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                target, value = target.elts[0], value.elts[0]
            if isinstance(target, ast.Name) and target.id == "code":
                yield value


def _pattern(code: ast.expr) -> str:
    if isinstance(code, ast.Constant):
        return str(code.value)
    if isinstance(code, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "[a-z]+" for part in code.values)  # type: ignore[misc]
    return ""  # a name: where it gets its value is found by itself


CODES = sorted(_codes() - {""})


def test_codes_are_found() -> None:
    assert {
        "shape-mismatch",
        "bias-before-norm",
        "unknown-[a-z]+",
        "sharing-size",
        "parameter-invalid",
    } <= set(CODES)
    assert len(CODES) > 60


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained(code: str) -> None:
    (entry, *_) = [text for text in ENTRIES if re.fullmatch(code, text.partition("\n")[0])] or [""]
    text = " ".join(entry.partition("\n## ")[0].split("\n")[1:])
    cause, _, rest = text.partition("*Example:*")
    example, _, remedy = rest.partition("*Remedy:*")
    assert all(len(part.strip()) > 5 for part in (cause, example, remedy)), (code, entry)


@pytest.mark.parametrize("name", [text.partition("\n")[0] for text in ENTRIES])
def test_what_is_explained_exists(name: str) -> None:
    assert any(re.fullmatch(code, name) for code in CODES)
