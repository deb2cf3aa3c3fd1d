"""JupyterHub reads this file. Everything it says stands in `ecluse.hub.configure`, one function per topic."""

from ecluse.hub.configure import configure

configure(c)
