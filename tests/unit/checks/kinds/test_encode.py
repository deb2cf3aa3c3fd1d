import io

import numpy as np
import pytest
from PIL import Image

from ecluse.checks.kinds import raster


@pytest.mark.parametrize("shape", [(1, 1), (7, 13), (7, 13, 3), (7, 13, 4), (1, 300, 3)])
def test_a_written_picture_has_its_pixels_and_nothing_else(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, shape, dtype=np.uint8)
    written = raster.encode(pixels)
    with Image.open(io.BytesIO(written), formats=("PNG",)) as image:
        image.load()
        assert not image.info
        assert (np.asarray(image) == pixels).all()
    chunks, at = [], 8  # behind the magic
    while at < len(written):
        chunks.append(written[at + 4 : at + 8])
        at += 12 + int.from_bytes(written[at : at + 4], "big")
    assert chunks == [b"IHDR", b"IDAT", b"IEND"]
    with Image.open(io.BytesIO(written)) as image:
        image.verify()
