"""The pages of a backtest and of a recommendation: whole in one file, and safe whatever the names are."""

import re
from datetime import timedelta
from functools import lru_cache

from markupsafe import escape

from schemas import Account
from streams.backtest.drawing import AccountChart, ChartMark, ChartShade
from streams.backtest.grid import Advice, GridPoint, TriedPoint
from streams.backtest.grid_page import grid_cells, grid_columns, grid_page, short_cells, short_columns
from streams.backtest.outcomes import KnownOutcomes, OutcomeFigures
from streams.backtest.page import MOST_ACCOUNTS, backtest_page
from streams.backtest.records import Backtest, ReplaySpan, UseSeries
from streams.evaluate.proportion import Proportion
from tests.streams.backtest.histories import MONDAY, Recorder, backtest_of, steady_use
from tests.streams.backtest.test_outcomes import found_with, left_on

HOSTILE = 'Acme <script>alert("x")</script>'
OUTSIDE = re.compile(r"""https?:|//[a-z]|<script|<link|<img|<iframe|@import|url\(|\ssrc=|\shref=""")


def account(account_id: str, name: str) -> Account:
    return Account(account_id=account_id, name=name)


def a_fall(recorded: Recorder) -> Backtest:
    return backtest_of(
        recorded(steady_use(days=20, falls={"b": (16.5, 0.0)}), accounts={"b": HOSTILE_ACCOUNT})
    )


HOSTILE_ACCOUNT = account("b", HOSTILE)


def test_the_report_needs_nothing_outside_and_takes_no_markup_from_names(recorded: Recorder) -> None:
    found = a_fall(recorded)
    outcomes = KnownOutcomes(left_on(b=19), (MONDAY + timedelta(days=20)).date())
    page = backtest_page(found, {"b": HOSTILE_ACCOUNT}, outcomes, note="Read: 1 row & more.")
    assert OUTSIDE.findall(page.replace("&lt;script", "")) == []
    assert "Acme &lt;script&gt;" in page
    assert 'name="viewport"' in page
    assert "Read: 1 row &amp; more." in page


def test_the_report_tells_of_an_account_what_the_desk_would_say(recorded: Recorder) -> None:
    found = a_fall(recorded)
    (opened,) = found.opened()
    assert opened.alert is not None
    outcomes = KnownOutcomes(left_on(b=19), (MONDAY + timedelta(days=20)).date())
    page = backtest_page(found, {}, outcomes)
    assert escape(opened.sentence) in page
    assert escape(opened.alert.next_action) in page
    assert "left on 2026-03-21" in page
    assert '<span class="right">right</span>' in page
    assert page.count("<svg") == 6
    assert page.index("<h3>b</h3>") < page.index("<h3>a</h3>")
    assert "100 % (21–100 %, 1 of 1)" in page


def test_without_outcomes_nothing_is_called_right_or_wrong(recorded: Recorder) -> None:
    page = backtest_page(a_fall(recorded), {}, None)
    assert "precision" not in page
    assert 'class="right"' not in page
    assert "No shared cause was found." in page


def test_a_page_shows_a_bounded_number_of_accounts_and_says_so() -> None:
    many = found_with({}, others=tuple(f"a{number}" for number in range(MOST_ACCOUNTS + 5)))
    page = backtest_page(many, {}, None)
    assert page.count("<svg") == MOST_ACCOUNTS
    assert "5 quieter accounts are not shown" in page


def test_a_chart_of_an_account_without_any_use_and_with_marks_outside_is_drawn_inside_its_frame() -> None:
    span = ReplaySpan(MONDAY, MONDAY + timedelta(days=3))
    far = MONDAY + timedelta(days=90)
    svg = AccountChart(span, UseSeries()).svg([ChartMark(far, "opened", '"<')], [ChartShade(far, far, "x")])
    numbers = [float(value) for value in re.findall(r'(?:x1|x2|cx|x)="([\d.-]+)"', svg)]
    assert numbers
    assert all(0.0 <= number <= 360.0 for number in numbers)
    assert "&quot;&lt;" in svg


@lru_cache(maxsize=1)
def tried() -> tuple[TriedPoint, ...]:
    return tuple(
        TriedPoint(
            GridPoint(budget, 0.3),
            int(500 * budget),
            170 * budget,
            budget,
            3,
            1,
            figures := OutcomeFigures(Proportion(4, 8), Proportion(4, 9), (3, 9, 12, 20), 1, 0),
            figures,
            figures,
        )
        for budget in (0.01, 0.02, 0.05)
    )


def test_the_page_of_a_recommendation_has_every_point_the_choice_and_the_variables() -> None:
    points = tried()
    page = grid_page(points, Advice(points[1], "It is best.", "Later as well."), span="March", note="")
    assert OUTSIDE.findall(page) == []
    assert page.count('class="chosen"') == 1
    assert page.count('class="dot chosen"') == page.count("<svg") == 3
    assert "RAPPORT_ALERTS_PER_MONTH=0.02" in page
    assert "RAPPORT_ALERT_SCORE=0.3" in page
    for point in points:
        assert len(grid_cells(point)) == len(grid_columns(has_outcomes=True))
        assert len(short_cells(point)) == len(short_columns(has_outcomes=True))
        assert all(f">{cell}<" in page for cell in grid_cells(point))


def test_the_page_without_outcomes_draws_what_incidents_explain() -> None:
    plain = [point.__class__(point.point, point.alerts, point.monthly, point.rate, 3, 1) for point in tried()]
    page = grid_page(plain, Advice(plain[0], "Kept.", ""), span="March", note="")
    assert page.count("<svg") == 1
    assert "precision" not in page
    assert len(grid_cells(plain[0])) == len(grid_columns(has_outcomes=False))
