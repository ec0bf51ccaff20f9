"""The door that every HTTP service of ours has: bounded connections, known hosts, trusted proxies, tokens."""

from responders.web.connections import BoundedServer
from responders.web.hosts import LOOPBACK_HOSTS, host_name, is_loopback
from responders.web.tokens import Tokens

__all__ = ["LOOPBACK_HOSTS", "BoundedServer", "Tokens", "host_name", "is_loopback"]
