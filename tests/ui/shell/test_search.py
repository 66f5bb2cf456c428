"""The ranking of searches."""

from __future__ import annotations

from nodeforge import catalog
from nodeforge.catalog.kind import Kind
from nodeforge.ui.search import ranked, score


def _found(query: str) -> list[str]:
    def words(kind: Kind) -> tuple[str, tuple[str, ...]]:
        return kind.label, kind.keywords

    return [kind.name for kind in ranked(query, catalog.kinds().values(), words)]


def test_the_name_itself_comes_before_longer_names() -> None:
    assert _found("relu")[0] == "ReLU"


def test_letters_in_order_find_a_name() -> None:
    assert "Conv2d" in _found("cv2")


def test_other_words_find_a_kind() -> None:
    assert "Linear" in _found("dense")


def test_nothing_answers_to_nonsense() -> None:
    assert _found("qqzz") == []


def test_a_beginning_beats_a_part_and_a_part_beats_scattered_letters() -> None:
    points = [
        score("net", "network"),
        score("net", "my net"),
        score("net", "sonnet"),
        score("net", "nice text"),
    ]
    assert None not in points
    assert points == sorted(points)  # type: ignore[type-var]
