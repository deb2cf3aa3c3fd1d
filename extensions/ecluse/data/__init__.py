"""Sources to extracts: the catalogue carried out. Nothing here knows the hub, the airlock or the checks."""

from .extract import extract_project
from .manifest import Manifest
from .synthetic import synthesise

__all__ = ["Manifest", "extract_project", "synthesise"]
