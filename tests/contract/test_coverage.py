"""Nothing that torch.nn has is left out without a reason, and the help says so."""

from __future__ import annotations

import pytest
from contract import torch_coverage as coverage

NAMES = coverage.documented()


@pytest.mark.parametrize("name", NAMES)
def test_a_class_is_covered_or_has_a_reason(name: str) -> None:
    assert bool(coverage.covering(name)) != bool(coverage.reason(name))


@pytest.mark.parametrize("name", [name for name in NAMES if coverage.covering(name)])
def test_every_constructor_argument_is_declared_or_has_a_reason(name: str) -> None:
    assert coverage.unsaid(name, NAMES[name]) == []


@pytest.mark.parametrize("name", [name for name in NAMES if coverage.covering(name)])
def test_every_input_of_forward_has_a_port_or_a_reason(name: str) -> None:
    assert coverage.unwired(name, NAMES[name]) == []


def test_reasons_are_for_what_torch_has() -> None:
    assert coverage.ELSEWHERE.keys() <= NAMES.keys()


def test_the_help_shows_the_table_as_it_is_now() -> None:
    text = coverage.PAGE.read_text("utf-8")
    assert coverage.page(text) == text, "run: python -m contract.torch_coverage (in tests)"
