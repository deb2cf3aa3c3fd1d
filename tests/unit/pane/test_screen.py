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
    assert pixels.shape == (32, 32)
    assert (pixels[8, 8], pixels[0, 0]) == (0xC8C8C8, 0)
    assert not shown.dirty


def test_boxes_cover_every_change_once_and_stay_in_the_screen() -> None:
    shown = screen(333, 211)
    put = [(0, 0, 1, 1), (100, 10, 120, 150), (300, 200, 33, 11), (90, 100, 5, 5), (0, 0, 0, 0)]
    seen = np.zeros((211, 333), int)
    for x, y, width, height in put:
        shown.put(rectangle(x, y, width, height))
    for box, pixels in shown.changed():
        assert pixels.shape == (box.height, box.width)
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
    share = (pixels != value * 0x010101).mean()
    assert 0.01 < share < 0.2
    assert set(np.unique(pixels).tolist()) == {value * 0x010101, value * 0x010101 ^ STRENGTH}


def test_nothing_rides_in_the_fourth_byte_of_a_pixel() -> None:
    shown = screen()
    shown.put(Rectangle(0, 0, 2, 1, b"\x01\x02\x03\xff\x01\x02\x03\x7f"))
    [(_, pixels)] = shown.changed()
    assert pixels[0, :2].tolist() == [0x030201, 0x030201]


def test_watermarks_of_two_people_differ() -> None:
    assert watermark("ada").tobytes() != watermark("ben").tobytes()


def test_another_size_is_black_and_all_changed() -> None:
    shown = screen()
    shown.put(rectangle(0, 0, 400, 320))
    shown.resize(Size(500, 400))
    [(box, pixels)] = shown.changed()
    assert (box, int(pixels.max())) == (Box(0, 0, 500, 400), 0)


class Viewer:
    """Reads Tight, as a viewer does: one zlib stream for all updates."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj()
        self.palettes = 0

    def read(self, update: bytes) -> list[tuple[Box, np.ndarray]]:
        """Boxes, each with rows × columns of colours."""
        self._data, self._at, found = update, 4, []
        for _ in range(struct.unpack(">H", update[2:4])[0]):
            *box, encoding = struct.unpack(">HHHHi", self._take(12))
            assert encoding == TIGHT
            found.append((Box(*box), self._pixels(box[2] * box[3]).reshape(box[3], box[2])))
        assert self._at == len(update)
        return found

    def _pixels(self, count: int) -> np.ndarray:
        control = self._take(1)[0]
        if control == 0:
            return colours(self._bytes(count * 3))
        assert (control, self._take(1)) == (0x40, b"\x01")
        self.palettes += 1
        size = self._take(1)[0] + 1
        assert size > 2  # else it would be bits
        palette = colours(self._take(size * 3))
        return palette[np.frombuffer(self._bytes(count), np.uint8)]

    def _take(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def _bytes(self, count: int) -> bytes:
        if count < 12:
            return self._take(count)
        length, shift = 0, 0
        while True:
            byte = self._take(1)[0]
            length |= (byte if shift == 14 else byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift == 21:
                return self._zlib.decompress(self._take(length))


def colours(raw: bytes) -> np.ndarray:
    red, green, blue = np.frombuffer(raw, np.uint8).reshape(-1, 3).T.astype(np.uint32)
    return red | green << 8 | blue << 16


@pytest.mark.parametrize("most", [1, 2, 3, 256, 257, 1 << 24])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 1), (40, 40), (320, 300), (2100, 300)])
def test_what_is_sent_can_be_read_back(width: int, height: int, most: int) -> None:
    random = np.random.default_rng(most)
    seen = random.integers(0, 1 << 24, min(most, 1 << 16), np.uint32)
    encoder, viewer = Encoder(), Viewer()
    for _ in range(3):  # the palette of one update serves the next, or not
        pixels = random.choice(seen[: random.integers(1, len(seen) + 1)], (height, width))
        target = np.zeros_like(pixels)
        for box, part in viewer.read(encoder.update([(Box(0, 0, width, height), pixels)])):
            assert box.width <= 2048
            target[box.y : box.y + box.height, box.x : box.x + box.width] = part
        assert (target == pixels).all()


def test_text_is_sent_by_palette_and_a_photograph_is_not() -> None:
    encoder, viewer = Encoder(), Viewer()
    random = np.random.default_rng(1)
    for pixels in (random.integers(0, 200, (90, 90)) * 0x010101, random.integers(0, 1 << 24, (90, 90))):
        viewer.read(encoder.update([(Box(0, 0, 90, 90), pixels.astype(np.uint32))]))
    assert viewer.palettes == 1


def test_pointers_and_sizes_are_written_anew() -> None:
    assert pointer_part(Pointer(1, 2, 2, 1, b"12345678", b"\xc0"))[:12] == struct.pack(">HHHHi", 1, 2, 2, 1, -239)
    assert size_part(Size(800, 600, reason=1, status=3))[:12] == struct.pack(">HHHHi", 1, 3, 800, 600, -308)
    assert len(size_part(Size(800, 600))) == 12 + 4 + 16
