from tests.helm.support.charts import VALUE_SETS, Object, container, find, objects, pods

EVERY_POD = [(name, pod) for name in VALUE_SETS for pod in pods(name)]


def test_every_container_is_restricted() -> None:
    for name, pod_name in EVERY_POD:
        pod = pods(name)[pod_name]
        assert "initContainers" not in pod, (name, pod_name)
        assert container(pod)["securityContext"] == {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "privileged": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }, (name, pod_name)


def test_every_pod_is_restricted() -> None:
    for name, pod_name in EVERY_POD:
        pod = pods(name)[pod_name]
        assert pod["securityContext"]["runAsNonRoot"] is True, (name, pod_name)
        assert pod["securityContext"].get("runAsUser", 10001) == 10001, (name, pod_name)
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, (name, pod_name)
        assert pod["automountServiceAccountToken"] is False, (name, pod_name)
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), (name, pod_name)
        assert all(set(volume) - {"name"} <= {"emptyDir", "secret"} for volume in pod["volumes"]), (
            name,
            pod_name,
        )


def test_no_pod_gets_the_variables_of_services() -> None:
    """A Service named `rapport-desk` would set RAPPORT_DESK_PORT to `tcp://…`."""
    for name, pod_name in EVERY_POD:
        assert pods(name)[pod_name]["enableServiceLinks"] is False, (name, pod_name)


def test_every_container_has_bounded_memory_and_somewhere_to_write() -> None:
    for name, pod_name in EVERY_POD:
        pod = pods(name)[pod_name]
        assert container(pod)["resources"]["limits"]["memory"], (name, pod_name)
        assert container(pod)["resources"]["requests"]["cpu"], (name, pod_name)
        assert {"name": "temporary", "mountPath": "/tmp"} in container(pod)["volumeMounts"], (name, pod_name)
        assert {"name": "temporary", "emptyDir": {"sizeLimit": "512Mi"}} in pod["volumes"], (name, pod_name)


def test_no_cluster_security_lets_the_platform_choose_the_user() -> None:
    security = pods("high-availability")["rapport-desk"]["securityContext"]
    assert not {"runAsUser", "runAsGroup", "fsGroup"} & set(security)


def test_an_image_can_be_named_by_digest() -> None:
    image = container(pods("high-availability")["rapport-desk"])["image"]
    assert image.startswith("images.example.com/support/rapport@sha256:0123")


def _policy(name: str, policy: str) -> Object:
    spec: Object = find(name, "NetworkPolicy", policy)["spec"]
    return spec


def test_by_default_only_prometheus_gets_in() -> None:
    spec = _policy("minimal", "rapport")
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    (rule,) = spec["ingress"]
    assert rule["ports"] == [{"port": "metrics", "protocol": "TCP"}]
    assert rule["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    ]
    names = {manifest["metadata"]["name"] for manifest in objects("minimal", "NetworkPolicy")}
    assert names == {"rapport", "rapport-hooks"}


def test_no_rule_lets_everybody_in() -> None:
    for name in VALUE_SETS:
        for policy in objects(name, "NetworkPolicy"):
            for rule in policy["spec"].get("ingress", []):
                assert rule["ports"], name
                assert rule["from"], name


def test_pods_get_out_only_to_names_brokers_and_database() -> None:
    names, brokers, database = _policy("high-availability", "rapport")["egress"]
    assert {port["port"] for port in names["ports"]} == {53}
    assert brokers["ports"] == [{"port": 9094, "protocol": "TCP"}]
    assert brokers["to"] == [{"ipBlock": {"cidr": "10.20.0.0/24", "except": ["10.20.0.9/32"]}}]
    assert {port["port"] for port in database["ports"]} == {5432, 6432}
    assert database["to"] == [{"podSelector": {"matchLabels": {"app": "postgres"}}}]


def test_the_desk_opens_only_for_the_named_peers() -> None:
    spec = _policy("high-availability", "rapport-desk")
    assert spec["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "desk"
    (rule,) = spec["ingress"]
    assert rule["ports"] == [{"port": "desk", "protocol": "TCP"}]
    assert rule["from"][0]["podSelector"] == {"matchLabels": {"app": "gateway"}}


def test_the_intake_opens_only_for_the_named_peers() -> None:
    spec = _policy("high-availability", "rapport-intake")
    assert spec["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "intake"
    (rule,) = spec["ingress"]
    assert rule["ports"] == [{"port": "intake", "protocol": "TCP"}]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"app": "shop"}}}]


def test_the_jobs_bring_their_own_policy_because_they_run_first() -> None:
    policy = find("minimal", "NetworkPolicy", "rapport-hooks")
    assert policy["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert int(policy["metadata"]["annotations"]["helm.sh/hook-weight"]) < 0
    assert policy["spec"]["egress"] == _policy("minimal", "rapport")["egress"]
