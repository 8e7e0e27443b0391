"""What takes its time: probes, restarts, back-off and evictions of the suite's tests of SIG Node, on a clock that is advanced."""
from datetime import datetime

from harness import Cluster, eventually

from conformance import space
from conformance.pods import (AGNHOST, BUSYBOX, PAUSE, condition, container, create, get, is_ready, path, pod, shell, statuses,
                              update, wait)

FLAGS = ["--nodes", "3"]
WEBSERVER = ["test-webserver"]


def advance(cluster, time):
    cluster.request("POST", "/swiftlet/v1/clock", {"advance": time}, expect=200)


def restarts(cluster, ns, name):
    return statuses(get(cluster, ns, name)).get("main", {}).get("restartCount", 0)


def probe(handler, **fields):
    return {**handler, **fields}


def http(path, port):
    return {"httpGet": {"path": path, "port": port}}


def exec(*words):
    return {"exec": {"command": list(words)}}


def server(**probes):
    return container(AGNHOST, args=WEBSERVER, ports=[{"containerPort": 80}], **probes)


def liveness(**probes):
    return container(AGNHOST, args=["liveness"], **probes)


def test_liveness(cluster):
    """Probing container should be restarted with a exec "cat /tmp/health" liveness probe; with a /healthz http liveness
    probe; with a GRPC liveness probe; should *not* be restarted with a exec "cat /tmp/health" liveness probe; with a
    tcp:8080 liveness probe; with a /healthz http liveness probe; with a GRPC liveness probe."""
    healthy, sick = "echo ok >/tmp/health; sleep 600", "echo ok >/tmp/health; sleep 10; rm -rf /tmp/health; sleep 600"
    cat = probe(exec("cat", "/tmp/health"), initialDelaySeconds=15, timeoutSeconds=5, failureThreshold=1)

    def once(handler, **fields):
        return probe(handler, **{"initialDelaySeconds": 15, "failureThreshold": 1, **fields})

    def grpc(port):
        probe = once({"grpc": {"port": port}}, initialDelaySeconds=8)
        return container(AGNHOST, args=["grpc-health-checking"], ports=[{"containerPort": 5000}, {"containerPort": 8080}],
                         livenessProbe=probe)
    kept = {"exec": shell(healthy, livenessProbe=cat), "tcp": liveness(livenessProbe=once({"tcpSocket": {"port": 8080}})),
            "http": server(livenessProbe=once(http("/", 80), timeoutSeconds=5, failureThreshold=5)), "grpc": grpc(5000)}
    restarted = {"exec": shell(sick, livenessProbe=cat), "http": liveness(livenessProbe=once(http("/healthz", 8080))),
                 "grpc": grpc(2333)}
    with space(cluster, "liveness") as ns:
        for name, body in kept.items():
            create(cluster, ns, pod(body, name=f"kept-{name}"))
        for name, body in restarted.items():
            create(cluster, ns, pod(body, name=f"restarted-{name}"))
        advance(cluster, "4m")
        for name in kept:
            assert restarts(cluster, ns, f"kept-{name}") == 0, name
        for name in restarted:
            assert restarts(cluster, ns, f"restarted-{name}") >= 1, name


def test_restarts_go_on(cluster):
    """Probing container should have monotonically increasing restart count."""
    with space(cluster, "liveness") as ns:
        body = liveness(livenessProbe=probe(http("/healthz", 8080), initialDelaySeconds=5, failureThreshold=1))
        create(cluster, ns, pod(body, name="server"))
        seen = [0]
        for _ in range(42):
            advance(cluster, "20s")
            seen.append(restarts(cluster, ns, "server"))
        assert seen == sorted(seen) and seen[-1] >= 5, seen


def test_readiness(cluster):
    """Probing container with readiness probe should not be ready before initial delay and never restart; with readiness
    probe that fails should never be ready and never restart."""
    with space(cluster, "readiness") as ns:
        create(cluster, ns, pod(server(readinessProbe=probe(http("/", 80), initialDelaySeconds=15)), name="late"))
        create(cluster, ns, pod(server(readinessProbe=probe(http("/", 81), initialDelaySeconds=15)), name="never"))
        wait(cluster, ns, "late", lambda p: p["status"].get("phase") == "Running")
        assert not is_ready(get(cluster, ns, "late"))
        advance(cluster, "1m")
        late, never = get(cluster, ns, "late"), get(cluster, ns, "never")
        assert is_ready(late) and not is_ready(never)
        times = [condition(late, "Ready")["lastTransitionTime"], statuses(late)["main"]["state"]["running"]["startedAt"]]
        ready, started = (datetime.fromisoformat(time.replace("Z", "+00:00")) for time in times)
        assert (ready - started).total_seconds() >= 15, times
        assert restarts(cluster, ns, "late") == restarts(cluster, ns, "never") == 0


def test_taints_that_evict(cluster):
    """NoExecuteTaintManager Single Pod removing taint cancels eviction; Multiple Pods evicts pods with
    minTolerationSeconds."""
    with Cluster(cluster.binary, "--nodes", "1") as own:
        key = "kubernetes.io/e2e-evict-taint-key"

        def taint(taints):
            patch = {"spec": {"taints": taints}}
            own.request("PATCH", "/api/v1/nodes/node-1", patch, {"Content-Type": "application/merge-patch+json"}, expect=200)
        mine = [{"key": key, "value": "evictTaintVal", "effect": "NoExecute"}]

        def tolerating(name, seconds):
            return pod(container(PAUSE), name=name, terminationGracePeriodSeconds=1, tolerations=[
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}])

        def is_going(name):
            status, body = own.request("GET", path("default", name))
            return status == 404 or "deletionTimestamp" in body["metadata"]
        create(own, "default", tolerating("stays", 65))
        wait(own, "default", "stays", is_ready)
        taint(mine)
        advance(own, "30s")
        assert not is_going("stays")
        taint([])
        advance(own, "130s")
        assert not is_going("stays")
        own.request("DELETE", path("default", "stays"), expect=200)
        for name, seconds in [("first", 5), ("second", 25)]:
            create(own, "default", tolerating(name, seconds))
            wait(own, "default", name, is_ready)
        taint(mine)
        advance(own, "15s")
        assert is_going("first") and not is_going("second")
        advance(own, "20s")
        assert is_going("second")
