"""Colours of the window: light and dark, following the system or a preference.

There is no object that owns "the theme": the application's palette is the one truth, and everything
that draws asks for colours when it draws. Widgets that keep coloured things redo them on
`QEvent.Type.PaletteChange`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from nodeforge.project.shipped import resources

SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
"""What a person may prefer, and how Qt calls it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Named colours, as `#rrggbb`."""

    colors: Mapping[str, str]
    categories: Mapping[str, str]

    def color(self, name: str) -> QColor:
        return QColor(self.colors[name])


@lru_cache(maxsize=2)
def load(dark: bool) -> Theme:
    """The shipped theme."""
    path = resources() / "themes" / ("dark.json" if dark else "light.json")
    colors = json.loads(path.read_text("utf-8"))
    categories = colors.pop("categories")
    return Theme(colors, categories)


def is_dark() -> bool:
    """Whether the application is drawn dark now."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def current() -> Theme:
    return load(is_dark())


def color(name: str) -> QColor:
    """A named colour of the present theme."""
    return current().color(name)


def category_color(category: str, dark: bool | None = None) -> QColor:
    """The colour of a category of kinds, in the palette as on the canvas."""
    theme = load(is_dark() if dark is None else dark)
    return QColor(theme.categories.get(category, theme.colors["muted"]))


def follow(app: QApplication, preference: str) -> None:
    """Theme the application now, and again whenever the system's colour scheme changes."""
    app.setStyle("Fusion")
    prefer(app, preference)
    app.styleHints().colorSchemeChanged.connect(lambda _: _apply(app))


def prefer(app: QApplication, preference: str) -> None:
    """Follow the system or insist on a scheme (a key of `SCHEMES`)."""
    app.setProperty("theme", preference)
    app.styleHints().setColorScheme(SCHEMES.get(preference, Qt.ColorScheme.Unknown))
    _apply(app)


def _apply(app: QApplication) -> None:
    """Put the wanted theme into palette and style sheet. Not every platform lets itself be told a scheme."""
    wanted = SCHEMES.get(str(app.property("theme")), Qt.ColorScheme.Unknown)
    scheme = app.styleHints().colorScheme() if wanted == Qt.ColorScheme.Unknown else wanted
    theme = load(scheme == Qt.ColorScheme.Dark)
    if app.palette().color(QPalette.ColorRole.Window) != theme.color("window") or not app.styleSheet():
        # Replacing a sheet restyles every widget several times over: 700 ms, by way of none 150.
        app.setStyleSheet("")
        app.setPalette(_palette(theme))
        app.setStyleSheet(_style_sheet(theme))


def _style_sheet(theme: Theme) -> str:
    text = (resources() / "themes" / "window.qss").read_text("utf-8")
    names = {**theme.colors, "icons": (resources() / "icons").as_posix()}
    return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], text)


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    names = {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "base",
        role.AlternateBase: "window",
        role.Text: "text",
        role.Button: "raised",
        role.ButtonText: "text",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.PlaceholderText: "muted",
        role.Accent: "accent",
        role.Light: "raised",
        role.Midlight: "hover",
        role.Mid: "border",
        role.Dark: "border",
        role.BrightText: "error",
    }
    palette = QPalette()
    for each, name in names.items():
        palette.setColor(each, theme.color(name))
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, theme.color("muted"))
    return palette
