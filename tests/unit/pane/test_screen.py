"""Pixels, what of them has changed, the watermark, and that a viewer gets them back as they were."""

import struct
import zlib

import numpy as np
import pytest

from ecluse.pane.encode import Encoder, pointer_part, size_part
from ecluse.pane.rfb import TIGHT, Pointer, Rectangle, Size
from ecluse.pane.screen import STRENGTH, Box, Screen, watermark


def rectangle(x: int, y: int, width: int, height: int, value: int = 200) -> Rectangle:
    return Rectangle(x, y, width, height, bytes([value, value, value, 0]) * (width * height))


def screen(width: int = 400, height: int = 320) -> Screen:
    made = Screen(Size(width, height))
    made.changed()
    return made


def test_a_change_is_sent_with_the_tiles_it_lies_in() -> None:
    shown = screen()
    assert not shown.dirty
    shown.put(rectangle(40, 40, 9, 17))
    assert shown.dirty
    [(box, pixels)] = shown.changed()
    assert box == Box(32, 32, 32, 32)
    assert pixels.shape == (32, 32, 3)
    assert pixels[8, 8].tolist() == [200, 200, 200]
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert not shown.dirty


def test_boxes_cover_every_change_once_and_stay_in_the_screen() -> None:
    shown = screen(333, 211)
    put = [(0, 0, 1, 1), (100, 10, 120, 150), (300, 200, 33, 11), (90, 100, 5, 5), (0, 0, 0, 0)]
    seen = np.zeros((211, 333), int)
    for x, y, width, height in put:
        shown.put(rectangle(x, y, width, height))
    for box, pixels in shown.changed():
        assert pixels.shape == (box.height, box.width, 3)
        seen[box.y : box.y + box.height, box.x : box.x + box.width] += 1
    assert seen.max() == 1
    for x, y, width, height in put:
        assert (seen[y : y + height, x : x + width] == 1).all()


def test_everything_is_one_box() -> None:
    shown = screen()
    shown.everything()
    assert [box for box, _ in shown.changed()] == [Box(0, 0, 400, 320)]


@pytest.mark.parametrize("value", [0, 128, 255])
def test_watermark_is_seen_on_every_ground_and_moves_nothing_else(value: int) -> None:
    shown = screen(900, 600)
    shown.put(rectangle(0, 0, 900, 600, value))
    shown.mark("ada · alpha · 2026-06-01 12:00 UTC")
    [(_, pixels)] = shown.changed()
    share = (pixels != value).mean()
    assert 0.01 < share < 0.2
    assert set(np.unique(pixels).tolist()) == {value, value ^ STRENGTH}


def test_watermarks_of_two_people_differ() -> None:
    assert watermark("ada").tobytes() != watermark("ben").tobytes()


def test_another_size_is_black_and_all_changed() -> None:
    shown = screen()
    shown.put(rectangle(0, 0, 400, 320))
    shown.resize(Size(500, 400))
    [(box, pixels)] = shown.changed()
    assert (box, int(pixels.max())) == (Box(0, 0, 500, 400), 0)


def read(update: bytes) -> list[tuple[Box, np.ndarray]]:
    """Tight, as a viewer reads it; one zlib stream for all."""
    unpack, at, found = zlib.decompressobj(), 4, []
    for _ in range(struct.unpack(">H", update[2:4])[0]):
        *box, encoding = struct.unpack(">HHHHi", update[at : at + 12])
        at += 12
        assert (encoding, update[at]) == (TIGHT, 0)
        at += 1
        count = box[2] * box[3] * 3
        if count < 12:
            raw, at = update[at : at + count], at + count
        else:
            length, shift = 0, 0
            while True:
                byte = update[at]
                at += 1
                length |= (byte if shift == 14 else byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 or shift == 21:
                    break
            raw, at = unpack.decompress(update[at : at + length]), at + length
        found.append((Box(*box), np.frombuffer(raw, np.uint8).reshape(box[3], box[2], 3)))
    assert at == len(update)
    return found


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 1), (40, 40), (320, 300), (2100, 300)])
def test_what_is_sent_can_be_read_back(width: int, height: int) -> None:
    numbers = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    if width > 1000:
        numbers[20:] = 7
    target = np.zeros_like(numbers)
    for box, pixels in read(Encoder().update([(Box(0, 0, width, height), numbers)])):
        assert box.width <= 2048
        target[box.y : box.y + box.height, box.x : box.x + box.width] = pixels
    assert (target == numbers).all()


def test_pointers_and_sizes_are_written_anew() -> None:
    assert pointer_part(Pointer(1, 2, 2, 1, b"12345678", b"\xc0"))[:12] == struct.pack(">HHHHi", 1, 2, 2, 1, -239)
    assert size_part(Size(800, 600, reason=1, status=3))[:12] == struct.pack(">HHHHi", 1, 3, 800, 600, -308)
    assert len(size_part(Size(800, 600))) == 12 + 4 + 16
