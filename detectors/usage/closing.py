"""The closing of buckets of many accounts at once: judge, report, learn."""

from collections.abc import Iterable
from typing import Any, Final, Protocol

import numpy as np
from msgspec.structs import replace

from detectors.usage.account import Pull, UsageAccount
from detectors.usage.closed_use import closed_uses
from detectors.usage.counts import budget as budgets
from detectors.usage.counts import failures, learning
from detectors.usage.counts.beginning import forget_part_of_day, move_turn, second_days
from detectors.usage.counts.budget import NEVER, AccountDays, AlertBudget
from detectors.usage.counts.cohort import CohortEffects
from detectors.usage.counts.owntail import own_peaks
from detectors.usage.counts.rows import HOURS, WARM_UP_DAYS, WEEK, fresh_counts
from detectors.usage.counts.tails import score
from detectors.usage.hour_use import newest_uses
from detectors.usage.policy import UsagePolicy
from detectors.usage.reporting import LOW, OddAccount, findings_of, goes_on, is_explained
from detectors.usage.wave import Wave, WaveVerdict, may_turn, plan_of_day, prepared, turn_of
from detectors.usage.wording import anomaly_of
from schemas.usage import Anomaly

_MOST_MILLIONTHS: Final = 1e15
"""A greater growth of a sum in one bucket is no growth but a sum that left its range. Chosen by hand."""

_LEAST_LEVEL: Final = 0.2
"""Events of a working day below which a series is not counted among those that share the budget. By hand."""

_MOST_EVENTS: Final = 2**62
"""Events of an account beyond which they are no longer counted: the number is stored in 64 bits."""

_SIDES: Final = len(budgets.CAUSES)


class Ready(Protocol):
    """An account with hours that wait to be judged."""

    account: UsageAccount

    def is_ready(self, before: int = ...) -> bool:
        """Return whether hours before `before` wait."""
        ...

    def pull(self) -> Pull:
        """Return the next bucket."""
        ...

    def done(self, account: UsageAccount, pull: Pull) -> None:
        """Take over the judged state."""
        ...


def close_all(detectors: Iterable[Ready], budget: AlertBudget | None, policy: UsagePolicy) -> list[Anomaly]:
    """Judge every ready hour of the detectors and return the anomalies; without a budget, by its first guess.

    The order of the detectors does not matter, nor whether they are closed together or one by one.
    """
    found: list[Anomaly] = []
    close_buckets(
        detectors, AlertBudget(policy.alerts_per_month) if budget is None else budget, policy, found
    )
    return found


def close_buckets(
    detectors: Iterable[Ready],
    budget: AlertBudget,
    policy: UsagePolicy,
    found: list[Anomaly],
    before: int = NEVER,
) -> None:
    """Judge every ready hour of the detectors before the hour `before`, and add the anomalies to `found`.

    An exception leaves the detectors, the budget and `found` as they were before the bucket that it stopped
    at.
    """
    ready = [detector for detector in detectors if detector.is_ready(before)]
    while ready:
        _close_one(ready, found, budget, policy)
        ready = [detector for detector in ready if detector.is_ready(before)]


def _close_one(ready: list[Ready], found: list[Anomaly], budget: AlertBudget, policy: UsagePolicy) -> None:
    """Judge the next bucket of each detector; nothing changes before all of it is judged."""
    pulls = [detector.pull() for detector in ready]
    accounts = [
        prepared(detector.account, pull, policy.max_kinds)
        for detector, pull in zip(ready, pulls, strict=True)
    ]
    wave = Wave.of(accounts, pulls)
    segment = np.array([account.segment for account in accounts])
    stop = np.array([pull.stop for pull in pulls])
    thresholds, habits = budget.rules_of(segment, stop)
    runs, tally = _runs(wave), budgets.empty_tally()
    verdict = wave.judge(habits)
    scores = _scores(wave, verdict)
    bins = ((stop >= budget.until).astype(np.intp), segment)
    np.add.at(tally.runs, bins, _millionths(_runs(wave), runs))
    odd, reports = _reports(wave, verdict, scores, (thresholds, bins, tally, policy), budget.cohort)
    anomalies = [
        anomaly_of(finding, _judged(account, pulls[report.place]), (wave, report.place), policy)
        for report in reports
        for account in [accounts[report.place]]
        for finding in report.findings
    ]
    after = _ended(wave, odd, (bins, tally, policy))
    if budget.uses is not None:
        budget.uses += closed_uses(accounts, verdict.shares)
        budget.uses = newest_uses(budget.uses)
    for detector, account, pull in zip(ready, after, pulls, strict=True):
        detector.done(account, pull)
    budget.add(tally)
    budget.cohort.add(verdict.shares)
    found.extend(anomalies)


def _judged(account: UsageAccount, pull: Pull) -> UsageAccount:
    return replace(account, events=account.events + pull.events)


def _runs(wave: Wave) -> Any:
    rows = wave.starts
    return np.stack(
        [wave.counts[name][rows].astype("f8") for name in ("day_runs", "mid_runs", "away")], axis=1
    )


def _millionths(after: Any, before: Any) -> Any:
    """Return how much the sums grew, in millionths, as whole numbers; 0 where a sum is not finite.

    The sums of a stream with huge quantities may leave the range of their packed numbers.

    >>> _millionths(np.array([1.5, np.inf, np.inf]), np.array([1.0, 1.0, np.inf])).tolist()
    [500000, 0, 0]
    """
    with np.errstate(invalid="ignore"):
        grown = np.rint((after - before) * 1e6)
    return np.where(np.abs(grown) < _MOST_MILLIONTHS, grown, 0.0).astype("i8")


def _shared_by(wave: Wave) -> Any:
    """Return log10 of how many series of each account are judged: they share its budget."""
    counted = (wave.counts["age"] >= WARM_UP_DAYS) & (wave.counts["level"] >= _LEAST_LEVEL)
    series = np.add.reduceat(counted.astype("i8"), wave.starts)
    return np.log10(np.maximum(series, 1))


def _scores(wave: Wave, verdict: WaveVerdict) -> Any:
    """Return -log10 p of each account and side, shape (accounts, 3); keep that of failures."""
    low, high = score(verdict.counts.low), score(verdict.counts.high)
    surge = score(verdict.failures.high)
    wave.failures["peak"] = np.maximum(wave.failures["peak"], surge)
    shared = _shared_by(wave)
    sides = [np.maximum.reduceat(side, wave.starts) - shared for side in (low, high)]
    return np.stack([*sides, surge], axis=1)


def _reports(
    wave: Wave,
    verdict: WaveVerdict,
    scores: Any,
    parts: tuple[Any, Any, AccountDays, UsagePolicy],
    cohort: CohortEffects,
) -> tuple[dict[int, dict[str, Any]], list[OddAccount]]:
    """Return what changes in accounts that are odd, by place, and the reports of those to be told of.

    A side is told of when it was not odd lately. A fall that goes on is told again after a day and then
    after twice as long each time, so that a fall which an outage explained at first is not forgotten. A fall
    that the cohort explains is marked as shared, counts nothing against the budget, and is not told again
    before it is the account's own.
    """
    thresholds, bins, tally, policy = parts
    odd: dict[int, dict[str, Any]] = {}
    reports: list[OddAccount] = []
    for place in np.flatnonzero((scores >= thresholds).any(axis=1)).tolist():
        account, stop = wave.accounts[place], wave.pulls[place].stop
        beyond = [side for side in range(_SIDES) if scores[place, side] >= thresholds[place, side]]
        rest = policy.rest_days * HOURS
        fresh = [
            side for side in beyond if account.odd_until[side] < 0 or stop - account.odd_until[side] > rest
        ]
        low = float(thresholds[place, LOW])
        is_shared = LOW in beyond and is_explained(wave, verdict, place, (cohort, low))
        for side in fresh:
            tally.alerts[bins[0][place], account.segment, side] += not (is_shared and side == LOW)
        until = tuple(stop if side in beyond else account.odd_until[side] for side in range(_SIDES))
        again = LOW in beyond and LOW not in fresh and not is_shared and _is_due_again(account, stop)
        told = [*fresh, LOW] if again and goes_on(wave, verdict, place, low) else fresh
        odd[place] = {"odd_until": until} | _low_told(account, stop, LOW in told, LOW in fresh)
        findings = [
            finding._replace(is_shared=is_shared and finding.cause != "error_surge")
            for finding in findings_of(wave, verdict, place, (told, thresholds[place]))
        ]
        if findings:
            reports.append(OddAccount(place, findings))
    return odd, reports


def _is_due_again(account: UsageAccount, stop: int) -> bool:
    told_for = account.low_told - account.low_since
    return account.low_since >= 0 and stop - account.low_since >= max(2 * told_for, HOURS)


def _low_told(account: UsageAccount, stop: int, is_told: bool, is_fresh: bool) -> dict[str, int]:
    return {"low_since": stop if is_fresh else account.low_since, "low_told": stop} if is_told else {}


def _ended(
    wave: Wave, odd: dict[int, dict[str, Any]], parts: tuple[Any, AccountDays, UsagePolicy]
) -> list[UsageAccount]:
    """Return the accounts after their buckets; learn and plan where a day of an account ended."""
    ends = np.flatnonzero(wave.slot == HOURS - 1)
    plans = _end_days(wave, ends, parts) if len(ends) else {}
    policy = parts[2]
    size, failed = wave.counts.itemsize, wave.failures.itemsize
    counts, failures_ = wave.counts.tobytes(), wave.failures.tobytes()
    asleep_after = policy.dormant_days * HOURS
    after: list[UsageAccount] = []
    start = failures_at = 0
    for place, (account, pull) in enumerate(zip(wave.accounts, wave.pulls, strict=True)):
        end = start + size * (1 + len(account.kinds))
        changed = replace(
            account,
            next_hour=pull.stop + 1,
            events=min(account.events + pull.events, _MOST_EVENTS),
            last_event=max(account.last_event, pull.last_event),
            counts=counts[start:end],
            failures=failures_[failures_at : failures_at + failed],
        )
        start, failures_at = end, failures_at + failed
        if place in odd or place in plans:
            changed = replace(changed, **odd.get(place, {}), **plans.get(place, {}))
        is_asleep = changed.next_hour - 1 - changed.last_event >= asleep_after
        after.append(_asleep(changed) if is_asleep else changed)
    return after


def _asleep(account: UsageAccount) -> UsageAccount:
    """Return the account after `dormant_days` without an event; it keeps how it was absent before."""
    row = np.frombuffer(account.counts, fresh_counts(0).dtype)[:1]
    kept = fresh_counts(1)
    for name in ("ordinary", "day_runs", "mid_runs", "away"):
        kept[name] = row[name]
    return UsageAccount(account.account_id, events=account.events, turn=account.turn, counts=kept.tobytes())


def _end_days(
    wave: Wave, ends: Any, parts: tuple[Any, AccountDays, UsagePolicy]
) -> dict[int, dict[str, Any]]:
    """Learn the days that ended and open the next ones; return the plans of the accounts by place."""
    rows = np.flatnonzero(np.isin(wave.owner, ends))
    owner = wave.owner[rows]
    weekday = wave.weekday()
    _tally_days(wave, ends, parts)
    _forget_parts_of_days(wave, ends)
    own, part = wave.counts[rows], np.array([account.is_part for account in wave.accounts])[owner]
    whole = own[~part]
    learning.close_day(whole, weekday[owner][~part], wave.day[owner][~part])
    own[~part] = whole
    learning.open_day(own, (weekday[owner] + 1) % WEEK)
    wave.counts[rows] = own
    failed = wave.failures[ends]
    failures.close_failures(failed, wave.day[ends])
    wave.failures[ends] = failed
    return _plans(wave, ends)


def _forget_parts_of_days(wave: Wave, ends: Any) -> None:
    for place in ends[second_days(wave.counts[wave.starts[ends]])].tolist():
        account = wave.accounts[place]
        day, slot = divmod(account.born - account.turn, HOURS)
        forget_part_of_day(wave.rows_of(place), day, slot)


def _plans(wave: Wave, ends: Any) -> dict[int, dict[str, Any]]:
    activity = wave.counts[wave.starts[ends]]
    tomorrow = (wave.weekday()[ends] + 1) % WEEK
    stops, coarse = plan_of_day(activity, tomorrow)
    turns = may_turn(activity, wave.day[ends])
    factor = activity["factor"].astype("f8")
    rests = np.cumsum(factor < learning.busy_from(factor)[:, None], axis=1)[:, -1]
    absences = (activity["day_runs"] + activity["mid_runs"]) / np.maximum(activity["ordinary"], 10.0)
    segments = budgets.segment_of(activity["level"], rests, absences)
    plans: dict[int, dict[str, Any]] = {}
    for number, place in enumerate(ends.tolist()):
        plans[place] = {
            "stops": int(stops[number]),
            "is_coarse": bool(coarse[number]),
            "segment": int(segments[number]),
            "is_part": False,
        }
        if turns[number]:
            plans[place] |= _turned(wave, place)
    return plans


def _turned(wave: Wave, place: int) -> dict[str, Any]:
    """Let the days of an account begin in its quietest hours; the next day is then a part of one."""
    account, rows = wave.accounts[place], wave.rows_of(place)
    turn = turn_of(rows[:1], account.turn)
    if turn == account.turn:
        return {}
    move_turn(rows, (turn - account.turn) % HOURS)
    return {"turn": turn, "is_part": True}


def _tally_days(wave: Wave, ends: Any, parts: tuple[Any, AccountDays, UsagePolicy]) -> None:
    """Give the highest surprise of each account-day to its segment, unless it goes on from days before."""
    bins, tally, policy = parts
    places = (bins[0][ends], bins[1][ends])
    odd = np.array([wave.accounts[place].odd_until for place in ends.tolist()])
    stop = np.array([wave.pulls[place].stop for place in ends.tolist()])
    shared = _shared_by(wave)[ends]
    going_on = (wave.counts["rival_days"] > 0) | (wave.counts["gap_first"] >= 0.0)
    lasting = np.maximum.reduceat(going_on.astype("i8"), wave.starts)[ends] > 0
    resting = (odd >= 0) & (stop[:, None] - odd <= policy.rest_days * HOURS) | lasting[:, None]
    peaks = [np.maximum.reduceat(peak, wave.starts)[ends] - shared for peak in own_peaks(wave.counts)]
    day = np.where(resting, 0.0, np.stack([*peaks, wave.failures["peak"][ends]], axis=1))
    judged = wave.counts["age"][wave.starts[ends]] >= WARM_UP_DAYS
    above, excess = budgets.excess_of(day)
    np.add.at(tally.days, places, judged.astype("i8"))
    np.add.at(tally.exceeded, places, (above & judged[:, None]).astype("i8"))
    np.add.at(tally.excess, places, np.where(judged[:, None], excess, 0))
