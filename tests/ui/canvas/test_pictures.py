"""Pictures for papers: what is in them, in each format, and the dialog that makes them."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest

from nodeforge.core.document import Document
from nodeforge.core.drawing import Frame
from nodeforge.core.edits import Bend, SetFrames
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas.painting import pictures
from nodeforge.ui.canvas.painting.heat import Heat
from nodeforge.ui.canvas.painting.pictures import PictureOptions, area_of, image_of, pixels_of, subject_of
from nodeforge.ui.canvas.style import DARK
from nodeforge.ui.picture_dialog import PictureDialog

WHITE = QColor(Qt.GlobalColor.white)
FRAMES = {
    "block": Frame(area=(220, -40, 440, 140), title="Block", color="blue"),
    "note": Frame(area=(500, 180, 260, 90), text="A **note**\n\n- with a list", color="yellow"),
}


def pixels(image: QImage) -> np.ndarray:
    """(height, width, 4) uint8: blue, green, red, alpha."""
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    bits = np.frombuffer(image.constBits(), np.uint8)
    return bits.reshape(image.height(), image.width(), 4).copy()


def picture(canvas, options: PictureOptions | None = None, **wanted) -> QImage:
    options = options or PictureOptions()
    subject = subject_of(canvas.model, options, **wanted)
    return image_of(subject, options, pixels_of(subject, options))


def drawn_at(image: QImage) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not white."""
    marked = np.argwhere((pixels(image)[:, :, :3] < 250).any(axis=2))
    (top, left), (bottom, right) = marked.min(axis=0), marked.max(axis=0)
    return int(left), int(top), int(right), int(bottom)


def test_margins_are_tight_and_the_scale_is_kept(canvas):
    image = picture(canvas, PictureOptions(scale=3.0))
    left, top, right, bottom = drawn_at(image)
    assert (image.width() - 24 * 3) == pytest.approx((720 + 160 + 10) * 3, abs=30)
    assert max(left, top, image.width() - right, image.height() - bottom) <= 30 * 3
    assert min(left, top, image.width() - right, image.height() - bottom) >= 3


def test_grounds_are_white_dark_or_none(canvas):
    assert picture(canvas).pixelColor(1, 1) == WHITE
    assert picture(canvas, PictureOptions(dark=True)).pixelColor(1, 1) == DARK.background
    assert picture(canvas, PictureOptions(transparent=True)).pixelColor(1, 1).alpha() == 0


def test_details_are_drawn_as_chosen(canvas, qtbot):
    plain = picture(canvas)
    assert plain == picture(canvas)
    assert plain != picture(canvas, PictureOptions(shapes=False))
    assert plain != picture(canvas, PictureOptions(grid=True))
    with_badges = picture(canvas, PictureOptions(badges=True))  # dropout has no wire
    assert plain != with_badges
    assert plain != picture(canvas, heat={"conv": Heat(1.0, "80")})


def test_a_selection_comes_alone_with_its_wires_and_frames(canvas):
    canvas.model.do(SetFrames("main", FRAMES))
    subject = subject_of(canvas.model, PictureOptions(), ["conv", "relu"])
    assert set(subject.mirror.graph.nodes) == {"conv", "relu"}
    assert list(subject.mirror.graph.wires()) == [Wire("conv", "output", "relu", "input")]
    assert set(subject.mirror.graph.drawing.frames) == {"block"}
    assert area_of(subject).left() < 220
    assert not subject_of(canvas.model, PictureOptions(), ["conv"]).mirror.graph.drawing.frames
    assert set(canvas.model.graph.nodes) >= {"image", "dropout"}


def test_frames_and_bends_widen_the_picture(canvas):
    before = area_of(subject_of(canvas.model, PictureOptions()))
    canvas.model.do(Bend("main", {Wire("conv", "output", "relu", "input"): ((440.0, -300.0),)}))
    bent = area_of(subject_of(canvas.model, PictureOptions()))
    assert bent.top() < before.top() - 200
    canvas.model.do(SetFrames("main", {"far": Frame(area=(0, 600, 50, 50), title="Far")}))
    assert area_of(subject_of(canvas.model, PictureOptions())).bottom() > 640


def test_an_svg_has_curves_and_letters_as_shapes(canvas, tmp_path):
    canvas.model.do(SetFrames("main", FRAMES))
    path, options = tmp_path / "net.svg", PictureOptions()
    subject = subject_of(canvas.model, options)
    pictures.write(subject, options, path)
    text = path.read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert not re.search(r"<(text|image)\b", text)
    assert "conv" in root.findtext("{http://www.w3.org/2000/svg}desc", "")
    renderer = QSvgRenderer(str(path))
    image = QImage(pixels_of(subject, options), QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        renderer.render(painter)
    apart = np.abs(pixels(image).astype(int) - pixels(picture(canvas)).astype(int))
    assert (apart.max(axis=2) > 90).mean() < 0.01  # letters differ at their edges


def test_a_pdf_is_one_page_of_the_size_with_fonts_in_it(canvas, tmp_path):
    path, options = tmp_path / "net.pdf", PictureOptions()
    subject = subject_of(canvas.model, options)
    pictures.write(subject, options, path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF")
    assert b"/FontFile" in data
    box = re.search(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)", data)
    area = area_of(subject)
    assert box is not None
    assert [float(side) for side in box.groups()] == pytest.approx(
        [area.width() * 0.75, area.height() * 0.75], abs=1.0
    )
    streams = [
        zlib.decompress(s)
        for s in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
        if s[:1] == b"x"
    ]
    assert any(b" c\n" in stream for stream in streams), "no curve"
    assert any(b"Tj" in stream or b"TJ" in stream for stream in streams), "no text"


def test_a_picture_of_another_kind_or_place_is_refused_in_a_sentence(canvas, tmp_path):
    subject = subject_of(canvas.model, PictureOptions())
    with pytest.raises(UserError, match=r"\.svg, \.pdf or \.png"):
        pictures.write(subject, PictureOptions(), tmp_path / "network.gif")
    for ending in ("png", "svg", "pdf"):
        with pytest.raises(UserError, match="missing"):
            pictures.write(subject, PictureOptions(), tmp_path / "missing" / f"network.{ending}")


def test_an_empty_network_has_a_picture(make_canvas):
    canvas = make_canvas(Document())
    assert picture(canvas).pixelColor(1, 1) == WHITE


@pytest.fixture
def dialog(canvas, qtbot):
    canvas.model.select(["conv", "relu"])
    made = PictureDialog(canvas.model, {"conv": Heat(1.0, "80")})
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_preview_follows_every_choice(dialog):
    seen = [dialog.preview.grab().toImage()]
    for change in (
        lambda: dialog.part_box.setCurrentIndex(1),
        lambda: dialog.theme_box.setCurrentIndex(1),
        dialog.transparent.click,
        dialog.shapes.click,
        dialog.colours.click,
        dialog.grid.click,
    ):
        change()
        seen.append(dialog.preview.grab().toImage())
    assert all(one != other for one, other in pairwise(seen))


def test_pixels_are_chosen_and_told_for_png_alone(dialog):
    assert not dialog.form.isRowVisible(dialog.scale_box)
    dialog.format_box.setCurrentIndex(dialog.format_box.findData("png"))
    assert dialog.form.isRowVisible(dialog.scale_box)
    small = dialog.size_told.text()
    dialog.scale_box.setCurrentIndex(dialog.scale_box.findData(4))
    assert "pixels" in small
    assert dialog.size_told.text() != small


def test_the_dialog_writes_copies_and_tells_of_faults(dialog, tmp_path):
    dialog.copy()
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == pixels_of(dialog.subject, dialog.options)
    dialog.save(tmp_path / "no" / "such.svg")
    assert "no" in dialog.fault.text()
    assert dialog.isVisible()
    dialog.save(tmp_path / "net.pdf")
    assert dialog.written == tmp_path / "net.pdf"
    assert not dialog.isVisible()


def test_escape_closes_the_dialog_without_a_file(dialog):
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert dialog.written is None
