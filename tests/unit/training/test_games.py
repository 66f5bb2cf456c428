"""Stages that teach some nodes, follow some losses and take turns; gradients cut in time."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from nodeforge.core.document import Component, Stage
from nodeforge.core.errors import UserError
from nodeforge.training.rules.truncation import truncate
from tests.training_jobs import run, stop_after, weights
from tests.unit.training.rule_drawings import last, network, readout, result, samples, taught, untrained

GAME = """
    x = Input(shape=[4])
    noise = RandomNormal()
    gen = generator()
    y = Output()
    real = critic()
    fake = critic(shares="real")
    minus = ScaleShift(scale=-1.0)
    likes_real = Softplus()
    likes_fake = Softplus()
    fooled = Softplus()
    minus_fake = ScaleShift(scale=-1.0)
    loss_real = Minimize()
    loss_fake = Minimize()
    loss_gen = Minimize()
    x -> noise -> gen -> y
    x -> real -> minus -> likes_real -> loss_real
    gen -> fake -> likes_fake -> loss_fake
    fake -> minus_fake -> fooled -> loss_gen
    network generator()
    x = Input(shape=[4])
    fc1 = Linear(out_features=8)
    norm = BatchNorm1d()
    act = ReLU()
    fc2 = Linear(out_features=4)
    y = Output()
    x -> fc1 -> norm -> act -> fc2 -> y
    network critic()
    x = Input(shape=[4])
    fc1 = Linear(out_features=8)
    norm = BatchNorm1d()
    act = LeakyReLU()
    fc2 = Linear(out_features=1)
    y = Output()
    x -> fc1 -> norm -> act -> fc2 -> y
"""
CRITIC = Stage(name="critic", learns=("real",), objectives=("loss_real", "loss_fake"))
GENERATOR = Stage(name="generator", learns=("gen",), objectives=("loss_gen",), alternates=True)


def moved(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    """The tensors that changed."""
    return {name for name in before if not torch.equal(before[name], after[name])}


def of(owner: str, tensors: dict[str, torch.Tensor]) -> set[str]:
    return {name for name in tensors if name.startswith(f"{owner}.")}


def with_turn(stage: Stage, steps: int) -> Stage:
    return replace(stage, settings={**stage.settings, "turn_steps": steps})


def test_a_step_moves_only_the_player_whose_turn_it_is(tmp_path):
    # The critic makes two steps in a turn: after one the generator has not moved, not even its statistics.
    document = taught(GAME, with_turn(CRITIC, 2), GENERATOR)
    start = untrained(document, tmp_path)
    first, _ = stop_after(document, tmp_path, 1)
    assert moved(start, last(tmp_path, first)) == of("real", start)
    second, _ = stop_after(document, tmp_path, 2)
    assert moved(start, last(tmp_path, second)) == of("real", start) | of("gen", start)
    alone = result(taught(GAME, replace(GENERATOR, alternates=False)), tmp_path)
    assert moved(start, alone) == of("gen", start)


def test_players_take_the_steps_of_two_hand_written_loops(tmp_path):
    rate = Component(kind="SGD", parameters={"lr": 0.05})
    players = [replace(s, optimizer=rate) for s in (with_turn(CRITIC, 2), with_turn(GENERATOR, 3))]
    # One epoch: what is measured after it draws random numbers too.
    players[0] = replace(players[0], settings={**players[0].settings, "epochs": 1, "batch_size": 8})
    document = taught(GAME, *players)
    inputs = torch.as_tensor(next(iter(samples(document, tmp_path).values())))
    module = network(document, tmp_path, untrained(document, tmp_path)).train()
    critic = torch.optim.SGD(module.real.parameters(), lr=0.05)
    generator = torch.optim.SGD(module.gen.parameters(), lr=0.05)
    untrained(document, tmp_path)  # the generator of numbers is now where a training's is when it begins

    def play(optimizer, names, other, x):
        kept = [buffer.clone() for buffer in other.buffers()]
        module.zero_grad()
        losses, _ = module.objectives(x)
        sum(losses[name] for name in names).backward()
        optimizer.step()
        for buffer, before in zip(other.buffers(), kept, strict=True):
            buffer.copy_(before)

    for number, x in enumerate(inputs.split(8)):
        play(critic, ("loss_real", "loss_fake"), module.gen, x)
        if number % 2:
            for _ in range(3):
                play(generator, ("loss_gen",), module.real, x)
    ours = result(document, tmp_path)
    for name, tensor in module.state_dict().items():
        assert torch.allclose(ours[name], tensor, atol=1e-5), name


def test_each_player_has_a_curve_of_its_own(tmp_path):
    info, seen = run(taught(GAME, with_turn(CRITIC, 2), GENERATOR), tmp_path)
    critic, generator = seen.column("loss/critic"), seen.column("loss/generator")
    assert critic == seen.column("loss")
    assert generator[1] != generator[1]  # not a number: it has not played yet
    assert generator[2] == generator[3] != generator[4]
    assert info.epochs == 3


def test_what_a_stage_does_not_teach_stays_bit_for_bit(tmp_path):
    net = readout(
        4, 3, "fc = Linear(out_features=6)\nnorm = BatchNorm1d()\nact = ReLU()", "fc -> norm -> act -> "
    )
    document = taught(net, Stage(learns=("out",)))
    start, end = untrained(document, tmp_path), result(document, tmp_path)
    assert moved(start, end) == {"out.weight", "out.bias"}
    both = result(taught(net, Stage(learns=("out",)), Stage(name="all")), tmp_path)
    assert moved(end, both) == set(end)


def test_a_stage_follows_the_losses_that_it_names(tmp_path):
    _, seen = run(taught(GAME, replace(GENERATOR, alternates=False)), tmp_path)
    epochs = [event for event in seen.events if hasattr(event, "metrics") and hasattr(event, "epoch")]
    for event in epochs:
        told = event.metrics["validation"]
        assert told["loss"] == pytest.approx(told["loss/loss_gen"])


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_truncated_gradients_are_those_of_a_loop_that_detaches(kind):
    torch.manual_seed(0)
    layer, sequence = kind(3, 5, num_layers=2, batch_first=True), torch.randn(4, 10, 3)
    state, outputs = None, []
    for piece in sequence.split(4, dim=1):
        if state is not None:
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        output, state = layer(piece, state)
        outputs.append(output)
    torch.cat(outputs, dim=1).square().sum().backward()
    expected = [parameter.grad.clone() for parameter in layer.parameters()]
    layer.zero_grad()
    whole, _ = layer(sequence)
    whole.square().sum().backward()
    uncut = [parameter.grad.clone() for parameter in layer.parameters()]
    layer.zero_grad()
    restore = truncate(nn.Sequential(layer), 4)
    output, _ = layer(sequence)
    output.square().sum().backward()
    for parameter, wanted, other in zip(layer.parameters(), expected, uncut, strict=True):
        assert torch.allclose(parameter.grad, wanted, atol=1e-5)
        assert parameter.dim() == 1 or not torch.allclose(parameter.grad, other, atol=1e-5)
    assert torch.allclose(output, whole, atol=1e-6)
    restore()
    assert "forward" not in vars(layer)


RECURRENT = """
    x = Input(shape=[24, 1])
    lstm = LSTM(hidden_size=6{options})
    last = Select(dim=1, index=-1)
    out = Linear(out_features=1)
    y = Output()
    t = Target(shape=[1], dtype="float32")
    loss = MSELoss()
    x -> lstm -> last -> out -> y
    out -> loss.input
    t -> loss.target
"""


def test_a_recurrent_network_is_trained_on_pieces_of_its_sequences(tmp_path):
    net = RECURRENT.format(options="")
    cut = Stage(rule_settings={"truncate_steps": 6}, settings={"epochs": 1})
    whole = replace(cut, rule_settings={})
    ours, uncut = (result(taught(net, stage, source="elnino"), tmp_path) for stage in (cut, whole))
    assert moved(ours, uncut)
    same = replace(cut, rule_settings={"truncate_steps": 24})
    assert not moved(result(taught(net, same, source="elnino"), tmp_path), uncut)


def test_what_cannot_be_truncated_is_one_sentence():
    with pytest.raises(UserError, match="There is no RNN, LSTM or GRU to truncate"):
        truncate(nn.Linear(2, 2), 3)
    with pytest.raises(UserError, match="A bidirectional layer needs its whole sequence"):
        truncate(nn.GRU(2, 2, bidirectional=True), 3)


def test_averaged_weights_are_left_to_each_player_that_wants_them(tmp_path):
    averaged = replace(GENERATOR, settings={"ema_decay": 0.9})
    plain, even = (taught(GAME, CRITIC, stage) for stage in (GENERATOR, averaged))
    _, ours = run(plain, tmp_path)
    info, seen = run(even, tmp_path)
    assert seen.column("loss/generator") == ours.column("loss/generator")
    used, trained = (weights(tmp_path, info.id, name) for name in ("best", "last"))
    assert {name for name in used if not torch.equal(used[name], trained[name])} >= {"model/gen.fc1.weight"}
    assert torch.equal(used["model/real.fc1.weight"], trained["model/real.fc1.weight"])
