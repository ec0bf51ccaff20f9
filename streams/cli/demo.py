"""`rapport demo`: the whole service on this machine, playing two recorded weeks of a sample company."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from sqlmodel import Session

from responders.chunks.chunk import KnowledgeSource
from responders.store.knowledge import save_accounts, save_sources
from streams.cli.composition.connections import read_settings
from streams.cli.composition.local import LocalService, prepared, wait_for_desk, wait_until_ready
from streams.cli.composition.models import load_index_models
from streams.cli.ledger import ledger_table, wait_until_done
from streams.cli.terminal import fail, say, tell
from streams.demo.company import company, recorded
from streams.demo.model import NAME, Company
from streams.demo.player import Player
from streams.demo.report import findings, live_table, summary_table
from streams.demo.tickets import tickets
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.operate.ledger import ledger, total_gap, total_in_flight
from streams.process import logs
from streams.process.settings import Settings
from streams.process.supervise import stop_on_signals

SEED = 7
PLAY_SECONDS = 120.0
"""How long the two weeks take to play, unless the length of the demo is limited."""

AROUND_SECONDS = 50.0
"""Time of a demo of limited length that is kept for starting before the play and for settling after it."""

DRAIN_SECONDS = 150.0
"""How long the demo waits at most until every record has its fate."""

HOLD_SECONDS = 8.0
"""Time to wait for alerts: churn holds them for some seconds, so that all partitions can join an incident."""

DRAFTING_SETTINGS = {
    "RAPPORT_DRAFT_SIGNATURE": f"The {NAME} support team",
    "RAPPORT_LINK_HOSTS": json.dumps(["status.tessera.example", "app.tessera.example"]),
    "RAPPORT_METRIC_NAMES": json.dumps(
        {
            "task.labelled": "labelled tasks",
            "task.reviewed": "reviewed tasks",
            "training.started": "training runs",
            "training.failed": "failed training runs",
            "export.created": "exports",
            "api.call": "API calls",
            "user.login": "logins",
            "errors": "failed training runs",
        }
    ),
}

console = Console()


def demo(
    seconds: Annotated[
        float | None,
        typer.Option(
            envvar="DEMO_SECONDS", min=60, help="End after about this many seconds, with a summary."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed plays another company.")] = SEED,
) -> None:
    """Play two recorded weeks of a sample company through the real service, then keep the desk up.

    Starts Apache Kafka and PostgreSQL in RAPPORT_DATA_FOLDER/demo (emptied first), all workers, the relay
    and the desk; nothing leaves this machine.

    Example: DEMO_SECONDS=90 rapport demo
    """
    settings = _fresh_settings(read_settings())
    logs.configure("ERROR")
    # The company ends at midnight, so that a seed has only seven recordings, one per weekday.
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    sample = company(seed, end=midnight)
    with prepared(settings, DRAFTING_SETTINGS) as service:
        stopping = service.supervisor.stopping
        stop_on_signals(stopping)
        service.supervisor.start()
        guard = threading.Thread(target=service.supervisor.watch, daemon=True)
        guard.start()
        try:
            healthy = _play(service, sample, seconds)
            if seconds is None and not stopping.is_set():
                tell(f"The desk stays up at {service.desk_link}  (Ctrl-C ends it)")
                stopping.wait()
        finally:
            service.supervisor.stop()
    if not healthy:
        raise typer.Exit(1)


def _fresh_settings(settings: Settings) -> Settings:
    if settings.bootstrap_servers is not None or settings.database_url is not None:
        fail(
            "The demo starts its own broker and database; unset RAPPORT_BOOTSTRAP_SERVERS and _DATABASE_URL."
        )
    from streams.embedded.endpoints import running_endpoints
    from streams.embedded.folders import EmbeddedError
    from streams.embedded.services import own_data_folder

    folder = settings.data_folder / "demo"
    if running_endpoints(folder) is not None:
        fail(f"A demo already runs in {folder}; end it first.")
    try:
        own_data_folder(settings.data_folder)
    except EmbeddedError as error:
        fail(str(error))
    shutil.rmtree(folder, ignore_errors=True)
    return settings.model_copy(update={"data_folder": folder})


def _play(service: LocalService, sample: Company, seconds: float | None) -> bool:
    """Play the recording and return whether everything went well; True too if the person stopped it."""
    stopping = service.supervisor.stopping
    started = monotonic()
    say(f"Indexing the articles, macros and solved tickets of {NAME}")
    _save_knowledge(service, sample)
    if not wait_for_desk(service, stopping) or not wait_until_ready(service):
        if not stopping.is_set():
            fail(f"The service did not become ready; its logs are in {service.settings.data_folder}/logs.")
        return True
    tell(f"The desk is at {service.desk_link}  (ready after {monotonic() - started:.0f} s)")
    length = PLAY_SECONDS if seconds is None else max(20.0, seconds - AROUND_SECONDS)
    records = recorded(sample, sample.seed, tickets_topic=TICKETS, usage_topic=USAGE_EVENTS)
    player = Player(service.broker, records, start=sample.start, seconds=length)
    player.start()
    _show(service, player, player.is_alive)
    _settle(service, player)
    return stopping.is_set() or _summarise(service, sample, player)


def _save_knowledge(service: LocalService, sample: Company) -> None:
    settings = service.settings.model_copy(update={"device": "cpu", "torch_threads": os.cpu_count() or 1})
    models = load_index_models(settings)
    now = datetime.now(UTC)
    with Session(service.engine) as session, session.begin():
        save_accounts(session, sample.accounts, now=now)
        sources: list[KnowledgeSource] = [*sample.articles, *sample.macros, *sample.solved]
        save_sources(session, sources, models.embedder, now=now, personal=models.personal)


def _show(service: LocalService, player: Player, busy: Callable[[], bool]) -> None:
    stopping = service.supervisor.stopping
    with Live(console=console, refresh_per_second=2, transient=not console.is_terminal) as live:
        while busy() and not stopping.is_set():
            lag = total_in_flight(ledger(service.engine, service.broker))
            title = f"{NAME}: two weeks, played fast"
            live.update(live_table(service.engine, player.tally, lag_records=lag, title=title))
            stopping.wait(1.0)
    player.stopping.set()
    player.join()


def _settle(service: LocalService, player: Player) -> None:
    if player.error is not None:
        fail(f"The recording could not be played: {type(player.error).__name__}.")
    if service.supervisor.stopping.is_set():
        return
    say("Waiting until every record that was sent has its fate")
    wait_until_done(service.engine, service.broker, wait_seconds=DRAIN_SECONDS)
    service.supervisor.stopping.wait(HOLD_SECONDS)
    wait_until_done(service.engine, service.broker, wait_seconds=DRAIN_SECONDS)


def _summarise(service: LocalService, sample: Company, player: Player) -> bool:
    """Print the findings and the ledger; return whether nothing is lost and all stories were found."""
    ticket_ids = frozenset(
        event.ticket_id for event in tickets(sample, sample.seed) if event.kind == "customer_message"
    )
    found = findings(service.engine, sample, player.tally, ticket_ids)
    balance = ledger(service.engine, service.broker)
    console.print(summary_table(found, player.tally))
    console.print(ledger_table(balance))
    restarts = sum(process.restarts for process in service.supervisor.children)
    gap, waiting = total_gap(balance), total_in_flight(balance)
    console.print(
        f"ledger gap {gap} · in flight {waiting} · not sent {player.tally.not_sent} · restarts {restarts}"
    )
    return gap == 0 and waiting == 0 and player.tally.not_sent == 0 and all(found.planted.values())
