"""The operator's commands, run with the settings of one broker and one database."""

from dataclasses import dataclass

import typer
from typer.testing import CliRunner, Result

from streams.cli.desk_moods import app as sentiment_app
from streams.cli.ingest import ingest
from streams.cli.ledger import show_ledger
from streams.cli.letters import app as letters_app
from streams.cli.migrate import migrate
from streams.cli.partitions import app as partitions_app
from streams.cli.queue import show_queue
from streams.cli.schemas import schemas
from streams.cli.terminal import PlainGroup
from streams.cli.topics import app as topics_app
from streams.cli.train import app as train_app

PARTITIONS = 2


def build_app() -> typer.Typer:
    app = typer.Typer(cls=PlainGroup)
    app.command("ingest")(ingest)
    app.command("ledger")(show_ledger)
    app.command("migrate")(migrate)
    app.command("queue")(show_queue)
    app.command("schemas")(schemas)
    app.add_typer(topics_app, name="topics")
    app.add_typer(letters_app, name="dead-letters")
    app.add_typer(partitions_app, name="partitions")
    app.add_typer(sentiment_app, name="sentiment")
    app.add_typer(train_app, name="train")
    return app


@dataclass(frozen=True)
class Shell:
    """Runs commands with the settings of one broker and one database."""

    bootstrap: str
    database_url: str

    def __call__(self, *arguments: str) -> Result:
        environment = {
            "RAPPORT_BOOTSTRAP_SERVERS": self.bootstrap,
            "RAPPORT_DATABASE_URL": self.database_url,
            "RAPPORT_TOPIC_PARTITIONS": str(PARTITIONS),
            "COLUMNS": "160",
        }
        return CliRunner().invoke(build_app(), list(arguments), env=environment)
