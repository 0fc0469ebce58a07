"""The real nginx with the configuration that is shipped, filled in as the image of nginx does it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from tests.support.servers import answered, free_port, stopped

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")  # root's are not on every path
SHIPPED = Path(__file__).resolve().parents[2] / "deploy/nginx/distillens.conf.template"

# What the image's own nginx.conf adds, with every file in one folder; and who answered what, one line a request.
AROUND = """
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    log_format answered "$request_uri $upstream_addr";
    access_log {folder}/answered.log answered;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {folder}/shipped.conf;
}}
"""


def written(folder: Path, listen: int, one: int, two: int) -> list[str]:
    """Writes the configuration and returns the command that serves with it."""
    filled = {"LISTEN": f"127.0.0.1:{listen}", "REPLICA_ONE": f"127.0.0.1:{one}", "REPLICA_TWO": f"127.0.0.1:{two}"}
    # safe_substitute leaves alone what is not its own, as envsubst does there: $request_id and the like
    shipped = Template(SHIPPED.read_text(encoding="utf-8")).safe_substitute(filled)
    (folder / "shipped.conf").write_text(shipped, encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder), encoding="utf-8")
    return [str(NGINX), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]


@contextmanager
def nginx(folder: Path, one: int, two: int, path: str = "/") -> Iterator[str]:
    """The address in front of two replicas on these ports, as soon as it answers `path`."""
    port = free_port()
    server = subprocess.Popen(
        written(folder, port, one, two), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        answered(f"http://127.0.0.1:{port}{path}", server, seconds=30)
        yield f"http://127.0.0.1:{port}"
    finally:
        stopped(server)


def who_answered(folder: Path, path: str) -> str:
    """The port of the replica that the last request for this path came to in the end."""
    lines = (folder / "answered.log").read_text(encoding="utf-8").splitlines()
    addresses = [line.removeprefix(f"{path} ") for line in lines if line.startswith(f"{path} ")]
    return addresses[-1].rpartition(":")[2]
