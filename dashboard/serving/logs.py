"""The log as JSON, one object a line, without anything that a reader typed."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from pythonjsonlogger.json import JsonFormatter

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutTexts(JsonFormatter):
    """Of an exception its type and where it was raised: its message may hold the text that was asked about."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is logging's
        kind, _, where = ei
        frames = traceback.extract_tb(where)
        places = (f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        return "\n".join((kind.__name__ if kind else "None", *places))


def log_as_json() -> None:
    """Formats what is logged from now on; call it after the libraries have made their loggers."""
    formatter = WithoutTexts(
        ["asctime", "levelname", "name", "message"],
        rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
    )
    if not logging.root.handlers:
        logging.root.addHandler(logging.StreamHandler())
    for logger in (logging.root, *map(logging.getLogger, logging.root.manager.loggerDict)):
        for handler in logger.handlers:
            handler.setFormatter(formatter)
