"""Guides and pages of kinds."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication

from nodeforge import catalog
from nodeforge.ui.help import guides, kind_page


@pytest.mark.parametrize("kind", catalog.kinds().values(), ids=lambda kind: kind.name)
def test_a_kind_tells_all_it_declares(qapp: QApplication, kind: catalog.Kind) -> None:
    document = QTextDocument()
    document.setMarkdown(kind_page(kind))
    text = document.toPlainText()
    assert text.startswith(kind.label)
    for parameter in kind.parameters:
        assert parameter.name in text
    for port in (*kind.inputs, *kind.outputs):
        assert port.name in text


@pytest.mark.parametrize("guide", guides(), ids=lambda path: path.stem)
def test_links_between_guides_lead_somewhere(guide) -> None:  # type: ignore[no-untyped-def]
    text = guide.read_text("utf-8")
    assert text.startswith("# ")
    pages = {path.stem for path in guides()} | {f"kind:{name}" for name in catalog.kinds()}
    links = re.findall(r"\]\(([^)]+)\)", text)
    inner = {link.removesuffix(".md") for link in links if not link.startswith("http")}
    assert inner <= pages
