"""ARCHITECTURE.md speaks of what there is: its code stands in the package, its paths exist, its names can be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
PACKAGE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "nodeforge").rglob("*.py")))
QUOTED = sorted(set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))))


@pytest.mark.parametrize(
    "code", re.findall(r"```python\n(.*?)\n```", TEXT, re.DOTALL), ids=lambda code: code[:20]
)
def test_examples_are_the_real_code(code: str) -> None:
    assert code in PACKAGE


@pytest.mark.parametrize("path", [word for word in QUOTED if re.fullmatch(r"[\w./]+/[\w.]*", word)])
def test_paths_exist(path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "nodeforge" / path).exists() or path.startswith("runs/")


@pytest.mark.parametrize(
    "name", [word for word in QUOTED if re.fullmatch(r"[a-zA-Z_]\w*(\.[a-zA-Z_]\w*)*(\(.*)?", word)]
)
def test_names_are_those_of_the_code(name: str) -> None:
    last = name.partition("(")[0].rpartition(".")[2]
    assert re.search(rf"\b{last}\b", PACKAGE) or (ROOT / "nodeforge" / last).is_dir(), name
