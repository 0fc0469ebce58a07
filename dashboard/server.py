"""The ASGI application: Streamlit with a warm-up, routes for health, security headers, and what the settings ask for.

distillens serve
uvicorn dashboard.server:app
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import prometheus_client
import streamlit as st
from starlette.middleware import Middleware
from streamlit import config
from streamlit.runtime import get_instance
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from analysis.settings import check_settings
from cache import metrics
from cache.allocator import share_arenas
from cache.turns import compute_queue
from dashboard.serving.health import ROUTES, WARM
from dashboard.serving.logs import log_as_json
from dashboard.serving.middleware import BasePath, ClosedToStrangers, SecurityHeaders
from dashboard.serving.warm_up import PAINTS, collect_when_quiet, import_all, load_first_pair

SETTINGS = check_settings()
HEAD_START_S = 2.0  # for a visitor who comes at once: importing torch beside the first paint would slow it down


def warm_up() -> None:
    load_first_pair()
    collect_when_quiet()
    if SETTINGS.log == "json":
        log_as_json()
    WARM.set()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    if SETTINGS.metrics:
        address, port = SETTINGS.metrics
        metrics.SESSIONS.set_function(sessions)
        prometheus_client.start_http_server(port, address)
    timer = threading.Timer(HEAD_START_S, warm_up)
    timer.daemon = True
    timer.start()
    yield
    compute_queue().close()


def sessions() -> float:
    """How many readers are connected."""
    families = get_instance().stats_mgr.get_stats(family_names=[ACTIVE_SESSIONS_FAMILY])
    return sum(stat.value for stats in families.values() for stat in stats if isinstance(stat, GaugeStat))


share_arenas()
import_all(PAINTS)
if SETTINGS.framed_by:
    config.set_option("server.xsrfCookieSameSite", "none")  # else no file can be handed in inside of a frame

app = st.App(
    Path(__file__).with_name("app.py"),
    lifespan=lifespan,
    routes=ROUTES,
    middleware=[Middleware(BasePath), Middleware(ClosedToStrangers), Middleware(SecurityHeaders)],
)
