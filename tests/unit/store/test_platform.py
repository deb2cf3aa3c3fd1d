"""Where the data root lies: on dm-crypt, below a volume manager, or in clear."""

from pathlib import Path

import pytest

from ecluse.store.platform import is_encrypted


def device(folder: Path, uuid: str = "", below: tuple[str, ...] = ()) -> Path:
    folder.mkdir(parents=True)
    if uuid:
        (folder / "dm").mkdir()
        (folder / "dm" / "uuid").write_text(uuid + "\n")
    (folder / "slaves").mkdir()
    for name in below:
        (folder / "slaves" / name).symlink_to(folder.parent / name)
    return folder


@pytest.mark.parametrize(
    ("top", "expected"), [("crypt", True), ("volume", True), ("half", False), ("plain", False), ("part", False)]
)
def test_encryption_is_told_by_the_kernels_list_of_devices(tmp_path: Path, top: str, expected: bool) -> None:
    devices = tmp_path / "devices"
    device(devices / "plain")
    device(devices / "crypt", "CRYPT-LUKS2-1", ("plain",))
    device(devices / "volume", "LVM-2", ("crypt",))
    device(devices / "half", "LVM-3", ("crypt", "plain"))
    (devices / "plain" / "part").mkdir()
    (devices / "plain" / "part" / "partition").write_text("1")
    at = devices / "plain" / "part" if top == "part" else devices / top
    number = tmp_path.stat().st_dev
    block = tmp_path / "block"
    block.mkdir()
    (block / f"{number >> 8 & 0xFFF}:{number & 0xFF | number >> 12 & 0xFFF00}").symlink_to(at)
    assert is_encrypted(tmp_path, block) is expected


def test_unknown_device_is_unknown(tmp_path: Path) -> None:
    assert is_encrypted(tmp_path, tmp_path) is None
