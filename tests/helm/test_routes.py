from tests.helm.support.charts import container, find, objects, pods, render, value_set


def test_no_entry_from_outside_exists_by_default() -> None:
    assert objects("minimal", "Ingress", "HTTPRoute") == []
    assert objects("high-availability", "Ingress", "HTTPRoute") == []


def test_an_ingress_leads_each_of_its_hosts_to_the_desk() -> None:
    ingress = find("exposed", "Ingress", "rapport-desk")
    spec = ingress["spec"]
    assert spec["ingressClassName"] == "nginx"
    assert ingress["metadata"]["annotations"] == {"nginx.ingress.kubernetes.io/proxy-buffering": "off"}
    assert spec["tls"] == [{"secretName": "desk-tls", "hosts": ["desk.example.com", "support.example.com"]}]
    assert [rule["host"] for rule in spec["rules"]] == ["desk.example.com", "support.example.com"]
    (path,) = spec["rules"][0]["http"]["paths"]
    assert path["path"] == "/rapport"
    service = find("exposed", "Service", path["backend"]["service"]["name"])
    assert path["backend"]["service"]["port"]["name"] == service["spec"]["ports"][0]["name"]


def test_a_route_leads_its_hosts_to_the_intake() -> None:
    spec = find("exposed", "HTTPRoute", "rapport-intake")["spec"]
    assert spec["parentRefs"] == [{"name": "public", "namespace": "gateways", "sectionName": "https"}]
    assert spec["hostnames"] == ["events.example.com"]
    (rule,) = spec["rules"]
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/"}}]
    (backend,) = rule["backendRefs"]
    service = find("exposed", "Service", backend["name"])
    assert backend["port"] == service["spec"]["ports"][0]["port"]


def test_no_entry_leads_to_an_intake_that_does_not_run() -> None:
    values = value_set("exposed")
    values["intake"]["enabled"] = False
    names = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in render(values)]
    assert ("HTTPRoute", "rapport-intake") not in names
    assert ("Ingress", "rapport-desk") in names


def test_ports_that_are_set_reach_containers_and_services() -> None:
    found = pods("exposed")
    assert {"name": "desk", "containerPort": 9765} in container(found["rapport-desk"])["ports"]
    assert {"name": "intake", "containerPort": 9767} in container(found["rapport-intake"])["ports"]
    (port,) = find("exposed", "Service", "rapport-workers")["spec"]["ports"]
    assert port["port"] == 9200


def test_more_variables_reach_their_pods_after_those_of_all_pods() -> None:
    def names(pod: str) -> list[str]:
        return [variable["name"] for variable in container(pods("exposed")[pod])["env"]]

    assert names("rapport-desk")[-2:] == ["HTTPS_PROXY", "TZ"]
    assert names("rapport-migrate")[-2:] == ["HTTPS_PROXY", "PGOPTIONS"]
    assert names("rapport-relay")[-1] == "HTTPS_PROXY"


def test_more_volumes_reach_the_workload_that_names_them() -> None:
    sentiment = pods("exposed")["rapport-sentiment"]
    assert {"name": "weights", "secret": {"secretName": "mood-weights"}} in sentiment["volumes"]
    mount = {"name": "weights", "mountPath": "/etc/rapport/weights", "readOnly": True}
    assert mount in container(sentiment)["volumeMounts"]
    assert "weights" not in {volume["name"] for volume in pods("exposed")["rapport-usage"]["volumes"]}
