"""One live view: which view of which node, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeforge.analysis.views import VIEWS
from nodeforge.engine.messages import LiveShown, Wish
from nodeforge.ui.calm import ComboBox
from nodeforge.ui.icons import icon
from nodeforge.ui.live.curves import CurveSheet
from nodeforge.ui.live.neurons import NeuronSheet
from nodeforge.ui.live.rows import RowList
from nodeforge.ui.live.tiles import TileSheet
from nodeforge.ui.live.writing import TextSheet
from nodeforge.ui.plots.card import PlotCard, Table
from nodeforge.ui.plots.style import PlotStyle

Offers = Mapping[str, tuple[str, ...]]

WAITING = "Waiting for the first numbers…"


class LiveCard(PlotCard):
    """Shows the newest look of one view.

    Signals:
        wish_changed: Another view, node, prompt or temperature is wanted.
        close_requested: The person does not want it any more.
    """

    wish_changed = Signal()
    close_requested = Signal()

    def __init__(self, key: int, view: str, node: str, offers: Offers, parent: QWidget | None = None) -> None:
        self.key = key
        self.shown: LiveShown | None = None
        self._sheets = QStackedWidget()
        self.tiles, self.curves, self.rows = TileSheet(), CurveSheet(), RowList()
        self.neurons, self.text, self._fault = NeuronSheet(), TextSheet(), QLabel()
        for sheet in (self.tiles, self.curves, self.rows, self.neurons, self.text, self._fault):
            self._sheets.addWidget(sheet)
        self._fault.setWordWrap(True)
        self._fault.setMargin(12)
        self._fault.setAlignment(Qt.AlignmentFlag.AlignCenter)
        super().__init__(VIEWS[view].title, WAITING, self._sheets, parent)
        self._make_lines()
        self._make_pickers()
        self.tiles.pointed.connect(self._tell)
        self.neurons.pointed.connect(self._tell)
        self.curves.told.connect(self._tell_rich)
        self.text.asked.connect(self.wish_changed)
        self.offer(offers)
        self.choose(view, node)

    def _make_lines(self) -> None:
        """Below the pickers what is seen, and what is wrong with it."""
        self.warning = QLabel()
        self.warning.setWordWrap(True)
        self.warning.setProperty("role", "live-warning")
        self.warning.hide()
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        self.header.removeWidget(self.readout)
        self.readout.setMargin(3)
        self.readout.setWordWrap(True)
        self.readout.setAlignment(Qt.AlignmentFlag.AlignLeft)
        layout.insertWidget(1, self.readout)
        layout.insertWidget(2, self.warning)

    def _make_pickers(self) -> None:
        self.view_box, self.node_box = ComboBox(), ComboBox()
        for box, name in ((self.view_box, "View"), (self.node_box, "Node")):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(3)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.view_box.activated.connect(self._on_view)
        self.node_box.activated.connect(self._on_changed)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip("Close this view")
        self.close_button.setAccessibleName("Close this view")
        self.close_button.clicked.connect(self.close_requested)
        self.title_label.hide()
        self.header.setSpacing(4)
        self.header.setContentsMargins(4, 3, 2, 1)
        self.header.insertWidget(0, self.view_box, 3)
        self.header.insertWidget(1, self.node_box, 2)
        self.header.addWidget(self.close_button)

    # What is looked at ----------------------------------------------------------------------------

    @property
    def view(self) -> str:
        return str(self.view_box.currentData())

    @property
    def node(self) -> str:
        return str(self.node_box.currentData() or "")

    def wish(self, split: str, sample: int) -> Wish:
        """What the engine is asked for."""
        return Wish(
            key=self.key,
            view=self.view,
            node=self.node,
            split=split,
            sample=sample,
            prompt=self.text.prompt.text(),
            temperature=self.text.temperature.value(),
        )

    def offer(self, offers: Offers) -> None:
        """The views that the network is worth now; what is chosen stays while it is among them."""
        self._offers = offers
        view, node = self.view_box.currentData(), self.node_box.currentData()
        self.view_box.clear()
        for name in offers:
            self.view_box.addItem(VIEWS[name].title, name)
            self.view_box.setItemData(self.view_box.count() - 1, VIEWS[name].doc, Qt.ItemDataRole.ToolTipRole)
        if view is not None:
            self.choose(view, node or "")

    def choose(self, view: str, node: str) -> None:
        """Look at this, or at the nearest to it that there is."""
        self.view_box.setCurrentIndex(max(0, self.view_box.findData(view)))
        nodes = self._offers.get(self.view, ("",))
        self.node_box.clear()
        for name in nodes:
            self.node_box.addItem(name, name)
        self.node_box.setCurrentIndex(max(0, self.node_box.findData(node)))
        self.node_box.setVisible(nodes != ("",))
        if self.view in VIEWS:
            self.view_box.setToolTip(VIEWS[self.view].doc)
            self.set_title(" ".join(filter(None, (VIEWS[self.view].title, self.node))))

    def _on_view(self) -> None:
        self.choose(self.view, self.node)
        self._on_changed()

    def _on_changed(self) -> None:
        self.forget()
        self.wish_changed.emit()

    # What is shown --------------------------------------------------------------------------------

    def forget(self) -> None:
        """Show nothing until there is a new look."""
        self.shown = None
        self.warning.hide()
        self.show_body(False)

    def set_shown(self, shown: LiveShown) -> None:
        """Draw this at the next refresh."""
        self.shown, self.dirty = shown, True

    def refresh(self) -> None:
        self.dirty = False
        shown = self.shown
        self.show_body(shown is not None)
        if shown is None:
            return
        self.warning.setText(shown.warning)
        self.warning.setVisible(bool(shown.warning))
        sheet: QWidget = self._fault
        if shown.fault:
            self._fault.setText(shown.fault)
        elif shown.tiles:
            self.tiles.set_tiles(shown.tiles, self.view, shown.across)
            sheet = self.tiles
        elif shown.series:
            sheet = self.curves
            self.curves.set_shown(shown)
        elif shown.layers:
            self.neurons.set_layers(shown.layers)
            sheet = self.neurons
        elif self.view == "text":
            self.text.set_text(shown.text, shown.given)
            sheet = self.text
        else:
            self.rows.set_rows(shown.headings, shown.rows)
            sheet = self.rows
        self._sheets.setCurrentWidget(sheet)
        if sheet not in (self.tiles, self.neurons, self.curves):
            self._tell("")

    def _tell(self, words: str) -> None:
        """What is under the pointer, else what is seen."""
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setText(words or self._note())
        self.readout.setToolTip(words or self._note())

    def _tell_rich(self, words: str) -> None:
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setText(words)

    def _note(self) -> str:
        if self.shown is None:
            return ""
        left_out = self.shown.total - len(self.shown.tiles)
        return self.shown.note + (f" ({left_out:,} more not shown)" if left_out > 0 else "")

    def restyle(self, style: PlotStyle) -> None:
        for sheet in (self.tiles, self.curves, self.rows, self.neurons, self.text):
            sheet.restyle(style)

    def table(self) -> Table:
        shown = self.shown
        if shown is None:
            return [], ()
        if shown.series:
            values = [np.frombuffer(series.values, "<f4").tolist() for series in shown.series]
            return [series.name for series in shown.series], zip(*values, strict=True)
        if shown.tiles:
            return ["picture", "row", "column", "value"], self._numbers()
        return ["node", *shown.headings], ([row.name, *row.cells] for row in shown.rows)

    def _numbers(self) -> Iterator[tuple[object, ...]]:
        for place, tile in enumerate(self.tiles.tiles):
            for y in range(tile.height):
                for x in range(tile.width):
                    yield tile.label or place, y, x, self.tiles.value_at(tile, x, y)
