"""Pictures in folders: classes, sizes, colours, and files that are no good."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nodeforge.core.errors import UserError

RNG = np.random.default_rng(0)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twelve pictures of 10×8 pixels of each of two classes."""
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(12):
            picture(tmp_path / "pets" / name / f"{number:02}.png")
    return tmp_path / "pets"


def picture(path: Path, size: tuple[int, int] = (10, 8), mode: str = "RGB") -> np.ndarray:
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    pixels = RNG.integers(0, 256, (size[1], size[0], *channels), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def test_folders_are_classes_and_pictures_are_as_in_the_files(dataset, pictures: Path) -> None:
    data = dataset("image-folder", path="pets", preparation={"validation_fraction": 0, "test_fraction": 0.25})
    assert data.facts.sizes == {"train": 18, "validation": 0, "test": 6}
    assert data.facts.field("", "target").classes == ("cat", "dog")
    assert data.facts.field("", "input").spec.shape == ("N", 3, 8, 10)
    names = data.samples.sample_names
    for row in (0, 20):
        truth = np.asarray(Image.open(pictures / names[row])).transpose(2, 0, 1)
        np.testing.assert_array_equal(data.samples.fields[0].values[row], truth)
        assert data.samples.labels.values[row] == (names[row].split("/")[0] == "dog")
    assert data.splits["train"]["image"].max() <= 1


def test_pictures_without_folders_have_no_classes(dataset, pictures: Path) -> None:
    data = dataset("image-folder", path="pets/cat")
    assert [field.name for field in data.facts.fields] == ["image"]


def test_folders_called_train_and_test_are_the_split(dataset, pictures: Path) -> None:
    pictures.rename(pictures.with_name("train"))
    root = pictures.parent / "all"
    root.mkdir()
    pictures.with_name("train").rename(root / "train")
    (root / "test" / "dog").mkdir(parents=True)
    picture(root / "test" / "dog" / "one.png")
    data = dataset("image-folder", path="all", preparation={"validation_fraction": 0})
    assert data.facts.sizes == {"train": 24, "validation": 0, "test": 1}
    assert data.samples.sample_names[data.indices["test"][0]] == "test/dog/one.png"


@pytest.mark.parametrize(
    ("fit", "expected"),
    [("pad", [0, 255, 255, 0]), ("crop", [255, 255, 255, 255]), ("stretch", [255, 255, 255, 255])],
)
def test_other_sizes_are_brought_to_one(dataset, tmp_path: Path, fit: str, expected: list[int]) -> None:
    (tmp_path / "white").mkdir()
    for number in range(10):
        Image.new("L", (10, 20), 255).save(tmp_path / "white" / f"{number}.png")
    data = dataset("image-folder", path="white", height=4, width=4, fit=fit)
    np.testing.assert_array_equal(data.samples.fields[0].values[0, 0, 1], expected)
    assert any(
        "10 pictures (0.png, 1.png, 2.png and 7 more) have another size" in note and "4×4" in note
        for note in data.notes
    )


def test_different_sizes_become_64_pixels_unless_told(dataset, pictures: Path) -> None:
    picture(pictures / "cat" / "large.png", (40, 40))
    data = dataset("image-folder", path="pets")
    assert data.facts.field("", "input").spec.shape == ("N", 3, 64, 64)


def test_grey_among_colours_is_told_and_read_as_colour(dataset, pictures: Path) -> None:
    pixels = picture(pictures / "cat" / "00.png", mode="L")
    picture(pictures / "cat" / "01.png", mode="RGBA")
    data = dataset("image-folder", path="pets")
    np.testing.assert_array_equal(data.samples.fields[0].values[0], np.stack([pixels] * 3))
    assert any(
        "1 picture (cat/00.png) is grey and 23 coloured: all are read as coloured" in n for n in data.notes
    )
    assert any("1 picture (cat/01.png) is partly transparent" in note for note in data.notes)
    grey = dataset("image-folder", path="pets", colours="grey")
    assert grey.facts.field("", "input").spec.shape == ("N", 1, 8, 10)


def test_sixteen_bits_and_turned_photos_are_as_people_see_them(dataset, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    for number in range(9):
        Image.fromarray(np.full((6, 4), 257 * 100, np.uint16)).save(tmp_path / "p" / f"{number}.png")
    turned = Image.new("RGB", (6, 4), (100, 100, 100))
    turned.putpixel((0, 0), (200, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "p" / "9.webp", exif=exif, lossless=True)
    values = dataset("image-folder", path="p", colours="grey").samples.fields[0].values
    assert values.shape == (10, 1, 6, 4)
    assert (values[0] == 100).all()
    assert values[9, 0, 0, 3] == 200


def test_a_damaged_picture_is_named_and_left_out_only_on_wish(dataset, pictures: Path) -> None:
    path = pictures / "dog" / "03.png"
    path.write_bytes(path.read_bytes()[:-60])
    (pictures / "cat" / "05.jpg").write_text("no picture")
    with pytest.raises(UserError) as caught:
        dataset("image-folder", path="pets")
    assert str(caught.value) == (
        "cat/05.jpg cannot be read as a picture. dog/03.png is damaged. Mend what is wrong, or set faulty to leave out."
    )
    data = dataset("image-folder", path="pets", faulty="leave out")
    assert len(data.samples) == 23
    assert "dog/03.png" not in data.samples.sample_names
    assert any("2 files are left out. cat/05.jpg cannot be read" in note for note in data.notes)


def test_an_empty_class_folder_and_stray_files_are_told(dataset, pictures: Path) -> None:
    (pictures / "bird").mkdir()
    (pictures / "cat" / "notes.txt").write_text("hello")
    with pytest.raises(UserError, match="The folder bird of pets holds no pictures"):
        dataset("image-folder", path="pets")
    data = dataset("image-folder", path="pets", faulty="leave out")
    assert data.facts.field("", "target").classes == ("cat", "dog")
    assert set(data.samples.labels.values.tolist()) == {0, 1}
    assert any("1 other file, such as notes.txt, is not of the pictures" in note for note in data.notes)
    picture(pictures / "loose.png")
    with pytest.raises(UserError, match=r"1 file of pets, such as loose\.png, lies beside the class folders"):
        dataset("image-folder", path="pets")


def test_a_folder_of_nothing_is_told(dataset, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"empty holds no pictures \(\.png"):
        dataset("image-folder", path="empty")
    with pytest.raises(UserError, match=r"There is no folder .*nowhere: check its name and place"):
        dataset("image-folder", path="nowhere")
    with pytest.raises(UserError, match="No folder of pictures is chosen"):
        dataset("image-folder")


def test_a_changed_picture_is_read_again(dataset, pictures: Path) -> None:
    first = dataset("image-folder", path="pets")
    assert dataset("image-folder", path="pets") is first
    pixels = picture(pictures / "cat" / "00.png")
    again = dataset("image-folder", path="pets")
    np.testing.assert_array_equal(again.samples.fields[0].values[0], pixels.transpose(2, 0, 1))


def test_a_new_picture_is_prepared_like_those_of_the_training(dataset, pictures: Path) -> None:
    data = dataset("image-folder", path="pets")
    row = data.indices["test"][0]
    read = data.read(pictures / data.samples.sample_names[row])
    np.testing.assert_array_equal(read["image"], data.splits["test"]["image"][:1])


def test_many_pictures_are_read_from_disk_and_a_damaged_one_is_still_found(dataset, tmp_path: Path) -> None:
    (tmp_path / "large" / "a").mkdir(parents=True)
    (tmp_path / "large" / "b").mkdir()
    for number in range(30):
        picture(tmp_path / "large" / "ab"[number % 2] / f"{number:02}.png", (128, 128))
    limited = {"memory_mb": 1}
    data = dataset("image-folder", path="large", preparation=limited)
    whole = dataset("image-folder", path="large")
    np.testing.assert_array_equal(
        data.streams["train"]["image"].read(np.array([3, 0, 5])), whole.splits["train"]["image"][[3, 0, 5]]
    )
    assert data.splits["train"]["target"].tolist() == whole.splits["train"]["target"].tolist()
    path = tmp_path / "large" / "b" / "07.png"
    path.write_bytes(path.read_bytes()[:-3_000])
    with pytest.raises(UserError, match=r"b/07\.png is damaged"):
        dataset("image-folder", path="large", preparation=limited)
    kept = dataset("image-folder", path="large", faulty="leave out", preparation=limited)
    assert len(kept.samples) == 29
