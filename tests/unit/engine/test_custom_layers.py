"""Layers that a person wrote: off until trusted, and then like every other, from the check to the exported file."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from custom_projects import SWISH, traps, with_swish
from drawings import drawing
from torch import nn

from nodeforge.analysis import Checker, check
from nodeforge.analysis.report import NodeReport
from nodeforge.catalog.custom import CustomKind, custom_kind
from nodeforge.catalog.networks import kinds_of
from nodeforge.compiler import generate
from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits import SetCustom, SetParameter, apply
from nodeforge.core.errors import ShapeError, UserError
from nodeforge.core.specs import TensorSpec
from nodeforge.engine.custom_shapes import shapes_of
from nodeforge.engine.messages import Failed
from nodeforge.project import files, schema, trust
from nodeforge.session.assignments import assignment
from nodeforge.session.checking import check_project
from nodeforge.session.custom_shapes import ShapeBook, question
from nodeforge.session.jobs import Jobs
from nodeforge.torch_backend import build
from nodeforge.torch_backend.oracle import Oracle

IMAGES = {"x": (TensorSpec(("N", 4)),)}
LAYER = """import torch
from torch import Tensor, nn


class Swish(nn.Module):
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.linear = nn.Linear(4, width)

    def forward(self, x: Tensor{inputs}) -> {gives}:
        {body}
"""


def layer(body: str, gives: str = "Tensor", inputs: str = "") -> CustomKind:
    """A trusted layer."""
    text = LAYER.format(body=body, gives=gives, inputs=inputs)
    trust.trust(text, "Swish")
    kind = custom_kind("Swish", CustomCode(text=text))
    assert isinstance(kind, CustomKind), kind
    return kind


def quick(document: Document) -> Document:
    apply(document, assignment(document, "epochs", 2))
    return document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.save(quick(with_swish()), tmp_path / "project")
    return tmp_path / "project"


# Off ----------------------------------------------------------------------------------------------------


def _check(document: Document, folder: Path) -> None:
    report = check_project(document, folder)
    broken = {d.code for d in report.diagnostics} & {"custom-untrusted", "custom-broken"}
    assert broken
    assert report.networks["main"].nodes["relu1"].outputs == {}
    generate(document, report)


def _train(document: Document, folder: Path) -> None:
    with Jobs() as jobs:
        jobs.train(document, folder)


def _deep_check(document: Document, folder: Path) -> None:
    with Jobs() as jobs:
        jobs.deep_check(document, folder)


def _shapes(document: Document, folder: Path) -> None:
    kind = kinds_of(document).get("Swish")
    if not isinstance(kind, CustomKind):
        raise UserError("broken: custom/Swish.py")
    shapes_of(question(kind, {}, IMAGES))


def _forged(document: Document, folder: Path) -> None:
    """A kind that says of itself that it is trusted."""
    kind = kinds_of(document).get("Swish")
    if not isinstance(kind, CustomKind):
        raise UserError("broken: custom/Swish.py")
    Oracle()(replace(kind, trusted=True), {}, IMAGES)


@pytest.mark.parametrize("how", sorted(traps(Path("mark"))))
@pytest.mark.parametrize("use", [_check, _train, _deep_check, _shapes, _forged])
def test_nothing_runs_before_it_is_trusted(
    how: str, use: Callable[[Document, Path], None], tmp_path: Path
) -> None:
    mark, place = tmp_path / "mark", tmp_path / "project"
    document = with_swish(traps(mark)[how])
    files.save(document, place)
    with contextlib.suppress(UserError):  # that it is off, or no layer at all
        use(files.load(place), place)
    assert not mark.exists()


def test_generated_code_is_not_run_when_trust_has_gone_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust.trust(SWISH, "Swish")
    document = files.load(folder)
    source = generate(document, check_project(document, folder))
    assert source.custom == {"Swish": trust.digest(SWISH)}
    build(source)
    monkeypatch.setenv("NODEFORGE_STATE_DIR", str(folder / "elsewhere"))
    with pytest.raises(UserError, match="The code of Swish is not trusted on this machine"):
        build(source)


def test_one_letter_changed_and_a_training_refuses(folder: Path) -> None:
    trust.trust(SWISH, "Swish")
    path = folder / "custom" / "Swish.py"
    path.write_text(SWISH.replace("learnt", "learned"))
    with Jobs() as jobs, pytest.raises(UserError, match=r"custom/Swish.py is not trusted"):
        jobs.train(files.load(folder), folder)


# On -----------------------------------------------------------------------------------------------------


class _ByHand(nn.Module):
    """The perceptron with Swish, written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(4, 16)
        self.steepness = nn.Parameter(torch.full((16,), 2.0))
        self.fc2 = nn.Linear(16, 16)
        self.fc3 = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.fc1(x)
        x = torch.relu(x) + x * torch.sigmoid(self.steepness * x)
        return self.fc3(torch.relu(self.fc2(x)))  # type: ignore[no-any-return]


def test_the_generated_module_equals_one_written_by_hand(folder: Path) -> None:
    trust.trust(SWISH, "Swish")
    document = files.load(folder)
    report = check_project(document, folder)
    assert report.ok
    node = report.networks["main"].nodes["relu1"]
    assert node.outputs == {"output": TensorSpec(("N", 16))}
    assert (node.parameters, dict(node.derived)) == (16, {"in_features": 16})
    module, by_hand = build(generate(document, report)), _ByHand()
    weights = {name.replace("relu1.", ""): value for name, value in module.state_dict().items()}
    by_hand.load_state_dict(weights)
    samples = torch.randn(5, 4)
    given, wanted = module(samples), by_hand(samples)
    torch.testing.assert_close(given, wanted, rtol=0, atol=0)
    given.sum().backward()
    wanted.sum().backward()
    torch.testing.assert_close(module.relu1.steepness.grad, by_hand.steepness.grad, rtol=0, atol=0)


def test_it_trains_and_leaves_as_onnx_and_as_pytorch(folder: Path, tmp_path: Path) -> None:
    trust.trust(SWISH, "Swish")
    with Jobs() as jobs:
        run = jobs.train(files.load(folder), folder).run
        # The run has the code that it was trained with, whatever the file says by now.
        (folder / "custom" / "Swish.py").write_text("raise SystemExit\n")
        assert jobs.evaluate(folder, run).metrics
        exported = jobs.export(folder, run, "onnx", tmp_path / "out.onnx")
        assert exported.max_abs_difference < 1e-5
        jobs.export(folder, run, "pytorch", tmp_path / "out")
    model = (tmp_path / "out" / "model.py").read_text()
    assert "class Swish(nn.Module):" in model
    assert "nodeforge" not in model.lower()
    alone = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); import model; print(model.Swish(3))"],
        cwd=tmp_path / "out", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert alone.stdout.strip() == "Swish()", alone.stderr


def test_a_deep_check_tries_it(folder: Path) -> None:
    trust.trust(SWISH, "Swish")
    with Jobs() as jobs:
        outcomes = {v.check: v.outcome for v in jobs.deep_check(files.load(folder), folder).verdicts}
    assert "broken" not in outcomes.values()
    assert "held" in outcomes.values()


@pytest.mark.parametrize(
    ("body", "gives", "words"),
    [
        ("return x if x.sum() > 0 else -x", "Tensor", "at `return x if x.sum() > 0 else -x`"),
        ("return self.linear(x.T)", "Tensor", "does not take this input. RuntimeError"),
        ("return x.nothing", "Tensor", "AttributeError at `return x.nothing`"),
        ("raise KeyError(3)", "Tensor", "KeyError"),
        ("return 3", "Tensor", "it gives int where it declares Tensors"),
        ("return x, x", "Tensor", "it gives tuple where it declares Tensors"),
        ("return x, x, x", "tuple[Tensor, Tensor]", "too many values"),
        ("return x.flatten()", "Tensor", "folds the batch"),
    ],
)
def test_what_code_does_wrong_is_a_sentence_with_its_line(body: str, gives: str, words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        Oracle()(layer(body, gives), {"width": 3}, IMAGES)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_several_outputs_and_an_input_that_may_stay_unwired() -> None:
    kind = layer(
        "h = self.linear(x)\n        return h if mask is None else h * mask, x > 0",
        "tuple[Tensor, Tensor]",
        ", mask: Tensor | None = None",
    )
    alone = Oracle()(kind, {"width": 3}, IMAGES)
    assert alone.outputs == {"output_1": TensorSpec(("N", 3)), "output_2": TensorSpec(("N", 4), "bool")}
    assert alone.parameters == 15
    masked = Oracle()(kind, {"width": 1}, {**IMAGES, "mask": (TensorSpec(("N", 6)),)})
    assert masked.outputs["output_1"] == TensorSpec(("N", 6))


def test_the_window_asks_the_engine_once_and_then_knows(folder: Path) -> None:
    trust.trust(SWISH, "Swish")
    document, book = files.load(folder), ShapeBook()
    assert check(document, oracle=book).networks["main"].nodes["fc2"].derived == {}
    ((request, take),) = book.questions()
    assert book.questions() == []  # it is on its way
    assert take(shapes_of(request))
    report = check(document, oracle=book)
    assert report.networks["main"].nodes["relu1"].parameters == 16
    assert report.networks["main"].nodes["fc2"].derived == {"in_features": 16}
    assert book.questions() == []


def test_a_question_that_the_engine_could_not_answer_is_asked_again(folder: Path) -> None:
    trust.trust(SWISH, "Swish")
    document, book = files.load(folder), ShapeBook()
    check(document, oracle=book)
    ((request, take),) = book.questions()
    assert not take(Failed(message="The engine ended.", user_fault=True))
    ((again, _),) = book.questions()
    assert again == request


def test_what_a_layer_has_against_its_input_is_a_finding_at_its_node(folder: Path) -> None:
    text = SWISH.replace("* _bent", "@ _bent")
    trust.trust(text, "Swish")
    document = with_swish(text)
    (finding,) = [d for d in check_project(document, folder).diagnostics if d.severity == "error"]
    assert (finding.node, finding.code) == ("relu1", "shape-mismatch")
    assert "RuntimeError at `bent = F.relu(x)" in finding.message


def test_the_checker_follows_code_trust_and_parameters(folder: Path) -> None:
    document = files.load(folder)
    checker = Checker(Oracle())

    def codes() -> set[str]:
        return {d.code for d in checker.check(document).diagnostics if d.severity == "error"}

    assert codes() == {"custom-untrusted"}
    trust.trust(SWISH, "Swish")
    assert codes() == set()
    apply(document, SetParameter("main", "relu1", "steepness", "steep"))
    assert codes() == {"parameter-invalid"}
    apply(document, SetParameter("main", "relu1", "steepness", 1))
    apply(document, SetCustom({"Swish": CustomCode(text="class Swish: pass")}))
    assert codes() == {"custom-broken"}
    apply(document, SetCustom({}))
    assert codes() == {"unknown-kind"}
    apply(document, SetCustom({"Swish": CustomCode(text=SWISH)}))
    assert codes() == set()


def test_it_stands_inside_networks_and_they_follow_its_code() -> None:
    document = drawing("""
        x = Input(shape=[4])
        first = block()
        y = Output()
        x -> first -> y
        network block()
        a = Input(shape=[4])
        own = Swish()
        b = Output()
        a -> own.x
        own.output -> b
    """)
    checker = Checker(Oracle())

    def use() -> NodeReport:
        return checker.check(document).networks["main"].nodes["first"]

    assert use().outputs == {}
    apply(document, SetCustom({"Swish": CustomCode(text=SWISH)}))
    assert use().outputs == {}
    trust.trust(SWISH, "Swish")
    assert (use().outputs, use().parameters) == ({"b": TensorSpec(("N", 4))}, 4)
    wider = SWISH.replace(
        "return bent if mask", "bent = torch.cat((bent, bent), 1)\n        return bent if mask"
    )
    trust.trust(wider, "Swish")
    apply(document, SetCustom({"Swish": CustomCode(text=wider)}))
    assert use().outputs == {"b": TensorSpec(("N", 8))}
    module = build(generate(document, checker.check(document)))
    assert module(torch.ones(2, 4)).shape == (2, 8)


def test_code_reaches_the_engine_as_project_json(folder: Path) -> None:
    assert schema.decode(schema.encode(files.load(folder))).custom["Swish"].text == SWISH
