"""Fragments of a picture as lines that a reader can read: upright, black on white, of one height.

Decides nothing. Worked example: white digits on the dark cells of a heat map and a title of twice their size become
lines of 34 pixels, one each.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .regions import Fragment, Grey

LINE = 34
"""Height of a line: the reader's network sees lines of 36 pixels."""
_WIDEST, _TALLEST = 2400, 60
_ROOM = ((8, 8), (12, 12))


def line_of(grey: Grey, fragment: Fragment) -> NDArray[np.uint8]:
    """A fragment as a line, height × width, with white around."""
    pad = max(1, fragment.size // 14)
    top, left = max(0, fragment.top - pad), max(0, fragment.left - pad)
    crop = grey[top : fragment.bottom + pad, left : fragment.right + pad]
    if fragment.turned:
        crop = np.rot90(crop, -1)
    edge = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    away = np.abs(crop.astype(np.int16) - int(np.median(edge)))
    scale = LINE / max(fragment.size, 1)
    width = int(min(max(8, crop.shape[1] * scale), _WIDEST))
    height = int(min(max(8, crop.shape[0] * scale), _TALLEST))
    even = (255 - np.clip(away * (255 / max(int(away.max()), 1)), 0, 255)).astype(np.uint8)
    image = Image.fromarray(even).resize((width, height), Image.Resampling.BICUBIC)
    return np.pad(np.asarray(image, dtype=np.uint8), _ROOM, constant_values=255)
