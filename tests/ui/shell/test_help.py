"""Guides and pages of kinds."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument, QTextTable
from PySide6.QtWidgets import QApplication

from nodeforge import catalog
from nodeforge.ui import theme
from nodeforge.ui.actions import Actions
from nodeforge.ui.help import HelpWindow, guides
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
    pictures = {link for link in inner if link.startswith("images/")}
    assert inner - pictures <= pages
    assert all((guide.parent / picture).is_file() for picture in pictures)


def test_a_guide_shows_its_pictures_and_thin_lines_of_the_theme_around_cells(qtbot, qapp) -> None:  # type: ignore[no-untyped-def]
    window = HelpWindow(Actions([], qapp))
    qtbot.addWidget(window)
    window.show_page("canvas")
    page = window.browser.document()
    tables = [frame for frame in page.rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert tables
    for table in tables:
        assert table.format().borderCollapse()
        assert table.format().borderBrush().color() == theme.color("border")
    cursor = page.find("\N{OBJECT REPLACEMENT CHARACTER}")
    picture = cursor.charFormat().toImageFormat()
    shown = page.documentLayout().blockBoundingRect(cursor.block())
    assert picture.width() <= shown.width()
    assert shown.height() > 100  # a picture that is missing is drawn as a small sign
