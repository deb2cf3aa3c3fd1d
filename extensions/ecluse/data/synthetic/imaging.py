"""NHANCE: the index of an ultrasound archive. 80,000 images at scale 40."""

from typing import Any

import numpy as np

from .people import digits, identifiers

IMAGES_AT_SCALE_1 = 2_000


def images(scale: float, seed: int) -> dict[str, Any]:
    """IMAGES: several per patient, one finding per examination."""
    rng = np.random.default_rng([seed, 7])
    size = max(1, round(IMAGES_AT_SCALE_1 * scale))
    patient = np.sort(rng.integers(0, max(1, size // 8), size))
    age, sex = rng.integers(18, 95, size)[patient], rng.integers(1, 3, size)[patient]
    finding = rng.choice(np.array(["none", "cyst", "stone", "mass"]), size, p=[0.7, 0.12, 0.12, 0.06])[patient]
    return {
        "IMAGE": np.arange(1, size + 1),
        "PATIENT": identifiers(patient, seed, 29),
        "TAKEN": np.datetime64("2021-01-01", "D") + rng.integers(0, 1400, size)[patient].astype("timedelta64[D]"),
        "AGE": age,
        "SEX": sex,
        "ORGAN": rng.choice(np.array(["liver", "kidney", "gallbladder", "spleen"]), size),
        "FINDING": finding,
        "DEVICE": rng.choice(np.array(["Sonora 5", "Aquila X"]), size),
        "STUDY_UID": np.char.add(b"1.2.826.0.1.3680043.8.498.", digits(patient, 8)),
        "OPERATOR": digits(rng.integers(10_000_000, 90_000_000, size), 11),
    }
