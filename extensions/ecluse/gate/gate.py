"""The gate itself: takes a call, finds it in the table, lets it through or turns it down, and records that."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import requests
from docker.errors import APIError, DockerException

from .calls import Known, find_call
from .disk import Usage
from .wire import NO_CONTENT, Answer, Call
from .workspaces import GatedWorkspaces

log = logging.getLogger(__name__)

BAD_GATEWAY = 502


class Gate:
    """Answers calls. What it raises is `TurnedDownError`, which the connection turns into an answer and records."""

    def __init__(self, engine: Any, workspaces: GatedWorkspaces, usage: Usage) -> None:
        self._engine = engine
        self._workspaces = workspaces
        self._does: dict[str, Callable[[Known], Any]] = {
            "ping": lambda _: self._ping(),
            "version": lambda _: self._version(),
            "info": lambda _: self._info(),
            "image": lambda k: workspaces.image(k.image),
            "list": lambda k: workspaces.containers(k.call.query.get("filters", "{}")),
            "volumes": lambda k: usage.listed(k.call.query.get("filters", "{}")),
            "inspect": lambda k: workspaces.inspect(k.container),
            "create": lambda k: workspaces.create(k.call.query["name"], k.call.body),
            "start": lambda k: workspaces.start(k.container),
            "stop": lambda k: workspaces.stop(k.container, int(k.call.query.get("t", "10"))),
            "logs": self._logs,
            "remove": lambda k: workspaces.remove(k.container, volumes=k.flag("v"), force=k.flag("force")),
        }

    def __call__(self, call: Call) -> Answer:
        """The answer to a call.

        Raises:
            TurnedDownError: it is not let through.
        """
        try:
            known = find_call(call, self._engine.api_version)
            content = self._does[known.name](known)
        except APIError as error:
            status = error.status_code or BAD_GATEWAY
            return Answer(status, {"message": str(error.explanation or "the engine refused")})
        except (DockerException, requests.RequestException, OSError):
            log.exception("the engine gives no answer")
            return Answer(BAD_GATEWAY, {"message": "the engine gives no answer"})
        if known.name == "create":
            return Answer(201, content)
        return Answer(NO_CONTENT) if content is None else Answer(200, content)

    def _ping(self) -> str:
        self._engine.ping()
        return "OK"

    def _version(self) -> dict[str, Any]:
        found = self._engine.version()
        version = self._engine.api_version
        return {"Version": found["Version"], "ApiVersion": version, "MinAPIVersion": version}

    def _info(self) -> dict[str, Any]:
        """Whether there is a runtime for GPUs, and nothing else of the machine."""
        return {"Runtimes": {n: {} for n in self._engine.info().get("Runtimes") or {} if n == "nvidia"}}

    def _logs(self, known: Known) -> bytes:
        query = known.call.query
        tail, stamps = int(query["tail"]), query.get("timestamps") == "1"
        return self._workspaces.logs(known.container, tail=tail, timestamps=stamps)


def every(seconds: float, *chores: Callable[[], None]) -> threading.Thread:
    """A thread that does the chores again and again. One that fails is told of, and tried again."""
    pause = threading.Event()

    def run() -> None:
        while True:
            for chore in chores:
                try:
                    chore()
                except Exception:
                    log.exception("a chore of the gate failed; it is tried again")
            pause.wait(seconds)

    thread = threading.Thread(target=run, name="chores", daemon=True)
    thread.start()
    return thread
