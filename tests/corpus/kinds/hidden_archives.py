"""Hidden channels of archives and models."""

import io
import json
import pickle
import zipfile
import zlib

import numpy as np

from .hidden import PAYLOAD, case


@case
def zip_comment() -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("t.csv", "région,n\nNord,120\nSud,133\n")
        archive.comment = PAYLOAD.encode()
    return "r.zip", out.getvalue()


@case
def zip_prefix() -> tuple[str, bytes]:
    return "r.zip", zip_comment()[1] + PAYLOAD.encode()


@case
def zip_nested() -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner.zip", zip_comment()[1])
    return "r.zip", out.getvalue()


@case
def figure_pickle() -> tuple[str, bytes]:
    return "figure.pkl", pickle.dumps({"points": [PAYLOAD] * 20})


@case
def joblib_compressed() -> tuple[str, bytes]:
    return "model.joblib", zlib.compress(pickle.dumps({"rows": [PAYLOAD] * 20}))


@case
def torch_archive() -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(PAYLOAD))
    return "model.pt", out.getvalue()


@case
def npy_array() -> tuple[str, bytes]:
    out = io.BytesIO()
    np.save(out, np.array([PAYLOAD]))
    return "a.npy", out.getvalue()


@case
def safetensors_weights() -> tuple[str, bytes]:
    header = json.dumps({"w": {"dtype": "U8", "shape": [len(PAYLOAD)], "data_offsets": [0, len(PAYLOAD)]}}).encode()
    return "m.safetensors", len(header).to_bytes(8, "little") + header + PAYLOAD.encode()


@case
def unknown_binary() -> tuple[str, bytes]:
    return "data.csv", b"\0\1\2" + PAYLOAD.encode() + b"\0" * 50
