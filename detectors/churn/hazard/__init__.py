"""The daily hazard of each account: the calibrated probability that no event comes for 28 days, and why.

`habits` and `book` keep what accounts do, `measures` says it in numbers, `prior` has the trained curves and
`fitting` trains them. `evidence` adds other signals, `learner` is the River model over all terms, `watch`
scores, alerts and learns day by day, `packing` saves it, `reasons` and `alerts` explain it. Imports `schemas`
and the actions of `detectors.churn`.
"""
