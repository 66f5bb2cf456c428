"""Frames and notes with real events: what each gesture does, that Esc gives it up, that one undo takes it back."""

from __future__ import annotations

import pytest
from hands import ALT, CONTROL, SHIFT
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.core.document import Document
from nodeforge.core.drawing import COLORS, Frame
from nodeforge.core.edits import AddNetwork, Batch, Bend, Collapse, SetFrames, apply
from nodeforge.core.graph import Graph, Wire
from nodeforge.project import schema
from nodeforge.session import framing
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.framing import frame_commands
from nodeforge.ui.canvas.framing.frame_editors import NoteField, TitleField
from nodeforge.ui.canvas.geometry.hit import NOTHING
from nodeforge.ui.canvas.painting.frame_painter import FramePainter, text_document, tint, title_area, wash

TITLE = (220, -50)
"""On the title of the block."""


@pytest.fixture
def document(document: Document) -> Document:
    """conv and relu in a block, dropout in a frame of its own within another, and a note."""
    made = {
        "block": Frame(area=(200, -40, 480, 150), title="Block", color="blue"),
        "outer": Frame(area=(180, 150, 330, 180), title="Outer"),
        "inner": Frame(area=(220, 180, 220, 110), title="Inner"),
        "note": Frame(area=(560, 200, 200, 120), text="**read** this", color="yellow"),
    }
    bends = {Wire("conv", "output", "relu", "input"): ((440, 60),)}
    apply(document, Batch((SetFrames("main", made), Bend("main", bends))))
    return document


@pytest.fixture
def framed(hand):
    return hand


def frames(hand) -> dict[str, Frame]:
    return hand.model.graph.drawing.frames


def as_file(hand) -> bytes:
    return schema.encode(hand.model.document)


def assert_undone(hand, before: bytes) -> None:
    """One undo takes all of it back."""
    assert as_file(hand) != before
    hand.model.undo()
    assert as_file(hand) == before
    assert not hand.model.workspace.history.can_undo


# Dragging -----------------------------------------------------------------------------------------


def test_a_title_carries_the_nodes_the_bends_and_the_frames_within(framed) -> None:
    before = as_file(framed)
    framed.drag(TITLE, (TITLE[0] + 40, TITLE[1] + 30))
    graph = framed.model.graph
    assert frames(framed)["block"].area == (240, -10, 480, 150)
    assert graph.nodes["conv"].position == (280, 30)
    assert graph.nodes["image"].position == (0, 0)
    assert list(graph.drawing.bends.values()) == [((480, 90),)]
    assert_undone(framed, before)
    framed.drag((210, 140), (250, 160))  # on the title of the outer one
    assert frames(framed)["inner"].area == (260, 200, 220, 110)
    assert graph.nodes["dropout"].position == (280, 220)
    assert_undone(framed, before)


def test_a_dragged_frame_is_caught_by_the_edges_of_others_and_lines_show_it(framed) -> None:
    """The left edge of the block comes to that of the outer frame, 20 to the left."""
    before = as_file(framed)
    there = (TITLE[0] - 17, TITLE[1] - 60)
    framed.press(TITLE)
    framed.drag_to(there)
    assert framed.canvas.scene().items()
    framed.release(there)
    assert frames(framed)["block"].area == (180, -100, 480, 150)
    assert framed.model.graph.nodes["conv"].position == (220, -60)
    assert framed.canvas.scene().items() == []
    assert_undone(framed, before)


def test_frames_keep_to_the_grid_when_told_to(framed) -> None:
    framed.canvas.snaps_to_grid = True
    framed.drag(TITLE, (TITLE[0] + 1009, TITLE[1] - 1012))
    left, top, _, _ = frames(framed)["block"].area
    assert (left % 20, top % 20) == (0, 0)
    assert abs(left - 1209) <= 10


def test_the_border_carries_like_the_title(framed) -> None:
    framed.drag((209, 60), (229, 90))
    assert frames(framed)["block"].area == (220, -10, 480, 150)
    assert framed.model.graph.nodes["relu"].position == (500, 30)


def test_escape_brings_a_dragged_frame_back(framed) -> None:
    before, shown = as_file(framed), framed.canvas.mirror.rects.copy()
    framed.press(TITLE)
    framed.drag_to((TITLE[0] + 90, TITLE[1] + 90))
    assert framed.canvas.frames.frames["block"].area[:2] == (290, 50)
    assert (framed.canvas.mirror.rects[:4, :2] != shown[:4, :2]).any()
    framed.key(Qt.Key.Key_Escape)
    framed.release((TITLE[0] + 90, TITLE[1] + 90))
    assert as_file(framed) == before
    assert framed.canvas.frames.frames == frames(framed)
    assert (framed.canvas.mirror.rects[:4, :2] == shown[:4, :2]).all()
    wire = Wire("conv", "output", "relu", "input")
    assert framed.canvas.mirror.bends_of(wire) == ((440, 60),)


def test_with_alt_the_frame_moves_alone(framed) -> None:
    before = as_file(framed)
    framed.drag(TITLE, (TITLE[0] + 40, TITLE[1] + 30), keys=ALT)
    assert frames(framed)["block"].area == (240, -10, 480, 150)
    assert framed.model.graph.nodes["conv"].position == (240, 0)
    slot = framed.canvas.mirror.nodes.index["conv"]
    assert framed.canvas.mirror.rects[slot, :2].tolist() == [240, 0]
    assert_undone(framed, before)


def test_nodes_and_frames_that_are_selected_move_together(framed) -> None:
    framed.model.select(["image"], ["note"])
    x, y = framed.middle("image")
    framed.drag((x, y), (x + 30, y + 20))
    assert framed.model.graph.nodes["image"].position == (30, 20)
    assert frames(framed)["note"].area == (590, 220, 200, 120)


def test_a_note_is_dragged_by_all_of_it(framed) -> None:
    framed.drag((660, 260), (680, 250))
    assert frames(framed)["note"].area == (580, 190, 200, 120)


def test_arrow_keys_carry_too(framed) -> None:
    before = as_file(framed)
    framed.click(TITLE)
    framed.key(Qt.Key.Key_Right)
    framed.key(Qt.Key.Key_Right)
    assert frames(framed)["block"].area[0] == 220
    assert framed.model.graph.nodes["conv"].position == (260, 0)
    assert_undone(framed, before)


# Resizing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "way", "area"),
    [
        ((200, 40), (-30, 50), (170, -40, 510, 150)),
        ((680, 40), (25, 50), (200, -40, 505, 150)),
        ((440, -40), (60, -20), (200, -60, 480, 170)),
        ((440, 110), (60, 15), (200, -40, 480, 165)),
        ((200, -40), (-10, -10), (190, -50, 490, 160)),
        ((680, 110), (10, 20), (200, -40, 490, 170)),
        ((680, -40), (10, -20), (200, -60, 490, 170)),
        ((200, 110), (-10, 20), (190, -40, 490, 170)),
    ],
)
def test_edges_and_corners_resize(framed, start, way, area) -> None:
    before, end = as_file(framed), (start[0] + way[0], start[1] + way[1])
    framed.press(start)
    framed.drag_to(end)
    assert framed.canvas.frames.frames["block"].area == area
    framed.key(Qt.Key.Key_Escape)
    framed.release(end)
    assert as_file(framed) == before
    framed.drag(start, end)
    assert frames(framed)["block"].area == area
    assert framed.model.graph.nodes["conv"].position == (240, 0)
    assert_undone(framed, before)


def test_a_frame_does_not_become_smaller_than_can_be_taken_hold_of(framed) -> None:
    framed.drag((680, 110), (-300, -300))
    assert frames(framed)["block"].area == (200, -40, 40, 40)


@pytest.mark.parametrize(
    ("place", "shape"),
    [
        ((200, 40), Qt.CursorShape.SizeHorCursor),
        ((440, 110), Qt.CursorShape.SizeVerCursor),
        ((680, 110), Qt.CursorShape.SizeFDiagCursor),
        ((680, -40), Qt.CursorShape.SizeBDiagCursor),
        (TITLE, Qt.CursorShape.SizeAllCursor),
        ((300, 95), Qt.CursorShape.ArrowCursor),
    ],
)
def test_the_cursor_tells_what_can_be_done(framed, place, shape) -> None:
    QTest.mouseMove(framed.canvas.viewport(), framed.at(*place))
    assert framed.canvas.viewport().cursor().shape() == shape


# Drawing and adding -------------------------------------------------------------------------------


def test_shift_f_draws_a_frame_around_the_selection_and_asks_for_its_title(framed, qtbot) -> None:
    before = as_file(framed)
    framed.model.select(["image", "conv"])
    framed.key(Qt.Key.Key_F, SHIFT)
    field = framed.canvas.findChild(TitleField)
    assert frames(framed)["frame1"].area == (-30, -30, 460, 116)
    assert next(iter(frames(framed))) == "frame1", "below the others"
    QTest.keyClicks(field, "Start")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert frames(framed)["frame1"].title == "Start"
    framed.model.undo()
    assert_undone(framed, before)


def test_without_a_selection_the_next_drag_draws_the_frame(framed) -> None:
    before = as_file(framed)
    framed.key(Qt.Key.Key_F, SHIFT)
    assert framed.canvas.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    framed.press((-100, 200))
    framed.drag_to((60, 300))
    assert framed.canvas.frames.frames["frame1"].area == (-100, 200, 160, 100)
    framed.release((60, 300))
    assert frames(framed)["frame1"].area == (-100, 200, 160, 100)
    QTest.keyClick(framed.canvas.findChild(TitleField), Qt.Key.Key_Escape)
    assert framed.model.frames == {"frame1"}
    assert_undone(framed, before)


def test_a_frame_that_is_being_drawn_can_be_given_up(framed) -> None:
    before = as_file(framed)
    framed.key(Qt.Key.Key_F, SHIFT)
    framed.key(Qt.Key.Key_Escape)
    assert framed.canvas.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor
    framed.key(Qt.Key.Key_N, SHIFT)
    framed.press((-100, 200))
    framed.drag_to((60, 300))
    framed.key(Qt.Key.Key_Escape)
    framed.release((60, 300))
    assert as_file(framed) == before
    assert framed.canvas.frames.frames == frames(framed)


def test_a_click_puts_a_note_there_and_asks_for_its_text(framed) -> None:
    framed.key(Qt.Key.Key_N, SHIFT)
    framed.click((-100, 200))
    note = frames(framed)["frame1"]
    assert note.area == (-100, 200, 240, 130)
    field = framed.canvas.findChild(NoteField)
    QTest.keyClicks(field, "Try a *wider* one")
    QTest.keyClick(field, Qt.Key.Key_Return, CONTROL)
    assert frames(framed)["frame1"].text == "Try a *wider* one"
    assert list(frames(framed))[-1] == "frame1", "above the others"


# Writing ------------------------------------------------------------------------------------------


def test_double_click_and_f2_edit_the_title_and_escape_leaves_it(framed) -> None:
    before = as_file(framed)
    QTest.mouseDClick(
        framed.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, framed.at(*TITLE)
    )
    field = framed.canvas.findChild(TitleField)
    assert field.text() == "Block"
    QTest.keyClicks(field, "Encoder")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert as_file(framed) == before
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the first field goes
    framed.click(TITLE)
    framed.key(Qt.Key.Key_F2)
    field = framed.canvas.findChild(TitleField)
    QTest.keyClicks(field, "Encoder")
    framed.canvas.setFocus()
    assert frames(framed)["block"].title == "Encoder", "leaving the field writes"
    assert_undone(framed, before)


def test_double_click_on_a_note_edits_its_text(framed) -> None:
    before = as_file(framed)
    place = framed.at(660, 260)
    QTest.mouseDClick(
        framed.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )
    field = framed.canvas.findChild(NoteField)
    assert field.toPlainText() == "**read** this"
    QTest.keyClicks(field, " again")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert as_file(framed) == before
    frame_commands.edit(framed.canvas, "note")
    field = framed.canvas.findChildren(NoteField)[-1]
    QTest.keyClicks(field, " again")
    QTest.keyClick(field, Qt.Key.Key_Return, CONTROL)
    assert frames(framed)["note"].text == "**read** this again"
    assert_undone(framed, before)


def test_a_text_with_a_node_in_it_is_no_note_to_the_pointer_either(framed) -> None:
    framed.model.do(SetFrames("main", {"text": Frame(area=(485, -60, 60, 85), text="Above relu")}))
    frame, inside = frames(framed)["text"], QPointF(515, -25)
    assert framing.is_note(framed.model.graph, frame)
    assert framed.canvas.frames.hit(inside).frame == "text"
    framed.model.do(Collapse("main", {"relu": True}))  # its middle comes to lie in the frame
    assert not framing.is_note(framed.model.graph, frame)
    assert framed.canvas.frames.hit(inside) is NOTHING


def test_a_field_that_is_left_for_another_network_writes_into_its_own(framed) -> None:
    framed.model.do(AddNetwork(Graph("Other")))
    framed.model.do(SetFrames("Other", {"block": Frame(area=(0, 0, 200, 100), title="Other")}))
    frame_commands.edit_title(framed.canvas, "block")
    QTest.keyClicks(framed.canvas.findChild(TitleField), "Encoder")
    framed.model.show_network("Other")
    assert frames(framed)["block"].title == "Other"
    framed.model.show_network("main")
    assert frames(framed)["block"].title == "Encoder"


def test_notes_fetch_nothing_and_show_html_as_text(tmp_path) -> None:
    picture = tmp_path / "picture.png"
    QImage(4, 4, QImage.Format.Format_RGB32).save(str(picture))
    document = text_document(f"![x]({picture.as_uri()})\n\n<b>bold</b>", 200)
    assert document.resource(2, picture.as_uri()) is None
    assert "<b>bold</b>" in document.toPlainText()


# Selecting ----------------------------------------------------------------------------------------


def test_frames_are_selected_beside_nodes(framed) -> None:
    model = framed.model
    framed.click(TITLE)
    assert (model.selection, model.frames) == (frozenset(), {"block"})
    framed.click(framed.middle("image"), keys=SHIFT)
    framed.click((660, 260), keys=SHIFT)
    assert (model.selection, model.frames) == ({"image"}, {"block", "note"})
    framed.click(TITLE, keys=CONTROL)
    assert (model.selection, model.frames) == ({"image"}, {"note"})
    framed.key(Qt.Key.Key_Escape)
    assert (model.selection, model.frames) == (frozenset(), frozenset())
    framed.key(Qt.Key.Key_A, CONTROL)
    assert (model.selection, model.frames) == (set(model.graph.nodes), set(frames(framed)))


def test_a_click_inside_selects_the_topmost_frame_and_a_drag_selects_within(framed) -> None:
    framed.click((420, 280))
    assert framed.model.frames == {"inner"}
    framed.click((-150, 300))
    assert framed.model.frames == frozenset()
    framed.drag((225, 70), (330, 95))
    assert (framed.model.selection, framed.model.frames) == (frozenset(), frozenset())
    framed.drag((225, 95), (330, 40))
    assert (framed.model.selection, framed.model.frames) == ({"conv"}, frozenset())


def test_a_marquee_takes_the_frames_that_lie_in_it_and_escape_restores(framed) -> None:
    framed.click((660, 260))
    framed.press((150, 120))
    framed.drag_to((530, 350))
    assert (framed.model.selection, framed.model.frames) == ({"dropout"}, {"outer", "inner"})
    framed.key(Qt.Key.Key_Escape)
    framed.release((530, 350))
    assert (framed.model.selection, framed.model.frames) == (frozenset(), {"note"})
    framed.drag((150, 120), (530, 350), keys=SHIFT)
    assert framed.model.frames == {"outer", "inner", "note"}


def test_undoing_a_frame_takes_it_out_of_the_selection(framed) -> None:
    frame_commands.add_frame(framed.canvas, QPointF(0, 200), note=False)
    assert framed.model.frames == {"frame1"}
    framed.model.undo()
    assert framed.model.frames == frozenset()


# Removing and copying -----------------------------------------------------------------------------


def test_delete_takes_the_frame_alone_or_with_its_nodes(framed) -> None:
    before = as_file(framed)
    framed.click(TITLE)
    framed.key(Qt.Key.Key_Delete)
    assert "block" not in frames(framed)
    assert "conv" in framed.model.graph
    assert_undone(framed, before)
    framed.click(TITLE)
    frame_commands.delete(framed.canvas, with_nodes=True)
    assert "block" not in frames(framed)
    assert set(framed.model.graph.nodes) == {"image", "output", "dropout"}
    assert [str(wire) for wire in framed.model.graph.wires()] == ["image.output -> output.input"]
    assert_undone(framed, before)


def test_copy_and_paste_take_a_frame_with_what_lies_in_it(framed) -> None:
    before = as_file(framed)
    framed.click(TITLE)
    framed.key(Qt.Key.Key_C, CONTROL)
    framed.canvas.operations.paste(QPointF(0, 400))
    assert frames(framed)["frame1"].area == (0, 400, 480, 150)
    assert framed.model.selection == {"conv_2", "relu_2"}
    assert framed.model.frames == {"frame1"}
    assert framed.model.graph.nodes["conv_2"].position == (40, 440)
    assert_undone(framed, before)
    framed.click(TITLE)
    framed.key(Qt.Key.Key_D, CONTROL)
    assert frames(framed)["frame1"].area[:2] == (200, 154)
    assert_undone(framed, before)
    framed.click(TITLE)
    framed.key(Qt.Key.Key_X, CONTROL)
    assert "conv" not in framed.model.graph
    assert "block" not in frames(framed)
    assert_undone(framed, before)


# Menu ---------------------------------------------------------------------------------------------


def action(menu, text: str):
    """An entry of a menu or of the menus in it."""
    for each in menu.actions():
        if each.text().replace("&", "") == text:
            return each
        if each.menu() and (found := action(each.menu(), text)):
            return found
    return None


def test_the_menu_tints_stacks_and_fits(framed) -> None:
    canvas = framed.canvas
    framed.click(TITLE)
    menu = frame_commands.submenu(QMenu(canvas), canvas, "block")
    action(menu, "Green").trigger()
    assert frames(framed)["block"].color == "green"
    action(menu, "Bring to the front").trigger()
    assert list(frames(framed))[-1] == "block"
    action(menu, "Fit to its nodes").trigger()
    assert frames(framed)["block"].area == (210, -30, 460, 116)
    action(menu, "Select its nodes").trigger()
    assert framed.model.selection == {"conv", "relu"}
    for _ in range(3):
        framed.model.undo()
    assert not framed.model.workspace.history.can_undo


# Looks --------------------------------------------------------------------------------------------


def _contrast(one: QColor, other: QColor) -> float:
    def light(color: QColor) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lighter, darker = sorted((light(one), light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("color", COLORS)
def test_titles_and_texts_can_be_read(color: str, dark: bool) -> None:
    palette = style.palette_for(dark)
    ink = palette.background if dark else palette.node
    assert _contrast(tint(color, dark=dark), ink) >= 4.5
    image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(palette.background)
    with QPainter(image) as painter:
        painter.fillRect(0, 0, 1, 1, wash(color, dark=dark, note=True))
    assert _contrast(image.pixelColor(0, 0), palette.title) >= 4.5


def test_titles_keep_their_size_on_the_screen_when_zoomed_out() -> None:
    frame = Frame(area=(0, 0, 1000, 400), title="Encoder")
    heights = [title_area(frame, zoom).height() * zoom for zoom in (1.0, 0.5, 0.1)]
    assert heights[0] == pytest.approx(13 * 1.7)
    assert heights[1] == heights[2] == pytest.approx(11 * 1.7)
    assert title_area(frame, 0.1).width() * 0.1 <= 100
    assert title_area(frame, 0.03).isEmpty(), "no room for a word"


def test_a_frame_that_is_hardly_higher_than_its_title_has_none() -> None:
    row = Frame(area=(0, 0, 2000, 120), title="Block 3")
    assert not title_area(row, 0.25).isEmpty()
    assert title_area(row, 0.1).isEmpty()


def test_frames_are_painted_below_nodes(framed) -> None:
    canvas = framed.canvas
    picture = canvas.grab().toImage()
    inside, node = canvas.mapFromScene(QPointF(230, 90)), canvas.mapFromScene(QPointF(300, 50))
    outside = canvas.mapFromScene(QPointF(-150, 300))
    assert picture.pixelColor(inside) != picture.pixelColor(outside)
    assert picture.pixelColor(node) == canvas.palette_colors.node
    plate = canvas.mapFromScene(QPointF(203, -55))
    assert picture.pixelColor(plate) == tint("blue", dark=False)


def test_what_is_out_of_sight_is_not_painted() -> None:
    image = QImage(100, 100, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        frames = {"far": Frame(area=(10, 10, 50, 50), text="here")}
        FramePainter().paint(painter, frames, [QRectF(500, 500, 100, 100)], 1.0, style.LIGHT)
    assert image.pixelColor(30, 30) == QColor(Qt.GlobalColor.white)
