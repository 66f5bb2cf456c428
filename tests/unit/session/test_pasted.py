"""Nodes in texts that have been somewhere else."""

from __future__ import annotations

import pytest

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, apply
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Node
from nodeforge.session.clipboard import copy_text, paste_edits
from nodeforge.session.pasted import project_in


@pytest.fixture
def text() -> str:
    document = Document()
    apply(document, AddNode("main", Node(name="fc", kind="Linear", parameters={"out_features": 3})))
    return copy_text(document, "main", ["fc"])


def _pasted(text: str) -> list[str]:
    edit = paste_edits(Document(), "main", text, (0.0, 0.0))
    return [each.node.kind for each in edit.edits if isinstance(each, AddNode)]


@pytest.mark.parametrize(
    "wrapped",
    [
        "{}",
        "\ufeff\n{}\n",
        "Sure! Here is a layer for {{you}}:\n```json\n{}\n```\nPaste it with Ctrl+V.",
        'First {{"a": 1}} is not it, this is: {} and {{"b": 2}} neither.',
    ],
)
def test_what_stands_around_does_not_matter(text: str, wrapped: str) -> None:
    assert _pasted(wrapped.format(text)) == ["Linear"]


def test_a_quoted_letter_is_read(text: str) -> None:
    letter = "\n".join(["On Monday you wrote:", *(f"> {line}" for line in text.splitlines()), "Nice."])
    assert _pasted(letter) == ["Linear"]


def test_beautiful_quotation_marks_are_read(text: str) -> None:
    assert _pasted("Here: " + text.replace('"', "”")) == ["Linear"]


def test_a_text_without_nodes_is_told_in_a_sentence() -> None:
    with pytest.raises(UserError, match="There are no nodes in this text"):
        _pasted("a shopping list: eggs, {milk}")


def test_a_project_cut_short_tells_that_it_is_broken(text: str) -> None:
    with pytest.raises(UserError, match="This text cannot be opened"):
        _pasted("Here it is: " + text[: len(text) // 2])


def test_braces_without_end_hold_nobody_up() -> None:
    assert project_in("schema_version " + '{"a":' * 100_000) != ""
