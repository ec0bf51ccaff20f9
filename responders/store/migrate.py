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

_VECTOR_SCHEMA: Final = text(
    "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'"
)
_HIDDEN_TABLES: Final = text(
    "SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE relname = 'partition_progress' AND relkind IN ('r', 'p') ORDER BY c.oid LIMIT 1"
)


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
        It was never migrated, is older, or was migrated by a newer build; or this role does not see the
        tables or the extension vector.
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
    """Raise MigrationError where the type vector is in a schema that the search path does not hold."""
    schema, seen = connection.scalar(_VECTOR_SCHEMA), connection.scalar(text("SELECT to_regtype('vector')"))
    if seen is None:
        raise MigrationError(
            f"The extension vector is in the schema {schema}, which this role cannot use without naming it; "
            f"run `ALTER EXTENSION vector SET SCHEMA public`, or put {schema} on the search path of "
            f"RAPPORT_DATABASE_URL: ...?options=-csearch_path%3Dpublic,{schema}"
        )


def _no_tables(connection: Connection) -> str:
    """Say why the tables are not seen: they are in a schema that is out of this role's sight, or nowhere."""
    schema = connection.scalar(_HIDDEN_TABLES)
    if schema is None:
        return "The database has no tables of Rapport yet; run `rapport migrate`."
    return (
        f"The tables of Rapport are in the schema {schema}, which this role does not see: grant it what "
        f"`rapport migrate --grants ROLE` prints, or put {schema} on the search path of "
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
