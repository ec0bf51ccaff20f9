"""`rapport migrate`: create or change the tables of the database."""

from typing import Annotated

import typer
from sqlalchemy import Engine

from responders.store import grants
from responders.store import migrate as store
from streams.cli.composition.connections import database, read_settings
from streams.cli.terminal import errors

MIGRATION_STATEMENT_SECONDS = 3_600.0
"""Limit of one statement: it may build the index of a large table or wait for another migration."""


def migrate(
    grants_for: Annotated[
        str | None,
        typer.Option("--grants", metavar="ROLE", help="Change nothing; print the grants that ROLE needs."),
    ] = None,
) -> None:
    """Create the database's tables, or change them to the schema of this build.

    Safe to repeat and to run from several places at once. A database of a newer build is refused.
    The tables may belong to another role than the role of the service: with --grants the command prints the
    statements that let ROLE run the service. The owner runs them once; they cover later tables too.

    Example: RAPPORT_DATABASE_URL=postgresql+psycopg://user:secret@db/rapport rapport migrate
    """
    with database(read_settings(), statement_seconds=MIGRATION_STATEMENT_SECONDS) as engine:
        if grants_for is not None:
            _print_grants(engine, grants_for)
            return
        store.upgrade(engine)
    errors.print(f"The database is at revision {store.head()}.", highlight=False)


def _print_grants(engine: Engine, role: str) -> None:
    for statement in grants.grants(engine, role):
        typer.echo(statement)
