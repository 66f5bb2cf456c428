"""What the data hold, in the form that shows it best: a page for each way to look at them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from nodeforge.engine.messages import DataDescribed, Table
from nodeforge.ui.panels.data_curves import CurveGrid
from nodeforge.ui.panels.data_sketches import PictureGrid, SeriesSketch
from nodeforge.ui.panels.data_sounds import SoundList
from nodeforge.ui.panels.data_table import TableView
from nodeforge.ui.panels.data_texts import TokenTexts
from nodeforge.ui.widgets import label, restyle


class DataPreview(QWidget):
    """Pages with tabs above them where there are several. The tab that was chosen stays for other data that have it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = label(role="muted", wrap=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table, self.statistics = TableView(), TableView()
        self.statistics.setAccessibleName("What the samples of each split are like")
        self.statistics.verticalHeader().hide()
        self.pictures, self.augmented = PictureGrid(), PictureGrid()
        self.augmented.setAccessibleName("The same pictures as a training batch could hold them")
        self.series, self.texts, self.curves, self.sounds = (
            SeriesSketch(),
            TokenTexts(),
            CurveGrid(),
            SoundList(),
        )
        self.picture_area = scrolling(self.pictures)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.currentChanged.connect(self._turn)
        self.stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {
            "Table": self.table,
            "Pictures": self.picture_area,
            "Augmented": scrolling(self.augmented),
            "Texts": scrolling(self.texts),
            "Sounds": scrolling(self.sounds),
            "Sequences": scrolling(self.curves),
            "Series": self.series,
            "Statistics": self.statistics,
        }
        for page in (self.message, *self._pages.values()):
            self.stack.addWidget(page)
        self._wished = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.tabs)
        layout.addWidget(self.stack, 1)
        self.say("")

    def show_data(self, described: DataDescribed, *, editable: bool) -> None:
        """Show what a description holds; `editable` when roles and types of a table are the person's to choose."""
        if described.table is not None:
            self.table.set_table(described.table, editable=editable)
        self.pictures.set_pictures(described.pictures)
        self.augmented.set_pictures(described.augmented)
        self.texts.set_texts(described.texts)
        self.sounds.set_sounds(described.sounds)
        self.curves.set_samples(described.curves)
        self.series.set_series(described.series)
        self.statistics.set_table(_statistics(described), editable=False)
        there = {
            "Texts": described.texts,
            "Sounds": described.sounds,
            "Table": described.table,
            "Pictures": described.pictures,
            "Augmented": described.augmented,
            "Sequences": described.curves,
            "Series": described.series,
            "Statistics": described.statistics,
        }
        self._offer([name for name, content in there.items() if content])

    def show_fault(self, table: Table) -> None:
        """The first rows of a table that cannot be used as it is."""
        self.table.set_table(table, editable=True)
        self._offer(["Table"])

    def say(self, sentence: str, role: str = "muted") -> None:
        """A sentence and nothing else."""
        self.message.setText(sentence)
        self.message.setProperty("role", role)
        restyle(self.message)
        self.tabs.hide()
        self.stack.setCurrentWidget(self.message)

    @property
    def says_something(self) -> bool:
        """Whether a sentence stands where data would."""
        return self.stack.currentWidget() is self.message

    def _offer(self, names: list[str]) -> None:
        if not names:
            self.say("There is no preview of these data.")
            return
        wished = self._wished
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for name in names:
            self.tabs.addTab(name)
        self.tabs.setCurrentIndex(names.index(wished) if wished in names else 0)
        self.tabs.blockSignals(False)
        self.tabs.setVisible(len(names) > 1)
        self.stack.setCurrentWidget(self._pages[self.tabs.tabText(self.tabs.currentIndex())])

    def _turn(self, index: int) -> None:
        if index >= 0:
            self._wished = self.tabs.tabText(index)
            self.stack.setCurrentWidget(self._pages[self._wished])


def _statistics(described: DataDescribed) -> Table:
    splits = [name for name, size in described.sizes.items() if size]
    columns = ["", *splits]
    return Table(
        columns=columns,
        types=[""] * len(columns),
        rows=described.statistics,
        total_rows=len(described.statistics),
    )


def scrolling(widget: QWidget) -> QScrollArea:
    """A widget that may be higher than its place."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
