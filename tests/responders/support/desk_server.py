"""A desk on a real socket, and nginx in front of it."""

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from responders.desk import DeskServer, create_desk
from responders.desk.door import Door
from responders.desk.observer import DeskObserver
from tests.responders.support.desk_samples import NOW

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
_MAIN = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ {server} }}
}}
"""


@contextmanager
def served(engine: Engine, door: Door | None = None, *, observe: DeskObserver | None = None) -> Iterator[int]:
    """Give the port of a running desk."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_desk(engine, now=lambda: NOW, decided_by="kim", door=door, observe=observe)
    port = int(listening.getsockname()[1])
    server = DeskServer(app, host="127.0.0.1", port=port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(15)
        listening.close()
        assert not thread.is_alive()


@contextmanager
def nginx(folder: Path, port: int, server: str, *, user: str = "root") -> Iterator[None]:
    """Run nginx with one server block until the block ends; it answers on a port of this machine."""
    as_user = f"user {user};" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=as_user, server=server))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, port)
            yield
        finally:
            process.terminate()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("nginx did not start")
