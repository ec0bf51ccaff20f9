"""Cases in memory: one per account, closed by recovery or by time alone."""

from datetime import timedelta

from detectors.churn.cases import EXPIRY
from detectors.churn.recovery import UseStanding
from streams.backtest.casebook import CaseBook
from tests.detectors.churn.test_cases import alert
from tests.streams.support.samples import WHEN

DAY = timedelta(days=1)


def standing(at_day: int, *, share: float = 1.0) -> UseStanding:
    return UseStanding(WHEN + at_day * DAY, share, 0, 0.1, 0.0)


def test_a_further_cause_joins_the_open_case_of_its_account() -> None:
    book = CaseBook()
    other = alert("drop", account_id="b", alert_id="al-b")
    steps = book.file([alert("silence", at=WHEN + DAY), alert("drop"), other], {}, WHEN + DAY)
    assert [(step.account_id, step.kind) for step in steps] == [
        ("a", "opened"),
        ("a", "joined"),
        ("b", "opened"),
    ]
    assert book.open["a"].causes == {"drop", "silence"}
    assert book.open["a"].sentence == steps[1].sentence
    assert set(book.told) == {steps[0].case_id, "al-b"}


def test_recovery_closes_a_case_and_its_alert_does_not_open_it_again() -> None:
    book = CaseBook()
    book.file([alert("drop")], {}, WHEN)
    assert book.close_recovered({"a": standing(5, share=0.2)}, {}, WHEN) == []
    (closed,) = book.close_recovered({"a": standing(5)}, {}, WHEN + 5 * DAY)
    assert closed.kind == "recovered"
    assert "back at 100%" in closed.sentence
    (again,) = book.file([alert("drop")], {}, WHEN + 6 * DAY)
    assert again.kind == "unchanged"
    (anew,) = book.file([alert("drop", at=WHEN + 6 * DAY)], {}, WHEN + 6 * DAY)
    assert anew.kind == "opened"
    assert len(book.told) == 2


def test_a_case_without_new_evidence_expires_and_one_with_it_stays() -> None:
    book = CaseBook()
    book.file([alert("drop"), alert("drop", account_id="b", alert_id="al-b")], {}, WHEN)
    book.file([alert("silence", at=WHEN + 3 * DAY)], {}, WHEN + 3 * DAY)
    (expired,) = book.expire(WHEN + EXPIRY + DAY, WHEN + EXPIRY + DAY)
    assert (expired.account_id, expired.kind, expired.case_id) == ("b", "expired", "al-b")
    assert set(book.open) == {"a"}
