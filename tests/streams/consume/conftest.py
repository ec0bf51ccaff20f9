"""The database of the pipeline tests: the service's tables and those of the small handlers."""

import pytest
from sqlalchemy import Engine

from tests.streams.support.rig import prepare


@pytest.fixture(scope="module")
def handler_tables(migrated_engine: Engine) -> None:
    """Tables of the small handlers; another module of the same process may have dropped them."""
    prepare(migrated_engine)


@pytest.fixture
def engine(handler_tables: None, tables: Engine) -> Engine:
    return tables
