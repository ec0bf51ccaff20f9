"""EDGE: every SQL statement of the product, as functions of a Session. No function commits."""
