"""One or three Apache Kafka brokers (KRaft, each with a controller) that a row may kill or stop."""

import contextlib
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError

from streams.embedded.jars import ensure_jars
from streams.embedded.java import Java
from streams.embedded.kafka import default_jar_cache, signature_of
from streams.embedded.kafka_settings import LOGGING, new_cluster_id, server_properties
from streams.embedded.processes import (
    Child,
    Signature,
    port_answers,
    silent,
    spawn,
    wait_until,
)
from streams.process.ports import free_port

START_SECONDS = 90.0
HEAP_MEBIBYTES = 256
BROKER_HEAP_OF_THREE_MEBIBYTES = 192


@dataclass(frozen=True)
class Ports:
    """The ports of one broker; it sends clients of `through` back to `advertised` (a proxy)."""

    client: int
    controller: int
    through: int
    advertised: int


@dataclass
class BrokerNode:
    """One broker process over one folder; its ports stay the same after a restart."""

    number: int
    folder: Path
    ports: Ports
    overrides: dict[str, str]
    heap_mebibytes: int = HEAP_MEBIBYTES
    child: Child | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.ports.client}"

    @property
    def pid(self) -> int:
        assert self.child is not None, "the broker was not started"
        return self.child.pid

    def is_running(self) -> bool:
        return self.child is not None and self.child.is_running()

    def write_settings(self) -> None:
        text = server_properties(port=1, controller_port=2, log_folder="log", password=None)
        lines = [f"{name}={value}" for name, value in (listeners(self) | self.overrides).items()]
        (self.folder / "server.properties").write_text(text + "\n".join(lines) + "\n")
        (self.folder / "log4j2.properties").write_text(LOGGING)

    def launch(self) -> None:
        """Start the process; `wait_ready` tells when it serves."""
        assert not self.is_running(), f"broker {self.number} runs already"
        command = self.java.command("kafka.Kafka", "server.properties")
        process = spawn(command, self.folder / "kafka.log", cwd=self.folder)
        self.child = Child(process.pid, self.signature, process)

    def wait_ready(self) -> None:
        ready = wait_until(lambda: not self.is_running() or port_answers(self.ports.client), START_SECONDS)
        assert ready, f"broker {self.number} did not answer: {self.folder}/kafka.log"
        assert self.is_running(), f"broker {self.number} did not start: {self.folder}/kafka.log"

    @property
    def signature(self) -> Signature:
        return signature_of(self.folder)

    @property
    def java(self) -> Java:
        jars = ensure_jars(default_jar_cache(), progress=silent)
        return Java(jars, self.signature, self.heap_mebibytes)

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self, number: signal.Signals) -> None:
        """Send SIGTERM or SIGKILL and wait for the end; a frozen broker is continued first."""
        if self.child is None:
            return
        if number is not signal.SIGKILL and self.is_running():
            self.send_signal(signal.SIGCONT)
        self.child.stop((number, 40.0), (signal.SIGKILL, 10.0))
        self.child = None


def listeners(node: BrokerNode) -> dict[str, str]:
    at, names = node.ports, "PLAINTEXT:PLAINTEXT,THROUGH:PLAINTEXT,CONTROLLER:PLAINTEXT"
    return {
        "node.id": str(node.number),
        "listeners": f"PLAINTEXT://127.0.0.1:{at.client},THROUGH://127.0.0.1:{at.through},"
        f"CONTROLLER://127.0.0.1:{at.controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{at.client},THROUGH://127.0.0.1:{at.advertised}",
        "listener.security.protocol.map": names,
        "inter.broker.listener.name": "PLAINTEXT",
    }


@dataclass
class Brokers:
    """All brokers of one cluster.

    Three brokers: replication 3 for every topic, min.insync.replicas 2. Broker numbers count from 1.
    `bootstrap_servers` leads straight to the brokers, `through_servers` through the ports of the proxies.
    """

    folder: Path
    count: int = 1
    nodes: list[BrokerNode] = field(default_factory=list)

    def start(self) -> str:
        """Prepare and start all brokers; return `bootstrap_servers`."""
        self.nodes = self._new_nodes()
        self._format()
        for node in self.nodes:
            node.launch()
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(BrokerNode.wait_ready, self.nodes))
        self.wait_all_in_sync()
        return self.bootstrap_servers

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(node.address for node in self.nodes)

    @property
    def through_servers(self) -> str:
        return ",".join(f"127.0.0.1:{node.ports.advertised}" for node in self.nodes)

    def stop(self) -> None:
        """Kill all brokers; the cluster is not used again."""
        for node in self.nodes:
            node.end(signal.SIGKILL)

    def node(self, number: int) -> BrokerNode:
        return self.nodes[number - 1]

    def terminate(self, number: int) -> None:
        """Shut one broker down in order; it first hands its partitions to the others."""
        self.node(number).end(signal.SIGTERM)

    def kill(self, number: int) -> None:
        self.node(number).end(signal.SIGKILL)

    def freeze(self, number: int) -> None:
        """Send SIGSTOP: connections stay open and nothing answers."""
        self.node(number).send_signal(signal.SIGSTOP)

    def thaw(self, number: int) -> None:
        self.node(number).send_signal(signal.SIGCONT)

    def launch(self, number: int) -> None:
        """Start an ended broker on its old ports and data, and wait until it serves."""
        self.node(number).launch()
        self.node(number).wait_ready()

    def restart(self, number: int) -> None:
        """Shut a broker down in order, start it again and wait until all replicas are in sync."""
        self.terminate(number)
        self.launch(number)
        self.wait_all_in_sync()

    def wait_all_in_sync(self, seconds: float = START_SECONDS) -> None:
        """Wait until every running broker is a member and every partition has all its replicas in sync."""
        assert wait_until(self._all_in_sync, seconds), "the replicas of the brokers are not in sync"

    def leader_of(self, topic: str, partition: int) -> int:
        described = self._described(topic)[0]["partitions"]
        return next(int(found["leader_id"]) for found in described if found["partition_index"] == partition)

    def elect_preferred_leaders(self) -> None:
        """Move every partition's leadership to its first replica."""
        with admin_of(self.bootstrap_servers) as admin:
            admin.elect_leaders(0)

    def led_by(self, number: int) -> int:
        """Return the number of partitions that a broker leads."""
        partitions = [partition for topic in self._described() for partition in topic["partitions"]]
        return sum(int(partition["leader_id"]) == number for partition in partitions)

    def _all_in_sync(self) -> bool:
        running = [node for node in self.nodes if node.is_running()]
        try:
            with admin_of(self.bootstrap_servers) as admin:
                members = len(admin.describe_cluster()["brokers"])
            partitions = [partition for topic in self._described() for partition in topic["partitions"]]
        except (KafkaError, OSError):
            return False
        in_sync = all(len(found["isr_nodes"]) == len(found["replica_nodes"]) for found in partitions)
        return members == len(running) and in_sync

    def _described(self, topic: str | None = None) -> list[dict[str, Any]]:
        with admin_of(self.bootstrap_servers) as admin:
            return list(admin.describe_topics([topic] if topic else None))

    def _new_nodes(self) -> list[BrokerNode]:
        taken: list[int] = []
        for _ in range(4 * self.count):
            taken.append(free_port(taken))
        ports = [Ports(*taken[4 * n : 4 * n + 4]) for n in range(self.count)]
        voters = ",".join(f"{n + 1}@127.0.0.1:{at.controller}" for n, at in enumerate(ports))
        overrides = {"controller.quorum.voters": voters, **replication(self.count)}
        heap = HEAP_MEBIBYTES if self.count == 1 else BROKER_HEAP_OF_THREE_MEBIBYTES
        return [
            BrokerNode(n + 1, self.folder / f"kafka-{n + 1}", at, overrides, heap)
            for n, at in enumerate(ports)
        ]

    def _format(self) -> None:
        """Format the first folder and copy it; the copies differ only by two ids."""
        for node in self.nodes:
            node.folder.mkdir(parents=True)
            node.write_settings()
        first = self.nodes[0]
        tool = ["kafka.tools.StorageTool", "format", "-t", new_cluster_id(), "-c", "server.properties"]
        format_ = first.java.command(*tool)
        subprocess.run(format_, cwd=first.folder, check=True, capture_output=True, timeout=120)
        for node in self.nodes[1:]:
            shutil.copytree(first.folder / "log", node.folder / "log")
            meta = node.folder / "log" / "meta.properties"
            changed = {"node.id": str(node.number), "directory.id": new_cluster_id()}
            meta.write_text("".join(_changed(line, changed) + "\n" for line in meta.read_text().splitlines()))


def _changed(line: str, values: dict[str, str]) -> str:
    name, _, _ = line.partition("=")
    return f"{name}={values[name]}" if name in values else line


def replication(count: int) -> dict[str, str]:
    """Return the broker settings for the replicas of every topic, internal topics included."""
    if count == 1:
        return {}
    own = {"offsets.topic": "", "transaction.state.log": "", "share.coordinator.state.topic": ""}
    settings = {f"{topic}.replication.factor": str(count) for topic in own}
    least = str(count - 1)
    settings |= {"transaction.state.log.min.isr": least, "share.coordinator.state.topic.min.isr": least}
    return settings | {"default.replication.factor": str(count), "min.insync.replicas": least}


@contextlib.contextmanager
def admin_of(bootstrap_servers: str) -> Any:
    """Yield an admin client and close it afterwards."""
    admin = KafkaAdminClient(
        bootstrap_servers=bootstrap_servers.split(","), request_timeout_ms=5_000, bootstrap_timeout_ms=5_000
    )
    try:
        yield admin
    finally:
        admin.close()


__all__ = ["BrokerNode", "Brokers", "KafkaConsumer", "admin_of"]
