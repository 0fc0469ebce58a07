"""What the environment says: one table, read when it is needed.

    settings().hosted

A row is a field of `Settings`. `distillens serve` does not start with a value that cannot be, nor with a variable that
begins with DISTILLENS_ and is not in the table.
"""

from __future__ import annotations

import difflib
import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError

PREFIX = "DISTILLENS_"
LOGS = ("text", "json")
ORIGIN = re.compile(r"https?://(\*\.)?[\w.-]+(:\d+)?")
PATH_PART = re.compile(r"[\w.~-]+(/[\w.~-]+)*")
SOCKET = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment: how its text is read, what it is where it is not set, and what it means.

    `read` raises a ValueError that says what to give instead. `hosted` is the default where strangers are served.
    """

    name: str
    read: Callable[[str], Any]
    default: str
    hosted: str
    about: str

    def row(self) -> str:
        """Its line in the table of docs/hosting.md."""
        differs = f"; {self.hosted} if hosted" if self.hosted != self.default else ""
        return f"| `{self.name}` | {self.default}{differs} | {self.about} |"


def _variable(name: str, read: Callable[[str], Any], default: str, about: str, hosted: str | None = None) -> Any:
    shown = default if hosted is None else hosted
    return field(metadata={"variable": Variable(name, read, default, shown, about)})


def _flag(text: str) -> bool:
    if text.lower() not in ("0", "1", "false", "true"):
        raise ValueError("1 or 0")
    return text.lower() in ("1", "true")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise ValueError(f"a whole number from {least:,} to {most:,}")
        return int(text)

    return read


def _seconds(text: str) -> float | None:
    return _number(text, "a number of seconds, or 0 for no limit") or None


def _gigabytes(text: str) -> int:
    return int(_number(text, "a number of gigabytes") * 1e9)


def _number(text: str, wanted: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:  # also where it is not a number
        raise ValueError(wanted)
    return number


def _days(text: str) -> int | None:
    return _whole(0, 36_500)(text) or None


def _redis(text: str) -> str | None:
    if text and not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("the address of a Redis server, such as redis://localhost:6379/0")
    return text or None


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(text.split())
    if not all(ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("origins with spaces between them, such as https://huggingface.co")
    return origins


def _base_path(text: str) -> str:
    path = text.strip("/")
    if path and not PATH_PART.fullmatch(path):
        raise ValueError("a path without a query, such as tools/distillens")
    return f"/{path}" if path else ""


def _socket(text: str) -> tuple[str, int] | None:
    found = SOCKET.fullmatch(text)
    if text and not (found and int(found["port"]) <= 65_535):
        raise ValueError("an address and a port, such as 127.0.0.1:9100")
    return (found["host"].strip("[]"), int(found["port"])) if found else None


def _log(text: str) -> str:
    if text not in LOGS:
        raise ValueError(" or ".join(LOGS))
    return text


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a process. Limits that are None do not exist; bytes and seconds are plain numbers."""

    hosted: bool = _variable(
        "DISTILLENS_HOSTED",
        _flag,
        "0",
        "1 where strangers are served: no checkpoints of their own, and the stricter defaults below",
    )
    host: str = _variable("DISTILLENS_HOST", str, "127.0.0.1", "address to listen on; 0.0.0.0 for all")
    port: int = _variable("DISTILLENS_PORT", _whole(1, 65_535), "8501", "port to listen on")
    base_path: str = _variable(
        "DISTILLENS_BASE_PATH", _base_path, "", "path under which a proxy serves it, whether the proxy strips it or not"
    )
    framed_by: tuple[str, ...] = _variable(
        "DISTILLENS_FRAMED_BY",
        _origins,
        "",
        "origins whose pages may show it in a frame, beside its own, with spaces between them; needs HTTPS",
    )
    folder: Path = _variable(  # noqa: RUF009 - like `field`
        "DISTILLENS_CACHE", Path, "", "folder for finished results; `distillens` in the user's cache folder if empty"
    )
    cache_url: str | None = _variable(
        "CACHE_URL",
        _redis,
        "",
        "a Redis server for finished results in place of the folder, and for the notes of talks, shared by several "
        "servers",
    )
    store_bytes: int = _variable("DISTILLENS_CACHE_GB", _gigabytes, "1", "most that finished results take on disk")
    text_bytes: int = _variable(
        "DISTILLENS_TEXTS_GB",
        _gigabytes,
        "0.01",
        "most that long texts take on disk which links lead to, for 30 days each; 0 keeps none",
        hosted="0",
    )
    keep_days: int | None = _variable(
        "DISTILLENS_KEEP_DAYS",
        _days,
        "0",
        "days after which a finished result, with the words of its text, is forgotten; 0 for never",
        hosted="30",
    )
    model_bytes: int = _variable(
        "DISTILLENS_MODEL_GB", _gigabytes, "4", "most that models take in memory, least recently used out first"
    )
    result_bytes: int = _variable(
        "DISTILLENS_RESULTS_GB", _gigabytes, "0.05", "most that finished results take in memory"
    )
    characters: int = _variable(
        "DISTILLENS_CHARACTERS", _whole(1, 10_000_000), "100000", "most characters of a field", hosted="2000"
    )
    pass_tokens: int = _variable(
        "DISTILLENS_PASS_TOKENS",
        _whole(3, 1_000_000),
        "16384",
        "most tokens of one pass whose speed is measured",
        hosted="1024",
    )
    measure_s: float | None = _variable(
        "DISTILLENS_MEASURE_S", _seconds, "0", "most seconds of one measurement of speed; 0 for no limit", hosted="20"
    )
    waiting: int = _variable(
        "DISTILLENS_WAITING", _whole(0, 1_000), "50", "computations that may wait for their turn; the next is refused"
    )
    session_s: float | None = _variable(
        "DISTILLENS_SESSION_S",
        _seconds,
        "0",
        "seconds of computing that a session has at first, of which one comes back every four; 0 for no limit",
        hosted="60",
    )
    patience_s: float | None = _variable(
        "DISTILLENS_PATIENCE_S",
        _seconds,
        "1800",
        "seconds after which a computation is given up, and `/readyz` says 503 if it cannot be; 0 for no limit",
        hosted="300",
    )
    finding: Path | None = _variable(  # noqa: RUF009 - like `field`
        "DISTILLENS_FINDING",
        lambda text: Path(text) if text else None,
        "",
        "a finding.zip that the page `/finding` shows to all; `distillens open` sets it",
    )
    metrics: tuple[str, int] | None = _variable(
        "DISTILLENS_METRICS", _socket, "", "address and port for Prometheus, such as 127.0.0.1:9100; none if empty"
    )
    log: str = _variable("DISTILLENS_LOG", _log, "text", "text, or json for one JSON object a line")
    commit: str | None = _variable(
        "DISTILLENS_COMMIT", lambda text: text or None, "", "commit that `/readyz` names; asked of git if empty"
    )


VARIABLES: dict[str, Variable] = {row.name: row.metadata["variable"] for row in fields(Settings)}


def settings() -> Settings:
    """The settings of this process. Raises `AnalysisError` for a value that cannot be."""
    texts = [os.environ.get(variable.name, "").strip() for variable in VARIABLES.values()]
    return _read(tuple(texts), os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"))


def check_settings() -> Settings:
    """The settings, if there is no slip in them. Raises `AnalysisError` also for a name that is not in the table."""
    known = [variable.name for variable in VARIABLES.values()]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "docs/hosting.md lists those that there are."
            raise AnalysisError(f"{name} is not a setting: {hint}")
    return settings()


@functools.lru_cache(maxsize=4)  # asked for many times in a run of a page
def _read(texts: tuple[str, ...], user_cache: str) -> Settings:
    written = dict(zip(VARIABLES, texts, strict=True))
    written["folder"] = written["folder"] or f"{user_cache}/distillens"
    hosted = _value(VARIABLES["hosted"], written["hosted"], hosted=False)
    return Settings(**{name: _value(variable, written[name], hosted) for name, variable in VARIABLES.items()})


def _value(variable: Variable, written: str, hosted: bool) -> Any:
    text = written or (variable.hosted if hosted else variable.default)
    try:
        return variable.read(text)
    except ValueError as error:
        # not quoted where it may hold a password
        said = "" if variable.read is _redis else f" is “{text}”"
        raise AnalysisError(f"{variable.name}{said}: give {error}.") from error
