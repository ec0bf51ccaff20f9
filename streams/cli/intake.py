"""`rapport intake`: take events over HTTP."""

from responders.web import is_loopback
from streams.cli.access import proxies_of
from streams.cli.context import fail, open_broker, told_plainly
from streams.cli.service import begin, run_server, serve_health, tolerance_of
from streams.cli.zero_series import INTAKE
from streams.intake import (
    BrokerLink,
    Intake,
    IntakeServer,
    Judge,
    Limits,
    TokenError,
    Tokens,
    create_intake,
    parse_tokens,
)
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.process.clock import utc_now
from streams.process.health import STARTING
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from streams.process.startup import probe_of

TOPICS = (TICKETS, USAGE_EVENTS)


def intake() -> None:
    """Take tickets and usage events over HTTP until SIGTERM.

    POST /v1/tickets and /v1/usage-events take one JSON object, an array, or JSON lines, as in
    schemas/json. The answer is 200 only once the broker has every event; one wrong event and none is
    sent (422 says which and why); 503 with Retry-After where the broker does not answer: send all
    again, nothing is doubled.

    It listens on 127.0.0.1 only, unless RAPPORT_INTAKE_TOKENS is set and RAPPORT_INTAKE_HOST says otherwise.

    Example: curl -H 'Content-Type: application/x-ndjson' --data-binary @events.jsonl
    http://127.0.0.1:8767/v1/usage-events
    """
    settings, metrics = begin(INTAKE)
    tokens = tokens_of(settings)
    with told_plainly():
        broker = open_broker(settings)
    health = serve_health(metrics, STARTING, settings)
    link = BrokerLink(
        broker,
        dict.fromkeys(TOPICS, settings.topic_partitions),
        ack_seconds=settings.intake_ack_seconds,
        stall_seconds=settings.stall_seconds,
    )
    health.tell(link.checks([probe_of(metrics, "broker", lambda: link.reachable)]))
    server = _server(link, tokens, metrics, settings)
    run_server(server.run, "intake", settings.intake_port)
    health.stop()
    if link.refusal is not None:
        fail(link.refusal)


def tokens_of(settings: Settings) -> Tokens:
    """Return the tokens asked for; end the command where an address needs some and there are none."""
    if settings.intake_tokens is not None:
        try:
            return parse_tokens(settings.intake_tokens.get_secret_value())
        except TokenError as error:
            fail(str(error))
    if not is_loopback(settings.intake_host):
        fail("Without RAPPORT_INTAKE_TOKENS the intake listens on 127.0.0.1 only; set tokens, or that host.")
    return Tokens()


def _server(link: BrokerLink, tokens: Tokens, metrics: Metrics, settings: Settings) -> IntakeServer:
    judge = Judge(settings.max_record_bytes, tolerance_of(settings))
    application = create_intake(
        Intake(link, judge, tokens, metrics, now=utc_now, proxies=proxies_of(settings)),
        Limits(settings.intake_max_body_bytes, settings.intake_max_in_flight_bytes),
    )
    return IntakeServer(
        application,
        link,
        host=settings.intake_host,
        port=settings.intake_port,
        shutdown_seconds=settings.shutdown_seconds - 5,
    )
