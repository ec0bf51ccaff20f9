"""Databases as operators have them: other encodings, schemas, roles and rights."""

import uuid
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlmodel import Session

from detectors.sentiment import LexiconSentiment
from responders.store import letters, migrate, outbox
from responders.store.grants import grants
from responders.store.migrate import MigrationError
from responders.store.notify import changes
from schemas.tables import metadata
from streams.cli.sentences import sentence_of
from streams.process.database import UnsuitableDatabaseError, address_of, engine_of
from streams.process.metrics import Metrics
from streams.sentiment import SentimentHandler
from tests.embedded_fixtures import connect
from tests.streams.support.letter_samples import letter
from tests.streams.support.samples import TOLERANCE, ticket, work_off

CANARY = "s3cr3t-canary"


@pytest.fixture
def owner(database_url: str) -> Iterator[Engine]:
    """Engine as the superuser."""
    engine = engine_of(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def role(database_url: str) -> Iterator[str]:
    """Name of a role that owns nothing; a quoted name, as any name may be."""
    name = f'App "{uuid.uuid4().hex[:8]}"'
    quoted = sql.Identifier(name)
    with connect(database_url) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(quoted))
    yield name
    with connect(database_url) as server:
        server.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(quoted))
        server.execute(sql.SQL("DROP ROLE {}").format(quoted))


@pytest.fixture
def app(database_url: str, role: str) -> Iterator[Engine]:
    """Engine as that role."""
    engine = engine_of(make_url(database_url).set(username=role).render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def grant(owner: Engine, role: str) -> None:
    with owner.begin() as connection:
        for statement in grants(owner, role):
            connection.exec_driver_sql(statement)


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_role_that_owns_nothing_runs_the_service_with_the_printed_grants_alone(
    owner: Engine, app: Engine, role: str
) -> None:
    migrate.upgrade(owner)
    grant(owner, role)
    migrate.check_version(app)
    handler = SentimentHandler(LexiconSentiment(), metrics=Metrics(), max_tokens=4_096, tolerance=TOLERANCE)
    work_off(app, handler, [ticket(1), ticket(2)])
    with Session(app) as session, session.begin():
        assert outbox.lock_shard(session, 0)
        letters.save_letters(session, [letter("support.tickets")])
    assert changes(app) >= 0
    with app.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.select().with_for_update().limit(1))
            connection.execute(table.delete().where(text("false")))


def test_a_table_that_a_later_migration_brings_is_granted_already(
    owner: Engine, app: Engine, role: str
) -> None:
    migrate.upgrade(owner)
    grant(owner, role)
    run(owner, "CREATE TABLE later (number bigint GENERATED ALWAYS AS IDENTITY, word text)")
    run(app, "INSERT INTO later (word) VALUES ('x')", "DELETE FROM later")


@pytest.mark.parametrize(
    "statement", ["DROP TABLE seen", "ALTER TABLE seen ADD x int", "CREATE TABLE x (i int)"]
)
def test_the_grants_let_nobody_change_a_table(owner: Engine, app: Engine, role: str, statement: str) -> None:
    migrate.upgrade(owner)
    grant(owner, role)
    with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
        run(app, statement)


def test_grants_cover_a_schema_of_its_own_and_that_of_the_extension(
    database_url: str, owner: Engine, role: str
) -> None:
    run(owner, "CREATE SCHEMA tenant", "CREATE SCHEMA tools", "ALTER EXTENSION vector SET SCHEMA tools")
    path = "&options=-csearch_path%3Dtenant,tools"
    tenant = engine_of(database_url + path)
    migrate.upgrade(tenant)
    grant(tenant, role)
    url = make_url(database_url + path).set(username=role)
    app = engine_of(url.render_as_string(hide_password=False))
    migrate.check_version(app)
    for engine in (app, tenant):
        engine.dispose()


def test_without_its_grants_a_role_is_told_what_it_needs(owner: Engine, app: Engine) -> None:
    migrate.upgrade(owner)
    with pytest.raises(ProgrammingError) as raised:
        migrate.check_version(app)
    assert "rapport migrate --grants ROLE" in str(sentence_of(raised.value))


def test_a_role_that_may_not_enter_the_schema_is_told_where_the_tables_are(
    database_url: str, owner: Engine, app: Engine
) -> None:
    run(owner, "CREATE SCHEMA hidden")
    hidden = engine_of(f"{database_url}&options=-csearch_path%3Dhidden,public")
    migrate.upgrade(hidden)
    hidden.dispose()
    with pytest.raises(MigrationError, match="in the schema hidden, which this role does not see"):
        migrate.check_version(app)


def test_migrating_without_the_right_to_create_is_a_sentence(app: Engine) -> None:
    with pytest.raises(DBAPIError) as raised:
        migrate.upgrade(app)
    said = str(sentence_of(raised.value))
    assert said.startswith("The database refuses: permission denied for schema public.")
    assert "Migrate as the role that owns the schema" in said


def test_a_role_that_may_create_migrates_without_being_a_superuser(
    owner: Engine, app: Engine, role: str
) -> None:
    run(owner, sql.SQL("GRANT CREATE, USAGE ON SCHEMA public TO {}").format(sql.Identifier(role)).as_string())
    migrate.upgrade(app)
    migrate.check_version(app)


def test_the_extension_in_a_schema_out_of_sight_is_a_sentence_and_on_the_path_it_serves(
    database_url: str, owner: Engine
) -> None:
    run(owner, "CREATE SCHEMA extensions", "ALTER EXTENSION vector SET SCHEMA extensions")
    with pytest.raises(MigrationError, match="The extension vector is in the schema extensions"):
        migrate.upgrade(owner)
    seeing = engine_of(f"{database_url}&options=-csearch_path%3Dpublic,extensions")
    migrate.upgrade(seeing)
    migrate.check_version(seeing)
    seeing.dispose()
    with pytest.raises(MigrationError, match="The extension vector is in the schema extensions"):
        migrate.check_version(owner)


def test_tables_land_in_the_schema_that_the_address_names(database_url: str, owner: Engine) -> None:
    run(owner, "CREATE SCHEMA tenant")
    tenant = engine_of(f"{database_url}&options=-c%20search_path%3Dtenant,%20public%20-c%20work_mem%3D8MB")
    migrate.upgrade(tenant)
    with tenant.connect() as connection:
        placed = connection.exec_driver_sql("SELECT schemaname FROM pg_tables WHERE tablename = 'seen'")
        assert placed.scalars().all() == ["tenant"]
        assert connection.exec_driver_sql("SHOW work_mem").scalar() == "8MB"
    tenant.dispose()


def test_a_search_path_without_a_schema_is_a_sentence(database_url: str) -> None:
    nowhere = engine_of(f"{database_url}&options=-csearch_path%3Dnowhere")
    with pytest.raises((DBAPIError, MigrationError)) as raised:
        migrate.upgrade(nowhere)
    assert sentence_of(raised.value) is not None
    nowhere.dispose()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "WIN1252"])
def test_a_database_that_is_not_utf_8_is_refused_before_anything_is_written(
    postgres_url: str, encoding: str
) -> None:
    name = f"odd_{uuid.uuid4().hex}"
    with connect(postgres_url) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0").format(
                sql.Identifier(name), sql.Literal(encoding)
            )
        )
    engine = engine_of(postgres_url.replace("/rapport?", f"/{name}?", 1))
    for use in (migrate.upgrade, migrate.check_version):
        with pytest.raises(UnsuitableDatabaseError, match=f"encoding is {encoding}, but .* UTF8"):
            use(engine)
    engine.dispose()
    with connect(postgres_url) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_read_only_database_names_the_primary(database_url: str, owner: Engine) -> None:
    migrate.upgrade(owner)
    replica = engine_of(f"{database_url}&options=-cdefault_transaction_read_only%3Don")
    with pytest.raises(DBAPIError) as raised:
        run(replica, "DELETE FROM seen")
    assert "must name the primary" in str(sentence_of(raised.value))
    replica.dispose()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_any_password_that_is_percent_encoded_is_read_as_it_is(password: str) -> None:
    url = f"postgresql+psycopg://user:{quote(password, safe='')}@db.example.test:6432/rapport"
    address = address_of(url).url
    assert (address.password, address.host, address.port) == (password, "db.example.test", 6432)


@given(st.text("ab1@#/:?%&[] ", max_size=8), st.text("ab1@#/:?%&[] ", max_size=8))
def test_an_unescaped_password_is_read_whole_or_refused_without_a_word_of_it(before: str, after: str) -> None:
    password = f"{before}{CANARY}{after}"
    read = as_read(f"postgresql://user:{password}@db.example.test/rapport")
    if isinstance(read, str):
        assert CANARY not in read
    else:
        assert CANARY in str(read.password)
        assert (read.host, read.database) == ("db.example.test", "rapport")


def as_read(url: str) -> URL | str:
    """The address in parts, or the sentence that refuses it."""
    try:
        return address_of(url).url
    except UnsuitableDatabaseError as error:
        return str(error)
