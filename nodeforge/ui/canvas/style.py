"""Colours and measures of the canvas, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QFontDatabase

from nodeforge.ui import theme

NODE_WIDTH = 160.0
NODE_HEIGHT = 56.0
"""Height of a node with at most one port on each side; its ports sit in the middle."""
HEADER_HEIGHT = 50.0
PORT_ROW = 20.0
PORT_COLUMN = 64.0
PORT_LINE = 15.0
"""Height of the names of ports on the upper or lower edge."""
SMALL_WIDTH, SMALL_HEIGHT = 116.0, 26.0
"""Size of a node that is drawn as small as can be."""
SMALL_STRIP = 9.0
SMALL_PITCH = 8.0
"""How far its ports are apart."""
CORNER = 8.0
STRIP = 38.0
"""Width of the coloured field with the kind's glyph."""
PORT_RADIUS = 5.0
PORT_REACH = 11.0
"""How near a port the pointer must be, in canvas units."""
BADGE_RADIUS = 8.0
BADGE_INSET = (6.0, 4.0)
"""From a node's upper right corner to the middle of its badge."""
WIRE_WIDTH = 2.0
WIRE_REACH = 7.0
"""How near a wire the pointer must be, in pixels on the screen."""
DOT_RADIUS = 2.6
GRID = 20.0

MIN_ZOOM, MAX_ZOOM = 0.02, 4.0
FLAT_BELOW = 0.20
"""Below this zoom nodes are flat rectangles."""
TEXT_FROM = 0.26
"""From this zoom on nodes carry their names."""
MOST_TEXTS = 200
"""With more nodes than this in view they carry no texts, so that a frame stays short."""
LEAST_TITLE_PX = 9.0
"""Names are written larger where they would be smaller than this on the screen."""
DOTS_FROM = 0.45
"""From this zoom on the bends of wires are seen and can be taken hold of."""
SHAPES_FROM = 0.62
"""From this zoom on wires carry their shapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasPalette:
    """What is painted in which colour, for one theme."""

    dark: bool
    background: QColor
    grid: QColor
    node: QColor
    idle: QColor
    """Body of a node that is muted."""
    border: QColor
    title: QColor
    text: QColor
    wire: QColor
    integers: QColor
    """Wires of whole numbers (labels, tokens)."""
    booleans: QColor
    unknown: QColor
    selection: QColor
    hover: QColor
    lit: QColor
    error: QColor
    warning: QColor
    legal: QColor
    shadow: QColor
    heat: QColor
    """Veil over nodes that are coloured by a number, at its strongest."""
    label: QColor
    """Ground of the shapes written on wires."""

    def category(self, name: str) -> QColor:
        """The colour of a group of kinds, the same as in the layer palette."""
        return theme.category_color(name, self.dark)


LIGHT = CanvasPalette(
    dark=False,
    background=QColor("#f3f4f7"),
    grid=QColor("#d3d7df"),
    node=QColor("#ffffff"),
    idle=QColor("#e4e7ec"),
    border=QColor("#c9ced8"),
    title=QColor("#1b2330"),
    text=QColor("#667083"),
    wire=QColor("#8590a3"),
    integers=QColor("#c28a1e"),
    booleans=QColor("#c0539a"),
    unknown=QColor("#b9c0cc"),
    selection=QColor("#2f6fed"),
    hover=QColor("#8fb2f5"),
    lit=QColor("#16a37b"),
    error=QColor("#d92d3a"),
    warning=QColor("#d97d06"),
    legal=QColor("#16935f"),
    shadow=QColor(20, 30, 50, 62),
    heat=QColor("#e8590c"),
    label=QColor(243, 244, 247, 225),
)

DARK = CanvasPalette(
    dark=True,
    background=QColor("#15181e"),
    grid=QColor("#2a303a"),
    node=QColor("#242a34"),
    idle=QColor("#1b1f27"),
    border=QColor("#3d4554"),
    title=QColor("#eef1f6"),
    text=QColor("#9aa4b5"),
    wire=QColor("#76829a"),
    integers=QColor("#d6a74a"),
    booleans=QColor("#d97fba"),
    unknown=QColor("#4b5363"),
    selection=QColor("#5b9dff"),
    hover=QColor("#47648f"),
    lit=QColor("#37d3a2"),
    error=QColor("#ff5f69"),
    warning=QColor("#f6a92b"),
    legal=QColor("#3ecf8e"),
    shadow=QColor(0, 0, 0, 150),
    heat=QColor("#f0701f"),
    label=QColor(21, 24, 30, 225),
)


def palette_for(dark: bool) -> CanvasPalette:
    """The colours of a theme."""
    return DARK if dark else LIGHT


def font(pixels: float, *, strong: bool = False) -> QFont:
    """The interface font at a size in canvas units."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    made.setPixelSize(round(pixels))
    made.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made
