"""Record linkage: `ecluse link`. See docs/explanation/linkage.md."""

from ecluse.data.link.files import link_files
from ecluse.data.link.linker import Linked, link
from ecluse.data.link.spec import LinkError, LinkSpec, parse_spec, read_spec

__all__ = [
    "LinkError",
    "LinkSpec",
    "Linked",
    "link",
    "link_files",
    "parse_spec",
    "read_spec",
]
