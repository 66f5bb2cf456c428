"""What a layer looks like is read from its text; nothing of the text is run, whatever it says."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from custom_projects import SWISH, traps

from nodeforge.catalog.custom import CustomKind, custom_kind
from nodeforge.catalog.custom_face import MAX_LETTERS, FaceError, read_face
from nodeforge.core.document import CustomCode
from nodeforge.core.parameters import REQUIRED, Boolean, Integer, Integers, Number, Optional, Text

HEAD = "import torch\nfrom torch import Tensor, nn\n"
HOSTILE = sorted(traps(Path("mark")))


def layer(init: str = "self", forward: str = "self, x: Tensor", returns: str = " -> Tensor") -> str:
    return (
        f"{HEAD}\nclass Mine(nn.Module):\n    def __init__({init}):\n        super().__init__()\n\n"
        f"    def forward({forward}){returns}:\n        return x\n"
    )


def fault(text: str, name: str = "Mine") -> str:
    with pytest.raises(FaceError) as caught:
        read_face(name, text)
    return str(caught.value)


def test_the_face_of_a_layer() -> None:
    face = read_face("Swish", SWISH)
    assert face.doc.startswith("Lets large values through.")
    assert [(p.name, p.type, p.default) for p in face.parameters] == [("steepness", Number(), 1.0)]
    assert [d.name for d in face.derived] == ["in_features"]
    assert [(p.name, p.optional) for p in face.inputs] == [("x", False), ("mask", True)]
    assert [p.name for p in face.outputs] == ["output"]
    assert face.imports == {"torch", "nn", "Tensor", "F"}
    assert face.defines == {"Swish", "_bent"}
    assert "import" not in face.code


@pytest.mark.parametrize(
    ("written", "type", "default"),
    [
        ("n: int", Integer(), REQUIRED),
        ("n: int = 3", Integer(), 3),
        ("n: float = -1", Number(), -1.0),
        ("n: bool = True", Boolean(), True),
        ("n: str = 'same'", Text(), "same"),
        ("n: tuple[int, ...] = (1, -2)", Integers(minimum=None), (1, -2)),
        ("n: int | None = None", Optional(of=Integer()), None),
        ("n=0.5", Number(), 0.5),
        ("*, n: int = 2", Integer(), 2),
    ],
)
def test_parameters_follow_from_the_arguments_of_init(written: str, type: object, default: object) -> None:
    (parameter,) = read_face("Mine", layer(f"self, {written}")).parameters
    assert (parameter.name, parameter.type, parameter.default) == ("n", type, default)


def test_outputs_follow_from_what_forward_returns() -> None:
    several = read_face("Mine", layer(returns=" -> tuple[Tensor, torch.Tensor]"))
    assert [port.name for port in several.outputs] == ["output_1", "output_2"]
    assert [port.name for port in read_face("Mine", layer(returns="")).outputs] == ["output"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (layer("self, n"), "does not say what n is"),
        (layer("self, n: dict = 1"), "says that n is dict"),
        (layer("self, n: int = 1 + len('a')"), "default of n is computed"),
        (layer("self, n: int = 'a'"), "default of n must be a whole number"),
        (layer("self, n: float = 1e999"), "default of n must be a finite number"),
        (layer("self, *n"), "takes `*` or `/`"),
        (layer("self, **n"), "takes `*` or `/`"),
        (layer(""), "lacks `self`"),
        (layer(forward="self"), "takes no input"),
        (layer(forward="self, x: Tensor, n: int = 1"), "which is no Tensor"),
        (layer(forward="self, *x: Tensor"), "takes `*`"),
        (layer(forward="self, *, x: Tensor"), "by name alone"),
        (layer(returns=" -> tuple[Tensor, ...]"), "how many"),
        (layer(returns=" -> dict"), "how many"),
        (layer().replace("forward", "backward"), "no method forward"),
        (layer().replace("nn.Module", "object"), "no module"),
        (layer().replace("class Mine", "class Other"), "no class Mine"),
        (layer() + "\nclass torch:\n    pass\n", "defines torch, which has a meaning"),
        (layer() + "\ndef range():\n    pass\n", "defines range, which has a meaning"),
        ("import numpy\n" + layer(), "line 1 says `import numpy`"),
        ("from os import system\n" + layer(), "from os import system"),
        ("from .other import x\n" + layer(), "from .other import x"),
        ("import torch as t\n" + layer(), "import torch as t"),
        (layer().replace("return x", "import subprocess"), "import subprocess"),
        (layer() + "\nLIMIT = 3\n", "line 11 stands outside"),
        (layer() + "\n(\n", "is no Python"),
        (layer() + "\n\0", "cannot be seen (U+0000)"),
        (layer() + "# \u202e back to front", "cannot be seen (U+202E)"),
        (layer() + "\x0c", "U+000C"),
        (layer() + "\ud800", "U+D800"),
        (layer() + f"# {'a' * 300}", "longer than 200 letters"),
        (layer() + "#\n" * MAX_LETTERS, "longer than 100,000 letters"),
    ],
)
def test_what_is_no_layer_is_refused_with_a_sentence(text: str, words: str) -> None:
    assert words in fault(text)


@pytest.mark.parametrize(
    "text",
    [
        layer() + "(\n" * 5000,
        layer() + "def f():\n    return " + "-\\\n" * 30_000 + "1\n",
        layer() + "def f():\n    return (" + "1 +\n" * 20_000 + "1)\n",
        layer("self, n: " + "int |\\\n" * 4000 + "int"),
        layer("self, n: int = " + "(\n" * 3000 + ")" * 190),
    ],
)
def test_texts_that_are_too_deep_for_python_are_faults_and_no_crash(text: str) -> None:
    with contextlib.suppress(FaceError):  # a later Python may read one of them
        read_face("Mine", text)


@pytest.mark.parametrize("how", HOSTILE)
def test_reading_a_face_runs_nothing(how: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    custom_kind("Swish", CustomCode(text=traps(mark)[how]))
    assert not mark.exists()


@pytest.mark.parametrize("how", HOSTILE)
def test_the_traps_would_snap(how: str, tmp_path: Path) -> None:
    """Each text does leave its mark when it is run, so that the tests above mean something."""
    import torch

    mark = tmp_path / "mark"
    names: dict[str, object] = {}
    with contextlib.suppress(TypeError):  # a base or a keyword that Python refuses after computing it
        exec(compile(traps(mark)[how], "trap", "exec", dont_inherit=True), names)
        names["Swish"]()(torch.ones(1))  # type: ignore[operator]
    assert mark.exists()


def test_names_that_the_catalog_uses_are_taken() -> None:
    for name in ("Linear", "MoE"):
        made = custom_kind(name, CustomCode(text=SWISH.replace("Swish", name)))
        assert isinstance(made, str) == (name == "Linear")
    helper = custom_kind("Swish", CustomCode(text=SWISH.replace("_bent", "SelfOrganizingMap")))
    assert (
        helper
        == "custom/Swish.py cannot be used: SelfOrganizingMap is what NodeForge calls code of its own: rename it."
    )


def test_a_kind_is_made_of_the_text_and_is_off_at_first() -> None:
    kind = custom_kind("Swish", CustomCode(text=SWISH))
    assert isinstance(kind, CustomKind)
    assert (kind.category, kind.file, kind.trusted) == ("Custom", "custom/Swish.py", False)
    assert kind.summary == "Lets large values through."
