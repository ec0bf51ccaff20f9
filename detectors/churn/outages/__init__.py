"""A cause that many accounts share, found in the sums of an hour before any account is odd on its own.

Start at `watch.OutageWatch`: it judges the hours in order and knows the outages. `hour` has the scores of
accounts in an hour, `affected` tells how deep a fall is and whom it hit. Pure, like all of `detectors`.
"""
