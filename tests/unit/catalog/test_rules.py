"""What the shape rules say when something does not fit, and what they propose."""

from __future__ import annotations

import pytest

from nodeforge.catalog import CATEGORIES, kinds
from nodeforge.catalog.kind import ShapeCall
from nodeforge.catalog.rules import window_positions
from nodeforge.core.diagnostics import Suggestion
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Value
from nodeforge.core.specs import BATCH, TensorSpec


def spec(*sample: int, dtype: str = "float32") -> TensorSpec:
    return TensorSpec((BATCH, *sample), dtype)


def refusal(kind_name: str, inputs: dict[str, TensorSpec], **parameters: Value) -> ShapeError:
    """The error of a node called `node`."""
    kind = kinds()[kind_name]
    call = ShapeCall("node", kind.complete(parameters), {port: (s,) for port, s in inputs.items()})
    assert kind.shape is not None
    with pytest.raises(ShapeError) as caught:
        kind.shape(call)
    return caught.value


def proposals(error: ShapeError) -> list[tuple[str, object]]:
    found = []
    for suggestion in error.suggestions:
        assert isinstance(suggestion, Suggestion)
        found.append((suggestion.label, suggestion.set_parameter or suggestion.insert))
    return found


@pytest.mark.parametrize(
    ("sample", "shape"),
    [((784,), (1, 28, 28)), ((3072,), (3, 32, 32)), ((28, 28), (1, 28, 28))],
)
def test_an_image_layer_proposes_the_reshape_it_needs(
    sample: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    error = refusal("Conv2d", {"input": spec(*sample)})
    assert str(error) == f"node needs N×channels×height×width; it gets {spec(*sample)}."
    assert error.port == "input"
    assert proposals(error) == [
        (f"Insert Reshape to N×{'×'.join(map(str, shape))}", ("Reshape", {"shape": shape}))
    ]


def test_a_row_that_is_no_square_gets_no_proposal() -> None:
    assert proposals(refusal("Conv2d", {"input": spec(10)})) == []


def test_a_window_that_does_not_fit_proposes_a_smaller_kernel() -> None:
    error = refusal("Conv2d", {"input": spec(1, 3, 4)}, kernel_size=5)
    assert "spans 5×5" in str(error)
    assert "3×4" in str(error)
    assert proposals(error) == [("Set kernel_size to 3×4", ("kernel_size", (3, 4)))]


def test_groups_propose_a_divisor() -> None:
    error = refusal("Conv2d", {"input": spec(6, 8, 8)}, groups=4, out_channels=12)
    assert "does not divide its 6 input channels" in str(error)
    assert proposals(error) == [("Set groups to 3", ("groups", 3))]


def test_add_refuses_to_line_up_axes_from_the_back() -> None:
    kind = kinds()["Add"]
    assert kind.shape is not None
    with pytest.raises(ShapeError, match="mix up samples"):
        kind.shape(ShapeCall("add", {}, {"inputs": (spec(4), spec(4, 4))}))
    given = {"inputs": (spec(4, 1, 1), spec(4, 8, 8))}
    assert kind.shape(ShapeCall("add", {}, given)) == {"output": spec(4, 8, 8)}


def test_a_regression_loss_proposes_to_reshape_the_target() -> None:
    error = refusal("MSELoss", {"input": spec(1), "target": spec()})
    assert error.port == "target"
    assert proposals(error) == [("Insert Reshape to N×1", ("Reshape", {"shape": (1,)}))]


def test_a_regression_loss_proposes_a_linear_of_the_right_width() -> None:
    error = refusal("MSELoss", {"input": spec(5), "target": spec(2)})
    assert proposals(error) == [("Insert Linear with out_features 2", ("Linear", {"out_features": 2}))]


def test_scores_of_images_for_one_label_propose_flatten() -> None:
    error = refusal("CrossEntropyLoss", {"input": spec(8, 5, 5), "target": spec(dtype="int64")})
    assert error.port == "input"
    assert proposals(error) == [("Insert Flatten", ("Flatten", {}))]


def test_classes_on_the_last_axis_propose_permute() -> None:
    error = refusal("CrossEntropyLoss", {"input": spec(7, 5), "target": spec(7, dtype="int64")})
    assert proposals(error) == [("Insert Permute: classes to axis 1", ("Permute", {"dims": (0, 2, 1)}))]


def test_float_labels_propose_a_cast() -> None:
    error = refusal("CrossEntropyLoss", {"input": spec(3), "target": spec()})
    assert proposals(error) == [("Insert Cast to int64", ("Cast", {"dtype": "int64"}))]


def test_an_lstm_needs_both_states_or_none() -> None:
    state = TensorSpec((1, BATCH, 64))
    error = refusal("LSTM", {"input": spec(5, 2), "initial_hidden": state})
    assert str(error) == "node gets initial_hidden but not initial_cell: wire both or neither."
    assert error.port == "initial_cell"


def test_ceil_mode_keeps_no_window_that_starts_in_the_padding() -> None:
    assert window_positions(3, 2, stride=2, padding=(0, 0), ceil=True) == 2
    assert window_positions(5, 2, stride=3, padding=(1, 1), ceil=True) == 2


def test_kinds_come_in_palette_order() -> None:
    categories = [kind.category for kind in kinds().values()]
    assert categories == sorted(categories, key=CATEGORIES.index)
    assert list(kinds())[:3] == ["Input", "Target", "Output"]
