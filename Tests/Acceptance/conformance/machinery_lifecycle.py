"""What is deleted and what is counted: the garbage collector, namespaces and quotas."""
from concurrent.futures import ThreadPoolExecutor

from conformance import space, watch
from conformance.machinery import MERGE
from conformance.machinery_custom import ANYTHING, custom
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8

# No pod of a quota's check is to run: it would only be in the way.
NOWHERE = {"x-test.k8s.io/unsatisfiable": "not-schedulable"}


def pod(name, requests=None, limits=None, labels=None, image="registry.k8s.io/pause:3.10", **spec):
    resources = {"requests": requests or {}, "limits": limits or {}}
    return {"metadata": {"name": name, "labels": labels or {}}, "spec": {
        "containers": [{"name": "pause", "image": image, "resources": resources}], **spec}}


def controller(name, replicas, kind="ReplicationController"):
    """A workload and its API path's end."""
    labels = {"gc-test": name}
    template = {"metadata": {"labels": labels}, "spec": {
        "terminationGracePeriodSeconds": 0, "containers": [{"name": "nginx", "image": "nginx"}]}}
    selector = labels if kind == "ReplicationController" else {"matchLabels": labels}
    return {"kind": kind, "metadata": {"name": name}, "spec": {
        "replicas": replicas, "selector": selector, "template": template}}


def names(cluster, path):
    return [o["metadata"]["name"] for o in cluster.request("GET", path, expect=200)[1]["items"]]


# MARK: - garbage

def with_pods(cluster, ns, name, replicas):
    """A replication controller whose pods are there; -> its path."""
    path = f"/api/v1/namespaces/{ns}/replicationcontrollers"
    cluster.request("POST", path, controller(name, replicas), expect=201)
    eventually(lambda: cluster.request("GET", f"{path}/{name}")[1].get("status", {}).get("replicas") == replicas)
    return f"{path}/{name}"


def delete(cluster, path, policy):
    """Deletes as the suite does: this very object, in this way."""
    uid = cluster.request("GET", path, expect=200)[1]["metadata"]["uid"]
    cluster.request("DELETE", path, {"propagationPolicy": policy, "preconditions": {"uid": uid}}, expect=200)


def test_background(cluster):
    """Garbage collector should delete pods created by rc when not orphaning
    Garbage collector should delete RS created by deployment when not orphaning"""
    with space(cluster, "background") as ns:
        delete(cluster, with_pods(cluster, ns, "rc", 2), "Background")
        eventually(lambda: not names(cluster, f"/api/v1/namespaces/{ns}/pods"))
        path = f"/apis/apps/v1/namespaces/{ns}"
        cluster.request("POST", path + "/deployments", controller("web", 2, "Deployment"), expect=201)
        eventually(lambda: names(cluster, path + "/replicasets"))
        delete(cluster, path + "/deployments/web", "Background")
        eventually(lambda: not names(cluster, path + "/replicasets") and not names(cluster, f"/api/v1/namespaces/{ns}/pods"))


def test_orphans(cluster):
    """Garbage collector should orphan pods created by rc if delete options say so
    Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan
    Garbage collector should orphan pods created by rc if deleteOptions.OrphanDependents is nil"""
    with space(cluster, "orphans") as ns:
        pods = f"/api/v1/namespaces/{ns}/pods"
        rc = with_pods(cluster, ns, "rc", 20)
        before = sorted(names(cluster, pods))
        delete(cluster, rc, "Orphan")
        eventually(lambda: cluster.request("GET", rc)[0] == 404)
        owned = lambda path: [o for o in cluster.request("GET", path)[1]["items"] if o["metadata"].get("ownerReferences")]
        eventually(lambda: not owned(pods))
        assert sorted(names(cluster, pods)) == before
        path = f"/apis/apps/v1/namespaces/{ns}"
        cluster.request("POST", path + "/deployments", controller("web", 2, "Deployment"), expect=201)
        eventually(lambda: names(cluster, path + "/replicasets"))
        delete(cluster, path + "/deployments/web", "Orphan")
        eventually(lambda: cluster.request("GET", path + "/deployments/web")[0] == 404)
        eventually(lambda: not owned(path + "/replicasets"))
        assert len(names(cluster, path + "/replicasets")) == 1


def test_foreground(cluster):
    """Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so"""
    with space(cluster, "foreground") as ns:
        rc = with_pods(cluster, ns, "rc", 20)
        with watch(cluster, f"/api/v1/namespaces/{ns}/replicationcontrollers?fieldSelector=metadata.name%3Drc") as events:
            delete(cluster, rc, "Foreground")
            held = events.until("MODIFIED", "rc", lambda o: o["metadata"].get("deletionTimestamp"))
            assert held["metadata"]["finalizers"] == ["foregroundDeletion"], held["metadata"]
            events.until("DELETED", "rc")
            assert not names(cluster, f"/api/v1/namespaces/{ns}/pods")


def test_two_owners(cluster):
    """Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to
    be deleted"""
    with space(cluster, "owners") as ns:
        pods = f"/api/v1/namespaces/{ns}/pods"
        leaving = with_pods(cluster, ns, "leaving", 20)
        path = f"/api/v1/namespaces/{ns}/replicationcontrollers"
        staying = cluster.request("POST", path, controller("staying", 0), expect=201)[1]
        owner = {"apiVersion": "v1", "kind": "ReplicationController", "name": "staying", "uid": staying["metadata"]["uid"]}
        shared = names(cluster, pods)[:10]
        for name in shared:
            patch = {"metadata": {"ownerReferences": [owner]}}
            header = {"Content-Type": "application/strategic-merge-patch+json"}
            cluster.request("PATCH", f"{pods}/{name}", patch, header, expect=200)
        delete(cluster, leaving, "Foreground")
        eventually(lambda: cluster.request("GET", leaving)[0] == 404)
        left = cluster.request("GET", pods, expect=200)[1]["items"]
        assert sorted(p["metadata"]["name"] for p in left) == sorted(shared)
        assert not [p for p in left if p["metadata"].get("deletionTimestamp") or len(p["metadata"]["ownerReferences"]) != 1]


def test_circle_of_owners(cluster):
    """Garbage collector should not be blocked by dependency circle"""
    with space(cluster, "circle") as ns:
        pods = f"/api/v1/namespaces/{ns}/pods"
        made = [cluster.request("POST", pods, pod(f"pod{n}"), expect=201)[1]["metadata"] for n in range(3)]
        for n, one in enumerate(made):
            owner = made[n - 1]
            reference = {"apiVersion": "v1", "kind": "Pod", "name": owner["name"], "uid": owner["uid"],
                         "controller": True, "blockOwnerDeletion": True}
            cluster.request(
                "PATCH", f"{pods}/{one['name']}", {"metadata": {"ownerReferences": [reference]}}, MERGE, expect=200)
        delete(cluster, pods + "/pod0", "Foreground")
        eventually(lambda: not names(cluster, pods), seconds=90)


# MARK: - namespaces

def new_namespace(cluster, name):
    cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}, expect=201)
    eventually(lambda: cluster.request("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default")[0] == 200)
    return f"/api/v1/namespaces/{name}"


def test_namespace_contents(cluster):
    """Namespaces should ensure that all pods are removed when a namespace is deleted
    Namespaces should ensure that all services are removed when a namespace is deleted"""
    path = new_namespace(cluster, "nsdeletetest")
    cluster.request("POST", path + "/pods", pod("test-pod", terminationGracePeriodSeconds=1), expect=201)
    service = {"metadata": {"name": "test-service"}, "spec": {"ports": [{"port": 80, "targetPort": 80}]}}
    cluster.request("POST", path + "/services", service, expect=201)
    eventually(lambda: cluster.request("GET", path + "/pods/test-pod")[1]["status"]["phase"] == "Running")
    cluster.request("DELETE", path, expect=200)
    eventually(lambda: cluster.request("GET", path)[0] == 404, seconds=60)
    new_namespace(cluster, "nsdeletetest")
    cluster.request("GET", path + "/pods/test-pod", expect=404)
    cluster.request("GET", path + "/services/test-service", expect=404)
    cluster.request("DELETE", path, expect=200)


def test_namespace_order(cluster):
    """OrderedNamespaceDeletion namespace deletion should delete pod first"""
    path = new_namespace(cluster, "ordered")
    held = pod("test-pod", terminationGracePeriodSeconds=1)
    held["metadata"]["finalizers"] = ["e2e.example.com/finalizer"]
    cluster.request("POST", path + "/pods", held, expect=201)
    cluster.request("POST", path + "/configmaps", {"metadata": {"name": "stays"}}, expect=201)
    eventually(lambda: cluster.request("GET", path + "/pods/test-pod")[1]["status"]["phase"] == "Running")
    cluster.request("DELETE", path, expect=200)

    def conditions():
        return {c["type"]: c for c in cluster.request("GET", path, expect=200)[1]["status"].get("conditions", [])}

    eventually(lambda: conditions().get("NamespaceContentRemaining", {}).get("status") == "True")
    assert "pods. has 1 resource instances" in conditions()["NamespaceContentRemaining"]["message"], conditions()
    assert "e2e.example.com/finalizer in 1 resource instances" in conditions()["NamespaceFinalizersRemaining"]["message"]
    assert cluster.request("GET", path + "/pods/test-pod", expect=200)[1]["metadata"]["deletionTimestamp"]
    kept = cluster.request("GET", path + "/configmaps/stays", expect=200)[1]
    assert "deletionTimestamp" not in kept["metadata"]
    cluster.request("PATCH", path + "/pods/test-pod", {"metadata": {"finalizers": None}}, MERGE, expect=200)
    eventually(lambda: cluster.request("GET", path)[0] == 404, seconds=60)


def test_many_namespaces(cluster):
    """Namespaces should always delete fast (ALL of 100 namespaces in 150 seconds)"""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: new_namespace(cluster, f"nslifetest-{n}"), range(100)))
        list(pool.map(lambda path: cluster.request("DELETE", path, expect=200), made))
    eventually(lambda: not [n for n in names(cluster, "/api/v1/namespaces") if n.startswith("nslifetest")], seconds=150)


def test_namespace_writes(cluster):
    """Namespaces should patch a Namespace
    Namespaces should apply an update to a Namespace
    Namespaces should apply changes to a namespace status
    Namespaces should apply a finalizer to a Namespace"""
    path = new_namespace(cluster, "nswrites")
    strategic = {"Content-Type": "application/strategic-merge-patch+json"}
    patch = {"metadata": {"labels": {"testLabel": "testValue"}}}
    cluster.request("PATCH", path, patch, strategic, expect=200)
    value = cluster.request("GET", path, expect=200)[1]
    assert value["metadata"]["labels"]["testLabel"] == "testValue"
    value["metadata"]["labels"]["updated"] = "yes"
    assert cluster.request("PUT", path, value, expect=200)[1]["metadata"]["labels"]["updated"] == "yes"

    value = cluster.request("GET", path + "/status", expect=200)[1]
    assert value["status"]["phase"] == "Active"
    condition = {"type": "StatusPatch", "status": "True", "reason": "E2E", "message": "Patched by an e2e test"}
    patch = {"metadata": {"annotations": {"e2e-patched-ns-status": "nswrites"}}, "status": {"conditions": [condition]}}
    value = cluster.request("PATCH", path + "/status", patch, MERGE, expect=200)[1]
    assert value["metadata"]["annotations"]["e2e-patched-ns-status"] == "nswrites"
    assert condition.items() <= value["status"]["conditions"][-1].items(), value["status"]
    value["status"]["conditions"].append({**condition, "type": "StatusUpdate", "message": "Updated by an e2e test"})
    value = cluster.request("PUT", path + "/status", value, expect=200)[1]
    assert [c["type"] for c in value["status"]["conditions"]] == ["StatusPatch", "StatusUpdate"]

    for finalizers in [["kubernetes", "e2e.example.com/fakeFinalizer"], ["kubernetes"]]:
        value = cluster.request("GET", path, expect=200)[1]
        value["spec"]["finalizers"] = finalizers
        found = cluster.request("PUT", path + "/finalize", value, expect=200)[1]
        assert found["spec"]["finalizers"] == finalizers, found
    cluster.request("DELETE", path, expect=200)


# MARK: - quotas

HARD = {
    "pods": "5", "services": "10", "services.nodeports": "1", "services.loadbalancers": "1",
    "replicationcontrollers": "10", "resourcequotas": "1", "cpu": "1", "memory": "500Mi", "configmaps": "10",
    "secrets": "10", "persistentvolumeclaims": "10", "requests.storage": "10Gi", "ephemeral-storage": "50Gi",
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "10",
    "gold.storageclass.storage.k8s.io/requests.storage": "10Gi", "count/replicasets.apps": "5",
    "requests.example.com/dongle": "3"}


class Quota:
    """A quota in a namespace of its own, and what it counts."""

    def __init__(self, cluster, ns, name="test-quota", hard=HARD, **spec):
        self.cluster, self.ns, self.path = cluster, ns, f"/api/v1/namespaces/{ns}/resourcequotas/{name}"
        body = {"metadata": {"name": name}, "spec": {"hard": hard, **spec}}
        cluster.request("POST", f"/api/v1/namespaces/{ns}/resourcequotas", body, expect=201)
        eventually(lambda: set(self.status().get("used", {})) == set(hard))

    def status(self):
        return self.cluster.request("GET", self.path, expect=200)[1].get("status", {})

    def expect(self, **used):
        used = {name.replace("__", "/").replace("_", "."): str(value) for name, value in used.items()}
        self.expect_exactly(used)

    def expect_exactly(self, used):
        fits = lambda: used.items() <= self.status().get("used", {}).items()
        try:
            eventually(fits, seconds=15)
        except AssertionError:
            raise AssertionError(f"{used} is not in {self.status()}") from None

    def life(self, end, body, **counted):
        """Makes an object, sees it counted, deletes it, and sees that it counts no more."""
        path = f"{end.replace('NS', self.ns)}"
        self.cluster.request("POST", path, body, expect=201)
        self.expect(**counted)
        self.cluster.request("DELETE", f"{path}/{body['metadata']['name']}", {"gracePeriodSeconds": 0}, expect=200)
        self.expect(**{name: 0 for name in counted})


CORE = "/api/v1/namespaces/NS"


def test_quota_of_objects(cluster):
    """ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated
    … capture the life of a secret, of a configMap, of a replication controller, of a replica set,
    … of a persistent volume claim, of a persistent volume claim with a storage class"""
    with space(cluster, "quota") as ns:
        eventually(lambda: cluster.request("GET", f"/api/v1/namespaces/{ns}/configmaps/kube-root-ca.crt")[0] == 200)
        quota = Quota(cluster, ns)
        quota.expect(resourcequotas=1, configmaps=1)
        quota.life(CORE + "/secrets", {"metadata": {"name": "test-secret"}, "data": {"a": "YQ=="}}, secrets=1)
        cluster.request("POST", f"/api/v1/namespaces/{ns}/configmaps", {"metadata": {"name": "one"}}, expect=201)
        quota.expect(configmaps=2)
        cluster.request("DELETE", f"/api/v1/namespaces/{ns}/configmaps/one", expect=200)
        quota.expect(configmaps=1)
        quota.life(CORE + "/replicationcontrollers", controller("test-rc", 0), replicationcontrollers=1)
        quota.life("/apis/apps/v1/namespaces/NS/replicasets", controller("test-rs", 0, "ReplicaSet"),
                   count__replicasets_apps=1)
        claim = {"metadata": {"name": "test-claim"}, "spec": {
            "accessModes": ["ReadWriteOnce", "ReadOnlyMany"], "resources": {"requests": {"storage": "1Gi"}}}}
        path = f"/api/v1/namespaces/{ns}/persistentvolumeclaims"
        for class_name in [None, "gold"]:
            if class_name:
                claim["spec"]["storageClassName"] = class_name
            cluster.request("POST", path, claim, expect=201)
            gold = ("1", "1Gi") if class_name else ("0", "0")
            quota.expect_exactly({
                "persistentvolumeclaims": "1", "requests.storage": "1Gi",
                "gold.storageclass.storage.k8s.io/persistentvolumeclaims": gold[0],
                "gold.storageclass.storage.k8s.io/requests.storage": gold[1]})
            cluster.request("DELETE", path + "/test-claim", expect=200)
            quota.expect(persistentvolumeclaims=0, requests_storage=0)


def test_quota_of_services(cluster):
    """ResourceQuota should create a ResourceQuota and capture the life of a service"""
    with space(cluster, "quota") as ns:
        quota, path = Quota(cluster, ns), f"/api/v1/namespaces/{ns}/services"
        service = lambda name, kind, **spec: {
            "metadata": {"name": name}, "spec": {"type": kind, "ports": [{"port": 80, "targetPort": 80}], **spec}}
        cluster.request("POST", path, service("plain", "ClusterIP"), expect=201)
        cluster.request("POST", path, service("np", "NodePort"), expect=201)
        refused = cluster.request(
            "POST", path, service("lb", "LoadBalancer", allocateLoadBalancerNodePorts=True), expect=403)[1]
        assert refused["message"] == (
            'services "lb" is forbidden: exceeded quota: test-quota, requested: services.nodeports=1, '
            'used: services.nodeports=1, limited: services.nodeports=1'), refused
        quota.expect(resourcequotas=1, services=2, services_nodeports=1)
        for name in ["plain", "np"]:
            cluster.request("DELETE", f"{path}/{name}", expect=200)
        quota.expect(services=0, services_nodeports=0)


def test_quota_of_pods(cluster):
    """ResourceQuota should create a ResourceQuota and capture the life of a pod"""
    with space(cluster, "quota") as ns:
        quota, path = Quota(cluster, ns), f"/api/v1/namespaces/{ns}/pods"
        dongles = {"example.com/dongle": "2"}
        fits = {"cpu": "500m", "memory": "252Mi", "ephemeral-storage": "30Gi", **dongles}
        made = cluster.request("POST", path, pod("test-pod", fits, dongles, nodeSelector=NOWHERE), expect=201)[1]
        used = {"pods": "1", "cpu": "500m", "memory": "252Mi", "ephemeral-storage": "30Gi",
                "requests.example.com/dongle": "2", "resourcequotas": "1"}
        quota.expect_exactly(used)
        cluster.request("POST", path, pod("fail-pod", {"cpu": "600m", "memory": "100Mi"}), expect=403)
        more = {"cpu": "500m", "memory": "100Mi", "ephemeral-storage": "30Gi", **dongles}
        cluster.request("POST", path, pod("fail-pod-for-extended-resource", more, dongles), expect=403)
        made["spec"]["containers"][0]["resources"]["requests"] = {
            "cpu": "100m", "memory": "100Mi", "ephemeral-storage": "10Gi"}
        assert cluster.request("PUT", path + "/test-pod", made)[0] in (403, 409, 422)
        quota.expect_exactly(used)
        cluster.request("DELETE", path + "/test-pod", {"gracePeriodSeconds": 0}, expect=200)
        quota.expect_exactly({**dict.fromkeys(used, "0"), "resourcequotas": "1"})


def test_quota_scopes(cluster):
    """ResourceQuota should verify ResourceQuota with terminating scopes
    ResourceQuota should verify ResourceQuota with best effort scope
    … terminating scopes through scope selectors, … best effort scope using scope-selectors"""
    computing = {"pods": "5", "requests.cpu": "1", "requests.memory": "500Mi", "limits.cpu": "2", "limits.memory": "1Gi"}
    requests, limits = {"cpu": "500m", "memory": "200Mi"}, {"cpu": "1", "memory": "400Mi"}
    by_list = lambda scope: {"scopes": [scope]}
    by_selector = lambda scope: {"scopeSelector": {"matchExpressions": [{"scopeName": scope, "operator": "Exists"}]}}
    none = dict.fromkeys(computing, "0")
    full = {"pods": "1", "requests.cpu": "500m", "requests.memory": "200Mi", "limits.cpu": "1", "limits.memory": "400Mi"}
    for scoped in [by_list, by_selector]:
        with space(cluster, "scopes") as ns:
            path = f"/api/v1/namespaces/{ns}/pods"
            ending = Quota(cluster, ns, "ending", computing, **scoped("Terminating"))
            lasting = Quota(cluster, ns, "lasting", computing, **scoped("NotTerminating"))
            for fields, counting, other in [({}, lasting, ending), ({"activeDeadlineSeconds": 3600}, ending, lasting)]:
                cluster.request("POST", path, pod("one", requests, limits, nodeSelector=NOWHERE, **fields), expect=201)
                counting.expect_exactly(full)
                other.expect_exactly(none)
                cluster.request("DELETE", path + "/one", {"gracePeriodSeconds": 0}, expect=200)
                counting.expect_exactly(none)
        with space(cluster, "scopes") as ns:
            path = f"/api/v1/namespaces/{ns}/pods"
            best = Quota(cluster, ns, "best", {"pods": "5"}, **scoped("BestEffort"))
            rest = Quota(cluster, ns, "rest", {"pods": "5"}, **scoped("NotBestEffort"))
            for resources, counting, other in [(({}, {}), best, rest), ((requests, limits), rest, best)]:
                cluster.request("POST", path, pod("one", *resources, nodeSelector=NOWHERE), expect=201)
                counting.expect(pods=1)
                other.expect(pods=0)
                cluster.request("DELETE", path + "/one", {"gracePeriodSeconds": 0}, expect=200)
                counting.expect(pods=0)


def test_quota_of_classes(cluster):
    """ResourceQuota should verify ResourceQuota's priority class scope (quota set to pod count: 1) against a pod with same
    and with different priority class, with its operators In, NotIn, Exists
    ResourceQuota should verify ResourceQuota with cross namespace pod affinity scope using scope-selectors"""
    for name, value in [("quota-high", 1000), ("quota-low", 1000)]:
        level = {"metadata": {"name": name}, "value": value}
        cluster.request("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", level, expect=201)
    for operator, values, counted in [("In", ["quota-high"], "quota-high"), ("NotIn", ["quota-low"], "quota-high"),
                                      ("Exists", None, "quota-low")]:
        with space(cluster, "classes") as ns:
            expression = {"scopeName": "PriorityClass", "operator": operator, **({"values": values} if values else {})}
            quota = Quota(cluster, ns, hard={"pods": "1"}, scopeSelector={"matchExpressions": [expression]})
            path = f"/api/v1/namespaces/{ns}/pods"
            other = "quota-low" if counted == "quota-high" else None
            if other:
                cluster.request("POST", path, pod("other", priorityClassName=other, nodeSelector=NOWHERE), expect=201)
            quota.expect(pods=0)
            cluster.request("POST", path, pod("one", priorityClassName=counted, nodeSelector=NOWHERE), expect=201)
            quota.expect(pods=1)
            cluster.request("POST", path, pod("two", priorityClassName=counted, nodeSelector=NOWHERE), expect=403)
            cluster.request("DELETE", path + "/one", {"gracePeriodSeconds": 0}, expect=200)
            quota.expect(pods=0)
    with space(cluster, "affinity") as ns:
        expression = {"scopeName": "CrossNamespacePodAffinity", "operator": "Exists"}
        quota = Quota(cluster, ns, hard={"pods": "2"}, scopeSelector={"matchExpressions": [expression]})
        path = f"/api/v1/namespaces/{ns}/pods"
        for number, (where, used) in enumerate([({}, 0), ({"namespaces": ["ns1"]}, 1), ({"namespaceSelector": {}}, 2)]):
            term = {"topologyKey": "region", "labelSelector": {"matchLabels": {"app": "a"}}, **where}
            affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
            cluster.request("POST", path, pod(f"pod-{number}", affinity=affinity, nodeSelector=NOWHERE), expect=201)
            quota.expect(pods=used)


def test_quota_of_devices_and_custom_resources(cluster):
    """ResourceQuota should create a ResourceQuota and capture the life of a custom resource
    ResourceQuota should create a ResourceQuota and capture the life of a ResourceClaim"""
    with custom(cluster, "quotacr", {"v1": ANYTHING}) as made, space(cluster, "quota") as ns:
        name = f"count/{made.plural}.{made.group}"
        quota = Quota(cluster, ns, hard={name: "1"})
        cluster.request("POST", made.path(ns), made.object("one"), expect=201)
        quota.expect_exactly({name: "1"})
        cluster.request("POST", made.path(ns), made.object("two"), expect=403)
        cluster.request("DELETE", made.path(ns, "one"), expect=200)
        quota.expect_exactly({name: "0"})
    with space(cluster, "quota") as ns:
        names = ["count/resourceclaims.resource.k8s.io", "gold.deviceclass.resource.k8s.io/devices"]
        quota = Quota(cluster, ns, hard=dict.fromkeys(names, "1"))
        path = f"/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaims"
        claim = {"metadata": {"name": "one"}, "spec": {"devices": {"requests": [
            {"name": "req-0", "exactly": {"deviceClassName": "gold"}}]}}}
        cluster.request("POST", path, claim, expect=201)
        quota.expect_exactly(dict.fromkeys(names, "1"))
        cluster.request("DELETE", path + "/one", expect=200)
        quota.expect_exactly(dict.fromkeys(names, "0"))


def test_quota_writes(cluster):
    """ResourceQuota should be able to update and delete ResourceQuota
    ResourceQuota should manage the lifecycle of a ResourceQuota"""
    with space(cluster, "quotas") as ns:
        path = f"/api/v1/namespaces/{ns}/resourcequotas"
        body = {"metadata": {"name": "test-quota", "labels": {"test": "quotas"}}, "spec": {
            "hard": {"cpu": "1", "memory": "500Mi"}}}
        made = cluster.request("POST", path, body, expect=201)[1]
        assert made["spec"]["hard"] == {"cpu": "1", "memory": "500Mi"}
        made["spec"]["hard"] = {"cpu": "2", "memory": "1Gi"}
        update = lambda: cluster.request("PUT", path + "/test-quota", {**body, "spec": made["spec"]})
        assert update()[1]["spec"]["hard"] == {"cpu": "2", "memory": "1Gi"}
        found = cluster.request("GET", "/api/v1/resourcequotas?labelSelector=test%3Dquotas", expect=200)[1]["items"]
        assert len(found) == 1
        patch = {"metadata": {"labels": {"test-patched": "patched"}}, "spec": {"hard": {"memory": "750Mi"}}}
        patched = cluster.request("PATCH", path + "/test-quota", patch, MERGE, expect=200)[1]
        assert patched["metadata"]["labels"]["test-patched"] == "patched" and patched["spec"]["hard"]["memory"] == "750Mi"
        cluster.request("DELETE", path + "?labelSelector=test-patched%3Dpatched", expect=200)
        assert not names(cluster, path)
        cluster.request("GET", path + "/test-quota", expect=404)


def test_quota_status(cluster):
    """ResourceQuota should apply changes to a resourcequota status"""
    with space(cluster, "quotas") as ns:
        path = f"/api/v1/namespaces/{ns}/resourcequotas"
        body = {"metadata": {"name": "test-quota"}, "spec": {"hard": {"cpu": "500m", "memory": "500Mi"}}}
        cluster.request("POST", path, body, expect=201)
        read = lambda: cluster.request("GET", path + "/test-quota", expect=200)[1]
        follows = lambda: read().get("status", {}).get("hard") == read()["spec"]["hard"]
        eventually(follows)
        patch = {"spec": {"hard": {"cpu": "1", "memory": "1Gi"}}}
        assert cluster.request("PATCH", path + "/test-quota", patch, MERGE, expect=200)[1]["spec"] == patch["spec"]
        eventually(follows)

        def update():
            value = read()
            value["status"]["hard"] = {"cpu": "2", "memory": "2Gi"}
            return cluster.request("PUT", path + "/test-quota/status", value)

        with watch(cluster, f"{path}?resourceVersion={read()['metadata']['resourceVersion']}") as events:
            code, written = eventually(lambda: (found := update())[0] != 409 and found)
            assert code == 200 and written["status"]["hard"] == {"cpu": "2", "memory": "2Gi"}, written
            events.until("MODIFIED", "test-quota", lambda o: o["status"]["hard"] == {"cpu": "2", "memory": "2Gi"})
            events.until("MODIFIED", "test-quota", lambda o: o["status"]["hard"] == o["spec"]["hard"])
        patch = {"status": {"hard": {"cpu": "3", "memory": "3Gi"}}}
        written = cluster.request("PATCH", path + "/test-quota/status", patch, MERGE, expect=200)[1]
        assert written["status"]["hard"] == patch["status"]["hard"] and written["spec"]["hard"] == {"cpu": "1", "memory": "1Gi"}
        eventually(follows)
        assert cluster.request("GET", path + "/test-quota/status", expect=200)[1]["spec"]["hard"] == read()["spec"]["hard"]
