"""Pictures: pixels stay, everything else goes, and bits hidden in pixels go to review."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from ecluse.checks.kinds import raster
from ecluse.checks.limits import Limits

mpl.use("Agg")
import matplotlib.pyplot as plt


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def plot(kind: str) -> np.ndarray:
    rng = np.random.default_rng(7)
    figure, axes = plt.subplots(figsize=(6, 4))
    if kind == "bars":
        axes.bar(["Nord", "Sud"], [120, 133])
    elif kind == "points":
        axes.scatter(rng.normal(size=500), rng.normal(size=500))
    elif kind == "curve":
        axes.step(range(50), np.linspace(1, 0.2, 50))
        axes.fill_between(range(50), np.linspace(0.9, 0.1, 50), np.linspace(1, 0.3, 50), alpha=0.3)
    else:
        axes.imshow(np.exp(-(np.linspace(-2, 2, 200)[:, None] ** 2) - np.linspace(-2, 2, 200)[None] ** 2))
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=100)
    plt.close(figure)
    return np.array(Image.open(io.BytesIO(out.getvalue())).convert("RGB"))


def notes(pixels: np.ndarray) -> list[str]:
    document = raster.read(saved(Image.fromarray(pixels)), Limits())
    return [n.rule for n in raster.rebuild(document).notes]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16", "CMYK"])
def test_pixels_are_kept(mode: str) -> None:
    ramp = Image.fromarray(np.tile(np.arange(0, 250, 5, dtype=np.uint8), (20, 1)))
    image = ramp.convert(mode) if mode != "I;16" else Image.fromarray(np.asarray(ramp, np.uint16) * 257)
    data = saved(image) if mode != "CMYK" else saved(image, "JPEG")
    made = raster.rebuild(raster.read(data, Limits()))
    with Image.open(io.BytesIO(made.data)) as again, Image.open(io.BytesIO(data)) as before:
        assert again.size == before.size
        if mode in ("L", "RGB", "RGBA"):
            assert np.array_equal(np.asarray(again.convert("RGB")), np.asarray(before.convert("RGB")))


def test_a_jpegs_pixels_are_kept_as_png() -> None:
    data = saved(Image.fromarray(plot("bars")), "JPEG")
    made = raster.rebuild(raster.read(data, Limits()))
    with Image.open(io.BytesIO(made.data)) as again, Image.open(io.BytesIO(data)) as before:
        assert again.format == "PNG"
        assert np.array_equal(np.asarray(again), np.asarray(before))


@pytest.mark.parametrize("kind", ["bars", "points", "curve", "heat"])
def test_a_drawn_figure_is_not_suspected(kind: str) -> None:
    assert notes(plot(kind)) == []


@pytest.mark.parametrize("kind", ["bars", "points", "curve", "heat"])
@pytest.mark.parametrize("bits", [400, 4000, 100_000])
def test_bits_in_a_figure_go_to_review(kind: str, bits: int) -> None:
    pixels = plot(kind)
    flat = pixels.reshape(-1)
    flat[6000 : 6000 + bits] = (flat[6000 : 6000 + bits] & 254) | np.random.default_rng(3).integers(0, 2, bits)
    assert notes(pixels) == ["picture-low-bits"]


def test_a_gradient_is_not_suspected() -> None:
    ramp = np.tile(np.repeat(np.arange(120, 250, dtype=np.uint8), 8), (300, 1))
    assert notes(np.stack([ramp] * 3, axis=-1)) == []


def test_edges_that_fade_out_are_not_suspected() -> None:
    figure, axes = plt.subplots(figsize=(6, 4))
    x = np.linspace(0, 1, 150)
    for at in range(4):
        axes.fill_between(x, at, at + np.exp(-((x - 0.2 * at) ** 2) / 0.02), alpha=0.7)
    for at in range(8):
        axes.plot([at / 8, at / 8 + 0.1, at / 8], [0, 2, 4], color="white", lw=6)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=120)
    plt.close(figure)
    assert notes(np.array(Image.open(io.BytesIO(out.getvalue())).convert("RGB"))) == []


def test_bits_between_dark_lines_go_to_review() -> None:
    pixels = np.full((300, 400, 3), 255, dtype=np.uint8)
    pixels[1::2] = 60
    bits = np.random.default_rng(3).integers(0, 2, pixels[::2].shape, dtype=np.uint8)
    pixels[::2] -= bits
    assert notes(pixels) == ["picture-low-bits"]
