"""Files in, figures out: labelled examples, measured with the code of production.

`reading` measures how well mails are read, `trends` how well the trend of a mood is told, `proportion` gives
a share with its interval. `labelled` has the rows of labelled messages, `mood_report` measures their scores,
`predictions` writes the scores down. `examples` reads files of other examples, `measured` has their reports:
`retrieval`, `drafts`, `claims`, `privacy` and `injections` judge what the parts of drafting decide. May
import `schemas`, `detectors` and `responders`; the caller passes in the code that is measured.
"""

__all__ = [
    "bootstrap",
    "claims",
    "draft_report",
    "drafts",
    "examples",
    "injections",
    "labelled",
    "measured",
    "mood_report",
    "predictions",
    "privacy",
    "proportion",
    "reading",
    "retrieval",
    "trends",
]
