"""Replay of a company's own history: what would have been alerted, when, and why.

The handlers of the usage and churn groups run over files as of event time, without a broker and without a
database. A backtest replays once; a recommendation replays over a grid of budgets and thresholds. May import
everything in `streams` but `cli`.
"""
