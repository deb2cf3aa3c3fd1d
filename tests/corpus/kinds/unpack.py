"""Everything that a file holds, however packed: its bytes, zip members, zlib streams, base64 texts, Parquet values."""

import base64
import contextlib
import io
import re
import zipfile
import zlib

import pyarrow.parquet as pq


def unpacked(data: bytes, depth: int = 4) -> bytes:
    """The bytes and whatever unpacks from them, joined."""
    found = [data]
    if depth == 0:
        return data
    if data[:2] == b"PK":
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
            found += [unpacked(archive.read(n), depth - 1) for n in archive.namelist()]
            found.append(archive.comment)
    if data[:4] == b"PAR1":
        table = pq.read_table(io.BytesIO(data))
        found.append(
            str(table.to_pydict()).encode()
            + str(table.schema.metadata).encode()
            + str(pq.ParquetFile(io.BytesIO(data)).metadata.metadata).encode()
        )
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data[:2_000_000]):
        with contextlib.suppress(zlib.error):
            out = zlib.decompressobj().decompress(data[match.start() :], 1_000_000)
            found.append(out)
    for match in re.finditer(rb"[A-Za-z0-9+/]{40,}={0,2}", data):
        with contextlib.suppress(ValueError):
            found.append(unpacked(base64.b64decode(match[0]), depth - 1))
    return b"\0".join(found)
