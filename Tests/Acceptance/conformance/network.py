"""Services, what is behind them, and how programs in pods reach them: what the suite's tests of this SIG ask for.

The objects alone are walked in `network_api`. All of the SIG's tests that we know of are walked in one of the two; not as in
the suite: its many tries and long waits, which make up for slow networks, are shorter here, and the second image that looks
names up (`jessie`) is not asked, for it would do what the first does. No packet flows: what is walked is what programs in
simulated containers see.
"""
import json
import re

from conformance import space
from conformance.pods import AGNHOST, container, create, execute, get, logs, path, pod, run, wait
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8
MERGE = {"Content-Type": "application/merge-patch+json"}


def netexec(http=8080, udp=8081, **fields):
    return container(AGNHOST, args=["netexec", f"--http-port={http}", f"--udp-port={udp}"], **fields)


def service(cluster, ns, name, selector=None, ports=None, **spec):
    ports = ports or [{"port": 80, "targetPort": 80}]
    body = {"metadata": {"name": name}, "spec": {"selector": selector, "ports": ports, **spec}}
    return create(cluster, ns, body, "services")


def change(cluster, ns, name, body):
    return cluster.request("PATCH", path(ns, name, "services"), body, MERGE, expect=200)[1]


def replicas(cluster, ns, name, count, *containers):
    """A controller whose pods are ready; -> their names."""
    labels = {"name": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": list(containers)}}
    create(cluster, ns, {"metadata": {"name": name}, "spec": {"replicas": count, "selector": labels, "template": template}},
           "replicationcontrollers")
    status = lambda: get(cluster, ns, name, "replicationcontrollers")["status"]
    eventually(lambda: status().get("readyReplicas") == count)
    pods = cluster.request("GET", path(ns) + f"?labelSelector=name={name}", expect=200)[1]["items"]
    return sorted(p["metadata"]["name"] for p in pods)


def client(cluster, ns, name="execpod", **spec):
    return run(cluster, ns, pod(container(AGNHOST, args=["pause"]), name=name, **spec))


def sh(cluster, ns, name, script):
    """-> what a script in a pod writes; "" when it fails."""
    result = execute(cluster, ns, name, "/bin/sh", "-x", "-c", script, check=False)
    return result.stdout if result.returncode == 0 else ""


def reaches(cluster, ns, name, host, port, protocol="TCP"):
    """Says hostName, as the suite does, and takes any answer for a good one."""
    flag = "-u" if protocol == "UDP" else "-t"
    eventually(lambda: sh(cluster, ns, name, f"echo hostName | nc -v {flag} -w 2 {host} {port}").strip(), 20)


def reaches_not(cluster, ns, name, host, port, protocol="TCP"):
    flag = "-u" if protocol == "UDP" else "-t"
    eventually(lambda: not sh(cluster, ns, name, f"echo hostName | nc -v {flag} -w 2 {host} {port}").strip(), 20)


def node_addresses(cluster):
    nodes = cluster.request("GET", "/api/v1/nodes", expect=200)[1]["items"]
    return [a["address"] for n in nodes for a in n["status"]["addresses"] if a["type"] == "InternalIP"]


def reaches_service(cluster, ns, name, made):
    """By its name, its address, and on every node where it has a port of theirs."""
    for port in made["spec"]["ports"]:
        protocol = port.get("protocol", "TCP")
        for host in [made["metadata"]["name"], made["spec"]["clusterIP"]]:
            reaches(cluster, ns, name, host, port["port"], protocol)
        if port.get("nodePort"):
            for address in node_addresses(cluster):
                reaches(cluster, ns, name, address, port["nodePort"], protocol)


# Services and their kinds.

def test_api_service(cluster):
    """Services should provide secure master service; should find a service from listing all namespaces"""
    found = get(cluster, "default", "kubernetes", "services")
    assert [p["name"] for p in found["spec"]["ports"]] == ["https"]
    everywhere = cluster.request("GET", "/api/v1/services", expect=200)[1]["items"]
    assert any(s["metadata"]["namespace"] == "default" and s["metadata"]["name"] == "kubernetes" for s in everywhere)


def test_node_port(cluster):
    """Services should be able to create a functioning NodePort service"""
    with space(cluster, "nodeport") as ns:
        replicas(cluster, ns, "nodeport-test", 2, netexec(80, 80))
        made = service(cluster, ns, "nodeport-test", {"name": "nodeport-test"}, type="NodePort")
        client(cluster, ns)
        reaches_service(cluster, ns, "execpod", made)


def test_type_changes(cluster):
    """Services should be able to change the type from ExternalName to ClusterIP, from ExternalName to NodePort, from ClusterIP to
    ExternalName, from NodePort to ExternalName"""
    with space(cluster, "types") as ns:
        client(cluster, ns)
        for kind in ["ClusterIP", "NodePort"]:
            name = f"from-external-{kind.lower()}"
            made = service(cluster, ns, name, type="ExternalName", externalName="foo.example.com")
            assert not made["spec"].get("clusterIP")
            replicas(cluster, ns, name, 2, netexec(80, 80))
            made = change(cluster, ns, name, {"spec": {"type": kind, "externalName": None, "selector": {"name": name},
                                                      "ports": [{"port": 80, "name": "http", "protocol": "TCP"}]}})
            assert made["spec"]["clusterIP"] and (kind == "ClusterIP" or made["spec"]["ports"][0]["nodePort"])
            reaches_service(cluster, ns, "execpod", made)
            other = f"to-external-{kind.lower()}"
            service(cluster, ns, f"{other}-target", {"name": name})
            service(cluster, ns, other, {"name": name}, type=kind)
            full = f"{other}-target.{ns}.svc.cluster.local"
            made = change(cluster, ns, other, {"spec": {"type": "ExternalName", "externalName": full}})
            assert not made["spec"].get("clusterIP") and not made["spec"]["ports"][0].get("nodePort"), made
            assert sh(cluster, ns, "execpod", f"nslookup {other}.{ns}.svc.cluster.local")


def answering(cluster, ns, address, port, count=16):
    """-> who answered to so many requests of one client."""
    script = f"for i in $(seq 0 {count - 1}); do echo; curl -q -s --connect-timeout 2 http://{address}:{port}/ ; done"
    return {line for line in sh(cluster, ns, "execpod", script).split("\n") if line}


def walk_affinity(cluster, kind, switches):
    with space(cluster, "affinity") as ns:
        names = replicas(cluster, ns, "affinity", 3, container(AGNHOST, args=["serve-hostname"]))
        made = service(cluster, ns, "affinity", {"name": "affinity"}, [{"port": 80, "targetPort": 9376}], type=kind,
                       sessionAffinity="ClientIP")
        client(cluster, ns)
        place = (made["spec"]["clusterIP"], 80)
        if kind == "NodePort":
            place = (node_addresses(cluster)[0], made["spec"]["ports"][0]["nodePort"])
        reaches_service(cluster, ns, "execpod", made)
        eventually(lambda: len(answering(cluster, ns, *place)) == 1)
        assert answering(cluster, ns, *place) <= set(names)
        if switches:
            change(cluster, ns, "affinity", {"spec": {"sessionAffinity": "None"}})
            eventually(lambda: len(answering(cluster, ns, *place)) > 1)
            change(cluster, ns, "affinity", {"spec": {"sessionAffinity": "ClientIP"}})
            eventually(lambda: len(answering(cluster, ns, *place)) == 1)


def test_affinity(cluster):
    """Services should have session affinity work for service with type clusterIP, for NodePort service"""
    walk_affinity(cluster, "ClusterIP", False)
    walk_affinity(cluster, "NodePort", False)


def test_affinity_switches(cluster):
    """Services should be able to switch session affinity for service with type clusterIP, for NodePort service"""
    walk_affinity(cluster, "ClusterIP", True)
    walk_affinity(cluster, "NodePort", True)


def endpoint_ports(cluster, ns, name):
    """-> the ports behind a Service by the names of pods, as Endpoints and as EndpointSlices tell them."""
    def gathered(parts):
        found = {}
        for target, ports in parts:
            if target and ports:
                found.setdefault(target, set()).update(ports)
        return found
    status, endpoints = cluster.request("GET", path(ns, name, "endpoints"))
    subsets = endpoints.get("subsets") or [] if status == 200 else []
    old = gathered((a.get("targetRef", {}).get("name"), [p["port"] for p in s.get("ports", [])])
                   for s in subsets for a in s.get("addresses", []))
    slices = cluster.request("GET", f"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices"
                             f"?labelSelector=kubernetes.io/service-name={name}", expect=200)[1]["items"]
    new = gathered((e.get("targetRef", {}).get("name"), [p["port"] for p in s.get("ports") or []])
                   for s in slices for e in s.get("endpoints") or [])
    return (old, new)


def expect_endpoints(cluster, ns, name, wanted):
    wanted = {pod: set(ports) for pod, ports in wanted.items()}
    eventually(lambda: endpoint_ports(cluster, ns, name) == (wanted, wanted))


def test_endpoints_of_pods(cluster):
    """Services should serve a basic endpoint from pods; should serve multiport endpoints from pods"""
    with space(cluster, "endpoints") as ns:
        client(cluster, ns)
        made = service(cluster, ns, "basic", {"name": "basic"})
        expect_endpoints(cluster, ns, "basic", {})
        names = []
        for name in ["pod1", "pod2"]:
            run(cluster, ns, pod(netexec(80, 80, ports=[{"containerPort": 80}]), name=name, labels={"name": "basic"}))
            names.append(name)
            expect_endpoints(cluster, ns, "basic", {n: [80] for n in names})
            reaches_service(cluster, ns, "execpod", made)
        for name in list(names):
            cluster.request("DELETE", path(ns, name), {"gracePeriodSeconds": 0}, expect=200)
            names.remove(name)
            expect_endpoints(cluster, ns, "basic", {n: [80] for n in names})
            if names:
                reaches_service(cluster, ns, "execpod", made)
        made = service(cluster, ns, "multi", {"name": "multi"}, [
            {"name": "portname1", "port": 80, "targetPort": "portname1"},
            {"name": "portname2", "port": 81, "targetPort": "portname2"}])
        expect_endpoints(cluster, ns, "multi", {})
        for name, title, port in [("multi1", "portname1", 100), ("multi2", "portname2", 101)]:
            ports = [{"name": title, "containerPort": port}]
            run(cluster, ns, pod(netexec(port, port, ports=ports), name=name, labels={"name": "multi"}))
        expect_endpoints(cluster, ns, "multi", {"multi1": [100], "multi2": [101]})
        reaches_service(cluster, ns, "execpod", made)
        cluster.request("DELETE", path(ns, "multi1"), {"gracePeriodSeconds": 0}, expect=200)
        expect_endpoints(cluster, ns, "multi", {"multi2": [101]})
        cluster.request("DELETE", path(ns, "multi2"), {"gracePeriodSeconds": 0}, expect=200)
        expect_endpoints(cluster, ns, "multi", {})


def test_two_protocols(cluster):
    """Services should serve endpoints on same port and different protocols"""
    with space(cluster, "protocols") as ns:
        client(cluster, ns)
        ports = [{"name": "tcp-port", "port": 80, "targetPort": 80, "protocol": "TCP"},
                 {"name": "udp-port", "port": 80, "targetPort": 80, "protocol": "UDP"}]
        address = service(cluster, ns, "multiprotocol", {"name": "server"}, ports)["spec"]["clusterIP"]
        both = [{"containerPort": 80, "protocol": p} for p in ["TCP", "UDP"]]
        run(cluster, ns, pod(netexec(80, 80, ports=both), name="server"))
        for shown in [["TCP", "UDP"], ["TCP"], ["UDP"]]:
            body = get(cluster, ns, "multiprotocol", "services")
            body["spec"]["ports"] = [p for p in ports if p["protocol"] in shown]
            cluster.request("PUT", path(ns, "multiprotocol", "services"), body, expect=200)
            for protocol in ["TCP", "UDP"]:
                (reaches if protocol in shown else reaches_not)(cluster, ns, "execpod", address, 80, protocol)


def test_latency(cluster):
    """Service endpoints latency should not be very high"""
    with space(cluster, "latency") as ns:
        replicas(cluster, ns, "svc-latency-rc", 1, container())
        names = [service(cluster, ns, f"latency-{n}", {"name": "svc-latency-rc"})["metadata"]["name"] for n in range(50)]
        for name in names:
            eventually(lambda: endpoint_ports(cluster, ns, name)[0], 20)


# Pods, nodes and the ways between them.

def test_granular_checks(cluster):
    """Networking Granular Checks: Pods should function for (intra-pod|node-pod) communication: (http|udp)"""
    with space(cluster, "granular") as ns:
        nodes = [n["metadata"]["name"] for n in cluster.request("GET", "/api/v1/nodes", expect=200)[1]["items"]]
        probe = {"httpGet": {"path": "/healthz", "port": 8083}, "timeoutSeconds": 30}
        ports = [{"name": "http", "containerPort": 8083}, {"name": "udp", "containerPort": 8081, "protocol": "UDP"}]
        for number, node in enumerate(nodes):
            body = pod(netexec(8083, 8081, ports=ports, readinessProbe=probe), name=f"netserver-{number}",
                       nodeSelector={"kubernetes.io/hostname": node})
            create(cluster, ns, body)
        servers = [wait(cluster, ns, f"netserver-{n}", lambda p: any(
            c["type"] == "Ready" and c["status"] == "True" for c in p["status"].get("conditions", []))) for n in range(len(nodes))]
        asking = run(cluster, ns, pod(container(AGNHOST, args=["netexec", "--http-port=9080"]), name="test-container-pod"))
        client(cluster, ns, "host-test-container-pod", hostNetwork=True)
        for server in servers:
            address, name = server["status"]["podIP"], server["metadata"]["name"]
            for protocol, port in [("http", 8083), ("udp", 8081)]:
                url = (f"http://{asking['status']['podIP']}:9080/dial?request=hostname&protocol={protocol}"
                       f"&host={address}&port={port}&tries=1")
                answer = json.loads(sh(cluster, ns, "test-container-pod", f"curl -g -q -s '{url}'"))
                assert answer == {"responses": [name]}, answer
            script = f"curl -g -q -s --max-time 15 --connect-timeout 1 http://{address}:8083/hostName | grep -v '^\\s*$'"
            assert sh(cluster, ns, "host-test-container-pod", script).strip() == name
            script = f"echo hostName | nc -w 1 -u {address} 8081 | grep -v '^\\s*$'"
            assert sh(cluster, ns, "host-test-container-pod", script).strip() == name


def test_host_ports(cluster):
    """HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol"""
    node = cluster.request("GET", "/api/v1/nodes", expect=200)[1]["items"][0]
    name = node["metadata"]["name"]
    address = next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP")
    with space(cluster, "hostport") as ns:
        probe = {"httpGet": {"path": "/hostname", "port": 8080}}
        for title, host, protocol in [("pod1", "127.0.0.1", "TCP"), ("pod2", address, "TCP"), ("pod3", address, "UDP")]:
            port = {"hostPort": 54323, "containerPort": 8080, "protocol": protocol, "hostIP": host}
            run(cluster, ns, pod(netexec(8080, 8080, ports=[port], readinessProbe=probe), name=title, nodeName=name))
        client(cluster, ns, "e2e-host-exec", hostNetwork=True, nodeName=name)
        ask = lambda script: sh(cluster, ns, "e2e-host-exec", script).strip()
        assert ask(f"curl -g --connect-timeout 5 --interface {address} http://127.0.0.1:54323/hostname") == "pod1"
        assert ask(f"curl -g --connect-timeout 5 http://{address}:54323/hostname") == "pod2"
        execute(cluster, ns, "e2e-host-exec", "/bin/sh", "-c", f"nc -vuz -w 5 {address} 54323")


# Names.

def probe_script(names, hosts, prefix, pointers=()):
    script = "for i in `seq 1 600`; do "
    files = []
    for name in names:
        kind = "SRV" if name.startswith("_") else "A"
        for flag, title in [("+notcp", "udp"), ("+tcp", "tcp")]:
            files.append(f"{prefix}_{title}@{name}")
            script += f'check="$$(dig {flag} +noall +answer +search {name} {kind})" && test -n "$$check" && echo OK > /results/{files[-1]};'
    for name in hosts:
        files.append(f"{prefix}_hosts@{name}")
        script += f'test -n "$$(getent hosts {name})" && echo OK > /results/{files[-1]};'
    for address in pointers:
        name = ".".join(reversed(address.split("."))) + ".in-addr.arpa."
        files.append(f"{address}_udp@PTR")
        script += f'check="$$(dig +notcp +noall +answer +search {name} PTR)" && test -n "$$check" && echo OK > /results/{files[-1]};'
    return script + "sleep 1; done", files


def results(cluster, ns, script, files, wanted="OK", name="dns-test", **spec):
    """Lets a pod look names up, and reads what it found from the server of files beside it, through the API."""
    mounts = [{"name": "results", "mountPath": "/results"}]
    body = pod(container(AGNHOST, "webserver", args=["test-webserver"], volumeMounts=mounts),
               container(AGNHOST, "querier", command=["sh", "-c", script], volumeMounts=mounts),
               name=name, volumes=[{"name": "results", "emptyDir": {}}], **spec)
    run(cluster, ns, body)
    for file in files:
        place = path(ns, name) + f"/proxy/results/{file}"
        eventually(lambda: cluster.request("GET", place)[1].strip() == wanted, 30)
    cluster.request("DELETE", path(ns, name), {"gracePeriodSeconds": 0}, expect=200)


def test_names_of_the_cluster(cluster):
    """DNS should provide DNS for the cluster; should provide /etc/hosts entries for the cluster"""
    with space(cluster, "dns") as ns:
        names = ["kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
        results(cluster, ns, *probe_script(names, [], "wheezy"))
        service(cluster, ns, "dns-test-service", {"dns-test": "true"}, clusterIP="None")
        hosts = [f"dns-querier-1.dns-test-service.{ns}.svc.cluster.local", "dns-querier-1"]
        results(cluster, ns, *probe_script([], hosts, "wheezy"), hostname="dns-querier-1", subdomain="dns-test-service")


def walk_service_names(cluster, names_of):
    with space(cluster, "dns-services") as ns:
        labels = {"dns-test": "true"}
        run(cluster, ns, pod(netexec(80, 80, ports=[{"containerPort": 80}]), name="backend", labels=labels))
        ports = [{"port": 80, "name": "http", "protocol": "TCP"}]
        service(cluster, ns, "dns-test-service", labels, ports, clusterIP="None")
        regular = service(cluster, ns, "test-service-2", labels, ports)["spec"]["clusterIP"]
        expect_endpoints(cluster, ns, "test-service-2", {"backend": [80]})
        results(cluster, ns, *probe_script(names_of(ns), [], "wheezy", [regular]))


def test_names_of_services(cluster):
    """DNS should provide DNS for services"""
    walk_service_names(cluster, lambda ns: [
        f"dns-test-service.{ns}.svc.cluster.local", f"_http._tcp.dns-test-service.{ns}.svc.cluster.local",
        f"_http._tcp.test-service-2.{ns}.svc.cluster.local"])


def test_partial_names(cluster):
    """DNS should resolve DNS of partial qualified names for services"""
    walk_service_names(cluster, lambda ns: [
        "dns-test-service", f"dns-test-service.{ns}", f"dns-test-service.{ns}.svc",
        f"_http._tcp.dns-test-service.{ns}.svc", f"_http._tcp.test-service-2.{ns}.svc"])


def test_names_of_pods(cluster):
    """DNS should provide DNS for pods for Hostname; should provide DNS for pods for Subdomain"""
    with space(cluster, "dns-pods") as ns:
        labels = {"dns-test-hostname-attribute": "true"}
        service(cluster, ns, "dns-test-service-2", labels, clusterIP="None")
        full = f"dns-querier-2.dns-test-service-2.{ns}.svc.cluster.local"
        mounts = [{"name": "results", "mountPath": "/results"}]
        script, files = probe_script([full, f"dns-test-service-2.{ns}.svc.cluster.local"], [full, "dns-querier-2"], "wheezy")
        body = pod(container(AGNHOST, "webserver", args=["test-webserver"], volumeMounts=mounts),
                   container(AGNHOST, "querier", command=["sh", "-c", script], volumeMounts=mounts), labels=labels,
                   name="dns-test", volumes=[{"name": "results", "emptyDir": {}}], hostname="dns-querier-2",
                   subdomain="dns-test-service-2")
        run(cluster, ns, body)
        for file in files:
            place = path(ns, "dns-test") + f"/proxy/results/{file}"
            eventually(lambda: cluster.request("GET", place)[1].strip() == "OK", 30)


def test_external_names(cluster):
    """DNS should provide DNS for ExternalName services"""
    with space(cluster, "dns-external") as ns:
        service(cluster, ns, "dns-test-service-3", type="ExternalName", externalName="foo.example.com")
        full = f"dns-test-service-3.{ns}.svc.cluster.local"

        def look(kind, wanted):
            script = f"for i in `seq 1 30`; do dig +short {full} {kind} > /results/wheezy_udp@{full}; sleep 1; done"
            results(cluster, ns, script, [f"wheezy_udp@{full}"], wanted, f"dns-{kind.lower()}-{len(wanted)}")

        look("CNAME", "foo.example.com.")
        change(cluster, ns, "dns-test-service-3", {"spec": {"externalName": "barx.example.com"}})
        look("CNAME", "barx.example.com.")
        made = change(cluster, ns, "dns-test-service-3", {"spec": {
            "type": "ClusterIP", "externalName": None, "ports": [{"port": 80, "name": "http", "protocol": "TCP"}]}})
        look("A", made["spec"]["clusterIP"])


def test_own_name_servers(cluster):
    """DNS should support configurable pod DNS nameservers"""
    with space(cluster, "dns-config") as ns:
        config = {"nameservers": ["1.1.1.1"], "searches": ["resolv.conf.local"]}
        made = client(cluster, ns, "test-dns-nameservers", dnsPolicy="None", dnsConfig=config)
        assert made["spec"]["dnsConfig"] == config
        assert "resolv.conf.local" in execute(cluster, ns, "test-dns-nameservers", "/agnhost", "dns-suffix")
        assert "1.1.1.1" in execute(cluster, ns, "test-dns-nameservers", "/agnhost", "dns-server-list")


# Through the API.

def test_proxy_of_many_ports(cluster):
    """Proxy version v1 should proxy through a service and a pod"""
    with space(cluster, "proxy") as ns:
        link = '<a href="/rewriteme">test</a>'
        served = {"SERVE_PORT_80": link, "SERVE_PORT_1080": link, "SERVE_PORT_160": "foo", "SERVE_PORT_162": "bar",
                  "SERVE_TLS_PORT_443": '<a href="/tlsrewriteme">test</a>', "SERVE_TLS_PORT_460": "tls baz",
                  "SERVE_TLS_PORT_462": "tls qux"}
        ports = {"dest1": 160, "dest2": 162, "tlsdest1": 460, "tlsdest2": 462}
        service(cluster, ns, "proxied", {"name": "proxied"}, [
            {"name": "portname1", "port": 80, "targetPort": "dest1"}, {"name": "portname2", "port": 81, "targetPort": 162},
            {"name": "tlsportname1", "port": 443, "targetPort": "tlsdest1"},
            {"name": "tlsportname2", "port": 444, "targetPort": 462}])
        name = replicas(cluster, ns, "proxied", 1, container(
            AGNHOST, command=["/agnhost", "porter"], env=[{"name": k, "value": v} for k, v in served.items()],
            ports=[{"containerPort": 80}] + [{"name": k, "containerPort": v} for k, v in ports.items()],
            readinessProbe={"httpGet": {"port": 80}, "initialDelaySeconds": 1, "timeoutSeconds": 5}))[0]
        of_service = lambda scheme, port: path(ns, f"{scheme}proxied:{port}", "services") + "/proxy"
        of_pod = lambda scheme, port: path(ns, f"{scheme}{name}{port}") + "/proxy"
        wanted = {of_service(s, f"portname{n}"): t for s in ["", "http:"] for n, t in [(1, "foo"), (2, "bar")]}
        wanted |= {of_service("https:", f"tlsportname{n}"): t for n, t in [(1, "tls baz"), (2, "tls qux")]}
        wanted |= {of_pod(s, p): t for s, p, t in [
            ("", ":160", "foo"), ("http:", ":160", "foo"), ("", ":162", "bar"), ("http:", ":162", "bar"),
            ("https:", ":460", "tls baz"), ("https:", ":462", "tls qux")]}
        for scheme, port in [("", ""), ("", ":1080"), ("http:", ":1080")]:
            place = of_pod(scheme, port)
            wanted[place] = f'<a href="{place}/rewriteme">test</a>'
        place = of_pod("https:", ":443")
        wanted[place] = f'<a href="{place}/tlsrewriteme">test</a>'
        for place, text in wanted.items():
            eventually(lambda: cluster.request("GET", place + "/")[0] == 200)
            assert cluster.request("GET", place + "/")[1] == text, (place, text, cluster.request("GET", place + "/")[1])


def test_proxy_methods(cluster):
    """Proxy version v1 A set of valid responses are returned for both pod and service Proxy; … ProxyWithPath"""
    with space(cluster, "methods") as ns:
        run(cluster, ns, pod(container(AGNHOST, command=["/agnhost", "porter", "--json-response"],
                                       env=[{"name": "SERVE_PORT_80", "value": "foo"}]), name="agnhost"))
        service(cluster, ns, "test-service", {"name": "agnhost"})
        for base in [path(ns, "agnhost"), path(ns, "test-service", "services")]:
            eventually(lambda: cluster.request("GET", base + "/proxy/")[0] == 200)
            for method in ["DELETE", "OPTIONS", "PATCH", "POST", "PUT", "GET", "HEAD"]:
                places = [f"{base}/proxy/some/path/with/{method}"]
                if method not in ("GET", "HEAD"):
                    places.append(f"{base}/proxy?method={method}")
                for place in places:
                    status, body = cluster.request(method, place)
                    assert status == 200, (method, place, status, body)
                    if method != "HEAD":
                        assert body == {"Method": method, "Body": "foo"}, (method, place, body)
            for method in ["GET", "HEAD"]:
                assert redirected(cluster, method, f"{base}/proxy?method={method}") == 301


def redirected(cluster, method, place):
    """-> the status, without going where it leads."""
    import http.client
    host = re.sub("^http://", "", cluster.url)
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request(method, place, headers={"Authorization": "Bearer " + cluster.token})
    status = connection.getresponse().status
    connection.close()
    return status


def test_api_from_inside(cluster):
    """What programs in pods need: kubernetes.default.svc with the mounted token and authority"""
    with space(cluster, "inside") as ns:
        client(cluster, ns)
        folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        ask = (f'curl -s --cacert {folder}/ca.crt -H "Authorization: Bearer $(cat {folder}/token)" '
               f"https://kubernetes.default.svc/api/v1/namespaces/$(cat {folder}/namespace)/pods")
        assert json.loads(sh(cluster, ns, "execpod", ask))["reason"] == "Forbidden"
        assert "SSL certificate problem" in execute(
            cluster, ns, "execpod", "curl", "https://kubernetes.default.svc/version", check=False).stderr
        binding = {"metadata": {"name": "edit"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                   "name": "edit"}, "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": ns}]}
        cluster.request("POST", f"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", binding, expect=201)
        assert json.loads(sh(cluster, ns, "execpod", ask))["items"][0]["metadata"]["name"] == "execpod"
        made = (f'curl -s --cacert {folder}/ca.crt -H "Authorization: Bearer $(cat {folder}/token)" -H "Content-Type: '
                f"application/json\" -X POST -d '{{\"metadata\": {{\"name\": \"made\"}}}}' "
                f"https://kubernetes.default.svc/api/v1/namespaces/{ns}/configmaps")
        assert json.loads(sh(cluster, ns, "execpod", made))["metadata"]["name"] == "made"
        assert get(cluster, ns, "made", "configmaps")
