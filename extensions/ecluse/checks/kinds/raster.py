"""PNG and JPEG: pixels are decoded and encoded anew; what is written in them is read.

Kept: the pixels, as 8-bit grey, RGB or RGBA. Dropped: metadata, colour profiles, text chunks, thumbnails, further
frames, bytes after the end, and the colour under fully transparent pixels. A JPEG becomes a PNG, so that its pixels
stay what they are.

Worked example: a PNG with `iTXt` text and 10 KB after `IEND` becomes a PNG with `IHDR`, `IDAT`, `IEND` only.
"""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image, ImageOps

from ecluse.checks import pictures
from ecluse.checks.facts import Facts
from ecluse.checks.limits import Limits
from ecluse.checks.pictures.faint import faint
from ecluse.rules.finding import Finding, Severity

from . import Rebuilt, Unreadable

NAME = "png"
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_FORMATS = ("PNG", "JPEG")
_UP, _EFFORT = 2, 3
"""PNG's filter by the row above, and zlib's level."""
_COLOURS = {3: 2, 4: 6}
"""PNG's colour types of three and four channels; grey is 0."""
_NOISE_SHARE = 0.0005
_NOISE_LEAST = 500
_FADES, _EDGES = 2, 12
"""Levels by which rows of an even ground differ at most, and steps of edges that a row of a drawing has at most."""
_SPECKS = 32
_BACKGROUND = 0.3
_STRIP = 256
"""Rows looked at together: what is derived from pixels stays small beside them."""


@dataclass(frozen=True, slots=True)
class Document:
    """The pixels, shape (height, width) or (height, width, 3 or 4), 8 bits each; whether they came from a JPEG.

    `lettering` is what is written in them.
    """

    pixels: np.ndarray = field(repr=False)
    lossy: bool = False
    lettering: pictures.Lettering = field(default_factory=pictures.Lettering)


def sniff(head: bytes, name: str) -> bool:  # noqa: ARG001 - pictures are known by their magic alone
    """PNG or JPEG magic."""
    return head.startswith(_MAGIC)


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The pixels of the first frame, and what is written in them. Raises `Unreadable` for bombs and broken pictures."""
    document = decode(data, limits)
    return replace(document, lettering=pictures.read(document.pixels))


def decode(data: bytes, limits: Limits) -> Document:
    """The pixels of the first frame; nothing in them is read yet. Raises `Unreadable`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(image, limits)
                lossy = image.format == "JPEG"
                image.load()
                ImageOps.exif_transpose(image, in_place=True)
                pixels = _pixels(image)
    except Unreadable:
        raise
    except Exception as error:  # decoders raise whatever they like on hostile bytes
        raise Unreadable(
            "file-malformed", f"The picture can't be decoded ({type(error).__name__}).", "Save the figure again as PNG."
        ) from error
    return Document(pixels, lossy)


def _check_size(image: Image.Image, limits: Limits) -> None:
    if image.width * image.height > limits.pixels:
        raise Unreadable(
            "picture-too-large",
            f"The picture has {image.width} × {image.height} pixels; {limits.pixels:,} are allowed.",
            "Save the figure with a lower dpi.",
        )


def _pixels(image: Image.Image) -> np.ndarray:
    """8-bit pixels of a decoded picture. Fully transparent pixels lose their colour: it is not seen."""
    transparent = "A" in image.getbands() or "transparency" in image.info
    if image.mode.startswith(("I", "F")):
        image = Image.fromarray((np.asarray(image, dtype=np.float64) / 257).clip(0, 255).astype(np.uint8))
    if transparent:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        transparent = image.getchannel("A").getextrema() != (255, 255)
    mode = "RGBA" if transparent else "L" if image.mode in ("1", "L") else "RGB"
    pixels = np.array(image if image.mode == mode else image.convert(mode), dtype=np.uint8)
    if transparent:
        pixels[pixels[..., 3] == 0] = 0
    return pixels


def facts(document: Document) -> Facts:
    """What is written in the picture."""
    return document.lettering.facts()


def unread(lettering: pictures.Lettering) -> tuple[Finding, ...]:
    """A finding where text of a picture could not be read: what was not looked at does not pass unseen."""
    if not lettering.unread:
        return ()
    return (
        Finding(
            rule="picture-unread",
            severity=Severity.REVIEW,
            message=f"What is written in the picture was not read ({lettering.unread}).",
            fix="Look at every word and number of it; ask an administrator if this comes with each picture.",
        ),
    )


def encode(pixels: np.ndarray) -> bytes:
    """Pixels as a PNG of three kinds of chunk, each row as its difference from the one above.

    Pillow tries five filters on each row, which takes twice as long and gives drawn figures of the same size.
    Source: PNG (third edition), W3C 2025, sections 7.3, 9.2 and 11.2.
    """
    height, width = pixels.shape[:2]
    plane = np.ascontiguousarray(pixels).reshape(height, -1)
    rows = np.empty((height, plane.shape[1] + 1), dtype=np.uint8)
    rows[:, 0] = _UP
    rows[0, 1:] = plane[0]
    np.subtract(plane[1:], plane[:-1], out=rows[1:, 1:])
    colour = 0 if pixels.ndim == 2 else _COLOURS[pixels.shape[2]]
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.data, _EFFORT)), (b"IEND", b""))
    return _MAGIC[0] + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def noise(pixels: np.ndarray) -> float:
    """How many values step away by one level and back again: what hidden low bits look like, drawn plots don't.

    Where ink fades out above or below, such steps are the edge of something drawn, as long as a row has few of them.
    """
    grey = pixels.ndim == 2  # grey
    found, step = 0, 1 if grey else 3
    for top in range(0, pixels.shape[0], _STRIP):
        part = pixels[max(top - 1, 0) : top + _STRIP + 1]
        plane = part if grey else np.ascontiguousarray(part[..., :3]).reshape(part.shape[0], -1)
        left, middle, right = plane[:, : -2 * step], plane[:, step:-step], plane[:, 2 * step :]
        steps = (_apart(left, middle) == 1) & (left == right)
        above, below = np.vstack([middle[:1], middle[:-1]]), np.vstack([middle[1:], middle[-1:]])
        flat = (_apart(above, middle) <= _FADES) & (_apart(below, middle) <= _FADES)
        own = slice(min(top, 1), min(top, 1) + min(_STRIP, pixels.shape[0] - top))
        many = steps[own].sum(axis=1) > _EDGES * step
        found += int(np.count_nonzero((steps & flat)[own][~many]) + np.count_nonzero(steps[own][many]))
    return float(found)


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Levels between two planes, 8 bits each: a wider type would take four times the memory."""
    high: np.ndarray = np.maximum(one, other)
    high -= np.minimum(one, other)
    return high


def specks(pixels: np.ndarray) -> int:
    """How many lone values differ by one level from an even background: drawn figures have none."""
    found = 0
    for plane in [pixels] if pixels.ndim == 2 else [np.ascontiguousarray(pixels[..., c]) for c in range(3)]:  # grey
        if min(plane.shape) < 3:  # no inner pixel
            continue
        counts = Image.fromarray(plane).histogram()
        colour = counts.index(max(counts))
        if counts[colour] >= _BACKGROUND * plane.size:
            found += sum(_lone(plane[top : top + _STRIP + 2], colour) for top in range(0, plane.shape[0] - 2, _STRIP))
    return found


def _lone(plane: np.ndarray, colour: int) -> int:
    """Inner values of a strip that differ by one level from the background all around them."""
    near = _apart(plane, np.full((), colour, dtype=np.uint8)) <= 1
    rows = near[:, :-2] & near[:, 1:-1] & near[:, 2:]
    even = rows[:-2] & rows[1:-1] & rows[2:]
    y, x = np.divmod(np.flatnonzero(even & (plane[1:-1, 1:-1] != colour)), even.shape[1])
    y, x = y + 1, x + 1
    value = plane[y, x]
    # Bands of a gradient are wider than one pixel in one direction at least.
    across = (plane[y, x - 1] != value) & (plane[y, x + 1] != value)
    down = (plane[y - 1, x] != value) & (plane[y + 1, x] != value)
    # A thin line of one level is one speck, however long: bits are not alike for long.
    begins = (across & (plane[y - 1, x] != value)) | (down & (plane[y, x - 1] != value))
    return int(np.count_nonzero(begins))


def rebuild(document: Document) -> Rebuilt:
    """A fresh PNG. Low bits survive it, so a picture with noise in them is for reviewers to judge."""
    found, lone = noise(document.pixels), specks(document.pixels)
    notes: tuple[Finding, ...] = ()
    many = found > _NOISE_LEAST + _NOISE_SHARE * document.pixels.size or lone > _SPECKS
    if not document.lossy and many:
        notes = (
            Finding(
                rule="picture-low-bits",
                severity=Severity.REVIEW,
                message=f"{max(int(found), lone):,} values of the picture differ from their neighbours by one level: "
                "low bits may carry data, or this is a photograph.",
                fix="Save a figure as drawn, without dithering, photographs or added noise.",
            ),
        )
    if unseen := faint(document.pixels, lossy=document.lossy):
        notes = (*notes, _faint(unseen))
    return Rebuilt(encode(document.pixels), ".png", (*notes, *unread(document.lettering)))


def _faint(unseen: int) -> Finding:
    return Finding(
        rule="picture-low-bits",
        severity=Severity.REVIEW,
        message=f"{unseen:,} pixels of thin strokes nearly have the paper's colour: something may be written there.",
        fix="Draw in colours that can be seen, or leave it out.",
    )
