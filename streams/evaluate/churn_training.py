"""Training days for the hazard's prior, from the use of earlier cohorts, by the code that scores later."""

from collections.abc import Sequence

import numpy as np

from detectors.churn.hazard.book import HabitBook
from detectors.churn.hazard.fitting import TrainingDays
from detectors.churn.hazard.measures import matrix
from detectors.churn.hazard.prior import HORIZON_DAYS
from detectors.churn.hazard.watch import LEAST_TENURE, RECENT_DAYS
from streams.evaluate.account_days import Calendar, DaySpool
from streams.evaluate.churn_play import day_events


def training_days(spool: DaySpool, calendar: Calendar, cohorts: Sequence[str]) -> TrainingDays:
    """Return the days of accounts with enough history and recent use, whose label is inside the data.

    Raises ValueError if there is none.
    """
    parts: list[TrainingDays] = []
    for cohort in cohorts:
        parts += _cohort_days(spool, calendar, cohort)
    if not parts:
        raise ValueError("no account has enough history")
    account = np.concatenate([part.account for part in parts])
    day = np.concatenate([part.day for part in parts])
    order = np.lexsort((day, account))
    return TrainingDays(
        np.concatenate([part.measures for part in parts])[order],
        account[order],
        day[order],
        np.concatenate([part.dark for part in parts])[order],
    )


def _cohort_days(spool: DaySpool, calendar: Calendar, cohort: str) -> list[TrainingDays]:
    days = spool.days(cohort)
    numbers = {one.account_id: place for place, one in enumerate(spool.accounts[cohort])}
    start = sum(len(spool.accounts[one]) for one in sorted(spool.accounts) if one < cohort)
    book, found = HabitBook(calendar.ordinal(days[0]) - 1), []
    for day in days:
        book.end_day(day_events(spool, calendar, cohort, day))
        if day + HORIZON_DAYS > days[-1]:
            break
        rows = book.habits.rows
        ranked = (book.day - rows["first"] >= LEAST_TENURE) & (book.day - rows["last"] < RECENT_DAYS)
        if not ranked.any():
            continue
        places = np.array([numbers[account_id] for account_id in book.places])[ranked]
        until = day + HORIZON_DAYS
        dark = [spool.accounts[cohort][place].is_silent(day, until) for place in places.tolist()]
        measures = matrix(book.habits)[ranked].astype(np.float32)
        found.append(TrainingDays(measures, places + start, np.full(len(places), day), np.array(dark)))
    return found
