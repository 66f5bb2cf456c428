"""The page of a kind in the help window: what its declaration says, laid out, with its curve."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from html import escape

from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QImage, QTextDocument

from nodeforge.catalog.kind import ANY_DTYPE, FLOAT_DTYPES, INTEGER_DTYPES, Kind, Port
from nodeforge.core.parameters import Parameter
from nodeforge.core.specs import DTYPES
from nodeforge.ui import theme
from nodeforge.ui.icons import kind_icon
from nodeforge.ui.inspector.curve import CurveView

_GLYPH, _CURVE = QUrl("picture:glyph"), QUrl("picture:curve")
_GLYPH_PX = 40
_CURVE_SIZE = QSize(420, 220)
_SHARPNESS = 2
"""Pixels of a picture for one of the page, so that it is sharp on fine screens too."""


def show_kind(document: QTextDocument, kind: Kind) -> None:
    """Fill a document with the page of a kind, in the colours of the theme."""
    document.clear()
    document.setDefaultStyleSheet(_style())
    image = QTextDocument.ResourceType.ImageResource
    document.addResource(
        image, _GLYPH, kind_icon(kind).pixmap(QSize(_GLYPH_PX, _GLYPH_PX) * _SHARPNESS).toImage()
    )
    if kind.curve is not None:
        document.addResource(image, _CURVE, _drawn_curve(kind))
    document.setHtml(kind_page(kind))


def kind_page(kind: Kind) -> str:
    """What a kind's declaration says of it, as HTML that a text document understands."""
    parts = [_heading(kind), f"<p class='summary'>{escape(kind.summary)}</p>"]
    if kind.formula:
        parts.append(_box(f"<span class='formula'>{escape(kind.formula)}</span>"))
    if kind.doc:
        parts.append(f"<p>{_prose(kind.doc)}</p>")
    if kind.curve is not None:
        width, height = _CURVE_SIZE.width(), _CURVE_SIZE.height()
        parts.append(f"<div><img src='{_CURVE.toString()}' width='{width}' height='{height}'></div>")
    ports = [_port_row("in", port) for port in kind.inputs] + [_port_row("out", p) for p in kind.outputs]
    if ports:
        parts.append(_table("Ports", ("", "Name", "Carries", "Element type"), ports))
    if kind.parameters:
        rows = [_parameter_row(parameter) for parameter in kind.parameters]
        parts.append(_table("Parameters", ("Name", "Takes", "Default", "Meaning"), rows))
    if kind.derived:
        rows = [(_code(derived.name), _prose(derived.doc)) for derived in kind.derived]
        parts.append(_table("Follows from the input", ("Name", "Meaning"), rows))
    parts.append(_table("More", (), _more(kind)))
    return "\n".join(parts)


def _heading(kind: Kind) -> str:
    glyph = f"<img src='{_GLYPH.toString()}' width='{_GLYPH_PX}' height='{_GLYPH_PX}'>"
    words = f"<h1>{escape(kind.label)}</h1><span class='muted'>{escape(kind.category)}</span>"
    return f"<table><tr><td>{glyph}</td><td class='title'>{words}</td></tr></table>"


def _prose(text: str) -> str:
    """Text in which names of ports and parameters stand between backticks."""
    return re.sub("`([^`]+)`", lambda quoted: _code(html.unescape(quoted[1])), escape(text))


def _box(text: str) -> str:
    return f"<table class='box' width='100%' cellpadding='9' cellspacing='0'><tr><td>{text}</td></tr></table>"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A heading with rows of finished HTML below it."""
    first = "".join(f"<th align='left'>{head}</th>" for head in heads)
    lines = [f"<tr>{first}</tr>"] if heads else []
    lines += ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows]
    return (
        f"<p class='gap'>&nbsp;</p><h2>{title}</h2><table class='rows' width='100%' cellpadding='5' cellspacing='0'>"
        + "".join(lines)
        + "</table>"
    )


def _port_row(direction: str, port: Port) -> tuple[str, ...]:
    notes = [
        note
        for note, there in (("may stay unwired", port.optional), ("takes several wires", port.many))
        if there
    ]
    carries = _prose(port.doc) + (f"<span class='muted'> ({', '.join(notes)})</span>" if notes else "")
    dtypes = _dtypes(port.dtypes) if direction == "in" else ""
    return (f"<span class='muted'>{direction}</span>", _code(port.name), carries, dtypes)


def _dtypes(dtypes: frozenset[str]) -> str:
    """Element types in a few words."""
    words = {ANY_DTYPE: "any", FLOAT_DTYPES: "any float", INTEGER_DTYPES: "whole numbers"}
    return words.get(dtypes) or ", ".join(dtype for dtype in DTYPES if dtype in dtypes)


def _parameter_row(parameter: Parameter) -> tuple[str, ...]:
    takes = parameter.type.summary + (f" ({parameter.unit})" if parameter.unit else "")
    default = "must be set" if parameter.required else _code(_spelled(parameter.default))
    return (_code(parameter.name), escape(takes), default, _prose(parameter.doc))


def _spelled(value: object) -> str:
    """A default as a person would read it."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if value is None or isinstance(value, bool):
        return "yes" if value else "no" if value is False else "none"
    return str(value)


def _more(kind: Kind) -> list[tuple[str, str]]:
    """In code, how it learns, where it comes from, what else it is called."""
    rows = [("In the code", _code(kind.module))] if kind.module else []
    if kind.parameter_count is not None:
        rows.append(("Learns by", escape(", ".join(kind.rules))))
    if kind.blocks_gradient:
        rows.append(("Gradient", "None passes back through it."))
    if kind.source:
        address = kind.source.partition(",")[0]
        rows.append(("Source", f"<a href='{escape(address)}'>{escape(kind.source)}</a>"))
    if kind.keywords:
        rows.append(("Also found as", escape(", ".join(kind.keywords))))
    return rows


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _drawn_curve(kind: Kind) -> QImage:
    """The curve at the default parameters."""
    assert kind.curve is not None
    view = CurveView()
    view.resize(_CURVE_SIZE)
    view.show_curve(kind.curve, kind.complete({}))
    image = QImage(_CURVE_SIZE * _SHARPNESS, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_SHARPNESS)
    image.fill(theme.color("base"))
    view.render(image)
    return image


def _style() -> str:
    muted, box, border = (theme.color(name).name() for name in ("muted", "window", "border"))
    return f"""
        h1 {{ font-size: 20pt; margin: 0; }}
        h2 {{ font-size: 12pt; margin-top: 8px; margin-bottom: 4px; }}
        p {{ line-height: 135%; margin-top: 8px; margin-bottom: 8px; }}
        a {{ color: {theme.color("accent").name()}; }}
        .summary {{ font-size: 12pt; }}
        .muted {{ color: {muted}; }}
        .title {{ padding-left: 12px; }}
        .formula {{ font-size: 13pt; font-family: serif; }}
        .box {{ background-color: {box}; }}
        .gap {{ font-size: 6pt; margin: 0; }}
        .rows {{ border-collapse: collapse; }}
        .rows th, .rows td {{
            border-style: none; border-bottom-width: 1px; border-bottom-style: solid; border-bottom-color: {border};
        }}
        .rows th {{ color: {muted}; font-weight: normal; }}
        code {{ color: {theme.color("code_name").name()}; }}
    """
