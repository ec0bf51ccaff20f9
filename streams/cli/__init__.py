"""The command line: the `rapport` command and the composition root of the service.

This folder may import all of `streams`; no other folder imports it. `app` is the typer application of all
commands, `main` runs it.
"""

import os

import typer

from streams.cli import (
    backtest,
    demo,
    desk_moods,
    evaluate,
    evaluate_drafts,
    evaluate_injection,
    evaluate_retrieval,
    evaluate_sections,
    ingest,
    knowledge,
    ledger,
    letters,
    migrate,
    partitions,
    queue,
    run,
    schemas,
    topics,
    train,
    up,
)
from streams.cli.terminal import PlainGroup

__all__ = ["app", "main"]

app = typer.Typer(
    cls=PlainGroup,
    help="Streaming customer-support intelligence: scores, drafts and churn alerts from Kafka.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)

app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("worker")(run.worker)
app.command("relay")(run.relay)
app.command("desk")(run.desk)
app.command("intake")(run.intake)
app.command("migrate")(migrate.migrate)
app.command("ledger")(ledger.show_ledger)
app.command("queue")(queue.show_queue)
app.command("schemas")(schemas.schemas)
app.add_typer(topics.app, name="topics")
app.command("ingest")(ingest.ingest)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(letters.app, name="dead-letters")
app.add_typer(partitions.app, name="partitions")
app.add_typer(desk_moods.app, name="sentiment")
app.add_typer(train.app, name="train")
evaluate.app.command("retrieval")(evaluate_retrieval.retrieval)
evaluate.app.command("sections")(evaluate_sections.sections)
evaluate.app.command("drafts")(evaluate_drafts.drafts)
evaluate.app.command("injection")(evaluate_injection.injection)
app.add_typer(evaluate.app, name="evaluate")
app.command("backtest")(backtest.backtest)
app.command("recommend")(backtest.recommend)


def main() -> None:
    """Run the command line; models are loaded from their packages, never from a hub."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    app()
