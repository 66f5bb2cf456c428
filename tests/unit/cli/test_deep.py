"""`nodeforge check --deep`, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drawings import drawing

from nodeforge.cli import main
from nodeforge.core.document import Document
from nodeforge.project import files

DECODER = """
    tokens = Input(shape=[7], dtype="int64")
    words = Embedding(num_embeddings=11, embedding_dim=8)
    first = MultiheadAttention(num_heads=2, causal=True)
    second = MultiheadAttention(num_heads=2)
    scores = Output()
    tokens -> words -> first -> second -> scores
"""


def saved(document: Document, folder: Path) -> str:
    files.save(document, folder)
    return str(folder)


def test_a_sound_project_is_told_property_by_property(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = files.copy_example("iris-mlp", tmp_path / "iris")
    assert main(["check", str(folder), "--deep"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(
        line.startswith("ok            Samples of a batch do not influence each other (") for line in lines
    )
    assert any(line.startswith("skipped       No output looks into the future (") for line in lines)
    assert "Of 4 samples of the data, one was changed: no answer for the others moved." in lines


def test_what_is_broken_is_an_error_with_its_fix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = saved(drawing(DECODER), tmp_path)
    assert main(["check", project, "--deep"]) == 1
    shown = capsys.readouterr()
    assert "broken        No output looks into the future" in shown.out
    assert "\nerror: second looks into the future: " in shown.out
    assert "\n  fix: Switch causal on" in shown.out
    assert shown.err.startswith("nodeforge: second looks into the future: ")
    assert main(["check", project]) == 0


def test_json_has_what_was_found_and_how_each_property_came_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", saved(drawing(DECODER), tmp_path), "--deep", "--json"]) == 1
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["ok"] is True  # of the drawing
    deep = record["deep"]
    assert (deep["ok"], deep["finished"]) == (False, True)
    outcomes = {entry["check"]: entry["outcome"] for entry in deep["checks"]}
    assert outcomes["causal"] == "broken"
    assert outcomes["independent"] == "held"
    (finding,) = deep["findings"]
    assert (finding["code"], finding["node"], finding["fixes"]) == (
        "looks-ahead",
        "second",
        ["Switch causal on"],
    )


def test_a_check_without_deep_says_nothing_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", saved(drawing(DECODER), tmp_path), "--json"]) == 0
    assert "deep" not in json.loads(capsys.readouterr().out.splitlines()[-1])


def test_what_is_not_done_in_time_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = saved(drawing(DECODER), tmp_path)
    assert main(["check", project, "--deep", "--limit", "0.000001", "--json"]) == 0
    deep = json.loads(capsys.readouterr().out.splitlines()[-1])["deep"]
    assert (deep["ok"], deep["finished"]) == (False, False)


def test_a_sequence_without_causal_layers_is_held_to_be_in_time_when_asked(tmp_path: Path) -> None:
    project = saved(drawing(DECODER.replace(", causal=True", "")), tmp_path)
    assert main(["check", project, "--deep"]) == 0
    assert main(["check", project, "--deep", "--causal"]) == 1


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "nan", "inf"])
def test_a_limit_that_is_none_is_a_mistake_of_usage(limit: str, tmp_path: Path) -> None:
    assert main(["check", str(tmp_path), "--deep", f"--limit={limit}"]) == 2
