"""Files in, figures out: labelled examples, measured with the code of production.

`reading` measures how well mails are read, `trends` how well the trend of a mood is told, `proportion` gives
a share with its interval. `labelled` has the rows of labelled messages, `mood_report` measures their scores,
`predictions` writes the scores down. `series` scores time series, `rolling` is their baseline. `churn_play`
plays the use of accounts, which `account_days` holds by day, and `churn_figures` judges the alerts. May
import `schemas`, `detectors` and `responders`; the caller passes in the code that is measured.
"""

__all__ = [
    "account_days",
    "bootstrap",
    "churn_figures",
    "churn_play",
    "labelled",
    "mood_report",
    "predictions",
    "proportion",
    "reading",
    "rolling",
    "series",
    "trends",
]
