"""Colours that can be read, and icons that follow them."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from nodeforge import catalog
from nodeforge.project.shipped import resources
from nodeforge.ui import theme
from nodeforge.ui.icons import icon
from nodeforge.ui.places import PLACES


def luminance(color: QColor) -> float:
    """Relative luminance as WCAG 2.1 defines it."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = color.redF(), color.greenF(), color.blueF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio as WCAG 2.1 defines it, from 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *(
            (ink, ground)
            for ink in ("text", "muted", "error", "accent")
            for ground in ("window", "base", "raised")
        ),
        ("text", "selection"),
        ("text", "error_fill"),
        ("text", "warning_fill"),
        ("error", "error_fill"),
        ("on_accent", "accent"),
        *((f"code_{part}", "base") for part in ("keyword", "string", "number", "comment", "name")),
        *((f"code_{part}", "code_line") for part in ("keyword", "string", "number", "comment", "name")),
    ],
)
def test_text_can_be_read(dark: bool, ink: str, ground: str) -> None:
    shown = theme.load(dark)
    assert contrast(shown.color(ink), shown.color(ground)) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_every_category_has_a_colour_of_its_own(dark: bool) -> None:
    colors = [theme.category_color(category, dark).name() for category in catalog.CATEGORIES]
    assert len(colors) == len(set(colors))


def test_both_themes_name_the_same_colours() -> None:
    assert theme.load(True).colors.keys() == theme.load(False).colors.keys()
    assert theme.load(True).categories.keys() == theme.load(False).categories.keys()


def test_the_style_sheet_uses_no_unknown_name() -> None:
    text = (resources() / "themes" / "window.qss").read_text("utf-8")
    assert set(re.findall(r"\{(\w+)\}", text)) <= theme.load(False).colors.keys() | {"icons"}


def test_every_category_and_panel_has_a_drawing() -> None:
    names = {path.stem for path in (resources() / "icons").glob("*.svg")}
    assert {f"category-{category.lower()}" for category in catalog.CATEGORIES} <= names
    assert {place.sign for place in PLACES} <= names


def test_an_icon_takes_the_colour_of_the_theme_that_is_shown(qapp: QApplication) -> None:
    drawn = icon("stop")
    for name in ("light", "dark"):
        theme.follow(qapp, name)
        middle = drawn.pixmap(QSize(32, 32)).toImage().pixelColor(16, 16)
        assert middle == theme.load(name == "dark").color("text")
