"""A small TCP proxy on the loopback address that delays, cuts, resets or goes silent on demand.

The asyncio loop runs in its own thread. The methods may be called from any other thread and take effect
before they return.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from streams.process.ports import free_port

Target = tuple[str, int] | Path
BLOCK_BYTES = 65_536


class _Link:
    """One connection through the proxy: the client's side and the target's side."""

    def __init__(self, client: asyncio.StreamWriter) -> None:
        self.writers = [client]
        self.is_deaf = False

    def close(self, *, abort: bool) -> None:
        for writer in self.writers:
            if abort:
                _close_with_reset(writer)
            writer.close()


class Proxy:
    """Forward connections from `port` to `target`, a (host, port) or the path of a Unix socket.

    `latency_seconds` delays each block in both directions; it may be set at any time. Every other fault
    lasts until `heal`. `accepted` counts the connections taken.
    """

    def __init__(self, target: Target, *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.latency_seconds = 0.0
        self.accepted = 0
        self._target = target
        self._links: set[_Link] = set()
        self._is_half_open = False
        # Stored here, because a task that waits for an otherwise unreferenced event is collected as garbage.
        self._never = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    @property
    def address(self) -> str:
        """Return the `host:port` for clients."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> "Proxy":
        """Listen."""
        self._thread.start()
        self._call(self._listen())
        return self

    def stop(self) -> None:
        """Close everything; the proxy is not used again."""
        if not self._thread.is_alive():
            return
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Close all connections and refuse new ones."""
        self._call(self._close_port())
        self._call(self._close_links(abort=False))

    def reset(self) -> None:
        """Break all connections with RST, once; new connections are accepted as before."""
        self._call(self._close_links(abort=True))

    def half_open(self) -> None:
        """Accept connections and all their bytes, forward nothing and never answer."""
        self._is_half_open = True
        for link in list(self._links):
            link.is_deaf = True

    def heal(self) -> None:
        """Forward again. Connections that lost bytes while half open are closed, as they cannot continue."""
        self._is_half_open = False
        self.latency_seconds = 0.0
        self._call(self._close_links(abort=True, only=lambda link: link.is_deaf))
        self._call(self._listen())

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close_port(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _close_links(self, *, abort: bool, only: Callable[[_Link], bool] = lambda link: True) -> None:
        for link in [link for link in self._links if only(link)]:
            link.close(abort=abort)
            self._links.discard(link)

    async def _end(self) -> None:
        await self._close_port()
        await self._close_links(abort=True)
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = _Link(writer)
        link.is_deaf = self._is_half_open
        self._links.add(link)
        try:
            # Only the end of the proxy cancels this task; asyncio would print the cancellation as an error.
            with contextlib.suppress(asyncio.CancelledError):
                await self._join(link, reader, writer)
        finally:
            link.close(abort=False)
            self._links.discard(link)

    async def _join(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if link.is_deaf:
            await self._pump(link, reader, None)
            return
        try:
            their_reader, their_writer = await _connect(self._target)
        except OSError:
            return
        link.writers.append(their_writer)
        ways = [self._pump(link, reader, their_writer), self._pump(link, their_reader, writer)]
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pump(
        self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None
    ) -> None:
        with contextlib.suppress(OSError):
            while block := await reader.read(BLOCK_BYTES):
                if self.latency_seconds:
                    await asyncio.sleep(self.latency_seconds)
                if link.is_deaf or writer is None:
                    continue
                writer.write(block)
                await writer.drain()
            if link.is_deaf:
                # The other side is gone; a silent connection must not show that.
                await self._never.wait()


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(target, Path):
        return await asyncio.open_unix_connection(target)
    return await asyncio.open_connection(*target)


def _close_with_reset(writer: asyncio.StreamWriter) -> None:
    """Make the next close send RST instead of FIN, even with bytes in the buffers."""
    found = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        if found.family != socket.AF_UNIX:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
