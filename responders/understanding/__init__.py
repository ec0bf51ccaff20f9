"""Reading what a message wants: its kind, its asks in the customer's own words, and who must answer.

Pure. Imports policy, words and schemas.
"""
