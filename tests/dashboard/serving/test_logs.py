"""The log as JSON: whole objects, and nothing that a reader typed."""

from __future__ import annotations

import io
import json
import logging

import pytest

from dashboard.serving.logs import WithoutTexts, log_as_json


def test_an_exception_is_logged_by_its_type_and_place_without_its_message() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.Logger("distillens.test")
    logger.addHandler(handler)
    handler.setFormatter(WithoutTexts(["levelname", "name", "message"]))
    try:
        raise ValueError("My secret diary")
    except ValueError:
        logger.exception("A page failed")
    record = json.loads(stream.getvalue())
    assert record["message"] == "A page failed"
    assert record["exc_info"].startswith("ValueError\n")
    assert "test_an_exception_is_logged" in record["exc_info"]
    assert "secret" not in stream.getvalue()


def test_every_handler_that_there_is_writes_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("distillens.test of logs")
    logger.addHandler(handler)
    before = {other: other.formatter for other in logging.root.handlers}
    try:
        log_as_json()
        logger.warning("The store is full: %s", "/cache")
    finally:
        logger.removeHandler(handler)
        for other in logging.root.handlers:
            other.setFormatter(before.get(other))
    record = json.loads(stream.getvalue())
    assert (record["level"], record["logger"]) == ("WARNING", "distillens.test of logs")
    assert record["message"] == "The store is full: /cache"
    assert record["time"]
