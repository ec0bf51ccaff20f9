"""Files in, figures out: labelled examples, measured with the code of production.

`reading` measures how well mails are read, `trends` how well the trend of a mood is told, `proportion` gives
a share with its interval. `labelled` has the rows of labelled messages, `mood_report` measures their scores,
`predictions` writes the scores down, and `adaptation` tries corrections on them. `trained` has the rows that
training left out, and `mood_card` writes the card of the trained model. `examples` reads files of other
examples, `measured` has their reports: `retrieval`, `sections`, `drafts`, `claims`, `privacy`, `asks`,
`routes` and `injections` judge the decisions of the parts of drafting; `route_card` writes the card of the
route model, `order_card` that of the order model. `personal_limits` chooses the limits of the model of
personal values, `personal_card` writes its card. `help_centres` reads sections with questions,
`matching_card` writes the card of the encoder that matches them. `series` scores time series, `rolling` is
their baseline.
`churn_play` plays the use of accounts, which `account_days` holds by day, and `churn_figures` judges the
alerts; `churn_budget` compares scores at a fixed number of alerts, and `calibration_plot` draws one.
`churn_training` has the days that the hazard learns from, `churn_population` follows a cohort with it,
`churn_challenger` has boosting, `churn_card` writes the card. May import `schemas`, `detectors` and
`responders`; the caller passes in the code that is measured.
"""

__all__ = [
    "account_days",
    "adaptation",
    "asks",
    "bootstrap",
    "calibration_plot",
    "churn_budget",
    "churn_card",
    "churn_challenger",
    "churn_figures",
    "churn_play",
    "churn_population",
    "churn_training",
    "claims",
    "draft_report",
    "drafts",
    "examples",
    "help_centres",
    "injections",
    "labelled",
    "matching_card",
    "measured",
    "mood_card",
    "mood_report",
    "moods",
    "order_card",
    "personal_card",
    "personal_limits",
    "predictions",
    "privacy",
    "proportion",
    "reading",
    "retrieval",
    "rolling",
    "route_card",
    "routes",
    "sections",
    "series",
    "trained",
    "trends",
]
