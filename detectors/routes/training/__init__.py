"""How the route head learns: rows of the corpora, their pooled states, fits that leave out writers.

Not imported in production.
"""
