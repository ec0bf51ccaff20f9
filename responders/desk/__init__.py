"""EDGE: web pages for support agents and success managers, server-rendered, loopback by default."""

from responders.desk.app import create_desk
from responders.desk.server import DeskServer

__all__ = ["DeskServer", "create_desk"]
