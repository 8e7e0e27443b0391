"""Where pods go: what the suite's tests of SIG Scheduling ask for.

Walked: all 11, and the 2 of SIG Node about taints. Those that fill or taint whole nodes have clusters of their own, and where
the suite waits for minutes the cluster's clock is advanced.
"""
import contextlib

from conformance import pod_of, space, watch
from harness import Cluster, eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8

PAUSE = "registry.k8s.io/pause:3.10.1"
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
MERGE = {"Content-Type": "application/merge-patch+json"}


def nodes(cluster):
    return cluster.request("GET", "/api/v1/nodes", expect=200)[1]["items"]


def make(cluster, ns, name, resources=None, **spec):
    """A pod that does nothing, with the same requests and limits."""
    pod = pod_of(name, PAUSE, **spec)
    if resources:
        pod["spec"]["containers"][0]["resources"] = {"requests": resources, "limits": resources}
    return cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)[1]


def get(cluster, ns, name):
    return cluster.request("GET", f"/api/v1/namespaces/{ns}/pods/{name}")[1]


def running(cluster, ns, name):
    return eventually(lambda: (pod := get(cluster, ns, name)).get("status", {}).get("phase") == "Running" and pod)


def refused(cluster, ns, name):
    """Waits until the scheduler has said no, and gives its words."""
    def condition():
        pod = get(cluster, ns, name)
        found = [c for c in pod["status"].get("conditions", []) if c["type"] == "PodScheduled"]
        return not pod["spec"].get("nodeName") and found and found[0]["status"] == "False" and found[0]
    said = eventually(condition)
    assert said["reason"] == "Unschedulable", said
    return said["message"]


def on_node(name):
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}]}}}


@contextlib.contextmanager
def labelled(cluster, node, key, value):
    def put(wanted):
        cluster.request("PATCH", f"/api/v1/nodes/{node}", {"metadata": {"labels": {key: wanted}}}, STRATEGIC, 200)
    put(value)
    try:
        yield
    finally:
        put(None)


def advertise(cluster, node, resource, amount):
    """Says how much of a resource a node has, as the suite does: only its capacity; what it can allocate follows."""
    patch = {"status": {"capacity": {resource: amount}}}
    cluster.request("PATCH", f"/api/v1/nodes/{node}/status", patch, STRATEGIC, 200)
    eventually(lambda: cluster.request("GET", f"/api/v1/nodes/{node}")[1]["status"]["allocatable"].get(resource) == amount)


def classes(cluster, values):
    for name, value in values.items():
        body = {"metadata": {"name": name}, "value": value}
        cluster.request("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", body, expect=201)


def test_resource_limits(cluster):
    """SchedulerPredicates [Serial] validates resource limits of pods that are allowed to run"""
    with Cluster(cluster.binary, *FLAGS) as own, space(own, "limits") as ns:
        def millis(text):
            return int(text[:-1]) if text.endswith("m") else int(text) * 1000
        largest = 0
        for node in nodes(own):
            name, cpu = node["metadata"]["name"], millis(node["status"]["allocatable"]["cpu"])
            largest = max(largest, cpu)
            pods = own.request("GET", f"/api/v1/pods?fieldSelector=spec.nodeName%3D{name}")[1]["items"]
            used = sum(millis(c.get("resources", {}).get("requests", {}).get("cpu", "0"))
                       for pod in pods for c in pod["spec"]["containers"])
            make(own, ns, f"filler-{name}", {"cpu": f"{(cpu - used) * 7 // 10}m"}, affinity=on_node(name))
        for node in nodes(own):
            running(own, ns, f"filler-{node['metadata']['name']}")
        make(own, ns, "additional-pod", {"cpu": f"{largest // 2}m"})
        message = refused(own, ns, "additional-pod")
        assert message == ("0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, "
                           "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."), message


def test_selector_without_match(cluster):
    """SchedulerPredicates [Serial] validates that NodeSelector is respected if not matching"""
    with space(cluster, "selector") as ns:
        make(cluster, ns, "restricted-pod", nodeSelector={"label": "nonempty"})
        message = refused(cluster, ns, "restricted-pod")
        assert message == ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. no new claims to "
                           "deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."), message
        events = f"/api/v1/namespaces/{ns}/events?fieldSelector=involvedObject.name%3Drestricted-pod"
        event = eventually(lambda: cluster.request("GET", events)[1]["items"])[0]
        assert (event["reason"], event["type"], event["message"]) == ("FailedScheduling", "Warning", message)


def test_selector_with_match(cluster):
    """SchedulerPredicates [Serial] validates that NodeSelector is respected if matching"""
    with space(cluster, "selector") as ns, labelled(cluster, "node-2", "kubernetes.io/e2e-selector", "42"):
        make(cluster, ns, "with-labels", nodeSelector={"kubernetes.io/e2e-selector": "42"})
        assert running(cluster, ns, "with-labels")["spec"]["nodeName"] == "node-2"


def test_host_ports(cluster):
    """SchedulerPredicates [Serial] validates that there exists conflict between pods with same hostPort and protocol but
    one using 0.0.0.0 hostIP
    SchedulerPredicates [Serial] validates that there is no conflict between pods with same hostPort but different hostIP
    and protocol (not of the suite)"""
    key = "kubernetes.io/e2e-ports"
    with space(cluster, "ports") as ns, labelled(cluster, "node-3", key, "90"):
        address = next(a["address"] for a in nodes(cluster)[2]["status"]["addresses"] if a["type"] == "InternalIP")

        def ask(name, port, host, protocol="TCP"):
            pod = pod_of(name, PAUSE, nodeSelector={key: "90"})
            pod["spec"]["containers"][0]["ports"] = [
                {"containerPort": 8080, "hostPort": port, "protocol": protocol, "hostIP": host}]
            cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)
        for name, host, protocol in [("pod1", "127.0.0.1", "TCP"), ("pod2", address, "TCP"), ("pod3", address, "UDP")]:
            ask(name, 54321, host, protocol)
            running(cluster, ns, name)
        ask("pod4", 54322, "")
        running(cluster, ns, "pod4")
        ask("pod5", 54322, address)
        message = refused(cluster, ns, "pod5")
        assert message.startswith("0/3 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, "
                                  "2 node(s) didn't match Pod's node affinity/selector."), message


def crowded(cluster, resource, priorities):
    """A pod on each node with 2 of the 3 of a resource, the first of them of the lowest priority; -> their names."""
    low, middle, _ = priorities
    made = []
    for node in nodes(cluster):
        name = node["metadata"]["name"]
        advertise(cluster, name, resource, "3")
        made.append((f"pod-{name}", name, middle if made else low))
    return made


def preempts(cluster, prefix, ns, preemptor_space, preemptor_class):
    """The pod of lowest priority makes room for one that is more important, and no other does."""
    resource = f"{prefix}.example.com/res"
    priorities = [f"{prefix}-low", f"{prefix}-medium", f"{prefix}-high"]
    classes(cluster, dict(zip(priorities, [1, 100, 1000])))
    made = crowded(cluster, resource, priorities)
    for name, node, priority in made:
        make(cluster, ns, name, {resource: "2"}, affinity=on_node(node), priorityClassName=priority)
    for name, *_ in made:
        running(cluster, ns, name)
    make(cluster, preemptor_space, f"{prefix}-preemptor", {resource: "2"}, priorityClassName=preemptor_class or priorities[2])
    done = running(cluster, preemptor_space, f"{prefix}-preemptor")
    victim = get(cluster, ns, made[0][0])
    assert victim.get("code") == 404 or victim["metadata"].get("deletionTimestamp"), victim["metadata"]
    for name, *_ in made[1:]:
        assert "deletionTimestamp" not in get(cluster, ns, name)["metadata"], name
    events = f"/api/v1/namespaces/{ns}/events?fieldSelector=reason%3DPreempted"
    event = eventually(lambda: cluster.request("GET", events)[1]["items"])[0]
    assert event["message"] == f"Preempted by pod {done['metadata']['uid']} on node {made[0][1]}", event["message"]
    cluster.request("DELETE", f"/api/v1/namespaces/{preemptor_space}/pods/{prefix}-preemptor", {"gracePeriodSeconds": 0}, expect=200)


@contextlib.contextmanager
def alone(cluster, name):
    """A cluster and a namespace for a check that others would disturb: who preempts takes the room that less important pods
    were promised on the node, whatever it is for."""
    with Cluster(cluster.binary, *FLAGS) as own, space(own, name) as ns:
        yield own, ns


def test_preemption(cluster):
    """SchedulerPreemption [Serial] validates basic preemption works"""
    with alone(cluster, "preemption") as (own, ns):
        preempts(own, "basic", ns, ns, None)


def test_preemption_by_critical_pod(cluster):
    """SchedulerPreemption [Serial] validates lower priority pod preemption by critical pod"""
    with alone(cluster, "preemption") as (own, ns):
        preempts(own, "critical", ns, "kube-system", "system-cluster-critical")


def test_preemption_condition(cluster):
    """SchedulerPreemption [Serial] validates pod disruption condition is added to the preempted pod"""
    resource = "condition.example.com/res"
    with alone(cluster, "preemption") as (cluster, ns):
        classes(cluster, {"condition-low": 1, "condition-high": 1000})
        advertise(cluster, "node-1", resource, "1")
        pod = pod_of("victim-pod", PAUSE, priorityClassName="condition-low", affinity=on_node("node-1"))
        pod["metadata"]["finalizers"] = ["example.com/test-finalizer"]
        pod["spec"]["containers"][0]["resources"] = {"requests": {resource: "1"}, "limits": {resource: "1"}}
        cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)
        running(cluster, ns, "victim-pod")
        make(cluster, ns, "preemptor-pod", {resource: "1"}, priorityClassName="condition-high", affinity=on_node("node-1"))
        victim = eventually(lambda: (pod := get(cluster, ns, "victim-pod"))["metadata"].get("deletionTimestamp") and pod)
        target = [c for c in victim["status"]["conditions"] if c["type"] == "DisruptionTarget"]
        assert len(target) == 1 and target[0]["status"] == "True", victim["status"]
        assert target[0]["reason"] == "PreemptionByScheduler", target
        assert target[0]["message"] == "default-scheduler: preempting to accommodate a higher priority pod", target
        running(cluster, ns, "preemptor-pod")
        free = {"metadata": {"finalizers": None}}
        cluster.request("PATCH", f"/api/v1/namespaces/{ns}/pods/victim-pod", free, MERGE, 200)
        eventually(lambda: get(cluster, ns, "victim-pod").get("code") == 404)


def test_preemption_heeds_budgets(cluster):
    """Not of the suite: where a disruption budget is not broken is where pods make room, though it costs a pod more."""
    resource = "budget.example.com/res"
    with alone(cluster, "budget") as (cluster, ns):
        classes(cluster, {"budget-low": 1, "budget-high": 1000})
        for name, node, amount in [("guarded", "node-1", "2"), ("free-a", "node-2", "1"), ("free-b", "node-2", "1")]:
            advertise(cluster, node, resource, "2")
            pod = pod_of(name, PAUSE, affinity=on_node(node), priorityClassName="budget-low", terminationGracePeriodSeconds=0)
            pod["metadata"]["labels"] = {"guarded": str(name == "guarded").lower()}
            pod["spec"]["containers"][0]["resources"] = {"requests": {resource: amount}, "limits": {resource: amount}}
            cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)
            running(cluster, ns, name)
        budget = {"metadata": {"name": "guard"}, "spec": {
            "minAvailable": 1, "selector": {"matchLabels": {"guarded": "true"}}}}
        path = f"/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets"
        cluster.request("POST", path, budget, expect=201)
        eventually(lambda: cluster.request("GET", f"{path}/guard")[1]["status"].get("currentHealthy") == 1)
        make(cluster, ns, "preemptor", {resource: "2"}, priorityClassName="budget-high")
        assert running(cluster, ns, "preemptor")["spec"]["nodeName"] == "node-2"
        assert "deletionTimestamp" not in get(cluster, ns, "guarded")["metadata"]


def test_preemption_for_spread(cluster):
    """SchedulerPreemption [Serial] PodTopologySpread Preemption validates proper pods are preempted (not of the suite)"""
    resource, key, label = "spread.example.com/res", "kubernetes.io/e2e-pts-preemption", "e2e-pts-preemption"
    two = ["node-1", "node-3"]
    with alone(cluster, "spread") as (cluster, ns), labelled(cluster, two[0], key, two[0]), \
            labelled(cluster, two[1], key, two[1]):
        classes(cluster, {"spread-low": 1, "spread-medium": 100, "spread-high": 1000})
        for node in two:
            advertise(cluster, node, resource, "10")
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": key, "operator": "In", "values": two}]}]}}}

        def ask(name, level, amount, **more):
            pod = pod_of(name, PAUSE, affinity=affinity, priorityClassName=f"spread-{level}",
                         terminationGracePeriodSeconds=0, **more)
            pod["metadata"]["labels"] = {label: ""}
            pod["spec"]["containers"][0]["resources"] = {"requests": {resource: amount}, "limits": {resource: amount}}
            cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)
            running(cluster, ns, name)
        ask("high", "high", "9")
        for number in range(3):
            ask(f"low-{number}", "low", "3")
        # One place would do for it, but then the nodes would differ by two.
        ask("medium", "medium", "3", topologySpreadConstraints=[{
            "maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchExpressions": [{"key": label, "operator": "Exists"}]}}])
        names = eventually(lambda: (found := [item["metadata"]["name"] for item in cluster.request(
            "GET", f"/api/v1/namespaces/{ns}/pods")[1]["items"]]) and len(found) == 3 and found)
        assert sorted(name.split("-")[0] for name in names) == ["high", "low", "medium"], names


def test_preemption_path(cluster):
    """SchedulerPreemption [Serial] PreemptionExecutionPath runs ReplicaSets to verify preemption running path"""
    resource = "path.example.com/fakecpu"
    with alone(cluster, "path") as (cluster, ns):
        classes(cluster, {f"path-p{number}": number for number in range(1, 5)})
        advertise(cluster, "node-2", resource, "1k")
        choice = {"kubernetes.io/hostname": "node-2"}

        def spec(number, amount):
            pod = pod_of(f"pod{number}", PAUSE, nodeSelector=choice, priorityClassName=f"path-p{number}",
                         terminationGracePeriodSeconds=0)["spec"]
            pod["containers"][0]["resources"] = {"requests": {resource: amount}, "limits": {resource: amount}}
            return pod
        for number, amount in [(1, "200"), (2, "300"), (3, "450")]:
            name = f"rs-pod{number}"
            body = {"metadata": {"name": name}, "spec": {
                "replicas": 1, "selector": {"matchLabels": {"name": f"pod{number}"}},
                "template": {"metadata": {"labels": {"name": f"pod{number}"}}, "spec": spec(number, amount)}}}
            path = f"/apis/apps/v1/namespaces/{ns}/replicasets"
            cluster.request("POST", path, body, expect=201)
            eventually(lambda: cluster.request("GET", f"{path}/{name}")[1]["status"].get("availableReplicas") == 1)
        pods = f"/api/v1/namespaces/{ns}/pods"
        since = cluster.request("GET", pods)[1]["metadata"]["resourceVersion"]
        body = {"metadata": {"name": "pod4", "labels": {"name": "pod4"}}, "spec": spec(4, "500")}
        cluster.request("POST", pods, body, expect=201)
        eventually(lambda: get(cluster, ns, "pod4")["spec"].get("nodeName"))

        def seen():
            """How many pods of each set were made since, once those of the first two were."""
            counts = {"rs-pod1": 0, "rs-pod2": 0, "rs-pod3": 0}
            with watch(cluster, f"{pods}?resourceVersion={since}&timeoutSeconds=3") as events:
                for name in events.names("ADDED"):
                    for prefix in counts:
                        counts[prefix] += name.startswith(prefix)
            return counts
        # One new pod for each that had to go, and not one more however long one looks.
        assert seen() == {"rs-pod1": 1, "rs-pod2": 1, "rs-pod3": 0}, seen()


def test_priority_classes(cluster):
    """SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different
    HTTP methods"""
    path = "/apis/scheduling.k8s.io/v1/priorityclasses"
    classes(cluster, {"endpoints-p1": 1, "endpoints-p2": 2})
    status, answer = cluster.request("PATCH", f"{path}/endpoints-p1", {"value": 10}, STRATEGIC)
    assert status in [403, 422], answer
    second = cluster.request("GET", f"{path}/endpoints-p2")[1]
    status, answer = cluster.request("PUT", f"{path}/endpoints-p2", {**second, "value": 20})
    assert status in [403, 422], answer
    cluster.request("PATCH", f"{path}/endpoints-p1", {"description": "updated"}, STRATEGIC, 200)
    cluster.request("PUT", f"{path}/endpoints-p2", {**second, "description": "updated"}, expect=200)
    found = {item["metadata"]["name"]: item for item in cluster.request("GET", path, expect=200)[1]["items"]}
    for name, value in {"endpoints-p1": 1, "endpoints-p2": 2}.items():
        assert (found[name]["value"], found[name]["description"]) == (value, "updated")
        cluster.request("DELETE", f"{path}/{name}", expect=200)


def quantities(cpu, memory, ephemeral):
    return {"cpu": cpu, "memory": memory, "ephemeral-storage": ephemeral}


def limit_range(name, smallest, largest, request, limit, labels=None):
    return {"metadata": {"name": name, "labels": labels or {}}, "spec": {"limits": [
        {"type": "Container", "min": smallest, "max": largest, "default": limit, "defaultRequest": request}]}}


def test_limit_range(cluster):
    """LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied."""
    with space(cluster, "limitrange") as ns:
        path = f"/api/v1/namespaces/{ns}/limitranges"
        smallest, largest = quantities("50m", "100Mi", "100Gi"), quantities("500m", "500Mi", "500Gi")
        request, limit = quantities("100m", "200Mi", "200Gi"), largest
        since = cluster.request("GET", path)[1]["metadata"]["resourceVersion"]
        with watch(cluster, f"{path}?resourceVersion={since}") as events:
            cluster.request("POST", path, limit_range("limit-range", smallest, largest, request, limit), expect=201)
            assert events.until("ADDED")["metadata"]["name"] == "limit-range"

        def resources(name, **asked):
            pod = pod_of(name, PAUSE)
            pod["spec"]["containers"][0]["resources"] = asked
            return cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod)

        made = resources("pod-no-resources")[1]["spec"]["containers"][0]["resources"]
        assert made == {"requests": request, "limits": limit}, made
        # A limit that is set asks for as much; what is not set comes from the range.
        made = resources("pod-partial-resources", requests={"cpu": "150m", "memory": "150Mi"},
                         limits={"cpu": "300m", "ephemeral-storage": "150Gi"})[1]["spec"]["containers"][0]["resources"]
        assert made == {"requests": quantities("150m", "150Mi", "150Gi"), "limits": quantities("300m", "500Mi", "150Gi")}, made
        too_little, too_much = quantities("10m", "50Mi", "50Gi"), quantities("600m", "600Mi", "600Gi")
        status, answer = resources("pfpod", requests=too_little)
        assert status == 403 and "minimum cpu usage per Container is 50m, but request is 10m" in answer["message"], answer
        status, answer = resources("pfpod2", limits=too_much)
        assert status == 403 and "maximum memory usage per Container is 500Mi, but limit is 600Mi" in answer["message"], answer
        body = cluster.request("GET", f"{path}/limit-range")[1]
        body["spec"]["limits"][0]["min"] = quantities("9m", "49Mi", "49Gi")
        cluster.request("PUT", f"{path}/limit-range", body, expect=200)
        assert resources("pfpod", requests=too_little)[0] == 201
        assert resources("pfpod2", limits=too_much)[0] == 403
        cluster.request("DELETE", f"{path}/limit-range", {"gracePeriodSeconds": 30}, expect=200)
        eventually(lambda: cluster.request("GET", f"{path}/limit-range")[0] == 404)
        assert resources("pfpod2", requests=too_much)[0] == 201


def test_limit_range_collection(cluster):
    """LimitRange should list, patch and delete a LimitRange by collection"""
    with space(cluster, "limitrange-a") as one, space(cluster, "limitrange-b") as two:
        label = {"limitrange": one}
        body = limit_range("e2e-limitrange", quantities("50m", "100Mi", "100Gi"), quantities("500m", "500Mi", "500Gi"),
                           quantities("100m", "200Mi", "200Gi"), quantities("500m", "500Mi", "500Gi"), label)
        for ns in [one, two]:
            cluster.request("POST", f"/api/v1/namespaces/{ns}/limitranges", body, expect=201)
        every = f"/api/v1/limitranges?labelSelector=limitrange%3D{one}"
        assert len(cluster.request("GET", every)[1]["items"]) == 2
        path = f"/api/v1/namespaces/{one}/limitranges"
        patch = {"metadata": {"labels": {"patched": "true"}}, "spec": {"limits": [
            {"type": "Container", "min": {"cpu": "40m"}}]}}
        patched = cluster.request("PATCH", f"{path}/e2e-limitrange", patch, STRATEGIC, 200)[1]
        assert patched["metadata"]["labels"]["patched"] == "true"
        assert patched["spec"]["limits"][0]["min"]["cpu"] == "40m"
        cluster.request("DELETE", f"{path}?labelSelector=patched%3Dtrue", expect=200)
        left = cluster.request("GET", every)[1]["items"]
        assert [item["metadata"]["namespace"] for item in left] == [two]


TAINT = {"key": "kubernetes.io/e2e-evict-taint-key", "value": "evictTaintVal", "effect": "NoExecute"}


def tainted(cluster, node, taints):
    cluster.request("PATCH", f"/api/v1/nodes/{node}", {"spec": {"taints": taints}}, MERGE, 200)


def tolerant(cluster, ns, name, seconds, node="node-1"):
    """A pod on the node that bears the taint for so long, None for none of it."""
    wish = [{"key": TAINT["key"], "value": TAINT["value"], "effect": "NoExecute", "tolerationSeconds": seconds}]
    make(cluster, ns, name, affinity=on_node(node), terminationGracePeriodSeconds=0, tolerations=wish)
    running(cluster, ns, name)


def let_pass(cluster, span):
    cluster.request("POST", "/swiftlet/v1/clock", {"advance": span}, expect=200)


def test_eviction_by_taint(cluster):
    """NoExecuteTaintManager Multiple Pods [Serial] evicts pods with minTolerationSeconds [Disruptive]"""
    with Cluster(cluster.binary, *FLAGS) as own, space(own, "taints") as ns:
        tolerant(own, ns, "taint-eviction-b1", 5)
        tolerant(own, ns, "taint-eviction-b2", 65)
        tainted(own, "node-1", [TAINT])
        let_pass(own, "30s")
        eventually(lambda: get(own, ns, "taint-eviction-b1").get("code") == 404)
        assert "deletionTimestamp" not in get(own, ns, "taint-eviction-b2")["metadata"]
        let_pass(own, "60s")
        eventually(lambda: get(own, ns, "taint-eviction-b2").get("code") == 404)


def test_eviction_is_cancelled(cluster):
    """NoExecuteTaintManager Single Pod [Serial] removing taint cancels eviction [Disruptive]"""
    with Cluster(cluster.binary, *FLAGS) as own, space(own, "taints") as ns:
        tolerant(own, ns, "taint-eviction-4", 65)
        tainted(own, "node-1", [TAINT])
        let_pass(own, "30s")
        assert "deletionTimestamp" not in get(own, ns, "taint-eviction-4")["metadata"]
        tainted(own, "node-1", None)
        let_pass(own, "90s")
        assert get(own, ns, "taint-eviction-4")["status"]["phase"] == "Running"
        assert "deletionTimestamp" not in get(own, ns, "taint-eviction-4")["metadata"]
