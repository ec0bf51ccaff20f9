"""EDGE: web pages for support agents and success managers; rendered on the server, on loopback by default.

Imports `responders.store` and `responders.web`; never Kafka, settings or metrics.
"""

from responders.desk.app import create_desk
from responders.desk.server import DeskServer

__all__ = ["DeskServer", "create_desk"]
