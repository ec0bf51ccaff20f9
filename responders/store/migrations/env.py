"""Alembic's entry point to the migrations. `responders.store.migrate` passes an open connection.

To write a new revision, call `alembic.command.revision` with the configuration of
`responders.store.migrate`, then edit it; the tests compare its result with `schemas.tables`.
"""

from alembic import context
from sqlalchemy import Connection

from schemas.tables import metadata


def run_migrations(connection: Connection) -> None:
    """Run the requested migrations inside the caller's transaction."""
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


# Alembic loads this file as "env_py"; test collectors and type checkers load it under another name.
if __name__ == "env_py":
    run_migrations(context.config.attributes["connection"])
