"""Wiring many nodes at once, by where they stand."""

from __future__ import annotations

from drawings import drawing

from nodeforge.analysis import check
from nodeforge.catalog.networks import kinds_of
from nodeforge.core.edits import Connect, SetDirection, apply
from nodeforge.core.graph import Wire
from nodeforge.session.chaining import Chain, columns, connect_all

Places = dict[str, tuple[float, float]]


def connected(text: str, places: Places, *, down: bool = False) -> tuple[set[str], Chain]:
    document = drawing(text)
    if down:
        apply(document, SetDirection("main", "down"))
    areas = {name: (x, y, 200.0, 56.0) for name, (x, y) in places.items()}
    report = check(document).networks["main"]
    found = connect_all(document, "main", areas, kinds_of(document), report)
    apply(document, found.edit)
    return {f"{w.source} {w.target}" for w in document.main_network.wires()}, found


THREE = "a = ReLU()\nb = ReLU()\nc = ReLU()"


def test_nodes_in_a_row_become_a_chain() -> None:
    wires, found = connected(THREE, {"b": (300, 20), "c": (600, -20), "a": (0, 0)})
    assert wires == {"a b", "b c"}
    assert (len(found.edit.edits), found.refused) == (2, ())


def test_nodes_below_each_other_become_a_chain_too() -> None:
    wires, _ = connected(THREE, {"c": (0, 200), "b": (40, 100), "a": (20, 0)})
    assert wires == {"a b", "b c"}


def test_one_feeds_many_and_many_feed_one() -> None:
    places: Places = {"x": (0, 100), "a": (300, 0), "b": (300, 100), "c": (310, 200), "sum": (600, 100)}
    wires, found = connected(f"x = Input(shape=[4])\n{THREE}\nsum = Add()", places)
    assert wires == {"x a", "x b", "x c", "a sum", "b sum", "c sum"}
    assert [edit.wire.source for edit in found.edit.edits if isinstance(edit, Connect)][3:] == ["a", "b", "c"]


def test_columns_of_the_same_length_are_wired_row_by_row() -> None:
    text = "a = ReLU()\nb = ReLU()\nc = ReLU()\nd = ReLU()"
    wires, _ = connected(text, {"a": (0, 0), "b": (0, 100), "c": (300, 0), "d": (300, 100)})
    assert wires == {"a c", "b d"}


def test_columns_of_other_lengths_are_refused() -> None:
    text = f"{THREE}\nd = ReLU()\ne = ReLU()"
    places: Places = {"a": (0, 0), "b": (0, 100), "c": (0, 200), "d": (300, 0), "e": (300, 100)}
    wires, found = connected(text, places)
    assert not wires
    assert "a, b and c stand before d and e" in found.refused[0]


def test_rows_count_where_wires_run_down() -> None:
    places: Places = {"a": (0, 0), "b": (300, 0), "c": (150, 200)}
    assert connected("a = ReLU()\nb = ReLU()\nc = Add()", places, down=True)[0] == {"a c", "b c"}


def test_what_is_wired_stays_and_what_cannot_be_is_told() -> None:
    wires, found = connected(f"{THREE}\na -> b", {"a": (0, 0), "b": (300, 0), "c": (600, 0)})
    assert wires == {"a b", "b c"}
    assert len(found.edit.edits) == 1
    _, found = connected(f"{THREE}\nc -> a", {"a": (0, 0), "b": (300, 0), "c": (600, 0)})
    assert len(found.edit.edits) == 1
    assert "loop" in found.refused[0]
    _, found = connected("a = ReLU()\ny = Output()\nc = ReLU()", {"a": (0, 0), "y": (300, 0), "c": (600, 0)})
    assert found.refused == ("y has no output: y cannot be wired to c.",)
    text = "x = Input()\ny = Input()\na = ReLU()\nx -> a"
    _, found = connected(text, {"y": (0, 0), "a": (300, 0)})
    assert found.refused == ("Every input of a is taken: y cannot be wired to it.",)


def test_a_port_is_chosen_that_takes_the_numbers() -> None:
    text = 'p = Input(shape=[3])\nt = Target(dtype="int64")\nloss = CrossEntropyLoss()'
    document = drawing(text)
    areas = {"t": (0.0, 0.0, 200.0, 56.0), "p": (0.0, 100.0, 200.0, 56.0), "loss": (300.0, 0.0, 200.0, 56.0)}
    report = check(document).networks["main"]
    apply(document, connect_all(document, "main", areas, kinds_of(document), report).edit)
    assert set(document.main_network.wires_into("loss")) == {
        Wire("p", "output", "loss", "input"),
        Wire("t", "output", "loss", "target"),
    }


def test_a_column_reaches_as_far_as_its_first_node() -> None:
    areas = {"a": (0.0, 0.0, 200.0, 56.0), "b": (90.0, 100.0, 200.0, 56.0), "c": (150.0, 200.0, 200.0, 56.0)}
    assert columns(areas) == [["a", "b"], ["c"]]
