"""Hidden channels of pictures."""

import io

import numpy as np
from PIL import Image, PngImagePlugin

from .hidden import PAYLOAD, case


def picture(width: int = 60, height: int = 40) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    image.paste((20, 60, 200), (10, 10, 30, 35))
    return image


def png(**options: object) -> bytes:
    out = io.BytesIO()
    picture().save(out, "PNG", **options)
    return out.getvalue()


@case
def png_itxt() -> tuple[str, bytes]:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Comment", PAYLOAD)
    return "plot.png", png(pnginfo=info)


@case
def png_ztxt() -> tuple[str, bytes]:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", PAYLOAD * 5, zip=True)
    return "plot.png", png(pnginfo=info)


@case
def png_appended() -> tuple[str, bytes]:
    return "plot.png", png() + PAYLOAD.encode()


@case
def png_private_chunk() -> tuple[str, bytes]:
    info = PngImagePlugin.PngInfo()
    info.add(b"prVt", PAYLOAD.encode())
    return "plot.png", png(pnginfo=info)


@case
def png_icc_profile() -> tuple[str, bytes]:
    return "plot.png", png(icc_profile=PAYLOAD.encode() * 20)


@case
def png_exif() -> tuple[str, bytes]:
    exif = Image.Exif()
    exif[0x010E] = PAYLOAD
    return "plot.png", png(exif=exif)


@case
def png_transparent_colours() -> tuple[str, bytes]:
    pixels = np.zeros((20, 60, 4), np.uint8)
    flat = np.frombuffer((PAYLOAD * 3).encode()[:60], np.uint8).reshape(20, 3)
    pixels[:, 0, :3] = flat
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return "plot.png", out.getvalue()


@case
def apng_second_frame() -> tuple[str, bytes]:
    second = Image.new("RGB", (60, 40), "black")
    second.paste((1, 2, 3), (0, 0, 5, 5))
    out = io.BytesIO()
    picture().save(out, "PNG", save_all=True, append_images=[second])
    return "plot.png", out.getvalue() + PAYLOAD.encode()


@case
def jpeg_comment() -> tuple[str, bytes]:
    out = io.BytesIO()
    picture().save(out, "JPEG", comment=PAYLOAD.encode())
    return "plot.jpg", out.getvalue()


@case
def jpeg_exif() -> tuple[str, bytes]:
    exif = Image.Exif()
    exif[0x9286] = PAYLOAD
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=exif)
    return "plot.jpeg", out.getvalue() + PAYLOAD.encode()
