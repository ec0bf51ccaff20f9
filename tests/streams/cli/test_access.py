"""The start link of the desk and the settings of its door, as the commands use them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
import typer
from pydantic import SecretStr, ValidationError
from sqlalchemy import Engine

from streams.cli.access import LINK_FILE, desk_address, desk_token, door_of, keep_link, link_of, proxies_of
from streams.process.ports import free_port
from streams.process.settings import Settings
from tests.streams.support.cluster import ROOT, wait_until

Made = Callable[..., Settings]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return lambda **values: Settings(data_folder=tmp_path / "data", **values)


def test_the_link_stays_the_same_from_start_to_start_and_only_its_owner_can_read_it(made: Made) -> None:
    settings = made()
    first = desk_token(settings)
    assert len(first) >= 32
    assert desk_token(settings) != first  # no link is kept yet
    keep_link(settings, link_of(desk_address(settings), first))
    file = settings.data_folder / LINK_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert desk_token(settings) == first
    assert file.read_text().strip() == f"http://127.0.0.1:8765/?token={first}"
    keep_link(settings, link_of(desk_address(settings), first))
    assert desk_token(settings) == first


@pytest.mark.parametrize("damaged", ["", "http://127.0.0.1:8765/", "?token=short", "?token=" + "/" * 40])
def test_a_damaged_link_is_replaced(made: Made, damaged: str) -> None:
    settings = made()
    keep_link(settings, damaged)
    assert len(desk_token(settings)) >= 32
    assert desk_token(settings) not in damaged


def test_a_link_that_others_can_read_is_replaced(made: Made) -> None:
    settings = made()
    first = desk_token(settings)
    keep_link(settings, link_of(desk_address(settings), first))
    (settings.data_folder / LINK_FILE).chmod(0o644)
    assert desk_token(settings) != first


def test_a_link_is_asked_for_on_this_machines_address_unless_a_proxy_is_trusted(made: Made) -> None:
    for host in ("127.0.0.1", "::1", "localhost", "127.0.0.5"):
        assert desk_token(made(desk_host=host))
    assert desk_token(made(desk_host="0.0.0.0")) == ""
    assert desk_token(made(trusted_proxies=("127.0.0.1",))) == ""
    own = made(desk_host="0.0.0.0", desk_token=SecretStr("a-secret-of-the-operator"))
    assert desk_token(own) == "a-secret-of-the-operator"
    assert desk_address(made(desk_host="::1", desk_path_prefix="/r")) == "http://[::1]:8765/r/"


@pytest.mark.parametrize(
    "wrong", [{"desk_token": "short"}, {"desk_path_prefix": "/a b"}, {"desk_path_prefix": "/a/../b"}]
)
def test_a_weak_secret_and_a_wrong_path_are_refused(made: Made, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        made(**wrong)


@pytest.mark.parametrize("values", [{"desk_host": "0.0.0.0"}, {"trusted_proxies": ("10.0.0.7",)}])
def test_an_empty_secret_never_opens_the_desk_to_everyone(
    made: Made, values: dict[str, object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAPPORT_DESK_TOKEN", "")
    assert len(desk_token(made())) >= 32
    with pytest.raises(typer.Exit):
        desk_token(made(**values))
    assert "RAPPORT_DESK_TOKEN is empty" in capsys.readouterr().err


def test_a_setting_that_makes_no_sense_is_one_sentence(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        door_of(made(desk_path_prefix="/tickets/desk"), "")
    assert "RAPPORT_DESK_PATH_PREFIX" in capsys.readouterr().err
    with pytest.raises(typer.Exit):
        proxies_of(made(trusted_proxies=("proxy.example",)))
    assert "RAPPORT_TRUSTED_PROXIES" in capsys.readouterr().err


def test_the_desk_alone_prints_a_link_that_opens_it(tables: Engine, tmp_path: Path) -> None:
    url = tables.url.render_as_string(hide_password=False)
    settings = {
        "RAPPORT_DATABASE_URL": url,
        "RAPPORT_DESK_PORT": "0",
        "RAPPORT_METRICS_PORT": str(free_port()),
        "RAPPORT_DATA_FOLDER": str(tmp_path),
    }
    log = tmp_path / "log.txt"
    with (
        log.open("wb") as sink,
        subprocess.Popen(
            [sys.executable, "-m", "streams", "desk"], cwd=ROOT, env=os.environ | settings, stderr=sink
        ) as process,
    ):
        wait_until(lambda: b"?token=" in log.read_bytes())
        link = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", log.read_text())
        assert link is not None
        with build_opener(HTTPCookieProcessor()).open(link.group(), timeout=20) as answer:
            assert answer.status == 200
            assert answer.url.endswith("/tickets")
        process.kill()
