"""The objects of networks, as clients make, read, change and delete them: what the suite's tests of this SIG ask for."""
from conformance import space
from conformance.lifecycles import MERGE, STRATEGIC, Watch, discovered, walk
from conformance.pods import AGNHOST, container, create, get, path, pod, run
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8
SLICES = "/apis/discovery.k8s.io/v1"
NETWORKING = "/apis/networking.k8s.io/v1"


def slices_of(cluster, ns, name):
    place = f"{SLICES}/namespaces/{ns}/endpointslices?labelSelector=kubernetes.io/service-name={name}"
    return cluster.request("GET", place, expect=200)[1]["items"]


def test_service_status(cluster):
    """Services should complete a service status lifecycle"""
    with space(cluster, "status") as ns, Watch(cluster, f"/api/v1/services?watch=1&labelSelector=test-service-static={ns}") as watch:
        labels = {"test-service-static": ns}
        ports = [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 80}]
        create(cluster, ns, {"metadata": {"name": "it", "labels": labels}, "spec": {"type": "LoadBalancer", "ports": ports}},
               "services")
        watch.sees("ADDED", "it")
        place = path(ns, "it", "services")
        assert "loadBalancer" in cluster.request("GET", place + "/status", expect=200)[1]["status"]
        patch = {"metadata": {"annotations": {"patchedstatus": "true"}},
                 "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}}
        patched = cluster.request("PATCH", place + "/status", patch, MERGE, expect=200)[1]
        assert patched["status"]["loadBalancer"]["ingress"][0]["ip"] == "203.0.113.1"
        watch.sees("MODIFIED", "it", lambda o: o["metadata"].get("annotations", {}).get("patchedstatus") == "true")

        def update():
            body = cluster.request("GET", place + "/status", expect=200)[1]
            body["status"]["conditions"] = [{"type": "StatusUpdate", "status": "True", "reason": "E2E", "message": "Set from e2e test",
                                             "lastTransitionTime": "2026-01-01T00:00:00Z"}]
            return cluster.request("PUT", place + "/status", body)[0] == 200
        eventually(update)
        watch.sees("MODIFIED", "it", lambda o: any(c["type"] == "StatusUpdate" for c in o["status"].get("conditions", [])))
        cluster.request("PATCH", place, {"metadata": {"labels": {"test-service": "patched"}}}, STRATEGIC, expect=200)
        watch.sees("MODIFIED", "it", lambda o: o["metadata"]["labels"].get("test-service") == "patched")
        cluster.request("DELETE", place, expect=200)
        watch.sees("DELETED", "it")


def test_service_collection(cluster):
    """Services should delete a collection of services"""
    with space(cluster, "collection") as ns:
        for name, labels in [("a", {"e2e": "yes"}), ("b", {"e2e": "yes"}), ("c", {"other": "yes"})]:
            create(cluster, ns, {"metadata": {"name": name, "labels": labels},
                                 "spec": {"ports": [{"port": 80}], "selector": {"x": "y"}}}, "services")
        cluster.request("DELETE", path(ns, of="services") + "?labelSelector=e2e=yes", expect=200)
        left = lambda: [s["metadata"]["name"] for s in cluster.request("GET", path(ns, of="services"), expect=200)[1]["items"]]
        eventually(lambda: left() == ["c"])


def test_endpoints(cluster):
    """Services should test the lifecycle of an Endpoint"""
    with space(cluster, "endpoint") as ns:
        labels = {"test-endpoint-static": ns}
        with Watch(cluster, path(ns, of="endpoints") + f"?watch=1&labelSelector=test-endpoint-static={ns}") as watch:
            subset = {"addresses": [{"ip": "10.0.0.24"}], "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}
            create(cluster, ns, {"metadata": {"name": "it", "labels": labels}, "subsets": [subset]}, "endpoints")
            watch.sees("ADDED", "it")
            place = path(ns, "it", "endpoints")
            everywhere = cluster.request("GET", f"/api/v1/endpoints?labelSelector=test-endpoint-static={ns}", expect=200)[1]
            assert len(everywhere["items"]) == 1
            body = get(cluster, ns, "it", "endpoints")
            body["metadata"]["labels"]["test-service"] = "updated"
            cluster.request("PUT", place, body, expect=200)
            watch.sees("MODIFIED", "it", lambda o: o["metadata"]["labels"].get("test-service") == "updated")
            subset = {"addresses": [{"ip": "10.0.0.25"}], "ports": [{"name": "http-test", "port": 8080, "protocol": "TCP"}]}
            patch = {"metadata": {"labels": {"test-service": "patched"}}, "subsets": [subset]}
            cluster.request("PATCH", place, patch, STRATEGIC, expect=200)
            watch.sees("MODIFIED", "it", lambda o: o["metadata"]["labels"].get("test-service") == "patched")
            assert get(cluster, ns, "it", "endpoints")["subsets"] == [subset]
            cluster.request("DELETE", path(ns, of="endpoints") + f"?labelSelector=test-endpoint-static={ns}", expect=200)
            watch.sees("DELETED", "it")


def test_slices_of_the_api(cluster):
    """EndpointSlice should have Endpoints and EndpointSlices pointing to API Server"""
    discovered(cluster, "discovery.k8s.io", "v1", "endpointslices")
    get(cluster, "default", "kubernetes", "services")
    subsets = get(cluster, "default", "kubernetes", "endpoints")["subsets"]
    found = [e["addresses"] for s in slices_of(cluster, "default", "kubernetes") for e in s["endpoints"]]
    assert sum(len(s["addresses"]) for s in subsets) == len(found) > 0


def test_slices_with_selector(cluster):
    """EndpointSlice should create and delete Endpoints and EndpointSlices for a Service with a selector specified"""
    with space(cluster, "slices") as ns:
        ports = [{"name": "example-no-match", "port": 80, "protocol": "TCP", "targetPort": 80}]
        create(cluster, ns, {"metadata": {"name": "empty"}, "spec": {
            "selector": {"does-not-match-anything": "endpoints-and-endpoint-slices-should-still-be-created"}, "ports": ports}},
            "services")
        eventually(lambda: cluster.request("GET", path(ns, "empty", "endpoints"))[0] == 200)
        eventually(lambda: len(slices_of(cluster, ns, "empty")) == 1)
        cluster.request("DELETE", path(ns, "empty", "services"), expect=200)
        eventually(lambda: cluster.request("GET", path(ns, "empty", "endpoints"))[0] == 404)
        eventually(lambda: not slices_of(cluster, ns, "empty"))


def test_slices_of_pods(cluster):
    """EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service"""
    with space(cluster, "matching") as ns:
        opened = [{"name": "example-name", "containerPort": 3000}]
        command = ["/agnhost", "netexec", "--http-port=3000"]
        addresses = {}
        for name, labels in [("pod1", {"foo": "bar", "e": "first"}), ("pod2", {"foo": "bar"})]:
            made = run(cluster, ns, pod(container(AGNHOST, command=command, ports=opened), name=name, labels=labels))
            addresses[name] = made["status"]["podIP"]
        for name, selector, target, wanted in [("svc1", {"e": "first"}, "example-name", ["pod1"]),
                                               ("svc2", {"foo": "bar"}, 3001, ["pod1", "pod2"])]:
            ports = [{"name": "example", "port": 80, "targetPort": target, "protocol": "TCP"}]
            create(cluster, ns, {"metadata": {"name": name}, "spec": {
                "selector": selector, "publishNotReadyAddresses": True, "ports": ports}}, "services")
            number = 3000 if name == "svc1" else 3001

            def good():
                slices = slices_of(cluster, ns, name)
                found = {e["targetRef"]["name"]: e for s in slices for e in s["endpoints"]}
                if sorted(found) != wanted or any(p["port"] != number or p["name"] != "example" for s in slices for p in s["ports"]):
                    return False
                subsets = get(cluster, ns, name, "endpoints").get("subsets") or []
                listed = sorted(a["ip"] for s in subsets for a in s["addresses"])
                return listed == sorted(addresses[n] for n in wanted) and all(
                    e["addresses"] == [addresses[n]] and e["nodeName"] and e["conditions"]["ready"] for n, e in found.items())
            eventually(good)


def test_slice_objects(cluster):
    """EndpointSlice should support creating EndpointSlice API operations"""
    discovered(cluster, "discovery.k8s.io", "v1", "endpointslices")
    with space(cluster, "slice-api") as ns:
        template = lambda n: {
            "metadata": {"generateName": "e2e-example-ing", "labels": {"special-label": ns}}, "addressType": "IPv4",
            "endpoints": [{"addresses": ["1.2.3.4", "5.6.7.8"][:1]}], "ports": [{"name": "example", "port": 80}]}
        walk(cluster, f"{SLICES}/namespaces/{ns}/endpointslices", template, f"special-label={ns}", f"{SLICES}/endpointslices")


def test_slices_by_hand(cluster):
    """EndpointSlice should support a Service with multiple ports specified in multiple EndpointSlices; with multiple endpoint IPs
    specified in multiple EndpointSlices"""
    from conformance.network import client, sh
    with space(cluster, "by-hand") as ns:
        servers = [run(cluster, ns, pod(container(AGNHOST, args=["netexec", "--http-port=9090"]), name=f"server-{n}"))
                   for n in range(2)]
        client(cluster, ns)
        ports = [{"name": "port80", "port": 8090, "protocol": "TCP"}, {"name": "port81", "port": 8091, "protocol": "TCP"}]
        made = create(cluster, ns, {"metadata": {"name": "multi"}, "spec": {"ports": ports}}, "services")
        for n, server in enumerate(servers):
            create_slice = {
                "metadata": {"name": f"slice-{n}", "labels": {"kubernetes.io/service-name": "multi"}}, "addressType": "IPv4",
                "endpoints": [{"addresses": [server["status"]["podIP"]]}],
                "ports": [{"name": ports[n]["name"], "port": 9090, "protocol": "TCP"}]}
            cluster.request("POST", f"{SLICES}/namespaces/{ns}/endpointslices", create_slice, expect=201)
        for n in range(2):
            url = f"http://{made['spec']['clusterIP']}:{ports[n]['port']}/hostname"
            eventually(lambda: sh(cluster, ns, "execpod", f"curl -q -s --connect-timeout 2 {url}") == f"server-{n}")


def test_mirroring(cluster):
    """EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete"""
    with space(cluster, "mirroring") as ns:
        ports = [{"name": "example", "port": 80, "protocol": "TCP", "targetPort": 80}]
        create(cluster, ns, {"metadata": {"name": "it"}, "spec": {"ports": ports}}, "services")
        subset = lambda address: {"ports": [{"port": 80}], "addresses": [{"ip": address}]}
        body = create(cluster, ns, {"metadata": {"name": "it"}, "subsets": [subset("10.1.2.3")]}, "endpoints")

        def mirrored(address):
            found = slices_of(cluster, ns, "it")
            return len(found) == 1 and [e["addresses"] for e in found[0]["endpoints"]] == [[address]] \
                and [p["port"] for p in found[0]["ports"]] == [80]
        eventually(lambda: mirrored("10.1.2.3"))
        body["subsets"] = [subset("10.2.3.4")]
        cluster.request("PUT", path(ns, "it", "endpoints"), body, expect=200)
        eventually(lambda: mirrored("10.2.3.4"))
        cluster.request("DELETE", path(ns, "it", "endpoints"), expect=200)
        eventually(lambda: not slices_of(cluster, ns, "it"))


def test_ingresses(cluster):
    """Ingress API should support creating Ingress API operations"""
    discovered(cluster, "networking.k8s.io", "v1", "ingresses")
    with space(cluster, "ingress") as ns:
        backend = {"service": {"name": "default-backend", "port": {"number": 80}}}
        template = lambda n: {
            "metadata": {"generateName": "e2e-example-ing", "labels": {"special-label": ns}},
            "spec": {"defaultBackend": backend, "rules": [{"host": "foo.bar.com", "http": {"paths": [
                {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "test-backend", "port": {"number": 8080}}}}]}}]}}
        status = {"status": {"loadBalancer": {"ingress": [{"ip": "169.1.1.1"}]}}}
        walk(cluster, f"{NETWORKING}/namespaces/{ns}/ingresses", template, f"special-label={ns}", f"{NETWORKING}/ingresses",
             (status, lambda o: o["status"]["loadBalancer"]["ingress"][0]["ip"] == "169.1.1.1"))


def test_ingress_classes(cluster):
    """IngressClass API should support creating IngressClass API operations"""
    discovered(cluster, "networking.k8s.io", "v1", "ingressclasses")
    template = lambda n: {"metadata": {"generateName": "e2e-example-ing-class", "labels": {"special-label": "classes"}},
                          "spec": {"controller": "example.com/controller"}}
    walk(cluster, f"{NETWORKING}/ingressclasses", template, "special-label=classes")


def test_network_policies(cluster):
    """NetworkPolicy API should support creating NetworkPolicy API operations"""
    discovered(cluster, "networking.k8s.io", "v1", "networkpolicies")
    with space(cluster, "policies") as ns:
        template = lambda n: {
            "metadata": {"generateName": "e2e-example-netpol", "labels": {"special-label": ns}},
            "spec": {"podSelector": {"matchLabels": {"pod-name": "test-pod"}}, "ingress": [
                {"from": [{"namespaceSelector": {"matchLabels": {"ns-name": "pod-b"}}}]}]}}
        walk(cluster, f"{NETWORKING}/namespaces/{ns}/networkpolicies", template, f"special-label={ns}",
             f"{NETWORKING}/networkpolicies")


def test_service_ranges(cluster):
    """Service CIDRs and IPAddress API should support ServiceCIDR and IPAddress API operations"""
    discovered(cluster, "networking.k8s.io", "v1", "servicecidrs")
    discovered(cluster, "networking.k8s.io", "v1", "ipaddresses")
    assert cluster.request("GET", f"{NETWORKING}/servicecidrs/kubernetes", expect=200)[1]["spec"]["cidrs"]
    label = "special-label=ranges"
    labels = {"special-label": "ranges"}
    conditions = {"status": {"conditions": [{"type": "PatchedStatus", "status": "True", "reason": "E2E", "message": "",
                                             "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
    walk(cluster, f"{NETWORKING}/servicecidrs",
         lambda n: {"metadata": {"name": f"e2e-range-{n}", "labels": labels}, "spec": {"cidrs": [f"192.168.{n}.0/24"]}}, label,
         has_status=(conditions, lambda o: any(c["type"] == "PatchedStatus" for c in o["status"]["conditions"])))
    walk(cluster, f"{NETWORKING}/ipaddresses",
         lambda n: {"metadata": {"name": f"192.168.77.{n + 1}", "labels": labels},
                    "spec": {"parentRef": {"resource": "services", "name": "none", "namespace": "none"}}}, label)


def test_more_ranges(cluster):
    """Service CIDRs should create Services and serve on different Service CIDRs"""
    with space(cluster, "ranges") as ns:
        body = {"metadata": {"name": "second-range"}, "spec": {"cidrs": ["10.196.196.0/24"]}}
        cluster.request("POST", f"{NETWORKING}/servicecidrs", body, expect=201)
        place = f"{NETWORKING}/servicecidrs/second-range"
        ready = lambda: any(c["type"] == "Ready" and c["status"] == "True" for c in
                            cluster.request("GET", place, expect=200)[1].get("status", {}).get("conditions", []))
        eventually(ready)
        service = lambda: cluster.request("POST", path(ns, of="services"), {
            "metadata": {"name": "it"}, "spec": {"clusterIP": "10.196.196.77", "ports": [{"port": 80}]}})[0] == 201
        eventually(service)
        assert cluster.request("GET", f"{NETWORKING}/ipaddresses/10.196.196.77", expect=200)[1]["spec"]["parentRef"]["name"] == "it"
        cluster.request("DELETE", path(ns, "it", "services"), expect=200)
        cluster.request("DELETE", place, expect=200)
        eventually(lambda: cluster.request("GET", place)[0] == 404)
