"""EDGE: every SQL statement, as functions of a Session. No commit inside."""
