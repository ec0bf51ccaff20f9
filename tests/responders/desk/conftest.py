"""One database for all tests of the desk, emptied before each, and one Chromium for each module."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from responders.desk import create_desk
from tests.responders.support.desk_browser import House, furnished, launched
from tests.responders.support.desk_client import Browser, Watched
from tests.responders.support.desk_samples import NOW
from tests.responders.support.shared_database import empty, shared_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium


@pytest.fixture(scope="session")
def desk_database(postgres_url: str) -> Iterator[Engine]:
    with shared_database(postgres_url) as engine:
        yield engine


@pytest.fixture
def engine(desk_database: Engine) -> Engine:
    """Engine on empty tables, without a connection of an earlier test."""
    desk_database.dispose()
    empty(desk_database)
    return desk_database


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def desk(engine: Engine, watched: Watched) -> Browser:
    return Browser(create_desk(engine, now=lambda: NOW, observe=watched, decided_by="kim"))


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Chromium]":
    with launched() as browser:
        yield browser


@pytest.fixture
def house(engine: Engine, chromium: "Chromium") -> Iterator[House]:
    """A desk in a browser; the test fails if a page logs an error, asks elsewhere or opens a dialog."""
    with furnished(engine, chromium) as house:
        yield house
    assert house.diary.wrong == []
