"""Other people's clients: kr8s, lightkube, kopf, Prometheus, and informers that speak protobuf."""
import asyncio
import json
import os
import socket
import subprocess
import sys
import textwrap
import urllib.request

from harness import Skip, eventually, tool
from python_client import client

FLAGS = ["--nodes", "2"]


def installed(name):
    try:
        return __import__(name)
    except ImportError:
        raise Skip(f"{name} is not installed")


def deployment(name, replicas=1):
    labels = {"app": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "default", "labels": labels},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": {"containers": [
                         {"name": "web", "image": "nginx", "ports": [{"name": "http", "containerPort": 80}]}]}}}}


# A stock server answers `eventTime: null` for events of the old kind as well, which this client does not take.
UNREADABLE = ("EventsV1Api.list_event_for_all_namespaces", "EventsV1Api.list_namespaced_event")


def test_python_client_reads_every_list(cluster):
    """Typed decoding refuses an absent required field or a value outside an enumeration."""
    kubernetes = client(cluster)
    kubernetes.client.AppsV1Api().create_namespaced_deployment("default", deployment("typed"))
    eventually(lambda: kubernetes.client.CoreV1Api().list_namespaced_pod("default").items)
    called, failures = 0, []
    for name in sorted(n for n in dir(kubernetes.client) if n.endswith("Api") and n not in ("CustomObjectsApi",)):
        if "alpha" in name.lower() or "beta" in name.lower():
            continue
        api = getattr(kubernetes.client, name)()
        for method in (m for m in dir(api) if m.startswith("list_") and not m.endswith("_with_http_info")):
            if f"{name}.{method}" in UNREADABLE:
                continue
            arguments = ["default"] if "_namespaced_" in method else []
            try:
                getattr(api, method)(*arguments)
                called += 1
            except kubernetes.client.ApiException as error:
                # The newest client knows kinds that this release of the API has not got.
                if error.status != 404:
                    failures.append(f"{name}.{method}: {error.status}")
            except Exception as error:
                failures.append(f"{name}.{method}: {error!r}")
    assert not failures and called > 80, (called, failures)
    kubernetes.client.AppsV1Api().delete_namespaced_deployment("typed", "default")


def test_kr8s(cluster):
    kr8s = installed("kr8s")
    from kr8s.objects import Deployment
    api = kr8s.api(kubeconfig=cluster.kubeconfig)
    made = Deployment(deployment("krates"), api=api)
    made.create()
    made.wait("condition=Available", timeout=30)
    made.scale(2)
    made.label({"tier": "front"})
    assert eventually(lambda: len(list(api.get("pods", namespace="default", label_selector="app=krates"))) == 2)
    assert next(iter(api.get("deployments", namespace="default", label_selector="tier=front"))).name == "krates"
    kind, first = next(iter(api.watch("deployments", namespace="default")))
    assert kind == "ADDED" and first.name
    made.delete()
    made.wait("delete", timeout=30)


def test_kr8s_async(cluster):
    installed("kr8s")
    import kr8s.asyncio
    from kr8s.asyncio.objects import ConfigMap

    async def use():
        api = await kr8s.asyncio.api(kubeconfig=cluster.kubeconfig)
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kr8s-async", "namespace": "default"}}
        made = await ConfigMap(body, api=api)
        await made.create()
        await made.patch({"data": {"a": "b"}})
        assert "kr8s-async" in [m.name async for m in api.get("configmaps", namespace="default")]
        await made.delete()

    asyncio.run(use())


def test_lightkube(cluster):
    installed("lightkube")
    from lightkube import Client, KubeConfig
    from lightkube.models.meta_v1 import ObjectMeta
    from lightkube.resources.apps_v1 import Deployment
    from lightkube.resources.core_v1 import ConfigMap
    kube = Client(config=KubeConfig.from_file(cluster.kubeconfig), namespace="default", field_manager="lightkube")
    assert kube.create(ConfigMap(metadata=ObjectMeta(name="light"), data={"a": "1"})).metadata.uid
    assert kube.patch(ConfigMap, "light", {"data": {"b": "2"}}).data == {"a": "1", "b": "2"}
    applied = kube.apply(ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=ObjectMeta(name="applied"), data={"c": "3"}))
    assert applied.metadata.managedFields[0].operation == "Apply"
    operation, seen = next(iter(kube.watch(ConfigMap, fields={"metadata.name": "light"})))
    assert (operation, seen.metadata.name) == ("ADDED", "light")
    kube.create(Deployment.from_dict(deployment("light")))
    kube.wait(Deployment, "light", for_conditions=["Available"])
    for kind, name in ((Deployment, "light"), (ConfigMap, "light"), (ConfigMap, "applied")):
        kube.delete(kind, name)


OPERATOR = """
import kopf
from kubernetes import client

@kopf.on.create("", "v1", "configmaps", labels={"watched": "yes"})
def created(meta, spec, namespace, name, body, patch, **_):
    patch.metadata.annotations["operator/created"] = "yes"
    kopf.info(body, reason="Seen", message="made")

@kopf.on.update("", "v1", "configmaps", labels={"watched": "yes"}, field="data")
def updated(patch, **_):
    patch.metadata.annotations["operator/updated"] = "yes"

@kopf.timer("", "v1", "configmaps", labels={"watched": "yes"}, interval=1)
def ticks(patch, **_):
    patch.metadata.annotations["operator/ticks"] = "yes"
"""


def test_kopf_operator(cluster):
    installed("kopf")
    program, path = os.path.join(cluster.home, "operator.py"), "/api/v1/namespaces/default/configmaps"
    open(program, "w").write(textwrap.dedent(OPERATOR))
    log = open(os.path.join(cluster.home, "operator.log"), "w+")
    operator = subprocess.Popen([sys.executable, "-m", "kopf", "run", "--standalone", "-n", "default", program],
                                stdout=log, stderr=log, env={**os.environ, "KUBECONFIG": cluster.kubeconfig})

    def annotated(name):
        found = cluster.request("GET", path + "/watched", expect=200)[1]["metadata"].get("annotations", {})
        assert operator.poll() is None, open(log.name).read()[-3000:]
        return found.get("operator/" + name)

    try:
        cluster.request("POST", path, {"metadata": {"name": "watched", "labels": {"watched": "yes"}}, "data": {"a": "1"}}, expect=201)
        eventually(lambda: annotated("created") and annotated("ticks"))
        cluster.request("PATCH", path + "/watched", {"data": {"a": "2"}},
                        {"Content-Type": "application/merge-patch+json"}, expect=200)
        eventually(lambda: annotated("updated"))
        eventually(lambda: any(e["reason"] == "Seen" for e in cluster.request(
            "GET", "/api/v1/namespaces/default/events", expect=200)[1]["items"]))
    finally:
        operator.terminate()
        operator.wait(20)
        log.close()
    cluster.request("PATCH", path + "/watched", {"metadata": {"finalizers": None}}, {"Content-Type": "application/merge-patch+json"})
    cluster.request("DELETE", path + "/watched")


def test_prometheus_discovers(cluster):
    prometheus = tool("prometheus")
    cluster.request("POST", "/apis/apps/v1/namespaces/default/deployments", deployment("found"), expect=201)
    cluster.request("POST", "/api/v1/namespaces/default/services", {
        "metadata": {"name": "found"}, "spec": {"selector": {"app": "found"}, "ports": [{"name": "http", "port": 80}]}}, expect=201)
    cluster.request("POST", "/apis/networking.k8s.io/v1/namespaces/default/ingresses", {
        "metadata": {"name": "found"}, "spec": {"rules": [{"host": "found.example", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "found", "port": {"number": 80}}}}]}}]}}, expect=201)
    roles = ["pod", "node", "service", "endpointslice", "ingress"]
    jobs = [{"job_name": role, "kubernetes_sd_configs": [{
        "role": role, "api_server": cluster.secure_url, "authorization": {"credentials": cluster.token},
        "tls_config": {"ca_file": os.path.join(cluster.home, "ca.crt")}}]} for role in roles]
    settings, data = os.path.join(cluster.home, "prometheus.yml"), os.path.join(cluster.home, "prometheus")
    json.dump({"global": {"scrape_interval": "1h"}, "scrape_configs": jobs}, open(settings, "w"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = open(os.path.join(cluster.home, "prometheus.log"), "w+")
    process = subprocess.Popen([prometheus, f"--config.file={settings}", f"--storage.tsdb.path={data}",
                                f"--web.listen-address={address}"], stdout=log, stderr=log)

    def found():
        try:
            with urllib.request.urlopen(f"http://{address}/api/v1/targets?state=active", timeout=5) as answer:
                targets = json.load(answer)["data"]["activeTargets"]
        except OSError:
            assert process.poll() is None, open(log.name).read()[-3000:]
            return False
        have = {role: [t["discoveredLabels"] for t in targets if t["scrapePool"] == role] for role in roles}
        return (any(x["__meta_kubernetes_pod_name"].startswith("found-") for x in have["pod"]) and len(have["node"]) == 2
                and any(x["__meta_kubernetes_service_name"] == "found" for x in have["service"])
                and any(x.get("__meta_kubernetes_service_name") == "found" for x in have["endpointslice"])
                and any(x["__meta_kubernetes_ingress_name"] == "found" for x in have["ingress"]))

    try:
        eventually(found, seconds=40)
    except AssertionError as failure:
        said = open(log.name).read()[-3000:]
        if "field kubernetes_sd_configs not found" in said:
            raise Skip("this prometheus is built without discovery in Kubernetes")
        raise AssertionError(f"{failure}\n{said}")
    finally:
        process.kill()
        process.wait()
        log.close()


# Protobuf, as informers speak it.

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def fields(data):
    """-> field number to its values; raises on what is no message"""
    found, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            size, at = varint(data, at)
            assert at + size <= len(data), "a field reaches beyond its message"
            value, at = data[at:at + size], at + size
        else:
            size = {1: 8, 5: 4}[tag & 7]
            value, at = data[at:at + size], at + size
        found.setdefault(tag >> 3, []).append(value)
    return found


def unwrapped(data):
    """-> (apiVersion, kind, message) of an enveloped object"""
    assert data[:4] == b"k8s\0", data[:20]
    envelope = fields(data[4:])
    meta = fields(envelope[1][0])
    return meta[1][0].decode(), meta[2][0].decode(), envelope[2][0]


def protobuf(cluster, path, body=None, method="GET", stream=False):
    kind = "application/vnd.kubernetes.protobuf" + (";stream=watch" if stream else "")
    headers = {"Accept": kind, "Authorization": "Bearer " + cluster.token}
    if body:
        headers["Content-Type"] = "application/vnd.kubernetes.protobuf"
    answer = urllib.request.urlopen(urllib.request.Request(cluster.url + path, body, headers, method=method), timeout=20)
    assert answer.headers["Content-Type"].replace(" ", "") == kind, answer.headers["Content-Type"]
    return answer


def test_protobuf_reads_and_round_trips(cluster):
    for path in ("/api/v1/nodes", "/api/v1/namespaces", "/api/v1/services", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                 "/apis/coordination.k8s.io/v1/leases", "/apis/scheduling.k8s.io/v1/priorityclasses"):
        version, kind, message = unwrapped(protobuf(cluster, path).read())
        listed = cluster.request("GET", path, expect=200)[1]
        assert (version, kind) == (listed["apiVersion"], listed["kind"])
        assert len(fields(message).get(2, [])) == len(listed["items"]) > 0, path
    path = "/api/v1/namespaces/default/configmaps"
    cluster.request("POST", path, {"metadata": {"name": "proto"}, "data": {"a": "b"}}, expect=201)
    raw = protobuf(cluster, path + "/proto").read()
    assert unwrapped(raw)[:2] == ("v1", "ConfigMap")
    before = cluster.request("GET", path + "/proto")[1]
    assert unwrapped(protobuf(cluster, path + "/proto", raw, "PUT").read())[:2] == ("v1", "ConfigMap")
    after = cluster.request("GET", path + "/proto")[1]
    assert before["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"] and after["data"] == {"a": "b"}
    cluster.request("DELETE", path + "/proto")


# What the discovery of Prometheus lists and watches for a role, over all namespaces.
DISCOVERED = {
    "pod": ["/api/v1/pods"], "node": ["/api/v1/nodes"], "service": ["/api/v1/services"],
    "endpointslice": ["/apis/discovery.k8s.io/v1/endpointslices", "/api/v1/services", "/api/v1/pods"],
    "ingress": ["/apis/networking.k8s.io/v1/ingresses"],
}


def discovers(cluster, role, name, change):
    """The requests of a role, one after the other: a list in pages, then a watch from there, which must see the change."""
    headers = {"Accept": "application/vnd.kubernetes.protobuf, */*", "User-Agent": "Prometheus/2.53",
               "Authorization": "Bearer " + cluster.token}

    def ask(path):
        answer = urllib.request.urlopen(urllib.request.Request(cluster.url + path, headers=headers), timeout=20)
        assert answer.headers["Content-Type"].startswith("application/vnd.kubernetes.protobuf"), answer.headers["Content-Type"]
        return answer

    if role == "ingress":
        assert cluster.request("GET", "/version", expect=200)[1]["minor"] >= "19"
    versions = {}
    for path in DISCOVERED[role]:
        _, kind, message = unwrapped(ask(path + "?limit=500&resourceVersion=0").read())
        listed = fields(message)
        names = [fields(fields(item)[1][0])[1][0].decode() for item in listed.get(2, [])]
        assert kind.endswith("List") and (path != DISCOVERED[role][0] or any(n.startswith(name) for n in names)), (role, path, names)
        versions[path] = fields(listed[1][0])[2][0].decode()
    path = DISCOVERED[role][0]
    with ask(f"{path}?allowWatchBookmarks=true&resourceVersion={versions[path]}&timeoutSeconds=20&watch=true") as watch:
        change()
        while True:
            event = fields(watch.read(int.from_bytes(watch.read(4), "big")))
            meta = fields(fields(unwrapped(fields(event[2][0])[1][0])[2])[1][0])
            if event[1][0] == b"MODIFIED" and meta[1][0].decode().startswith(name):
                return


def test_what_prometheus_asks(cluster):
    """Debian builds Prometheus without discovery in Kubernetes; this is what the discovery asks, request by request."""
    cluster.request("POST", "/apis/apps/v1/namespaces/default/deployments", deployment("asked"), expect=201)
    cluster.request("POST", "/api/v1/namespaces/default/services", {
        "metadata": {"name": "asked"}, "spec": {"selector": {"app": "asked"}, "ports": [{"name": "http", "port": 80}]}}, expect=201)
    cluster.request("POST", "/apis/networking.k8s.io/v1/namespaces/default/ingresses", {
        "metadata": {"name": "asked"}, "spec": {"defaultBackend": {"service": {"name": "asked", "port": {"number": 80}}}}}, expect=201)

    def first(path, prefix):
        items = cluster.request("GET", path, expect=200)[1]["items"]
        return next((item["metadata"] for item in items if item["metadata"]["name"].startswith(prefix)), None)

    for role, prefix in (("pod", "asked-"), ("node", ""), ("service", "asked"), ("endpointslice", "asked-"), ("ingress", "asked")):
        path = DISCOVERED[role][0]
        meta = eventually(lambda: first(path, prefix))
        parent, plural = path.rsplit("/", 1)
        place = f"{parent}/namespaces/{meta['namespace']}/{plural}" if "namespace" in meta else path
        discovers(cluster, role, meta["name"], lambda: cluster.request(
            "PATCH", f"{place}/{meta['name']}", {"metadata": {"annotations": {"asked": role}}},
            {"Content-Type": "application/merge-patch+json"}, expect=200))
    for path in ("/apis/apps/v1/namespaces/default/deployments", "/api/v1/namespaces/default/services",
                 "/apis/networking.k8s.io/v1/namespaces/default/ingresses"):
        cluster.request("DELETE", path + "/asked", expect=200)


def test_protobuf_watch_list(cluster):
    path = ("/api/v1/namespaces?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
            "&timeoutSeconds=10")
    names = []
    with protobuf(cluster, path, stream=True) as answer:
        while True:
            size = int.from_bytes(answer.read(4), "big")
            event = fields(answer.read(size))
            version, kind, message = unwrapped(fields(event[2][0])[1][0])
            meta = fields(fields(message)[1][0])
            assert (version, kind) == ("v1", "Namespace")
            if event[1][0] == b"BOOKMARK":
                annotations = {f[1][0]: f[2][0] for f in map(fields, meta.get(12, []))}
                assert annotations[b"k8s.io/initial-events-end"] == b"true" and meta[6][0].isdigit()
                break
            assert event[1][0] == b"ADDED"
            names.append(meta[1][0].decode())
    assert {"default", "kube-system"} <= set(names), names
