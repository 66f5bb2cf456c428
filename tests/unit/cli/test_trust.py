"""nodeforge trust: shows the code that a project brings, asks, and remembers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from custom_projects import SWISH, with_swish

from nodeforge.cli.run import run
from nodeforge.project import files, trust


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.save(with_swish(), tmp_path / "project")
    return tmp_path / "project"


@pytest.mark.parametrize(
    ("answer", "trusted"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False)]
)
def test_it_shows_place_hash_and_text_and_asks(
    folder: Path,
    answer: str,
    trusted: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert run(["trust", str(folder)]) == 0
    said = capsys.readouterr().out
    assert str(folder / "custom/Swish.py") in said
    assert trust.digest(SWISH) in said
    assert SWISH in said
    assert trust.is_trusted(trust.digest(SWISH)) is trusted


def test_without_anybody_to_answer_nothing_is_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run(["trust", str(folder)]) == 1
    assert "add --yes" in capsys.readouterr().err
    assert not trust.is_trusted(trust.digest(SWISH))


def test_check_refuses_until_it_is_trusted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(folder), "--json"]) == 1
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [d["code"] for d in record["diagnostics"] if d["severity"] == "error"] == ["custom-untrusted"]
    assert run(["trust", str(folder), "--yes"]) == 0
    assert run(["check", str(folder), "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["networks"]["main"]["nodes"]["relu1"]["outputs"]["output"]["shape"] == ["N", 16]
    assert run(["trust", str(folder)]) == 0
    assert "all its code is" in capsys.readouterr().out


def test_code_that_is_no_layer_is_never_offered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "custom" / "Swish.py").write_text("print('\x1b[2J')\n")
    assert run(["trust", str(folder), "--yes"]) == 0
    said = capsys.readouterr().out
    assert "cannot be seen (U+001B)" in said
    assert "\x1b" not in said
