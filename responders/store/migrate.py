"""Migrate the database to the revision of this build, or check that it has this revision."""

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
"""Key of the advisory lock under which only one migration runs at a time; "rapp" in ASCII."""

_VECTOR_SCHEMA: Final = text(
    "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'"
)
_HIDDEN_TABLES: Final = text(
    "SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE relname = 'partition_progress' AND relkind IN ('r', 'p') ORDER BY c.oid LIMIT 1"
)


class MigrationError(Exception):
    """The database is not at this build's revision or cannot be migrated; the message is for a person."""


def upgrade(database: Engine | str) -> None:
    """Create or change the tables up to this build's revision; do nothing if they are at it.

    The migration is one transaction under an advisory lock: several processes may run it at once, and a
    failure leaves the database unchanged.

    Raises
    ------
    MigrationError
        The database was migrated by a newer build, or the extension vector cannot be created.
    """
    _migrate(database, lambda config: command.upgrade(config, "head"))


def downgrade_one(database: Engine | str) -> None:
    """Undo the last revision and drop its data. Lock and errors are the same as those of `upgrade`."""
    _migrate(database, lambda config: command.downgrade(config, "-1"))


def check_version(engine: Engine) -> None:
    """Check that the database is at this build's revision.

    Raises
    ------
    MigrationError
        The database was never migrated, is older, or was migrated by a newer build; or this role does not
        see the tables or the extension vector.
    """
    with engine.connect() as connection:
        at = _revision(connection)
        _refuse_unknown(at)
        if at is None:
            raise MigrationError(_no_tables(connection))
        _refuse_hidden_vector(connection)
    if at != head():
        raise MigrationError(
            f"The database is at revision {at}, this build needs {head()}; run `rapport migrate`."
        )


def head() -> str:
    """Return the revision that this build needs."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise MigrationError("This build has no migrations; it was packaged without its data files.")
    return revision


def _migrate(database: Engine | str, run: Callable[[Config], None]) -> None:
    with _engine_of(database) as engine, engine.begin() as connection:
        # A long migration, or the wait for another one, must not end at the service's statement time limit.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        _refuse_unknown(_revision(connection))
        _ensure_vector(connection)
        config = _config()
        config.attributes["connection"] = connection
        run(config)


def _ensure_vector(connection: Connection) -> None:
    if connection.scalar(_VECTOR_SCHEMA) is not None:
        _refuse_hidden_vector(connection)
        return
    try:
        connection.execute(text("CREATE EXTENSION vector"))
    except DBAPIError as error:
        raise MigrationError(
            "The extension vector (pgvector) is missing from the database and could not be created; "
            "install pgvector on the server and run `CREATE EXTENSION vector` as a superuser."
        ) from error


def _refuse_hidden_vector(connection: Connection) -> None:
    """Raise MigrationError if the type vector is in a schema that is not on the search path."""
    schema, seen = connection.scalar(_VECTOR_SCHEMA), connection.scalar(text("SELECT to_regtype('vector')"))
    if seen is None:
        raise MigrationError(
            f"The extension vector is in the schema {schema}, which this role cannot use without naming it; "
            f"run `ALTER EXTENSION vector SET SCHEMA public`, or put {schema} on the search path of "
            f"RAPPORT_DATABASE_URL: ...?options=-csearch_path%3Dpublic,{schema}"
        )


def _no_tables(connection: Connection) -> str:
    """Return why the tables are not seen: they are in a schema that this role cannot see, or do not exist."""
    schema = connection.scalar(_HIDDEN_TABLES)
    if schema is None:
        return "The database has no tables of Rapport yet; run `rapport migrate`."
    return (
        f"The tables of Rapport are in the schema {schema}, which this role does not see: run the statements "
        f"that `rapport migrate --grants ROLE` prints, or put {schema} on the search path of "
        f"RAPPORT_DATABASE_URL: ...?options=-csearch_path%3D{schema}"
    )


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
