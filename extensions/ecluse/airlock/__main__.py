"""Run the airlock: `python -m ecluse.airlock`."""

import logging
import os
import ssl
import sys

import uvicorn

from ecluse.rules.papers import CERTIFICATE, KEY, TRUSTED

from .app import START_ERRORS, create_app
from .settings import read_settings

PORT = 8082


def main() -> None:
    """Serve until told to stop. What is wrong with the settings is said in full, without a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings(os.environ)
        app = create_app(settings)
    except START_ERRORS as error:
        sys.exit(f"The airlock can't start:\n{error}")
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104 - its only network is the control network
        port=PORT,
        access_log=False,  # addresses hold the codes of logins and the names of files
        server_header=False,
        proxy_headers=False,
        ssl_keyfile=settings.secrets / KEY,
        ssl_certfile=settings.secrets / CERTIFICATE,
        # The hub and the proxy show a certificate of the services' authority; nobody else is answered.
        ssl_ca_certs=str(settings.secrets / TRUSTED),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    )


if __name__ == "__main__":
    main()
