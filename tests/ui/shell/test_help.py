"""Guides and pages of kinds."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication

from nodeforge import catalog
from nodeforge.ui.help import guides
from nodeforge.ui.kind_page import show_kind


@pytest.mark.parametrize("kind", catalog.kinds().values(), ids=lambda kind: kind.name)
def test_a_kind_tells_all_it_declares(qapp: QApplication, kind: catalog.Kind) -> None:
    document = QTextDocument()
    show_kind(document, kind)
    text = document.toPlainText()
    assert kind.label in text
    assert " ".join(kind.formula.split()) in " ".join(text.split())
    for parameter in kind.parameters:
        assert parameter.name in text
        assert parameter.type.summary in text
        assert parameter.doc.replace("`", "") in text
    for port in (*kind.inputs, *kind.outputs):
        assert port.name in text
        assert port.doc.replace("`", "") in text
    image = document.resource(QTextDocument.ResourceType.ImageResource, QUrl("picture:curve"))
    assert (image is not None) == (kind.curve is not None)


@pytest.mark.parametrize("guide", guides(), ids=lambda path: path.stem)
def test_links_between_guides_lead_somewhere(guide) -> None:  # type: ignore[no-untyped-def]
    text = guide.read_text("utf-8")
    assert text.startswith("# ")
    pages = {path.stem for path in guides()} | {f"kind:{name}" for name in catalog.kinds()}
    links = re.findall(r"\]\(([^)]+)\)", text)
    inner = {link.removesuffix(".md") for link in links if not link.startswith("http")}
    assert inner <= pages
