"""Bring the database's tables to the state that this build needs, or say why it is not there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK_KEY: Final = 0x7261_7070
"""Key of the advisory lock that lets one migration run at a time; "rapp" in ASCII."""


class MigrationError(Exception):
    """The database is not, and cannot be brought, where this build needs it; one sentence for a person."""


def upgrade(database: Engine | str) -> None:
    """Create or change the tables up to this build's revision; nothing happens where they are.

    One transaction under an advisory lock: several processes at once are safe, and a failure
    leaves the database as it was.

    Raises
    ------
    MigrationError
        The database belongs to a newer build, or the extension vector cannot be had.
    """
    _migrate(database, lambda config: command.upgrade(config, "head"))


def downgrade_one(database: Engine | str) -> None:
    """Take the last revision back, with the data in what it created. Same lock, same errors as `upgrade`."""
    _migrate(database, lambda config: command.downgrade(config, "-1"))


def check_version(engine: Engine) -> None:
    """Return quietly where the database is at this build's revision.

    Raises
    ------
    MigrationError
        It was never migrated, is older, or was migrated by a newer build.
    """
    with engine.connect() as connection:
        at = _revision(connection)
    _refuse_unknown(at)
    if at is None:
        raise MigrationError("The database has no tables of Rapport yet; run `rapport migrate`.")
    if at != head():
        raise MigrationError(
            f"The database is at revision {at}, this build needs {head()}; run `rapport migrate`."
        )


def head() -> str:
    """Return the revision that this build needs."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise MigrationError("This build carries no migrations; it was packaged without its data files.")
    return revision


def _migrate(database: Engine | str, run: Callable[[Config], None]) -> None:
    with _engine_of(database) as engine, engine.begin() as connection:
        # A long migration, and the wait for another's, must outlive the service's own time limit.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        _refuse_unknown(_revision(connection))
        _ensure_vector(connection)
        config = _config()
        config.attributes["connection"] = connection
        run(config)


def _ensure_vector(connection: Connection) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'vector'")).first()
    if known is not None:
        return
    try:
        connection.execute(text("CREATE EXTENSION vector"))
    except DBAPIError as error:
        raise MigrationError(
            "The extension vector (pgvector) is missing from the database and could not be created; "
            "install pgvector on the server and run `CREATE EXTENSION vector` as a superuser."
        ) from error


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(revision: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise MigrationError(
            f"The database was migrated by a newer build of Rapport (revision {revision}, this build "
            f"knows up to {head()}); run that build or a later one."
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _engine_of(database: Engine | str) -> Iterator[Engine]:
    if isinstance(database, Engine):
        yield database
        return
    engine = create_engine(database, connect_args={"connect_timeout": 5})
    try:
        yield engine
    finally:
        engine.dispose()
