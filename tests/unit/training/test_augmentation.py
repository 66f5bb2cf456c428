"""Augmentation: each change does what its name says, repeatably, and only to training batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from nodeforge.core.document import Component
from nodeforge.core.errors import UserError
from nodeforge.data.augmentation import augmentations
from nodeforge.project import shipped
from nodeforge.session.workspace import Workspace
from nodeforge.training import augmentation
from nodeforge.training.augmentation import CHANGES, Augmenter
from nodeforge.training.batches import Batch, load_split
from nodeforge.training.control import Control
from nodeforge.training.job import TrainingJob
from nodeforge.training.material import gather
from nodeforge.training.runner import train

UNIT = (0.0, 1.0)


def pictures(count: int = 64, size: int = 16) -> torch.Tensor:
    """Smooth blobs, so that half pixels matter little."""
    noise = np.random.default_rng(0).normal(size=(count, 2, size, size))
    smooth = ndimage.gaussian_filter(noise, (0, 0, 2, 2))
    return torch.tensor((smooth - smooth.min()) / (smooth.max() - smooth.min()), dtype=torch.float32)


def change(name: str, images: torch.Tensor, seed: int = 0, span=UNIT, **values) -> torch.Tensor:
    settled = augmentations()[name].settled(values)
    return CHANGES[name](images, settled, span, torch.Generator().manual_seed(seed))


def test_every_augmentation_is_declared_and_carried_out() -> None:
    mixing = {name for name, one in augmentations().items() if one.mixes}
    assert set(CHANGES) | mixing == set(augmentations())
    assert mixing == {"mixup", "cutmix"}
    assert all(one.summary and all(p.doc for p in one.parameters) for one in augmentations().values())


def test_rotation_is_scipys(monkeypatch) -> None:
    monkeypatch.setattr(augmentation, "_even", lambda images, generator: torch.full((len(images),), 0.5))
    images = pictures(4)[..., :12]  # height and width differ
    found = change("rotation", images, degrees=40)
    expected = ndimage.rotate(images.numpy(), 20, axes=(2, 3), reshape=False, order=1, mode="nearest")
    inner = (..., slice(4, 12), slice(4, 8))
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.03)
    assert np.abs(images[inner].numpy() - expected[inner]).max() > 0.08


@pytest.mark.parametrize(
    "name", ["rotation", "zoom", "shift", "crop", "flip", "noise", "brightness", "contrast"]
)
def test_samples_change_each_in_its_own_way_and_repeatably(name: str) -> None:
    same = pictures(1).expand(32, -1, -1, -1)
    found = change(name, same, seed=3)
    assert found.shape == same.shape
    assert found.dtype == torch.float32
    torch.testing.assert_close(change(name, same, seed=3), found)
    assert not torch.equal(change(name, same, seed=4), found)
    assert len(torch.unique(found.reshape(32, -1), dim=0)) > (1 if name == "flip" else 8)


def test_shift_moves_by_no_more_than_the_share() -> None:
    images = torch.zeros(200, 1, 20, 20)
    images[:, :, 10, 10] = 1
    places = change("shift", images, amount=0.2).reshape(200, -1).argmax(dim=1)
    rows, columns = places // 20 - 10, places % 20 - 10
    assert rows.abs().max() == columns.abs().max() == 4
    assert {-3, 0, 3} <= set(rows.tolist())


def test_zoom_keeps_the_middle_and_scales_about_it() -> None:
    yy, xx = np.mgrid[:21, :21] - 10
    disc = torch.tensor((yy**2 + xx**2 <= 25).astype(np.float32))[None, None].expand(300, -1, -1, -1)
    areas = change("zoom", disc, amount=0.4).sum(dim=(1, 2, 3)) / disc[0].sum()
    assert areas.min() == pytest.approx(0.6**2, abs=0.08)
    assert areas.max() == pytest.approx(1.4**2, abs=0.15)


def test_flip_mirrors_about_half_and_leaves_the_rest() -> None:
    images = pictures(400)
    found = change("flip", images)
    mirrored = (found == images.flip(-1)).flatten(1).all(dim=1)
    assert 150 < mirrored.sum() < 250
    assert torch.equal(found[~mirrored], images[~mirrored])
    torch.testing.assert_close(change("flip", images, horizontal=False), images)


def test_crop_cuts_a_window_of_the_padded_picture() -> None:
    images = pictures(50)
    found = change("crop", images, pixels=2)
    large = torch.nn.functional.pad(images, (2,) * 4, mode="replicate")
    for image, whole in zip(found, large, strict=True):
        windows = whole.unfold(1, 16, 1).unfold(2, 16, 1)  # (C, 5, 5, 16, 16)
        assert (windows == image[:, None, None]).all(dim=(0, 3, 4)).any()


def test_brightness_and_contrast_stay_in_the_range() -> None:
    images = pictures(200)
    brighter = change("brightness", images, amount=0.3)
    steps = (brighter - images)[((brighter > 0) & (brighter < 1))]
    assert steps.min() >= -0.3
    assert steps.max() <= 0.3
    assert brighter.min() >= 0
    assert brighter.max() <= 1
    wide = change("contrast", images * 0.2 + 0.4, amount=0.5)
    ratio = wide.flatten(1).std(dim=1) / (images * 0.2).flatten(1).std(dim=1)
    assert 0.5 <= ratio.min() < 0.6
    assert 1.4 < ratio.max() <= 1.5 + 1e-4


def test_noise_has_its_spread() -> None:
    found = change("noise", torch.zeros(50, 3, 16, 16), spread=0.25)
    assert found.std() == pytest.approx(0.25, rel=0.02)
    assert abs(found.mean()) < 0.01


@pytest.fixture(scope="module")
def mnist():
    return gather(Workspace.from_example("mnist-cnn").document, shipped.project("mnist-cnn"))


def batch_of(mnist, count: int = 64) -> Batch:
    split = load_split(mnist.dataset, "train", mnist.source, torch.device("cpu"), channels_last=False)
    return next(iter(split.batches([(0, count)])))


def augmenter(mnist, *parts: Component, seed: int = 0) -> Augmenter:
    return Augmenter(parts, mnist.dataset, mnist.source, seed)


def test_a_batch_is_a_function_of_seed_epoch_and_place(mnist) -> None:
    batch, part = batch_of(mnist), Component(kind="noise")
    place = {"stage": 0, "epoch": 2, "place": 64}
    first = augmenter(mnist, part)(batch, **place).inputs[0]
    torch.manual_seed(99)
    torch.testing.assert_close(augmenter(mnist, part)(batch, **place).inputs[0], first)
    for other in ({"stage": 1}, {"epoch": 3}, {"place": 0}):
        assert not torch.equal(augmenter(mnist, part)(batch, **{**place, **other}).inputs[0], first)
    assert not torch.equal(augmenter(mnist, part, seed=1)(batch, **place).inputs[0], first)
    assert torch.equal(batch.inputs[0], batch_of(mnist).inputs[0])


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_mixing_gives_answers_their_share(mnist, name: str) -> None:
    batch = batch_of(mnist)
    mix = augmenter(mnist, Component(kind=name, parameters={"alpha": 1.0}))
    shares = []
    for epoch in range(20):
        found = mix(batch, stage=0, epoch=epoch, place=0)
        target = found.targets[0]
        assert target.shape == (64, 10)
        torch.testing.assert_close(target.sum(dim=1), torch.ones(64))
        own = target[torch.arange(64), batch.targets[0]]
        shares.append(float(own.min()))
        if name == "cutmix":
            kept = (found.inputs[0] == batch.inputs[0]).float().flatten(1).mean(dim=1)
            assert (kept >= own.min() - 1e-6).all()
        else:
            rest = (found.inputs[0] - own.min() * batch.inputs[0]).flatten(1)
            there = (1 - own.min()) * batch.inputs[0].flatten(1)
            assert torch.cdist(rest, there).min(dim=1).values.max() < 0.01
        loss = torch.nn.functional.cross_entropy(torch.randn(64, 10), target)
        assert torch.isfinite(loss)
    assert 0.5 <= min(shares) < 0.6 < 0.9 < max(shares) <= 1


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (Component(kind="sparkle"), "There is no augmentation sparkle: choose one of rotation, flip"),
        (Component(kind="zoom", parameters={"amount": 3}), "Augmentation zoom: amount must be at most 0.9"),
    ],
)
def test_what_cannot_be_done_is_told(mnist, part: Component, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        augmenter(mnist, part)


def test_pictures_are_asked_for_where_there_are_none() -> None:
    iris = gather(Workspace.from_example("iris-mlp").document, shipped.project("iris-mlp"))
    with pytest.raises(
        UserError, match="The augmentation flip changes pictures, and Iris gives the network none"
    ):
        augmenter(iris, Component(kind="flip"))
    assert augmenter(iris, Component(kind="noise"))
    assert not augmenter(iris)


def test_mixing_classes_needs_a_loss_that_takes_shares(mnist) -> None:
    elnino = gather(Workspace.from_example("elnino-lstm").document, shipped.project("elnino-lstm"))
    found = augmenter(elnino, Component(kind="mixup"))(
        Batch((torch.randn(8, 24, 1),), (torch.randn(8, 1),)), stage=0, epoch=0, place=0
    )
    assert found.targets[0].shape == (8, 1)
    other = replace(mnist.source, text=mnist.source.text.replace("CrossEntropyLoss", "MultiMarginLoss"))
    with pytest.raises(UserError, match="mixup turns classes into shares, which only CrossEntropyLoss takes"):
        Augmenter((Component(kind="mixup"),), mnist.dataset, other, 0)


def test_a_training_with_augmentation_is_repeatable(tmp_path) -> None:
    losses = []
    for folder, kind in (("a", "noise"), ("b", "noise"), ("c", "")):
        document = Workspace.from_example("iris-mlp").document
        parts = (Component(kind=kind, parameters={"spread": 0.3}),) if kind else ()
        document.data = replace(document.data, augmentation=parts)
        document.recipe = replace(
            document.recipe,
            stages=tuple(replace(stage, settings={"epochs": 2}) for stage in document.recipe.stages),
        )
        job = TrainingJob(document=document, folder=tmp_path / folder)
        losses.append(train(job, Control(), lambda event: None).metrics["train"]["loss"])
    assert losses[0] == losses[1] != losses[2]
