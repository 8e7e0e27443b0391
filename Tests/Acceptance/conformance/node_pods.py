"""Pods as objects and as wholes: what the suite's tests of SIG Node ask of their life, their nodes and what they refer to."""
import datetime
import json
import time

from harness import Skip, eventually

from conformance import space
from conformance.pods import (AGNHOST, BUSYBOX, HTTPD, NGINX, PAUSE, condition, container, create, delete, execute, finish,
                              get, gone, is_ready, logs, output, path, pod, run, shell, statuses, update, wait)

FLAGS = ["--nodes", "3"]
WORKERS = 8
MERGE = {"Content-Type": "application/merge-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


class Watch:
    """Events of a watch, one after the other."""

    def __init__(self, cluster, where):
        import urllib.request
        headers = {"Authorization": "Bearer " + cluster.token} if cluster.token else {}
        request = urllib.request.Request(cluster.url + where + ("&" if "?" in where else "?") + "watch=1", headers=headers)
        self.answer = urllib.request.urlopen(request, timeout=30)

    def until(self, kind, check=lambda _: True):
        while True:
            event = json.loads(self.answer.readline())
            if event["type"] == kind and check(event["object"]):
                return event["object"]


# MARK: Life

def test_submitted_and_removed(cluster):
    """Pods should be submitted and removed; should get a host IP."""
    with space(cluster, "pods") as ns:
        listed = cluster.request("GET", path(ns) + "?labelSelector=time%3Dnow", expect=200)[1]
        assert listed["items"] == []
        watch = Watch(cluster, path(ns) + "?labelSelector=time%3Dnow&resourceVersion=" + listed["metadata"]["resourceVersion"])
        create(cluster, ns, pod(container(PAUSE), name="pod-submit", labels={"time": "now"}))
        assert len(cluster.request("GET", path(ns) + "?labelSelector=time%3Dnow")[1]["items"]) == 1
        watch.until("ADDED")
        made = wait(cluster, ns, "pod-submit", is_ready)
        assert made["status"]["hostIP"] and {"ip": made["status"]["hostIP"]} in made["status"]["hostIPs"], made
        answer = delete(cluster, ns, "pod-submit", 30)
        assert answer["metadata"]["deletionTimestamp"] and answer["spec"]["terminationGracePeriodSeconds"], answer
        last = watch.until("DELETED")
        assert last["metadata"]["deletionTimestamp"] and last["metadata"]["deletionGracePeriodSeconds"] is not None
        assert cluster.request("GET", path(ns) + "?labelSelector=time%3Dnow")[1]["items"] == []


def test_updated(cluster):
    """Pods should be updated; should allow activeDeadlineSeconds to be updated."""
    with space(cluster, "pods") as ns:
        name = run(cluster, ns, pod(container(PAUSE), labels={"time": "one"}))["metadata"]["name"]
        update(cluster, ns, name, lambda p: p["metadata"]["labels"].update(time="two"))
        assert len(cluster.request("GET", path(ns) + "?labelSelector=time%3Dtwo")[1]["items"]) == 1
        update(cluster, ns, name, lambda p: p["spec"].update(activeDeadlineSeconds=3))
        made = wait(cluster, ns, name, lambda p: p["status"]["phase"] == "Failed")
        assert made["status"]["reason"] == "DeadlineExceeded", made["status"]


def test_collection(cluster):
    """Pods should delete a collection of pods."""
    with space(cluster, "pods") as ns:
        for index in range(3):
            create(cluster, ns, pod(container(AGNHOST), name=f"test-{index}", labels={"type": "Testing"},
                                    terminationGracePeriodSeconds=1))
        where = path(ns) + "?labelSelector=type%3DTesting"
        assert len(cluster.request("GET", where)[1]["items"]) == 3
        cluster.request("DELETE", where, {"gracePeriodSeconds": 1}, expect=200)
        eventually(lambda: cluster.request("GET", where)[1]["items"] == [])


def test_life_of_pod_and_status(cluster):
    """Pods should run through the lifecycle of Pods and PodStatus; should patch a pod status."""
    with space(cluster, "pods") as ns:
        watch = Watch(cluster, path(ns) + "?labelSelector=static%3Dtrue")
        create(cluster, ns, pod(container(AGNHOST), name="pod-test", labels={"static": "true"},
                                terminationGracePeriodSeconds=1))
        watch.until("ADDED")
        wait(cluster, ns, "pod-test", is_ready)
        patch = {"metadata": {"labels": {"static": "patched"}},
                 "spec": {"containers": [{"name": "main", "image": AGNHOST.replace("2.59", "2.53")}]}}
        cluster.request("PATCH", path(ns, "pod-test"), patch, STRATEGIC, expect=200)
        made = wait(cluster, ns, "pod-test", lambda p: p["metadata"]["labels"]["static"] == "patched" and is_ready(p)
                    and statuses(p)["main"]["image"].endswith("2.53"))
        cluster.request("GET", path(ns, "pod-test") + "/status", expect=200)
        made["status"]["conditions"] = [{**c, "status": "False"} if c["type"] == "Ready" else c
                                        for c in made["status"]["conditions"]]
        def replace():
            body = get(cluster, ns, "pod-test")
            body["status"]["conditions"].append({"type": "Example", "status": "True"})
            return cluster.request("PUT", path(ns, "pod-test") + "/status", body)[0] == 200
        eventually(replace)
        assert condition(get(cluster, ns, "pod-test"), "Example")
        patch = {"status": {"message": "Patched by e2e test", "reason": "E2E"}}
        answer = cluster.request("PATCH", path(ns, "pod-test") + "/status", patch, MERGE, expect=200)[1]
        assert answer["status"]["message"] == "Patched by e2e test" and answer["status"]["reason"] == "E2E", answer["status"]
        delete(cluster, ns, "pod-test", 1)
        gone(cluster, ns, "pod-test")


def test_quality_of_service(cluster):
    """Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and
    cpu."""
    amount = {"cpu": "100m", "memory": "100Mi"}
    with space(cluster, "qos") as ns:
        made = create(cluster, ns, pod(container(AGNHOST, args=["pause"], resources={"limits": amount, "requests": amount})))
        assert get(cluster, ns, made["metadata"]["name"])["status"]["qosClass"] == "Guaranteed"


def test_generation(cluster):
    """Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update; custom-set
    generation on new pods and graceful delete."""
    def tolerate(body):
        body["spec"]["tolerations"].append({"key": "foo", "operator": "Equal", "value": "bar", "effect": "NoSchedule"})
    changes = [
        (lambda p: None, 0), (tolerate, 1), (lambda p: p["spec"].update(activeDeadlineSeconds=5000), 1),
        (lambda p: p["spec"]["containers"][0].update(image=NGINX), 1),
        (lambda p: p["spec"]["initContainers"][0].update(image=PAUSE), 1),
        (lambda p: p["metadata"].update(annotations={"key": "value"}), 0), (lambda p: p["metadata"].update(generation=1), 0)]
    with space(cluster, "generation") as ns:
        name = run(cluster, ns, pod(container(AGNHOST), initContainers=[container(BUSYBOX, "init")]))["metadata"]["name"]
        expected = 1
        for change, step in changes:
            update(cluster, ns, name, change)
            expected += step
            assert get(cluster, ns, name)["metadata"]["generation"] == expected
            wait(cluster, ns, name, lambda p: p["status"]["observedGeneration"] == expected)
        body = pod(container(AGNHOST))
        body["metadata"]["generation"] = 100
        made = run(cluster, ns, body)
        assert made["metadata"]["generation"] == 1, made["metadata"]
        cluster.request("DELETE", path(ns, made["metadata"]["name"]) + "?gracePeriodSeconds=60", expect=200)
        status, left = cluster.request("GET", path(ns, made["metadata"]["name"]))
        assert status == 200 and left["metadata"]["generation"] == 2, left


def test_many_generations(cluster):
    """Pods Extended (pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration
    eventually converge."""
    with space(cluster, "generation") as ns:
        name = run(cluster, ns, pod(container(AGNHOST), activeDeadlineSeconds=5000))["metadata"]["name"]
        for left in range(4999, 4500, -1):
            patch = {"spec": {"activeDeadlineSeconds": left}}
            cluster.request("PATCH", path(ns, name), patch, MERGE, expect=200)
        made = wait(cluster, ns, name, lambda p: p["status"]["observedGeneration"] == 500)
        assert made["metadata"]["generation"] == 500, made["metadata"]


# MARK: Hooks

def test_pre_stop_tells_a_server(cluster):
    """PreStop should call prestop when killing a pod."""
    with space(cluster, "prestop") as ns:
        server = run(cluster, ns, pod(container(AGNHOST, args=["nettest"], ports=[{"containerPort": 8080}]), name="server"))
        value = json.dumps({"Source": "prestop"})
        hook = {"preStop": {"exec": {"command": [
            "wget", "-O-", f"--post-data={value}", f"http://{server['status']['podIP']}:8080/write"]}}}
        run(cluster, ns, pod(container(BUSYBOX, command=["sleep", "600"], lifecycle=hook), name="tester"))
        delete(cluster, ns, "tester", 5)

        def received():
            status, answer = cluster.request("GET", path(ns, "server") + "/proxy/read")
            answer = json.loads(answer) if isinstance(answer, str) and answer.startswith("{") else answer
            return status == 200 and isinstance(answer, dict) and answer.get("Received", {}).get("prestop")
        eventually(received)


def test_hooks(cluster):
    """Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly; prestop
    exec hook; poststart http hook; prestop http hook."""
    with space(cluster, "hooks") as ns:
        server = run(cluster, ns, pod(container(AGNHOST, args=["netexec"]), name="server"))
        address = server["status"]["podIP"]
        # The pod's own sidecar passes the request of its http hook on to the server.
        sidecar = container(AGNHOST, "redirect", args=["netexec", "--udp-port", "-1"], restartPolicy="Always", startupProbe={
            "httpGet": {"path": "/echo?msg=startup", "port": 8080}})
        for when in ["postStart", "preStop"]:
            for how in ["exec", "http"]:
                said = f"{when}-{how}".lower()
                query = f"/dial?host={address}&port=8080&request=echo%3Fmsg%3D{said}"
                handler = ({"exec": {"command": ["sh", "-c", f"curl http://{address}:8080/echo?msg={said}"]}} if how == "exec"
                           else {"httpGet": {"path": query, "port": 8080}})
                image = AGNHOST if how == "exec" else PAUSE
                run(cluster, ns, pod(container(image, lifecycle={when: handler}), name=said, initContainers=[sidecar]))
                if when == "preStop":
                    delete(cluster, ns, said, 15)
                    gone(cluster, ns, said)
                eventually(lambda: f"GET /echo?msg={said}" in logs(cluster, ns, "server"))


# MARK: Containers beside others

def test_init_containers(cluster):
    """InitContainer should invoke init containers on a RestartNever pod; on a RestartAlways pod; should not start app
    containers and fail the pod if init containers fail on a RestartNever pod; should not start app containers if init
    containers fail on a RestartAlways pod."""
    def true(name):
        return container(BUSYBOX, name, command=["/bin/true"])

    def false(name):
        return container(BUSYBOX, name, command=["/bin/false"])
    amount = {"limits": {"cpu": "100m", "memory": "50Mi"}}
    with space(cluster, "init") as ns:
        made = finish(cluster, ns, pod(true("run1"), initContainers=[true("init1"), true("init2")]))
        assert condition(made, "Initialized")["status"] == "True"
        assert all(s["state"]["terminated"]["exitCode"] == 0 for s in statuses(made, "initContainerStatuses").values())
        made = run(cluster, ns, pod(container(PAUSE, "run1", resources=amount), initContainers=[true("init1"), true("init2")]))
        assert condition(made, "Initialized")["status"] == "True"
        assert all(s["ready"] for s in statuses(made, "initContainerStatuses").values()), made["status"]
        made = finish(cluster, ns, pod(true("run1"), initContainers=[true("init1"), false("init2")]), "Failed")
        init = statuses(made, "initContainerStatuses")
        assert condition(made, "Initialized")["status"] == "False"
        assert condition(made, "Initialized")["reason"] == "ContainersNotInitialized"
        assert condition(made, "Initialized")["message"] == "containers with incomplete status: [init2]"
        assert init["init1"]["state"]["terminated"]["exitCode"] == 0 and init["init2"]["state"]["terminated"]["exitCode"]
        assert statuses(made)["run1"]["state"]["waiting"]["reason"] == "PodInitializing", made["status"]
        create(cluster, ns, pod(container(PAUSE, "run1", resources=amount), name="always",
                                initContainers=[false("init1"), true("init2")]))
        made = wait(cluster, ns, "always", lambda p: statuses(p, "initContainerStatuses").get("init1", {}).get(
            "restartCount", 0) >= 3, 60)
        assert made["status"]["phase"] == "Pending", made["status"]
        assert statuses(made)["run1"]["state"]["waiting"]["reason"] == "PodInitializing", made["status"]
        assert condition(made, "Initialized")["message"] == "containers with incomplete status: [init1 init2]"


def test_ephemeral_containers(cluster):
    """Ephemeral Containers will start an ephemeral container in an existing pod; should update the ephemeral containers in
    an existing pod."""
    with space(cluster, "ephemeral") as ns:
        name = run(cluster, ns, pod(shell("trap exit TERM; while true; do sleep 1; done")))["metadata"]["name"]
        debug = shell("while true; do echo polo; sleep 2; done", name="debugger", stdin=True, tty=True)

        def running(of):
            return lambda p: "running" in statuses(p, "ephemeralContainerStatuses").get(of, {}).get("state", {})
        patch = {"spec": {"ephemeralContainers": [debug]}}
        cluster.request("PATCH", path(ns, name) + "/ephemeralcontainers", patch, STRATEGIC, expect=200)
        made = wait(cluster, ns, name, running("debugger"))
        assert len(made["spec"]["ephemeralContainers"]) == 1
        eventually(lambda: "polo" in logs(cluster, ns, name, "debugger"))
        body = cluster.request("GET", path(ns, name) + "/ephemeralcontainers", expect=200)[1]
        body["spec"]["ephemeralContainers"].append({**debug, "name": "debugger2"})
        cluster.request("PUT", path(ns, name) + "/ephemeralcontainers", body, expect=200)
        made = wait(cluster, ns, name, running("debugger2"))
        assert len(made["spec"]["ephemeralContainers"]) == 2


# MARK: Other objects

def test_empty_keys(cluster):
    """ConfigMap should fail to create ConfigMap with empty key. Secrets should fail to create secret due to empty secret
    key."""
    with space(cluster, "keys") as ns:
        create(cluster, ns, {"metadata": {"name": "empty"}, "data": {"": "value-1"}}, "configmaps", 422)
        create(cluster, ns, {"metadata": {"name": "empty"}, "data": {"": "dmFsdWUtMQo="}}, "secrets", 422)


def test_config_map_and_secret_life(cluster):
    """ConfigMap should run through a ConfigMap lifecycle; should update ConfigMap successfully. Secrets should patch a
    secret."""
    with space(cluster, "config") as ns:
        for of, value, patched in [("configmaps", "value", "other"), ("secrets", "dmFsdWU=", "b3RoZXI=")]:
            watch = Watch(cluster, path(ns, of=of) + "?labelSelector=static%3Dtrue")
            create(cluster, ns, {"metadata": {"name": "life", "labels": {"static": "true"}}, "data": {"key": value}}, of)
            watch.until("ADDED")
            patch = {"metadata": {"labels": {"patched": "true"}}, "data": {"key": patched}}
            cluster.request("PATCH", path(ns, "life", of), patch, STRATEGIC, expect=200)
            watch.until("MODIFIED")
            body = get(cluster, ns, "life", of)
            assert body["data"]["key"] == patched and body["metadata"]["labels"]["patched"] == "true", body
            body["data"]["key"] = value
            assert cluster.request("PUT", path(ns, "life", of), body, expect=200)[1]["data"]["key"] == value
            where = f"/api/v1/{of}?labelSelector=static%3Dtrue%2Cpatched%3Dtrue"
            assert [i["metadata"]["name"] for i in cluster.request("GET", where)[1]["items"] if i["metadata"]["namespace"] == ns]
            cluster.request("DELETE", path(ns, of=of) + "?labelSelector=static%3Dtrue", expect=200)
            watch.until("DELETED")
            assert cluster.request("GET", path(ns, of=of) + "?labelSelector=static%3Dtrue")[1]["items"] == []


def test_pod_templates(cluster):
    """PodTemplates should run the lifecycle of PodTemplates; should delete a collection of pod templates; should replace a
    pod template."""
    with space(cluster, "templates") as ns:
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container(NGINX)]}}
        for index in range(3):
            create(cluster, ns, {"metadata": {"name": f"t-{index}", "labels": {"set": "true"}}, "template": template},
                   "podtemplates")
        where = path(ns, of="podtemplates") + "?labelSelector=set%3Dtrue"
        assert len(cluster.request("GET", where)[1]["items"]) == 3
        cluster.request("PATCH", path(ns, "t-0", "podtemplates"), {"metadata": {"labels": {"podtemplate": "patched"}}},
                        STRATEGIC, expect=200)
        assert get(cluster, ns, "t-0", "podtemplates")["metadata"]["labels"]["podtemplate"] == "patched"
        body = get(cluster, ns, "t-1", "podtemplates")
        body["metadata"]["annotations"] = {"updated": "true"}
        answer = cluster.request("PUT", path(ns, "t-1", "podtemplates"), body, expect=200)[1]
        assert answer["metadata"]["annotations"]["updated"] == "true"
        cluster.request("DELETE", path(ns, "t-0", "podtemplates"), expect=200)
        cluster.request("DELETE", where, expect=200)
        assert cluster.request("GET", where)[1]["items"] == []


def test_leases(cluster):
    """Lease lease API should be available."""
    with space(cluster, "lease") as ns:
        where = f"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"
        spec = {"holderIdentity": "holder", "leaseDurationSeconds": 30, "acquireTime": "2026-01-01T00:00:00.000000Z",
                "renewTime": "2026-01-01T00:00:05.000000Z", "leaseTransitions": 0}
        cluster.request("POST", where, {"metadata": {"name": "lease"}, "spec": spec}, expect=201)
        body = cluster.request("GET", where + "/lease", expect=200)[1]
        assert body["spec"] == spec, body
        body["spec"] = {**spec, "holderIdentity": "holder2", "leaseTransitions": 1}
        cluster.request("PUT", where + "/lease", body, expect=200)
        assert cluster.request("GET", where + "/lease")[1]["spec"] == body["spec"]
        patch = {"spec": {"holderIdentity": "holder3", "leaseDurationSeconds": 60}}
        cluster.request("PATCH", where + "/lease", patch, STRATEGIC, expect=200)
        assert cluster.request("GET", where + "/lease")[1]["spec"] == {**body["spec"], **patch["spec"]}
        cluster.request("POST", where, {"metadata": {"name": "two", "labels": {"deletecollection": "true"}}, "spec": spec},
                        expect=201)
        assert len(cluster.request("GET", where)[1]["items"]) == 2
        cluster.request("DELETE", where + "?labelSelector=deletecollection%3Dtrue", expect=200)
        assert [i["metadata"]["name"] for i in cluster.request("GET", where)[1]["items"]] == ["lease"]
        cluster.request("DELETE", where + "/lease", expect=200)
        cluster.request("GET", where + "/lease", expect=404)


def test_runtime_classes(cluster):
    """RuntimeClass should support RuntimeClasses API operations; should reject a Pod requesting a non-existent
    RuntimeClass; a deleted RuntimeClass; should schedule a Pod requesting a RuntimeClass without PodOverhead; and initialize
    its Overhead."""
    where = "/apis/node.k8s.io/v1/runtimeclasses"
    assert "node.k8s.io" in [g["name"] for g in cluster.request("GET", "/apis")[1]["groups"]]
    assert [v["version"] for v in cluster.request("GET", "/apis/node.k8s.io")[1]["versions"]] == ["v1"]
    assert "runtimeclasses" in [r["name"] for r in cluster.request("GET", "/apis/node.k8s.io/v1")[1]["resources"]]

    def named(name, **fields):
        return {"metadata": {"name": name, "labels": {"test": "runtime"}}, "handler": "test-handler", **fields}
    cluster.request("POST", where, named("rc-1"), expect=201)
    cluster.request("POST", where, named("rc-1"), expect=409)
    cluster.request("POST", where, named("rc-2"), expect=201)
    watch = Watch(cluster, where + "?labelSelector=test%3Druntime")
    cluster.request("POST", where, named("rc-3"), expect=201)
    assert len(cluster.request("GET", where + "?labelSelector=test%3Druntime")[1]["items"]) == 3
    body = cluster.request("PATCH", where + "/rc-1", {"metadata": {"annotations": {"patched": "true"}}}, MERGE, expect=200)[1]
    body["metadata"]["annotations"]["updated"] = "true"
    cluster.request("PUT", where + "/rc-1", body, expect=200)
    watch.until("MODIFIED", lambda o: o["metadata"]["annotations"].get("updated"))
    overhead = {"podFixed": {"cpu": "10m", "memory": "1Mi"}}
    cluster.request("POST", where, named("rc-over", overhead=overhead), expect=201)
    with space(cluster, "runtime") as ns:
        create(cluster, ns, pod(container(), runtimeClassName="nonexistent"), expect=403)
        made = run(cluster, ns, pod(container(), runtimeClassName="rc-2"))
        assert "overhead" not in made["spec"]
        made = run(cluster, ns, pod(container(), runtimeClassName="rc-over"))
        assert made["spec"]["overhead"] == overhead["podFixed"], made["spec"]
        cluster.request("DELETE", where + "/rc-1", expect=200)
        create(cluster, ns, pod(container(), runtimeClassName="rc-1"), expect=403)
    cluster.request("DELETE", where + "?labelSelector=test%3Druntime", expect=200)
    assert cluster.request("GET", where + "?labelSelector=test%3Druntime")[1]["items"] == []


def test_node_life(cluster):
    """Node Lifecycle should run through the lifecycle of a node."""
    where = "/api/v1/nodes"
    body = {"metadata": {"name": "e2e-fake-node", "labels": {"e2e-fake-node": "e2e-fake-node"}}, "spec": {"unschedulable": True},
            "status": {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "Set from e2e test"}]}}
    cluster.request("POST", where, body, expect=201)
    assert cluster.request("GET", where + "/e2e-fake-node", expect=200)[1]["metadata"]["name"] == "e2e-fake-node"
    patch = {"metadata": {"labels": {"e2e-patched": "patched"}}}
    cluster.request("PATCH", where + "/e2e-fake-node", patch, STRATEGIC, expect=200)
    found = cluster.request("GET", where + "?labelSelector=e2e-patched%3Dpatched")[1]["items"]
    assert len(found) == 1
    def updated():
        node = cluster.request("GET", where + "/e2e-fake-node")[1]
        node["metadata"]["labels"]["e2e-updated"] = "updated"
        return cluster.request("PUT", where + "/e2e-fake-node", node)[0] == 200
    eventually(updated)
    assert cluster.request("GET", where + "/e2e-fake-node")[1]["metadata"]["labels"]["e2e-updated"] == "updated"
    cluster.request("DELETE", where + "/e2e-fake-node", {"gracePeriodSeconds": 0}, expect=200)
    eventually(lambda: cluster.request("GET", where + "/e2e-fake-node")[0] == 404)


def messages(cluster, where, protocol):
    """What comes over a WebSocket until its end."""
    try:
        import websocket
    except ImportError:
        raise Skip("the package websocket-client is not installed") from None
    headers = ["Authorization: Bearer " + cluster.token] if cluster.token else []
    url = cluster.url.replace("http", "ws", 1) + where
    connection = websocket.create_connection(url, subprotocols=[protocol], header=headers, timeout=20)
    assert connection.subprotocol == protocol, connection.subprotocol
    found = []
    while True:
        kind, data = connection.recv_data()
        if kind == websocket.ABNF.OPCODE_CLOSE:
            return found
        found.append(data)


def test_web_sockets(cluster):
    """Pods should support remote command execution over websockets; should support retrieving logs from the container over
    websockets."""
    with space(cluster, "sockets") as ns:
        name = run(cluster, ns, pod(shell("echo container is alive; sleep 10000")))["metadata"]["name"]
        query = "/exec?stdout=1&stderr=1&container=main&command=echo&command=remote+execution+test"
        found = messages(cluster, path(ns, name) + query, "channel.k8s.io")
        text = b"".join(message[1:] for message in found if message[:1] == b"\1")
        assert text == b"remote execution test\n" and all(m[:1] in (b"\1", b"\2", b"\3") for m in found), found
        found = messages(cluster, path(ns, name) + "/log?container=main", "binary.k8s.io")
        assert b"".join(found) == b"container is alive\n", found
