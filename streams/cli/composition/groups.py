"""Build a worker: the handlers, pipelines and Faust app of one consumer group."""

import os
import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from streams.cli.composition.alert_rules import alert_rules
from streams.cli.composition.drafting import compile_patterns, drafter_of
from streams.cli.composition.generators import drafting_records, drafts_at_once, generator_of
from streams.cli.composition.models import device_runner, load_models, load_sentiment, token_limit
from streams.cli.composition.start import Resources, ServiceProcess, open_resources
from streams.kafka.topics import GROUPS, USAGE_EVENTS
from streams.process.clock import utc_now
from streams.process.database import worker_idle_seconds
from streams.process.settings import Settings
from streams.process.version import build_id

if TYPE_CHECKING:
    from streams.consume.pipeline import PipelineOptions
    from streams.kafka.app import GroupApp


def build_worker(group: str) -> ServiceProcess:
    """Return a worker of the group once database and broker answer. Raises as `open_resources` does."""
    resources = open_resources(
        group,
        topics=GROUPS[group],
        idle_seconds=lambda settings: worker_idle_seconds(settings.session_timeout_seconds),
    )
    # Faust is heavy: the health server answers before it is imported.
    from streams.kafka.worker import run_worker, worker_checks

    settings = resources.settings
    app = build_group(group, resources)
    resources.health.tell(worker_checks(app, resources.probes, stall_seconds=settings.stall_seconds))
    return ServiceProcess(partial(run_worker, app, settings.log_level), resources.health)


def build_group(group: str, resources: Resources) -> "GroupApp":
    """Return the group's app with its pipelines and models; nothing is consumed yet."""
    from streams.consume.pipeline import Pipeline
    from streams.kafka.app import Membership, build_app

    settings = resources.settings
    options = _options(group, settings)
    pipelines = [
        Pipeline(handler, resources.engine, metrics=resources.metrics, options=options)
        for handler in _BUILDERS[group](resources)
    ]
    membership = Membership(
        group,
        instance_id=settings.group_instance_id,
        session_timeout_seconds=settings.session_timeout_seconds,
        shutdown_seconds=settings.shutdown_seconds,
    )
    return build_app(pipelines, resources.broker, membership)


def _options(group: str, settings: Settings) -> "PipelineOptions":
    from streams.consume.pipeline import PipelineOptions

    is_usage = group == "usage"
    records = {"usage": settings.usage_snapshot_records, "drafting": drafting_records(settings)}
    return PipelineOptions(
        max_records=records.get(group, settings.max_batch_records),
        max_wait_seconds=settings.usage_snapshot_seconds if is_usage else settings.max_wait_seconds,
        max_record_bytes=settings.max_record_bytes,
        owner=settings.group_instance_id or f"{socket.gethostname()}-{os.getpid()}",
        build=build_id(),
    )


def _sentiment(resources: Resources) -> list[Any]:
    from streams.desk_moods import AdaptedScorer, DeskMoods
    from streams.desk_watch import DeskWatch
    from streams.sentiment import DeviceScorer, SentimentHandler

    settings, metrics = resources.settings, resources.metrics
    model = load_sentiment(settings)
    scorer = DeviceScorer(model, device_runner(settings, metrics))
    desk = DeskMoods(resources.engine, scorer, base_model=model.version, metrics=metrics)
    DeskWatch(desk, utc_now).start()
    return [
        SentimentHandler(
            AdaptedScorer(scorer, desk),
            metrics=metrics,
            max_tokens=token_limit(settings),
            tolerance=settings.future_tolerance,
        )
    ]


def _usage(resources: Resources) -> list[Any]:
    from streams.kafka.history import history_of
    from streams.usage.handler import UsageHandler

    settings, history = resources.settings, history_of(resources.broker, USAGE_EVENTS)
    return [
        UsageHandler(
            metrics=resources.metrics,
            tolerance=settings.future_tolerance,
            policy=alert_rules(settings).usage,
            history=history,
        )
    ]


def _churn(resources: Resources) -> list[Any]:
    from streams.churn import ChurnHandler
    from streams.usage.clocks import hours_clock, slowest_clock

    rules, metrics = alert_rules(resources.settings), resources.metrics
    return [
        ChurnHandler(
            metrics=metrics,
            hazard=rules.hazard,
            policy=rules.churn,
            slowest=slowest_clock,
            hours=hours_clock,
        )
    ]


def _drafting(resources: Resources) -> list[Any]:
    from streams.desk_lessons import DeskLessons
    from streams.desk_watch import DeskWatch
    from streams.drafting import DraftingHandler, Models, OutreachHandler, ReplyWriter
    from streams.redrafting import RedraftHandler

    settings, engine, metrics = resources.settings, resources.engine, resources.metrics
    loaded = load_models(settings, metrics)
    models = Models(loaded.scorer, loaded.embedder, drafts_at_once(settings), loaded.listener)
    lessons = DeskLessons(engine, metrics=metrics)
    DeskWatch(lessons, utc_now, name="desk-lessons").start()
    drafter = drafter_of(settings, engine, generator_of(settings, metrics), lambda: lessons.current)
    replies = DraftingHandler(engine, drafter, models, metrics=metrics, tolerance=settings.future_tolerance)
    outreach = OutreachHandler(engine, drafter, models.embedder, metrics=metrics)
    writer = ReplyWriter(engine, drafter, models, metrics)
    compile_patterns()
    return [replies, outreach, RedraftHandler(engine, writer, metrics=metrics)]


_BUILDERS: dict[str, Callable[[Resources], list[Any]]] = {
    "sentiment": _sentiment,
    "usage": _usage,
    "churn": _churn,
    "drafting": _drafting,
}
"""How to build the handlers of each consumer group, one handler per topic that it reads."""
