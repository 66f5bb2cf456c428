"""Batches, orders, optimizers, schedules and devices, each against torch or plain arithmetic."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from nodeforge.catalog import optimizers, schedules
from nodeforge.core.document import Component
from nodeforge.core.errors import UserError
from nodeforge.training import batches, device
from nodeforge.training.batches import Split, ranges
from nodeforge.training.optimizers import Schedule, build_optimizer
from nodeforge.training.randomness import permutation

CPU = torch.device("cpu")


@given(st.integers(1, 500), st.integers(1, 70))
def test_ranges_cover_every_sample_once_and_leave_no_sample_alone(count, size):
    found = ranges(count, size)
    assert [i for start, stop in found for i in range(start, stop)] == list(range(count))
    if size > 1 and count > 1:
        assert all(stop - start > 1 for start, stop in found)
    assert all(stop - start <= size + 1 for start, stop in found)


@given(st.integers(1, 500), st.integers(1, 70))
def test_dropping_the_last_batch_leaves_whole_ones(count, size):
    found = ranges(count, size, drop_last=True)
    assert found
    if count >= size:
        assert all(stop - start == size for start, stop in found)


def test_the_order_is_a_function_of_seed_stage_and_epoch():
    order = permutation(1, 0, 2, 100)
    assert sorted(order.tolist()) == list(range(100))
    assert torch.equal(order, permutation(1, 0, 2, 100))
    others = [permutation(*key, 100) for key in ((2, 0, 2), (1, 1, 2), (1, 0, 3))]
    assert not any(torch.equal(order, other) for other in others)


@pytest.mark.parametrize("limit", [1 << 30, 0], ids=["ordered once", "gathered per batch"])
@pytest.mark.parametrize("shape", [(37, 5), (37, 3, 4, 4)])
def test_batches_are_the_samples_in_the_order_given(monkeypatch, limit, shape):
    monkeypatch.setattr(batches, "COPY_BYTES", limit)
    x, t = torch.randn(shape), torch.arange(37)
    if x.dim() == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    order = permutation(0, 0, 0, 37)
    split = Split((x,), (t,), CPU)
    for start in (0, 2):
        left = ranges(37, 8)[start:]
        found = list(split.batches(left, order))
        assert torch.equal(torch.cat([b.targets[0] for b in found]), t[order[left[0][0] :]])
        assert torch.equal(torch.cat([b.inputs[0] for b in found]), x[order[left[0][0] :]])
        if x.dim() == 4:
            assert all(b.inputs[0].is_contiguous(memory_format=torch.channels_last) for b in found)
    assert torch.equal(torch.cat([b.inputs[0] for b in split.batches(ranges(37, 8))]), x)


@pytest.mark.parametrize("kind", list(optimizers()))
def test_every_declared_optimizer_steps_as_torchs_own_with_its_defaults(kind):
    ours, theirs = nn.Linear(3, 2), nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    values = optimizers()[kind].complete({})
    optimizer = build_optimizer(Component(kind=kind), list(ours.parameters()), CPU)
    if kind == "Muon":  # takes matrices alone
        shared = {name: values[name] for name in ("lr", "weight_decay")}
        references = [
            torch.optim.Muon([theirs.weight], **values),
            torch.optim.AdamW([theirs.bias], **shared),
        ]
    else:
        references = [getattr(torch.optim, kind)(theirs.parameters(), **values)]
    for _ in range(3):
        for module, chosen in ((ours, [optimizer]), (theirs, references)):

            def closure(module=module):
                module.zero_grad()
                loss = module(torch.ones(1, 3)).square().sum()
                loss.backward()
                return loss

            closure()
            for each in chosen:
                each.step(*([closure] if kind == "LBFGS" else []))
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("kind", list(schedules()))
def test_every_declared_schedule_runs_to_the_end_and_resumes_anywhere(kind):
    def made():
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
        return optimizer, Schedule(Component(kind=kind), optimizer, epochs=12, batches=3)

    def epoch(optimizer, schedule, number):
        for _ in range(3):
            optimizer.step()
            if schedule.per_batch:
                schedule.end_batch()
        schedule.end_epoch(1.0 / (1 + min(number, 2)))
        return schedule.learning_rate

    optimizer, schedule = made()
    rates, states = [], []
    for number in range(12):
        rates.append(epoch(optimizer, schedule, number))
        states.append((schedule.state(), optimizer.state_dict()))
    assert all(rate > 0 or kind in ("CosineAnnealingLR", "warmup_cosine", "PolynomialLR") for rate in rates)
    assert (len(set(rates)) == 1) == (kind in ("constant", "ReduceLROnPlateau"))
    optimizer, schedule = made()
    for number in range(5):
        epoch(optimizer, schedule, number)
    state, optimizer_state = schedule.state(), optimizer.state_dict()
    optimizer, schedule = made()
    optimizer.load_state_dict(optimizer_state)
    schedule.load(state)
    assert [epoch(optimizer, schedule, n) for n in range(5, 12)] == rates[5:]


def test_arguments_that_do_not_go_together_are_one_sentence():
    component = Component(kind="SGD", parameters={"nesterov": True})
    with pytest.raises(UserError, match="SGD cannot be used like this: Nesterov"):
        build_optimizer(component, list(nn.Linear(1, 1).parameters()), CPU)


def test_a_device_that_is_not_here_is_one_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.choose("cpu") == CPU
    with pytest.raises(UserError, match="no cuda device"):
        device.choose("cuda")


def test_small_networks_get_one_thread_and_large_ones_leave_a_core(monkeypatch):
    monkeypatch.setattr(device, "_cores", lambda: 8)
    assert device.choose_threads(None, nn.Linear(10, 10)) == 1
    assert device.choose_threads(None, nn.Linear(2000, 2000)) == 7
    assert device.choose_threads(None, nn.Conv2d(1, 1, 3)) == 7
    assert device.choose_threads(3, nn.Linear(10, 10)) == 3
    monkeypatch.setattr(device, "_cores", lambda: 1)
    assert device.choose_threads(None, nn.Conv2d(1, 1, 3)) == 1


def test_only_convolutions_on_a_processor_work_channels_last():
    assert device.wants_channels_last("auto", nn.Conv2d(1, 1, 3), CPU)
    assert not device.wants_channels_last("auto", nn.Linear(1, 1), CPU)
    assert not device.wants_channels_last("auto", nn.Conv2d(1, 1, 3), torch.device("cuda"))
    assert not device.wants_channels_last("off", nn.Conv2d(1, 1, 3), CPU)
    assert device.wants_channels_last("on", nn.Linear(1, 1), CPU)


def test_the_engine_says_what_it_computes_with():
    pong = device.introduce()
    assert pong.torch_version == torch.__version__
    assert pong.threads >= 1
