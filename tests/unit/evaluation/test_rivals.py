"""Simple methods for texts, samples, maps and generated samples, against what scikit-learn or counting gives."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from nodeforge.core.document import Component, DataSettings
from nodeforge.data import Dataset, load
from nodeforge.evaluation import Task, TaskKind, baselines, rivals, verdict
from nodeforge.evaluation.maps import centre_metrics, map_metrics
from nodeforge.evaluation.quality import Judge, frechet_distance

MAP = Task(kind=TaskKind.ORGANIZATION, field="image")


def dataset(source: str, folder: Path = Path(), **parameters) -> Dataset:
    return load(DataSettings(source=Component(kind=source, parameters=parameters)), folder)


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> tuple[Dataset, Task]:
    folder = tmp_path_factory.mktemp("text")
    (folder / "song.txt").write_text("the cat sat on the mat and the rat ate the hat. " * 60)
    data = dataset("text", folder, path="song.txt", window=16)
    return data, Task(kind=TaskKind.CLASSIFICATION, field="target", unit="characters")


def test_frequencies_of_letters_are_counted_in_the_training_text(text) -> None:
    data, task = text
    train, test = data.splits["train"]["target"], data.splits["test"]["target"]
    size = next(field.vocabulary for field in data.facts.fields if field.name == "target")
    counts = Counter(train.ravel().tolist())
    shares = np.array([(counts[number] + 1) / (train.size + size) for number in range(size)])
    found = baselines(data, task)["unigram model"]
    assert found["perplexity"] == pytest.approx(float(np.exp(-np.log(shares[test]).mean())), rel=1e-4)
    assert found["accuracy"] == pytest.approx((test == shares.argmax()).mean())


def test_a_model_of_pairs_knows_what_follows(text) -> None:
    data, task = text
    found = baselines(data, task)
    assert found["bigram model"]["perplexity"] < found["unigram model"]["perplexity"]
    train, test = data.splits["train"], data.splits["test"]
    after: dict[int, Counter[int]] = {}
    for first, second in zip(train["text"].ravel().tolist(), train["target"].ravel().tolist(), strict=True):
        after.setdefault(first, Counter())[second] += 1
    best = np.array([after[number].most_common(1)[0][0] for number in test["text"].ravel().tolist()])
    assert found["bigram model"]["accuracy"] == pytest.approx(
        (best == test["target"].ravel()).mean(), abs=0.02
    )


def test_pairs_make_a_distribution_also_after_what_was_never_seen() -> None:
    from nodeforge.evaluation.text_models import _pairs

    single = np.array([0.5, 0.3, 0.2])
    table = _pairs(np.array([0, 0, 1]), np.array([1, 2, 0]), single)
    np.testing.assert_allclose(table.sum(axis=1), 1)
    np.testing.assert_allclose(table[2], single)
    assert table[0, 1] == pytest.approx((1 + 2 * 0.3) / (2 + 2))  # Witten and Bell's formula


def test_principal_components_reconstruct_as_scikit_learns_do() -> None:
    data = dataset("digits")
    task = Task(kind=TaskKind.RECONSTRUCTION, field="image")
    found = baselines(data, task, components=8)
    train, test = (data.splits[name]["image"].reshape(-1, 64) for name in ("train", "test"))
    model = PCA(8, random_state=0).fit(train)
    error = ((model.inverse_transform(model.transform(test)) - test) ** 2).mean()
    assert found["8 principal components"]["reconstruction_error"] == pytest.approx(error, rel=1e-4)
    assert found["mean sample"]["reconstruction_error"] == pytest.approx(
        ((train.mean(axis=0) - test) ** 2).mean(), rel=1e-4
    )
    assert set(baselines(data, task)) == {"mean sample"}


def test_a_map_is_measured_by_its_two_nearest_units() -> None:
    random = np.random.default_rng(0)
    distances = random.random((50, 4, 5))
    found = map_metrics(distances)
    apart, winners = 0, set()
    for sample in distances:
        first, second = np.argsort(sample, axis=None)[:2]
        (a, b), (c, d) = np.unravel_index(first, (4, 5)), np.unravel_index(second, (4, 5))
        apart += max(abs(a - c), abs(b - d)) > 1
        winners.add(int(first))
    assert found["quantization_error"] == pytest.approx(distances.min(axis=(1, 2)).mean())
    assert found["topographic_error"] == apart / 50
    assert found["unused_units"] == pytest.approx(1 - len(winners) / 20)


def test_opposite_edges_of_a_closed_map_are_neighbours() -> None:
    distances = np.full((1, 3, 5), 9.0)
    distances[0, 0, 0], distances[0, 2, 4] = 1.0, 2.0
    assert map_metrics(distances)["topographic_error"] == 1
    assert map_metrics(distances, toroidal=True)["topographic_error"] == 0
    assert "topographic_error" not in map_metrics(np.ones((3, 1, 1)))


def test_a_map_stands_beside_as_many_centres() -> None:
    random = np.random.default_rng(0)
    train, samples = random.normal(size=(200, 3)), random.normal(size=(40, 3))
    model = KMeans(9, n_init=1, random_state=0).fit(train)
    expected = np.linalg.norm(samples - model.cluster_centers_[model.predict(samples)], axis=1).mean()
    found = centre_metrics(train, samples, 9)
    assert found["k-means, 9 centres"]["quantization_error"] == pytest.approx(expected)
    assert centre_metrics(train, samples, 200) == {}


def test_the_frechet_distance_is_that_of_its_formula() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(size=(400, 5)), random.normal(1, 2, size=(300, 5))
    a, b = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    means = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    expected = means + np.trace(a + b - 2 * linalg.sqrtm(a @ b).real)
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)


def test_real_digits_are_nearer_to_digits_than_noise_is() -> None:
    data = dataset("digits")
    judge = Judge.trained(data, "image", "test")
    assert judge is not None
    assert judge.accuracy > 0.9
    found = judge.rivals(data.splits["test"]["image"])
    real, noise = found["real training samples"], found["independent values"]
    assert real["frechet_distance"] * 5 < noise["frechet_distance"]
    assert real["sure_samples"] > noise["sure_samples"]
    one_digit = np.repeat(data.splits["test"]["image"][:1], 50, axis=0)
    assert judge.metrics(one_digit, data.splits["test"]["image"])["class_evenness"] == 0


def test_a_judge_needs_labels(tmp_path: Path) -> None:
    assert Judge.trained(dataset("elnino"), "series", "test") is None


def test_a_map_or_generated_samples_have_rivals_of_their_own() -> None:
    data = dataset("digits")
    assert rivals(data, MAP).on("test") == {}


@pytest.mark.parametrize(
    ("ours", "theirs", "better", "words"),
    [(0.9, 0.8, True, "does better"), (0.8, 0.9, False, "beaten by"), (0.8, 0.8, False, "no better than")],
)
def test_the_verdict_names_the_best_rival(ours: float, theirs: float, better: bool, words: str) -> None:
    task = Task(kind=TaskKind.CLASSIFICATION, field="target")
    baseline = {"majority class": {"accuracy": 0.1}, "linear model": {"accuracy": theirs}}
    sentence, found = verdict(task, "test", {"accuracy": ours}, baseline)
    assert found is better
    assert words in sentence
    assert "linear model" in sentence


def test_less_error_is_better_and_a_bound_is_nobodys_rival() -> None:
    values = Task(kind=TaskKind.REGRESSION, field="target")
    assert verdict(values, "test", {"nrmse": 0.4}, {"mean": {"nrmse": 1.0}})[1]
    assert not verdict(values, "test", {"nrmse": 1.2}, {"mean": {"nrmse": 1.0}})[1]
    assert verdict(values, "test", {"rmse": 2.0}, {"mean": {"rmse": 3.0}})[1]  # where the truth never changes
    assert verdict(
        MAP, "test", {"quantization_error": 1.3}, {"k-means, 9 centres": {"quantization_error": 1}}
    ) == (
        "",
        True,
    )
    assert verdict(Task(kind=TaskKind.OTHER), "test", {"loss": 1.0}, {}) == ("", True)
