"""Bypassed and muted nodes in the source: what a person would have written by hand."""

from __future__ import annotations

import re

import torch
from drawings import CLASSIFIER, drawing
from torch import nn

from nodeforge.analysis import check
from nodeforge.compiler import Source, generate
from nodeforge.core.document import Document
from nodeforge.core.edits import SetMode, apply
from nodeforge.torch_backend import build

SHARING = """
    x = Input(shape=[8])
    a = Linear(out_features=8)
    b = Linear(shares="a")
    c = Linear(shares="a")
    y = Output()
    x -> a -> b -> c -> y
"""


def source_of(document: Document) -> Source:
    report = check(document)
    assert report.ok, [d.message for d in report.diagnostics]
    return generate(document, report)


def test_what_reads_a_bypassed_node_reads_what_arrives_there() -> None:
    document = drawing(CLASSIFIER)
    apply(document, SetMode("main", "act", "bypassed"))
    text = source_of(document).text
    assert "# Bypassed, so what arrives there goes on: act" in text
    assert "ReLU" not in text
    module = build(source_of(document))
    x = torch.randn(4, 8)
    assert torch.equal(module(x), module.scores(module.hidden(x)))  # type: ignore[operator]


def test_several_bypassed_nodes_in_a_row_are_led_past() -> None:
    document = drawing(CLASSIFIER)
    for name in ("hidden", "act"):
        apply(document, SetMode("main", name, "bypassed"))
    module = build(source_of(document))
    x = torch.randn(4, 8)
    assert [name for name, _ in module.named_parameters()] == ["scores.weight", "scores.bias"]
    assert torch.equal(module(x), module.scores(x))  # type: ignore[operator]


def test_a_muted_layer_learns_nothing_and_lets_no_gradient_back() -> None:
    document = drawing(CLASSIFIER)
    apply(document, SetMode("main", "act", "muted"))
    source = source_of(document)
    assert re.search(r"x = torch\.zeros_like\(x\) +# N×16, act is muted", source.text)
    module = build(source)
    losses, _ = module.objectives(torch.randn(4, 8), torch.tensor([0, 1, 2, 0]))  # type: ignore[operator]
    losses["loss"].backward()
    assert module.hidden.weight.grad is None  # type: ignore[union-attr]
    assert module.scores.bias.grad.abs().sum() > 0  # type: ignore[union-attr]


def test_zeros_of_another_shape_follow_the_batch() -> None:
    document = drawing(CLASSIFIER)
    apply(document, SetMode("main", "hidden", "muted"))
    source = source_of(document)
    assert "features.new_zeros(features.shape[0], 16)" in source.text
    module = build(source)
    assert module(torch.randn(5, 8)).shape == (5, 3)
    assert "hidden.weight" in module.state_dict()


def test_weights_of_a_bypassed_owner_live_on_where_they_are_shared() -> None:
    document = drawing(SHARING)
    active = build(source_of(document))
    apply(document, SetMode("main", "a", "bypassed"))
    report = check(document)
    assert {n: r.parameters for n, r in report.networks["main"].nodes.items()} == {
        "x": 0,
        "a": 0,
        "b": 72,
        "c": 0,
        "y": 0,
    }
    module = build(source_of(document))
    module.load_state_dict(active.state_dict())
    x = torch.randn(2, 8)
    assert torch.equal(module(x), module.a(module.a(x)))  # type: ignore[operator]
    apply(document, SetMode("main", "b", "bypassed"))
    assert check(document).networks["main"].parameters == 72


def test_a_muted_user_of_shared_weights_leaves_them_to_others() -> None:
    document = drawing(SHARING)
    apply(document, SetMode("main", "b", "muted"))
    module = build(source_of(document))
    x = torch.randn(2, 8)
    assert torch.equal(module(x), module.a(torch.zeros(2, 8)))  # type: ignore[operator]


BLOCKS = """
    x = Input(shape=[8])
    first = block(repeat=3)
    second = block(repeat=2, share_repeats=True)
    y = Output()
    x -> first -> second -> y
    network block()
    i = Input(shape=[8])
    up = Linear(out_features=8)
    act = Tanh()
    o = Output()
    i -> up -> act -> o
"""


def test_networks_as_nodes_are_bypassed_and_muted_as_others() -> None:
    document = drawing(BLOCKS)
    active = build(source_of(document))
    x = torch.randn(2, 8)
    for name in ("first", "second"):
        apply(document, SetMode("main", name, "muted"))
        muted = build(source_of(document))
        muted.load_state_dict(active.state_dict())
        kept = muted.second if name == "first" else muted.first
        once = torch.zeros(2, 8) if name == "first" else x
        for _ in range(2 if name == "first" else 0):
            once = kept(once)  # type: ignore[operator]
        assert torch.equal(muted(x), once if name == "first" else torch.zeros(2, 8))
        apply(document, SetMode("main", name, "bypassed"))
        bypassed = build(source_of(document))
        assert not hasattr(bypassed, name)
        apply(document, SetMode("main", name, "active"))


def test_a_mode_inside_a_network_holds_for_all_its_uses() -> None:
    document = drawing(BLOCKS)
    apply(document, SetMode("block", "act", "bypassed"))
    module = build(source_of(document))
    x = torch.randn(2, 8)
    wanted = x
    for block in (*module.first, module.second, module.second):  # type: ignore[misc]
        assert isinstance(block, nn.Module)
        wanted = block.up(wanted)  # type: ignore[operator]
    torch.testing.assert_close(module(x), wanted)


def test_a_bypassed_recurrent_layer_passes_its_state_on_where_one_arrives() -> None:
    text = """
        x = Input(shape=[5, 8])
        first = GRU(hidden_size=8)
        gru = GRU(hidden_size=8)
        more = GRU(hidden_size=8)
        y = Output()
        x -> first -> gru -> more -> y
        first.hidden -> gru.initial_hidden
        gru.hidden -> more.initial_hidden
    """
    document = drawing(text)
    apply(document, SetMode("main", "gru", "bypassed"))
    module = build(source_of(document))
    x = torch.randn(3, 5, 8)
    wanted, _ = module.more(*module.first(x))  # type: ignore[operator]
    assert torch.equal(module(x), wanted)


def test_a_muted_loss_is_left_out_of_the_training() -> None:
    document = drawing(CLASSIFIER)
    apply(document, SetMode("main", "loss", "muted"))
    source = generate(document, check(document))
    assert source.objectives == ()
    assert source.complete
    assert "CrossEntropyLoss" not in source.text
