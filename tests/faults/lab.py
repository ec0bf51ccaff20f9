"""The fault lab: real brokers, a real database and processes as users run them, for one row of the matrix.

    with Lab(brokers=3, partitions=6) as lab:
        worker = lab.start_worker("usage")
        relay = lab.start_relay()
        lab.send(USAGE_EVENTS, lab.inputs.more_usage(30_000, duplicates=0.01, poison=0.001))
        worker.kill()
        lab.start_worker("usage")
        lab.wait_drained("usage")
        checked = lab.check("usage")             # Checked(inputs, lost, doubled, remarks)
        checked.demand()                         # AssertionError with the remarks unless clean

A row may use:

- `lab.brokers` (`brokers.Brokers`): `kill(n)`, `terminate(n)`, `freeze(n)`, `thaw(n)`, `launch(n)`,
  `restart(n)`, `wait_all_in_sync()`, `elect_preferred_leaders()`, `leader_of(topic, partition)`; n from 1.
- `lab.postgres` (`postgres.Postgres`): `kill()`, `freeze()`, `thaw()`, `start()`; the address stays the same.
- `lab.broker` (`kafka.brokers.Broker`), `lab.engine`, `lab.database_url`: direct access for the row itself.
- `lab.database_proxy()`, `lab.broker_proxies()`: a started `proxy.Proxy` (a list of them); give
  `proxied_database_url(proxy)` or `lab.brokers.through_servers` to `start_worker`.
- `start_worker(kind, name=None, failpoint=None, mutation=None, **settings)`: `name` is a static member id;
  `settings` are RAPPORT_ settings in small letters (`database_url=`, `bootstrap_servers=`, ...).
  Kinds: the consumer groups, `relay`, `desk`. `start_relay(failpoint=None, **settings)`.
- `command(*arguments)` runs `rapport ...` once against the lab.
- `Worker` (`process.Worker`): `pid kill() stop_process() cont() terminate() -> (code, seconds)
  metric(name, **labels) health() ready() rss_mib() log() events() generations() is_running()`.
- `send(topic, messages) -> int`, `paced(topic, messages, rate=) -> Sender` (`stop() join() p99_seconds()`).
- `inputs` (`inputs.Inputs`): `more_tickets`, `more_usage` (lists), `endless_tickets`, `endless_usage` (to be
  paced and stopped); the checks of the lab know these records. A row must count the other records that it
  sends: `inputs.tickets.poison += 3`.
- `audit` (`audit.Audit`): `mark()`, `moved(group, after=)`, `longest_pauses(...)`, `zombies()`.
- `wait_until(done, seconds, what)` for a promise of the service: in wall time, unless the lab is not
  `on_the_clock`; `wait_for(done, seconds, what)` for everything else, by the machine's speed
  (`tests/patience.py`), as `pause(seconds)` does. `deadline(seconds)` is such a promise to ask for.
  `wait_ready(*workers)`, `wait_drained(kind)`, `wait_published()`: as a promise with `seconds`, otherwise by
  the machine's speed.
- `number(sql, **values)`, `rows(sql, **values)`.
- `check(*kinds)`: the ledger, and the one fate of each input; see `checks.py`.

With RAPPORT_FAULTS_KEEP set, the folder of a lab is kept if its block raises; a note of the error names it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, create_engine, text

from responders.store.migrate import upgrade
from streams.kafka.brokers import Broker, create_topics, end_offsets, reliable_producer
from streams.kafka.topics import GROUPS
from streams.process.ports import free_port
from tests.faults.audit import Audit
from tests.faults.brokers import Brokers
from tests.faults.checks import Checked, Reference, check
from tests.faults.inputs import Inputs, Message
from tests.faults.postgres import Postgres
from tests.faults.process import ROOT, Worker, command_of
from tests.faults.proxy import Proxy
from tests.faults.sender import Sender
from tests.patience import Patience

SESSION_TIMEOUT_SECONDS = 6.0
OFF_THE_CLOCK = 6.0
"""How many times longer a promise may take in the suite, whose other tests share the processors."""


class Lab:
    """One cluster, one database and their processes; everything is removed when the block ends."""

    def __init__(
        self,
        *,
        brokers: int = 1,
        partitions: int = 6,
        seed: int = 0,
        session_timeout_seconds: float = SESSION_TIMEOUT_SECONDS,
        on_the_clock: bool = True,
    ) -> None:
        """Without `on_the_clock`, promises are waited for by the machine's speed and `OFF_THE_CLOCK`."""
        self.folder = Path(tempfile.mkdtemp(prefix="rapport-faults-")).resolve()
        self.partitions = partitions
        self.session_timeout_seconds = session_timeout_seconds
        self.on_the_clock = on_the_clock
        self.brokers = Brokers(self.folder, brokers)
        self.postgres = Postgres(self.folder / "postgres")
        self.inputs = Inputs(seed)
        self.reference = Reference()
        self.workers: list[Worker] = []
        self.proxies: list[Proxy] = []
        self.senders: list[Sender] = []
        self.broker: Broker
        self.engine: Engine
        self.audit: Audit
        self.database_url = ""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        keep = error is not None and "RAPPORT_FAULTS_KEEP" in os.environ
        if error is not None and keep:
            error.add_note(f"The lab's folder is kept: {self.folder}")
        self._end(keep=keep)

    def start_worker(
        self,
        kind: str,
        *,
        name: str | None = None,
        failpoint: str | None = None,
        mutation: str | None = None,
        **settings: object,
    ) -> Worker:
        """Start a process of the service, without waiting for it."""
        title = f"{kind}-{len(self.workers)}"
        if name is not None:
            settings["group_instance_id"] = name
        environment = self.environment(title, **settings)
        worker = Worker(
            title,
            command_of(kind, failpoint=failpoint, mutation=mutation),
            environment=environment,
            log_path=self.folder / f"{title}.log",
        )
        self.workers.append(worker)
        return worker

    def start_relay(self, *, failpoint: str | None = None, **settings: object) -> Worker:
        """Start a relay."""
        return self.start_worker("relay", name=None, failpoint=failpoint, mutation=None, **settings)

    def command(self, *arguments: str, seconds: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run `rapport ...` to its end; return its exit code and output."""
        return subprocess.run(
            [sys.executable, "-m", "streams", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment("command")},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def environment(self, title: str, **settings: object) -> dict[str, str]:
        """Return the settings of a process; given settings replace those of the lab."""
        taken = [worker.port for worker in self.workers]
        values: dict[str, object] = {
            "bootstrap_servers": self.brokers.bootstrap_servers,
            "database_url": self.database_url,
            "topic_partitions": self.partitions,
            "session_timeout_seconds": self.session_timeout_seconds,
            "metrics_port": free_port(taken),
            "data_folder": self.folder / "none",
        } | settings
        url = str(values["database_url"])
        values["database_url"] = f"{url}{'&' if '?' in url else '?'}application_name={title}"
        named = {f"RAPPORT_{name.upper()}": str(value) for name, value in values.items()}
        return {"OMP_NUM_THREADS": "1", **named}

    def database_proxy(self) -> Proxy:
        """Return a started proxy in front of the database."""
        return self._proxy(Proxy(self.postgres.socket_path))

    def broker_proxies(self) -> list[Proxy]:
        """Return a started proxy in front of each broker, for clients of `brokers.through_servers`."""
        ports = [node.ports for node in self.brokers.nodes]
        return [self._proxy(Proxy(("127.0.0.1", at.through), port=at.advertised)) for at in ports]

    def _proxy(self, proxy: Proxy) -> Proxy:
        proxy.start()
        self.proxies.append(proxy)
        return proxy

    def send(self, topic: str, messages: Sequence[Message]) -> int:
        """Send messages as fast as the broker takes them; return their number after all are acknowledged."""
        producer = reliable_producer(self.broker, batch_bytes=131_072)
        futures = [producer.send(topic, key=key, value=value) for key, value in messages]
        producer.flush()
        for future in futures:
            future.get(timeout=60)
        producer.close()
        return len(futures)

    def paced(self, topic: str, messages: Iterable[Message], *, rate: float) -> Sender:
        """Return a started sender of `rate` messages a second."""
        sender = Sender(self.broker, topic, messages, rate=rate)
        self.senders.append(sender)
        return sender.start()

    def deadline(self, seconds: float) -> Patience:
        """Return the deadline of a promise: in wall time in a lab on the clock, otherwise much later."""
        if self.on_the_clock:
            return Patience(seconds, measure=lambda: 1.0)
        return Patience(OFF_THE_CLOCK * seconds)

    def wait_until(self, done: Callable[[], bool], seconds: float, what: str) -> float:
        """Poll until `done`; return the seconds. Raises AssertionError with `what` if that is too late."""
        return self._poll(done, self.deadline(seconds), what)

    def wait_for(self, done: Callable[[], bool], seconds: float, what: str) -> float:
        """Poll until `done`, with a longer deadline on a slow machine; return the seconds."""
        return self._poll(done, Patience(seconds), what)

    def _poll(self, done: Callable[[], bool], patience: Patience, what: str) -> float:
        started = time.monotonic()
        while not done():
            assert not patience.is_over(), f"waited {time.monotonic() - started:.0f} s for {what}"
            time.sleep(0.05)
        return time.monotonic() - started

    def pause(self, seconds: float) -> None:
        """Wait for as much work as an idle machine does in these seconds."""
        patience = Patience(seconds)
        while not patience.is_over():
            time.sleep(0.05)

    def _wait(self, done: Callable[[], bool], promised: float | None, seconds: float, what: str) -> float:
        if promised is None:
            return self.wait_for(done, seconds, what)
        return self.wait_until(done, promised, what)

    def wait_ready(self, *workers: Worker, seconds: float | None = None) -> float:
        """Wait until each worker is ready. Raises AssertionError at once if a worker has ended."""
        wanted = f"{', '.join(worker.name for worker in workers)} to be ready"

        def ready() -> bool:
            ended = [worker.name for worker in workers if not worker.is_running()]
            assert not ended, f"{ended} ended before they were ready: {workers[0].log_path.parent}"
            return all(worker.ready().ready for worker in workers)

        return self._wait(ready, seconds, 60, wanted)

    def wait_drained(self, kind: str, seconds: float | None = None, *, stall_seconds: float = 120.0) -> float:
        """Wait until each record that is on the broker now has its fate in a group.

        Without `seconds` the wait lasts as long as the group makes progress within `stall_seconds`.
        """
        ends = end_offsets(self.broker, GROUPS[kind])
        wanted = sum(ends.values())
        query = "SELECT sum(next_offset) FROM partition_progress WHERE consumer_group = :kind"

        what = f"the group {kind} to handle {wanted} records"
        if seconds is None:
            return self._wait_while_it_comes_on(
                lambda: self.number(query, kind=kind), wanted, stall_seconds, what
            )
        return self.wait_until(lambda: self.number(query, kind=kind) >= wanted, seconds, what)

    def _wait_while_it_comes_on(
        self, reached: Callable[[], int], wanted: int, seconds: float, what: str
    ) -> float:
        started, patience, best = time.monotonic(), Patience(seconds), -1
        while (now := reached()) < wanted:
            if now > best:
                best = now
                patience.renew()
            assert not patience.is_over(), f"no progress after {now} while waiting for {what}"
            time.sleep(0.05)
        return time.monotonic() - started

    def wait_published(self, seconds: float | None = None) -> float:
        """Wait until no row of the outbox waits."""
        query = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
        return self._wait(lambda: self.number(query) == 0, seconds, 60, "the outbox to be published")

    def check(self, *kinds: str) -> Checked:
        """Check the ledger and the fates of these groups, after they are drained."""
        return check(self, kinds)

    def number(self, sql: str, **values: object) -> int:
        """Return the first cell of a query as a number, 0 without a value."""
        with self.engine.connect() as connection:
            return int(connection.execute(text(sql), values).scalar() or 0)

    def rows(self, sql: str, **values: object) -> list[Any]:
        """Return the rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    def _start(self) -> None:
        with ThreadPoolExecutor(2) as pool:
            servers, url = pool.submit(self.brokers.start), pool.submit(self.postgres.start)
        self.broker, self.database_url = Broker(servers.result()), url.result()
        self.engine = create_engine(self.database_url, pool_pre_ping=True)
        upgrade(self.engine)
        self.audit = Audit(self.engine)
        self.audit.install()
        create_topics(self.broker, partitions=self.partitions, replication=self.brokers.count)
        self.brokers.wait_all_in_sync()

    def _end(self, *, keep: bool = False) -> None:
        """End every part, the last started first, even if the end of another part fails."""
        with ExitStack() as parts:
            if not keep:
                parts.callback(shutil.rmtree, self.folder, ignore_errors=True)
            parts.callback(self.brokers.stop)
            parts.callback(self.postgres.stop)
            if hasattr(self, "engine"):
                parts.callback(self.engine.dispose)
            for proxy in self.proxies:
                parts.callback(proxy.stop)
            for sender in self.senders:
                parts.callback(sender.abandon)
            for worker in self.workers:
                parts.callback(worker.end)


def proxied_database_url(proxy: Proxy) -> str:
    """Return the database's address through a proxy."""
    return f"postgresql+psycopg://postgres@127.0.0.1:{proxy.port}/rapport"


__all__ = ["Checked", "Lab", "Proxy", "Sender", "Worker", "proxied_database_url"]
