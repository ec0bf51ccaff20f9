"""The GRANT statements that let a role without tables of its own run the service."""

from typing import Final

from psycopg import sql
from sqlalchemy import Connection, Engine, text

from responders.store.migrate import check_version
from schemas.tables import metadata

VERSION_TABLE: Final = "alembic_version"
"""Alembic's own table: every process reads the revision from it when it starts."""

_SCHEMA_OF: Final = text(
    "SELECT nspname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE pg_class.oid = to_regclass(:table)"
)
_VECTOR_SCHEMA: Final = text(
    "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'"
)
_LATER: Final = sql.SQL(
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {};"
)


def grants(engine: Engine, role: str) -> list[str]:
    """Return the statements that let `role` run every process of the service, in order; change nothing.

    The owner of the tables runs them. The role may then read and write the rows of every table and read the
    revision, but cannot create, change or drop a table. The last statement covers the tables of later
    migrations if the role that runs it also migrates. Raises MigrationError if the database is not at this
    build's revision.
    """
    check_version(engine)
    with engine.connect() as connection:
        schemas = _schemas(connection)
        tables = [_qualified(connection, name) for name in sorted(metadata.tables)]
        version = _qualified(connection, VERSION_TABLE)
    to = sql.Identifier(role)
    return [
        *(sql.SQL("GRANT USAGE ON SCHEMA {} TO {};").format(name, to).as_string() for name in schemas),
        sql.SQL("GRANT SELECT ON {} TO {};").format(version, to).as_string(),
        *(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {};").format(table, to).as_string()
            for table in tables
        ),
        _LATER.format(schemas[0], to).as_string(),
    ]


def _schemas(connection: Connection) -> list[sql.Identifier]:
    """Return the schemas of the tables and of the extension vector, without duplicates."""
    found = [
        connection.scalar(_SCHEMA_OF, {"table": VERSION_TABLE}),
        connection.scalar(_VECTOR_SCHEMA),
    ]
    return [sql.Identifier(str(name)) for name in dict.fromkeys(found) if name is not None]


def _qualified(connection: Connection, table: str) -> sql.Identifier:
    return sql.Identifier(str(connection.scalar(_SCHEMA_OF, {"table": table})), table)
