"""How the order head learns: rows of the corpora, their states and grams, fits that leave out writers.

Not imported in production.
"""
