"""`rapport worker`, `relay`, `desk` and `intake`: the processes of the service."""

from enum import StrEnum
from typing import Annotated

import typer

from streams.cli.terminal import say


class GroupName(StrEnum):
    """The consumer groups."""

    SENTIMENT = "sentiment"
    USAGE = "usage"
    CHURN = "churn"
    DRAFTING = "drafting"


def worker(
    group: Annotated[
        GroupName, typer.Argument(help="Consumer group to work in: sentiment, usage, churn or drafting.")
    ],
) -> None:
    """Run one worker of a consumer group until SIGTERM.

    Start more of them to share a group's partitions; each is its own process.

    Example: rapport worker usage
    """
    from streams.cli.composition.groups import build_worker

    build_worker(group.value).run()


def relay() -> None:
    """Publish the outbox to its topics, in order per account, until SIGTERM.

    Example: rapport relay
    """
    from streams.cli.composition.services import build_relay

    build_relay().run()


def desk() -> None:
    """Serve the desk to support agents and success managers until SIGTERM.

    It listens on 127.0.0.1 unless RAPPORT_DESK_HOST says otherwise, because it has no login yet. On 127.0.0.1
    it opens by a link that is printed here, unless RAPPORT_TRUSTED_PROXIES names a proxy that checks who may
    come in.

    Example: RAPPORT_DESK_PORT=8765 rapport desk
    """
    from streams.cli.composition.services import build_desk

    build_desk(announce=lambda link: say(f"The desk is at {link}")).run()


def intake() -> None:
    """Take tickets and usage events over HTTP until SIGTERM.

    POST /v1/tickets and /v1/usage-events take one JSON object, an array, or JSON lines, as in
    schemas/json. The answer is 200 only once the broker has every event. If one event is wrong, none is
    sent, and 422 says which one is wrong and why. If the broker does not answer, the answer is 503 with
    Retry-After: send all events again, nothing is doubled.

    It listens on 127.0.0.1 only, unless RAPPORT_INTAKE_TOKENS is set and RAPPORT_INTAKE_HOST says otherwise.

    Example: curl -H 'Content-Type: application/x-ndjson' --data-binary @events.jsonl
    http://127.0.0.1:8767/v1/usage-events
    """
    from streams.cli.composition.services import build_intake

    build_intake().run()
