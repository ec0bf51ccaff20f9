"""`rapport migrate`: the tables of the database."""

from responders.store import migrate as store
from streams.cli.context import database, errors, fail, told_plainly
from streams.settings import Settings

MIGRATION_STATEMENT_SECONDS = 3_600.0
"""Building an index of a large table, or waiting for another's migration, takes its time."""


def migrate() -> None:
    """Create the database's tables, or change them to what this build needs.

    Safe to repeat and to run from several places at once. A database of a newer build is refused.

    Example: RAPPORT_DATABASE_URL=postgresql+psycopg://user:secret@db/rapport rapport migrate
    """
    with told_plainly(), database(Settings(), statement_seconds=MIGRATION_STATEMENT_SECONDS) as engine:
        try:
            store.upgrade(engine)
        except store.MigrationError as error:
            fail(str(error))
    errors.print(f"The database is at revision {store.head()}.", highlight=False)
