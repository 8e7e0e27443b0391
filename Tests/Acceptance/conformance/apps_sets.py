"""StatefulSets, DaemonSets and their revisions (SIG Apps).

Walked: all 16 of the suite's tests of these kinds.
"""
import contextlib

from conformance.workloads import (AGNHOST, HTTPD, HTTPD_NEW, PAUSE, condition, controller, has_a_status, is_listed_and_deleted_together,
                                   is_ready, stays, template, workload, works_by_scale, workspace)
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8
LABELS = {"foo": "bar", "baz": "blah"}
HASH = "controller-revision-hash"
PROBE = {"httpGet": {"path": "/index.html", "port": 80}, "periodSeconds": 1, "successThreshold": 1, "failureThreshold": 1}


# StatefulSet

def stateful(replicas=1, probe=PROBE, **spec):
    body = workload(LABELS, replicas, HTTPD, serviceName="test", updateStrategy={"type": "RollingUpdate"}, **spec)
    container = body["template"]["spec"]["containers"][0]
    container["name"] = "webserver"
    if probe:
        container["readinessProbe"] = probe
    return body


@contextlib.contextmanager
def stateful_space(cluster):
    with workspace(cluster, "statefulset") as ns:
        ns.create("services", "test", {"clusterIP": "None", "selector": LABELS, "ports": [{"port": 80, "name": "http", "protocol": "TCP"}]})
        yield ns


def settled(ns, name, seconds=40):
    """All its pods are there and ready, and the status says so."""
    replicas = ns.get("statefulsets", name)["spec"]["replicas"]
    return ns.status("statefulsets", name, seconds, replicas=replicas, readyReplicas=replicas)


def members(ns):
    return sorted(ns.pods("foo=bar,baz=blah"), key=lambda pod: int(pod["metadata"]["name"].rsplit("-", 1)[1]))


def shown(ns):
    """Image and revision of each member."""
    return [(pod["spec"]["containers"][0]["image"], pod["metadata"]["labels"][HASH]) for pod in members(ns)]


def run(ns, command, names):
    for name in names or [pod["metadata"]["name"] for pod in members(ns)]:
        ns.cluster.kubectl("exec", "-n", ns.namespace, name, "--", "/bin/sh", "-x", "-c", command)


def break_probe(ns, names=()):
    run(ns, "mv -v /usr/local/apache2/htdocs/index.html /tmp/ || true", names)
    chosen = [pod["metadata"]["name"] for pod in members(ns) if not names or pod["metadata"]["name"] in names]
    eventually(lambda: all(pod["status"]["phase"] == "Running" and not is_ready(pod)
                           for pod in members(ns) if pod["metadata"]["name"] in chosen))


def restore_probe(ns, names=()):
    run(ns, "mv -v /tmp/index.html /usr/local/apache2/htdocs/ || true", names)


def set_image(ns, name, image):
    ns.update("statefulsets", name, lambda found: found["spec"]["template"]["spec"]["containers"][0].update(image=image))
    return settled_revision(ns, name)


def settled_revision(ns, name):
    status = ns.status("statefulsets", name)["status"]
    return status["currentRevision"], status["updateRevision"]


def set_partition(ns, name, partition):
    ns.update("statefulsets", name, lambda found: found["spec"].update(
        updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}))


def test_stateful_set_rolls_and_rolls_back(cluster):
    """should perform rolling updates and roll backs of template modifications"""
    with stateful_space(cluster) as ns:
        ns.create("statefulsets", "ss2", stateful(3))
        settled(ns, "ss2")
        current, update = settled_revision(ns, "ss2")
        assert current == update and shown(ns) == [(HTTPD, current)] * 3

        def rolls(image, before):
            """While one of them is not well, nothing goes on."""
            break_probe(ns, ["ss2-1"])
            old, new = set_image(ns, "ss2", image)
            assert old == before != new, (old, before, new)
            restore_probe(ns, ["ss2-1"])
            ns.until("statefulsets", "ss2", lambda found: found["status"]["currentRevision"] == new, 60)
            assert settled(ns, "ss2")["status"]["updatedReplicas"] == 3 and shown(ns) == [(image, new)] * 3, shown(ns)
            return new
        new = rolls(HTTPD_NEW, current)
        assert rolls(HTTPD, new) == current, "a template that was there before has its revision again"


def test_stateful_set_by_partition(cluster):
    """should perform canary updates and phased rolling updates of template modifications"""
    with stateful_space(cluster) as ns:
        spec = stateful(3)
        spec["updateStrategy"]["rollingUpdate"] = {"partition": 3}
        ns.create("statefulsets", "ss2", spec)
        settled(ns, "ss2")
        current, update = set_image(ns, "ss2", HTTPD_NEW)
        assert current != update
        old, new = (HTTPD, current), (HTTPD_NEW, update)
        assert shown(ns) == [old] * 3, "nothing is below the partition"
        set_partition(ns, "ss2", 2)
        eventually(lambda: shown(ns) == [old, old, new] and all(is_ready(pod) for pod in members(ns)))
        for name in ("ss2-0", "ss2-2"):
            uid = ns.get("pods", name)["metadata"]["uid"]
            ns.delete("pods", name)
            eventually(lambda: any(pod["metadata"]["uid"] != uid for pod in members(ns) if pod["metadata"]["name"] == name))
        settled(ns, "ss2")
        eventually(lambda: shown(ns) == [old, old, new])
        for partition in (1, 0):
            set_partition(ns, "ss2", partition)
            eventually(lambda: shown(ns) == [old] * partition + [new] * (3 - partition) and all(is_ready(pod) for pod in members(ns)))
        ns.until("statefulsets", "ss2", lambda found: found["status"]["currentRevision"] == update)


def order(watch, kind, numbers):
    for number in numbers:
        watch.until(lambda event, pod: event == kind and pod["metadata"]["name"] == f"ss-{number}", f"{kind} of ss-{number}")


def test_stateful_set_scales_in_order(cluster):
    """Scaling should happen in predictable order and halt if any stateful pod is unhealthy"""
    with stateful_space(cluster) as ns:
        with ns.watch("pods", ns.revision("pods"), "foo=bar") as watch:
            ns.create("statefulsets", "ss", stateful())
            settled(ns, "ss")
            break_probe(ns)
            ns.status("statefulsets", "ss", readyReplicas=0)
            ns.update("statefulsets", "ss", lambda found: found["spec"].update(replicas=3))
            stays(lambda: len(members(ns)) == 1, 2)
            restore_probe(ns)
            settled(ns, "ss")
            order(watch, "ADDED", [0, 1, 2])
            break_probe(ns)
            ns.status("statefulsets", "ss", readyReplicas=0)
            ns.update("statefulsets", "ss", lambda found: found["spec"].update(replicas=0))
            stays(lambda: len(members(ns)) == 3, 2)
            restore_probe(ns)
            eventually(lambda: not members(ns))
            order(watch, "DELETED", [2, 1, 0])


def test_stateful_set_scales_at_once(cluster):
    """Burst scaling should run to completion even with unhealthy pods"""
    with stateful_space(cluster) as ns:
        ns.create("statefulsets", "ss", stateful(podManagementPolicy="Parallel"))
        settled(ns, "ss")
        break_probe(ns)
        ns.status("statefulsets", "ss", readyReplicas=0)
        ns.update("statefulsets", "ss", lambda found: found["spec"].update(replicas=3))
        eventually(lambda: len(members(ns)) == 3)
        restore_probe(ns)
        settled(ns, "ss")
        break_probe(ns)
        ns.status("statefulsets", "ss", readyReplicas=0)
        ns.update("statefulsets", "ss", lambda found: found["spec"].update(replicas=0))
        eventually(lambda: not members(ns))
        ns.status("statefulsets", "ss", replicas=0)


def test_stateful_set_recreates_what_its_node_refused(cluster):
    """Should recreate evicted statefulset"""
    with stateful_space(cluster) as ns:
        port = [{"hostPort": 21017, "containerPort": 21017, "name": "conflict"}]
        pod = template({}, HTTPD, "webserver", ports=port)["spec"]
        ns.cluster.request("POST", ns.path("pods"), {"metadata": {"name": "test-pod"}, "spec": {**pod, "nodeName": "node-2"}}, expect=201)
        ns.running(1)
        spec = stateful(probe=None)
        spec["template"]["spec"]["containers"][0]["ports"] = port
        spec["template"]["spec"]["nodeName"] = "node-2"
        with ns.watch("pods", ns.revision("pods"), fields="metadata.name=ss-0") as watch:
            ns.create("statefulsets", "ss", spec)
            _, failed = watch.until(lambda kind, pod: pod["status"].get("phase") == "Failed")
            assert failed["status"]["reason"] == "NodePorts", failed["status"]
            watch.until(lambda kind, _: kind == "DELETED")
        ns.delete("pods", "test-pod", gracePeriodSeconds=0)
        eventually(lambda: [pod for pod in members(ns) if pod["status"]["phase"] == "Running"
                            and pod["metadata"]["uid"] != failed["metadata"]["uid"]])


def test_stateful_set_scale(cluster):
    """should have a working scale subresource"""
    works_by_scale(cluster, "statefulsets", "ss", stateful())


def test_stateful_set_collection(cluster):
    """should list, patch and delete a collection of StatefulSets"""
    with stateful_space(cluster) as ns:
        ns.create("statefulsets", "test-ss", stateful())
        settled(ns, "test-ss")
        label = f"test-ss={ns.namespace}"
        ns.patch("statefulsets", "test-ss", {"metadata": {"labels": {"test-ss": ns.namespace}}, "spec": {"replicas": 2, "template": {
            "spec": {"TerminationGracePeriodSeconds": 1, "containers": [{"name": "test-ss", "image": PAUSE}]}}}})
        found = ns.get("statefulsets", "test-ss")
        images = [container["image"] for container in found["spec"]["template"]["spec"]["containers"]]
        assert found["spec"]["replicas"] == 2 and images == [PAUSE, HTTPD], "what a patch adds comes first"
        settled(ns, "test-ss")
        assert len(ns.list("statefulsets", label, everywhere=True)) == 1
        ns.delete_all("statefulsets", label, gracePeriodSeconds=1)
        assert not ns.list("statefulsets", label, everywhere=True)


def test_stateful_set_status(cluster):
    """should validate Statefulset Status endpoints"""
    has_a_status(cluster, "statefulsets", stateful(), settled)


# DaemonSet

def daemon(ns, image=HTTPD, **spec):
    labels = {"daemonset-name": ns.namespace}
    return {"selector": {"matchLabels": labels}, "template": template(labels, image, "app", ports=[{"containerPort": 9376}]), **spec}


def on_all_nodes(ns, name="daemon-set", nodes=3):
    found = ns.status("daemonsets", name, currentNumberScheduled=nodes, desiredNumberScheduled=nodes, numberReady=nodes,
                      numberMisscheduled=0)
    eventually(lambda: sorted(placed(ns)) == ["node-1", "node-2", "node-3"][:nodes] or nodes == 0 and not placed(ns))
    return found


def placed(ns):
    return [pod["spec"].get("nodeName") for pod in ns.pods() if is_ready(pod) and "deletionTimestamp" not in pod["metadata"]]


def revisions(ns):
    return sorted((r["revision"], r["metadata"]["labels"][HASH]) for r in ns.list("controllerrevisions"))


def test_daemon_set_simple(cluster):
    """should run and stop simple daemon"""
    with workspace(cluster, "daemons") as ns:
        ns.create("daemonsets", "daemon-set", daemon(ns))
        on_all_nodes(ns)
        victim = ns.pods()[0]["metadata"]["name"]
        ns.delete("pods", victim)
        eventually(lambda: ns.is_gone("pods", victim))
        on_all_nodes(ns)
        ns.delete("daemonsets", "daemon-set", propagationPolicy="Background")
        eventually(lambda: not ns.pods())


def test_daemon_set_by_labels(cluster):
    """should run and stop complex daemon"""
    with workspace(cluster, "daemons") as ns:
        key = f"daemonset-color-{ns.namespace}"

        def paint(color):
            ns.cluster.request("PATCH", "/api/v1/nodes/node-2", {"metadata": {"labels": {key: color}}},
                               headers={"Content-Type": "application/merge-patch+json"}, expect=200)

        def runs_on(*nodes):
            ns.status("daemonsets", "daemon-set", desiredNumberScheduled=len(nodes), currentNumberScheduled=len(nodes))
            eventually(lambda: placed(ns) == list(nodes) and len(ns.pods()) == len(nodes))
        spec = daemon(ns)
        spec["template"]["spec"]["nodeSelector"] = {key: "blue"}
        ns.create("daemonsets", "daemon-set", spec)
        runs_on()
        paint("blue")
        runs_on("node-2")
        paint("green")
        runs_on()
        ns.patch("daemonsets", "daemon-set", {"spec": {"template": {"spec": {"nodeSelector": {key: "green"}}},
                                                        "updateStrategy": {"type": "RollingUpdate"}}})
        runs_on("node-2")


def test_daemon_set_replaces_failed_pods(cluster):
    """should retry creating failed daemon pods"""
    with workspace(cluster, "daemons") as ns:
        ns.create("daemonsets", "daemon-set", daemon(ns))
        on_all_nodes(ns)
        pod = ns.pods()[0]
        name = pod["metadata"]["name"]
        pod["metadata"]["resourceVersion"] = ""
        pod["status"]["phase"] = "Failed"
        ns.cluster.request("PUT", ns.path("pods", name, "status"), pod, expect=200)
        eventually(lambda: ns.is_gone("pods", name))
        on_all_nodes(ns)


def test_daemon_set_rolls(cluster):
    """should update pod when spec was updated and update strategy is RollingUpdate"""
    with workspace(cluster, "daemons") as ns:
        ns.create("daemonsets", "daemon-set", daemon(ns, updateStrategy={"type": "RollingUpdate"}))
        on_all_nodes(ns)
        (number, first), = revisions(ns)
        assert number == 1 and {pod["metadata"]["labels"][HASH] for pod in ns.pods()} == {first}
        ns.patch("daemonsets", "daemon-set", {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": AGNHOST, "args": ["pause"]}]}},
                                                        "updateStrategy": {"type": "RollingUpdate"}}})

        def is_rolled():
            available = sum(is_ready(pod) for pod in ns.pods())
            assert available >= 2, "one at a time"
            return [pod["spec"]["containers"][0]["image"] for pod in ns.pods()] == [AGNHOST] * 3 and available == 3
        eventually(is_rolled)
        on_all_nodes(ns)
        assert [number for number, _ in revisions(ns)] == [1, 2]
        assert {pod["metadata"]["labels"][HASH] for pod in ns.pods()} == {revisions(ns)[1][1]}


def test_daemon_set_rolls_back(cluster):
    """should rollback without unnecessary restarts"""
    with workspace(cluster, "daemons") as ns:
        made = ns.create("daemonsets", "daemon-set", daemon(ns, updateStrategy={"type": "RollingUpdate"}))
        on_all_nodes(ns)

        def set_image(image):
            ns.update("daemonsets", "daemon-set", lambda found: found["spec"]["template"]["spec"]["containers"][0].update(image=image))
        set_image("foo:non-existent")
        eventually(lambda: any(pod["spec"]["containers"][0]["image"] == "foo:non-existent" for pod in ns.pods()))
        kept = {pod["metadata"]["uid"] for pod in ns.pods() if pod["spec"]["containers"][0]["image"] == HTTPD}
        assert len(kept) == 2, kept
        set_image(HTTPD)
        assert made["spec"]["template"] == ns.get("daemonsets", "daemon-set")["spec"]["template"]
        eventually(lambda: [pod["spec"]["containers"][0]["image"] for pod in ns.pods() if is_ready(pod)] == [HTTPD] * 3)
        now = {pod["metadata"]["uid"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in ns.pods()}
        assert kept <= set(now) and not any(now.values()), (kept, now)


def test_daemon_set_collection(cluster):
    """should list and delete a collection of DaemonSets"""
    with workspace(cluster, "daemons") as ns:
        spec = daemon(ns)
    is_listed_and_deleted_together(cluster, "daemonsets", ["e2e-daemon-set"], spec, on_all_nodes)


def test_daemon_set_status(cluster):
    """should verify changes to a daemon set status"""
    with workspace(cluster, "daemons") as ns:
        spec = daemon(ns)
    has_a_status(cluster, "daemonsets", spec, on_all_nodes)


# ControllerRevision

def test_controller_revision_lifecycle(cluster):
    """should manage the lifecycle of a ControllerRevision"""
    with workspace(cluster, "revisions") as ns:
        kind, label = "controllerrevisions", f"daemonset-name={ns.namespace}"
        mark = {"daemonset-name": ns.namespace}
        ns.create("daemonsets", "daemon-set", daemon(ns), labels=mark)
        on_all_nodes(ns)
        assert len(ns.list("daemonsets", label, everywhere=True)) == 1
        first, = ns.list(kind, label, everywhere=True)
        owner = controller(first)
        assert owner["kind"] == "DaemonSet" and owner["uid"] == ns.get("daemonsets", "daemon-set")["metadata"]["uid"]
        name = first["metadata"]["name"]
        assert ns.patch(kind, name, {"metadata": {"labels": {name: "patched"}}})["metadata"]["labels"][name] == "patched"
        second = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "data": first["data"], "revision": first["revision"] + 1,
                  "metadata": {"name": "daemon-set-6b8f5d9c7", "labels": {**mark, HASH: "6b8f5d9c7"}, "ownerReferences": [owner]}}
        ns.cluster.request("POST", ns.path(kind), second, expect=201)
        # Whoever made it is left alone with it for a while.
        stays(lambda: len(ns.list(kind, label)) == 2, 1)
        ns.delete(kind, name)
        eventually(lambda: len(ns.list(kind, label)) == 1)
        left = ns.list(kind)[0]["metadata"]["name"]
        updated = ns.update(kind, left, lambda found: found["metadata"]["labels"].update({left: "updated"}))
        assert updated["metadata"]["labels"][left] == "updated"
        ns.patch("daemonsets", "daemon-set", {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1}}}, "updateStrategy": {
            "type": "RollingUpdate"}})
        eventually(lambda: len(ns.list(kind, label)) == 2)
        ns.delete_all(kind, f"{left}=updated")
        eventually(lambda: len(ns.list(kind, label)) == 1)
        assert ns.list(kind)[0]["revision"] == 3, ns.list(kind)
