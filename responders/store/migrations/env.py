"""Alembic's entry to the migrations. `responders.store.migrate` hands over an open connection.

To write a new revision: `alembic.command.revision` with the configuration of `responders.store.migrate`,
then edit it; the tests compare its result with `schemas.tables`.
"""

from alembic import context
from sqlalchemy import Connection

from schemas.tables import metadata


def run_migrations(connection: Connection) -> None:
    """Run what Alembic was asked to run, inside the caller's transaction."""
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


# Alembic loads this file under this name; a test collector or type checker loads it under another.
if __name__ == "env_py":
    run_migrations(context.config.attributes["connection"])
