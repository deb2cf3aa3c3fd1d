"""Run the airlock: `python -m ecluse.airlock`."""

import logging
import os
import sys

import uvicorn

from .app import START_ERRORS, create_app
from .settings import read_settings

PORT = 8082


def main() -> None:
    """Serve until told to stop. What is wrong with the settings is said in full, without a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        app = create_app(read_settings(os.environ))
    except START_ERRORS as error:
        sys.exit(f"The airlock can't start:\n{error}")
    # No access log: addresses hold the codes of logins and the names of files.
    uvicorn.run(app, host="0.0.0.0", port=PORT, access_log=False, server_header=False, proxy_headers=False)  # noqa: S104 - its only network is the control network


if __name__ == "__main__":
    main()
