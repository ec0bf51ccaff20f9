"""A real HTTP server on this machine that speaks the OpenAI protocol and behaves as a test says."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Response:
    """One response: status, body, headers, and the seconds before it and between its bytes."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    between: float = 0.0


def completion(text: str, prompt_tokens: int = 100, answer_tokens: int = 20) -> Response:
    """Return an answer as servers of this protocol give it."""
    body = {
        "id": "c-1",
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": answer_tokens},
    }
    return Response(body=json.dumps(body).encode())


Behaviour = Callable[[dict[str, Any]], Response]


class LanguageServer:
    """Its address, what it was asked, and how it behaves now; a test may change `behaviour`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.behaviour: Behaviour = lambda _: completion("hello")
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.stopping = threading.Event()


@contextmanager
def language_server() -> Iterator[LanguageServer]:
    """Yield a running server on a free port; its end interrupts responses that wait."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.asked.append(asked)
            found.keys.append(self.headers.get("Authorization"))
            response = found.behaviour(asked)
            found.stopping.wait(response.wait)
            try:
                self._send(response)
            except OSError:
                self.close_connection = True  # The client has given up.

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(response.body)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            pieces = [response.body] if not response.between else [bytes([one]) for one in response.body]
            for piece in pieces:
                if found.stopping.is_set():
                    return
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(response.between)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = LanguageServer(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
