"""The drawing as a picture: how it is to look, seen at once, then written or copied."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nodeforge.core.errors import UserError
from nodeforge.ui.calm import ComboBox
from nodeforge.ui.canvas.painting import pictures
from nodeforge.ui.canvas.painting.heat import Heat
from nodeforge.ui.canvas.painting.pictures import PictureOptions, Subject
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

FORMATS = {
    "svg": ("SVG drawing", "Sharp at any size; letters are shapes, so it looks the same everywhere."),
    "pdf": (
        "PDF page",
        "Sharp at any size; letters are text in embedded fonts. For LaTeX: \\includegraphics.",
    ),
    "png": ("PNG picture", "Pixels, for slides and pages of the web."),
}
SCALES = (1, 2, 3, 4, 6, 8)
_PREVIEW = QSize(620, 420)
_SQUARE = 10


class PictureDialog(QDialog):
    """Chooses format and details of a picture, with a preview.

    Attributes:
        subject: What is in the picture as chosen.
        written: The file that was written last.
    """

    def __init__(
        self, model: ProjectModel, heat: Mapping[str, Heat] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export the drawing as a picture")
        self._model = model
        self._heat = heat or {}
        self.written: Path | None = None
        self.preview = Preview()
        self.format_box, self.part_box, self.theme_box, self.scale_box = (ComboBox() for _ in range(4))
        for name, (title, _) in FORMATS.items():
            self.format_box.addItem(title, name)
        self.part_box.addItem("Whole network", False)
        if model.selection:
            count = len(model.selection)
            self.part_box.addItem(f"Selection ({count} node{'' if count == 1 else 's'})", True)
        self.theme_box.addItem("Light", False)
        self.theme_box.addItem("Dark", True)
        for scale in SCALES:
            self.scale_box.addItem(f"{scale} ×", scale)
        self.scale_box.setCurrentIndex(SCALES.index(2))
        self.transparent = QCheckBox("Transparent background")
        self.shapes = QCheckBox("Shapes on wires")
        self.shapes.setChecked(True)
        self.badges = QCheckBox("Marks at problems")
        self.grid = QCheckBox("Dotted grid")
        self.colours = QCheckBox("Colours and numbers of the overlay")
        self.colours.setVisible(bool(self._heat))
        self.colours.setChecked(bool(self._heat))
        self._words = label("", "muted", wrap=True)
        self.fault = label("", "error", wrap=True)
        self.size_told = label("", "muted")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save_button = QPushButton("Save…")
        self.copy_button = QPushButton("Copy")
        self.copy_button.setToolTip("Copy the picture, as pixels, to the clipboard")
        self._lay_out()
        self._connect()
        self._show()

    @property
    def format(self) -> str:
        """The ending of the chosen format, without its dot."""
        return str(self.format_box.currentData())

    @property
    def options(self) -> PictureOptions:
        """What is chosen."""
        return PictureOptions(
            dark=bool(self.theme_box.currentData()),
            transparent=self.transparent.isChecked(),
            shapes=self.shapes.isChecked(),
            grid=self.grid.isChecked(),
            badges=self.badges.isChecked(),
            scale=float(self.scale_box.currentData()),
        )

    def save(self, path: Path) -> None:
        """Write the picture; what stands against it is told in the dialog."""
        try:
            pictures.write(self.subject, self.options, path)
        except UserError as error:
            self.fault.setText(str(error))
            return
        self.written = path
        self.accept()

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self._image(pictures.pixels_of(self.subject, self.options)))

    def _lay_out(self) -> None:
        self.form = QFormLayout()
        self.form.setVerticalSpacing(8)
        self.form.addRow("&Format", self.format_box)
        self.form.addRow(self._words)
        self.form.addRow("&What", self.part_box)
        self.form.addRow("&Colours", self.theme_box)
        self.form.addRow("&Scale", self.scale_box)
        for box in (self.transparent, self.shapes, self.colours, self.badges, self.grid):
            self.form.addRow(box)
        side = QWidget()
        side.setFixedWidth(270)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.form)
        column.addStretch(1)
        column.addWidget(self.size_told)
        column.addWidget(self.fault)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.preview, 1)
        row.addWidget(side)
        self.buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.addLayout(row, 1)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        for box in (self.format_box, self.part_box, self.theme_box, self.scale_box):
            box.currentIndexChanged.connect(self._show)
        for tick in (self.transparent, self.shapes, self.colours, self.badges, self.grid):
            tick.toggled.connect(self._show)
        self.save_button.clicked.connect(self._ask_path)
        self.copy_button.clicked.connect(self.copy)
        self.buttons.rejected.connect(self.reject)

    def _show(self) -> None:
        """Show the picture as it would be written."""
        self.subject = self._made()
        options = self.options
        is_png = self.format == "png"
        self._words.setText(FORMATS[self.format][1])
        self.form.setRowVisible(self.scale_box, is_png)
        self.fault.setText("")
        area, pixels = pictures.area_of(self.subject), pictures.pixels_of(self.subject, options)
        millimetres = (round(side / 96 * 25.4) for side in (area.width(), area.height()))
        self.size_told.setText(
            f"{pixels.width():,} × {pixels.height():,} pixels"
            if is_png
            else "{} × {} mm, of any size in a document".format(*millimetres)
        )
        size = area.size().toSize().scaled(_PREVIEW, Qt.AspectRatioMode.KeepAspectRatio)
        self.preview.show_image(self._image(size * self.devicePixelRatioF()), size)

    def _made(self) -> Subject:
        only = self._model.selection if self.part_box.currentData() else ()
        heat = self._heat if self.colours.isChecked() else {}
        return pictures.subject_of(self._model, self.options, only, heat)

    def _image(self, size: QSize) -> QImage:
        return pictures.image_of(self.subject, self.options, size)

    def _ask_path(self) -> None:
        start = (self._model.folder or Path.home()) / f"{self._model.network}.{self.format}"
        kinds = ";;".join(
            f"{title} (*.{name})"
            for name, (title, _) in sorted(FORMATS.items(), key=lambda item: item[0] != self.format)
        )
        path, _ = QFileDialog.getSaveFileName(self, "Save the picture", str(start), kinds)
        if path:
            named = Path(path)
            self.save(named if named.suffix else named.with_suffix(f".{self.format}"))


class Preview(QWidget):
    """A picture on a chequered ground, so that one sees where it is transparent."""

    def __init__(self) -> None:
        super().__init__()
        self._image, self._size = QImage(), QSize()
        self.setMinimumSize(_PREVIEW + QSize(20, 20))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Preview of the picture")

    def show_image(self, image: QImage, size: QSize) -> None:
        """Show a picture at a size in pixels of the window."""
        self._image, self._size = image, size
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        field = QRectF(0, 0, self._size.width(), self._size.height())
        field.moveCenter(QRectF(self.rect()).center())
        with QPainter(self) as painter:
            painter.fillRect(field, QColor("#ffffff"))
            painter.save()
            painter.setClipRect(field)
            for row in range(int(field.height() // _SQUARE) + 1):
                for column in range(row % 2, int(field.width() // _SQUARE) + 1, 2):
                    x, y = field.left() + column * _SQUARE, field.top() + row * _SQUARE
                    painter.fillRect(QRectF(x, y, _SQUARE, _SQUARE), QColor("#dcdfe5"))
            painter.restore()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(field, self._image)
            painter.setPen(self.palette().mid().color())
            painter.drawRect(field)
