"""A picture, with its notes under it."""

from base64 import b64encode

from markupsafe import Markup

from .notes import Notes
from .render import preview_document

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LONGEST_DRAWING = 4 * 1024 * 1024
HEADER = 33
"""Bytes up to the end of the header of a PNG."""


def image_document(content: bytes, path: str, notes: Notes) -> str:
    """The picture in its own size, scaled down to the frame. Raises ValueError if it is no PNG."""
    width, height = picture_size(content)
    data = b64encode(content).decode("ascii")
    return preview_document("image.html", path=path, data=data, width=width, height=height, loose=notes.notes)


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header. Raises ValueError if it is no PNG."""
    if not is_png(content):
        raise ValueError("it says that it is a PNG picture, and is not")
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


def drawing(content: bytes) -> Markup:
    """An SVG drawing as a picture: as such it runs no script and loads nothing, whatever is in it.

    Raises:
        ValueError: if it is not UTF-8, or longer than a browser shows.
    """
    content.decode("utf-8")
    if len(content) > LONGEST_DRAWING:
        raise ValueError(f"the drawing has more than {LONGEST_DRAWING} bytes")
    data = b64encode(content).decode("ascii")
    return Markup('<img alt="The drawing" src="data:image/svg+xml;base64,{}">').format(data)


def is_png(content: bytes) -> bool:
    """Whether the bytes start as a PNG does."""
    return content.startswith(_SIGNATURE) and content[12:16] == b"IHDR" and len(content) >= HEADER
