"""Counts, failures and silence of many series at once: packed rows in, one p-value per series and bucket out.

Imports numpy, scipy and River only. A row is one series of one account; `rows` has its layout. `judging` and
`failures` judge a closed hour, `learning` learns a day, `absence` has the habits of being away, `budget` the
thresholds, and `estimators` the same as detectors of River.
"""

__all__: list[str] = []
