"""How the personal head learns: rows of the corpus, their states and signs, fits that leave out writers.

Not imported in production.
"""
