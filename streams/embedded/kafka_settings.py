"""The settings of the embedded Apache Kafka: one KRaft node that is broker and controller.

Retention is unlimited, so the data of a demo are kept; group offsets are kept for ten years. Segments do not
roll by time, because a replay has old timestamps. Logs are flushed every second: a power cut loses about one
second, a killed process nothing. A killed broker is accepted again after its old session has ended: five
seconds instead of nine. An idle controller writes nothing, because a single node informs no other node.
"""

import base64
import secrets
import uuid

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=CLIENT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
listener.security.protocol.map=CLIENT:{protocol},CONTROLLER:{protocol}
log.dirs={log_folder}
auto.create.topics.enable=false
message.max.bytes=1048588
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
offsets.retention.minutes=5256000
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
broker.session.timeout.ms=4500
broker.heartbeat.interval.ms=1500
metadata.max.idle.interval.ms=0
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
log.retention.bytes=-1
log.roll.hours=87600
log.segment.bytes=134217728
log.flush.interval.ms=1000
log.flush.scheduler.interval.ms=1000
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=1
num.io.threads=2
background.threads=2
group.coordinator.threads=1
share.coordinator.threads=1
"""

USERNAME = "rapport"
"""The only user of an embedded broker with a password."""

MECHANISM = "PLAIN"
"""The password crosses only the loopback interface, and Kafka checks it without a store of its own."""

_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"

_PASSWORD = """\
sasl.enabled.mechanisms={mechanism}
sasl.mechanism.inter.broker.protocol={mechanism}
sasl.mechanism.controller.protocol={mechanism}
listener.name.client.plain.sasl.jaas.config={login} {own} user_{user}="{password}";
listener.name.controller.plain.sasl.jaas.config={login} {own} user_{user}="{password}";
"""

_CLIENT = """\
bootstrap.servers=127.0.0.1:{port}
security.protocol=SASL_PLAINTEXT
sasl.mechanism={mechanism}
sasl.jaas.config={login} {own};
"""

LOGGING = """\
status=ERROR
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
"""


def server_properties(*, port: int, controller_port: int, log_folder: str, password: str | None) -> str:
    """Return the broker's settings; with a password, every client and the controller need it.

    >>> "CLIENT:PLAINTEXT" in server_properties(port=1, controller_port=2, log_folder="log", password=None)
    True
    """
    protocol = "PLAINTEXT" if password is None else "SASL_PLAINTEXT"
    ports = {"port": port, "controller_port": controller_port}
    text = PROPERTIES.format(**ports, log_folder=log_folder, protocol=protocol)
    return text if password is None else text + _with_password(_PASSWORD, password)


def client_properties(*, port: int, password: str) -> str:
    """Return the settings for Kafka's own tools and other Java clients."""
    return _with_password(_CLIENT.replace("{port}", str(port)), password)


def _with_password(template: str, password: str) -> str:
    own = f'username="{USERNAME}" password="{password}"'
    return template.format(mechanism=MECHANISM, login=_LOGIN, own=own, user=USERNAME, password=password)


def new_password() -> str:
    """Return a password of 32 letters, digits, `-` and `_`: characters that need no escape in a file."""
    return secrets.token_urlsafe(24)


def new_cluster_id() -> str:
    """Return 22 characters of URL-safe base64 that do not begin like a command line option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text
