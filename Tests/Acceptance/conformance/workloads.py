"""Workloads in a namespace of their own: short words for requests, waiting and watching."""
import contextlib
import json
import time
import urllib.parse
import urllib.request

from conformance import space
from harness import eventually

APPS, BATCH, CORE, POLICY = "/apis/apps/v1", "/apis/batch/v1", "/api/v1", "/apis/policy/v1"
HOMES = {
    "deployments": APPS, "replicasets": APPS, "statefulsets": APPS, "daemonsets": APPS, "controllerrevisions": APPS,
    "jobs": BATCH, "cronjobs": BATCH, "poddisruptionbudgets": POLICY,
    "pods": CORE, "replicationcontrollers": CORE, "services": CORE, "resourcequotas": CORE, "events": CORE,
}
KINDS = {
    "deployments": "Deployment", "replicasets": "ReplicaSet", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet",
    "controllerrevisions": "ControllerRevision", "jobs": "Job", "cronjobs": "CronJob", "pods": "Pod", "services": "Service",
    "poddisruptionbudgets": "PodDisruptionBudget", "replicationcontrollers": "ReplicationController",
    "resourcequotas": "ResourceQuota",
}
PATCHES = {"merge": "application/merge-patch+json", "strategic": "application/strategic-merge-patch+json",
           "json": "application/json-patch+json"}
HTTPD = "registry.k8s.io/e2e-test-images/httpd:2.4.38-4"
HTTPD_NEW = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4"
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"
BUSYBOX = "registry.k8s.io/e2e-test-images/busybox:1.36.1-1"
PAUSE = "registry.k8s.io/pause:3.10.1"


@contextlib.contextmanager
def workspace(cluster, name):
    with space(cluster, name) as namespace:
        yield Workspace(cluster, namespace)


class Workspace:
    """The objects of one namespace."""

    def __init__(self, cluster, namespace):
        self.cluster, self.namespace = cluster, namespace

    def path(self, resource, name="", sub="", everywhere=False, **query):
        path = HOMES[resource] + ("" if everywhere else f"/namespaces/{self.namespace}") + f"/{resource}"
        path += (f"/{name}" if name else "") + (f"/{sub}" if sub else "")
        query = {key: value for key, value in query.items() if value is not None}
        return path + ("?" + urllib.parse.urlencode(query) if query else "")

    def create(self, resource, name, spec, **metadata):
        body = {"apiVersion": HOMES[resource].removeprefix("/apis/").removeprefix("/api/"), "kind": KINDS[resource],
                "metadata": {"name": name, **metadata}, "spec": spec}
        return self.cluster.request("POST", self.path(resource), body, expect=201)[1]

    def get(self, resource, name, sub="", expect=200):
        return self.cluster.request("GET", self.path(resource, name, sub), expect=expect)[1]

    def is_gone(self, resource, name):
        return self.cluster.request("GET", self.path(resource, name))[0] == 404

    def list(self, resource, labels=None, everywhere=False):
        return self.cluster.request("GET", self.path(resource, everywhere=everywhere, labelSelector=labels), expect=200)[1]["items"]

    def revision(self, resource, labels=None):
        listed = self.cluster.request("GET", self.path(resource, labelSelector=labels), expect=200)[1]
        return listed["metadata"]["resourceVersion"]

    def patch(self, resource, name, body, sub="", how="strategic", expect=200):
        return self.cluster.request("PATCH", self.path(resource, name, sub), body, headers={"Content-Type": PATCHES[how]},
                                    expect=expect)[1]

    def update(self, resource, name, change, sub=""):
        """Reads, changes in place and writes until nobody wrote in between, as client-go's RetryOnConflict."""
        while True:
            body = self.get(resource, name)
            change(body)
            status, answer = self.cluster.request("PUT", self.path(resource, name, sub), body)
            if status != 409:
                assert status == 200, answer
                return answer

    def delete(self, resource, name, expect=200, **options):
        return self.cluster.request("DELETE", self.path(resource, name), options or None, expect=expect)[1]

    def delete_all(self, resource, labels, **options):
        self.cluster.request("DELETE", self.path(resource, labelSelector=labels), options or None, expect=200)

    @contextlib.contextmanager
    def watch(self, resource, revision, labels=None, fields=None):
        """Events from a revision on; `until` awaits one of them, and the next `until` goes on behind it."""
        path = self.path(resource, watch="1", resourceVersion=revision, labelSelector=labels, fieldSelector=fields)
        request = urllib.request.Request(self.cluster.url + path, headers={"Authorization": "Bearer " + self.cluster.token})
        with urllib.request.urlopen(request, timeout=40) as stream:
            yield Watch(stream)

    # Pods

    def pods(self, labels=None, phase=None):
        found = self.list("pods", labels)
        return [pod for pod in found if phase is None or pod["status"].get("phase") == phase]

    def running(self, count, labels=None, seconds=30):
        return eventually(lambda: len(found := self.pods(labels, "Running")) == count and found or count == 0, seconds)

    def ready(self, count, labels=None, seconds=30):
        def check():
            found = [pod for pod in self.pods(labels) if is_ready(pod)]
            return len(found) == count and (found or True)
        return eventually(check, seconds)

    def until(self, resource, name, check, seconds=30):
        """The object when `check` holds for it."""
        return eventually(lambda: check(found := self.get(resource, name)) and found, seconds)

    def status(self, resource, name, seconds=30, **fields):
        """The object when its controller has seen it and its status has these numbers; 0 is also none."""
        def check(found):
            status = found.get("status", {})
            return (status.get("observedGeneration", 0) >= found["metadata"].get("generation", 0)
                    and all((status.get(field) or 0) == value for field, value in fields.items()))
        return self.until(resource, name, check, seconds)


class Watch:
    def __init__(self, stream):
        self.stream = stream

    def until(self, check, what=""):
        """The first (type, object) from here on that `check` accepts."""
        for line in self.stream:
            event = json.loads(line)
            if check(event["type"], event["object"]):
                return event["type"], event["object"]
        raise AssertionError(f"the watch ended before {what or 'the event'}")


def is_ready(pod):
    conditions = pod["status"].get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def controller(found):
    return next((o for o in found["metadata"].get("ownerReferences", []) if o.get("controller")), None)


def condition(found, kind):
    return next((c for c in found["status"].get("conditions", []) if c["type"] == kind), None)


def template(labels, image=HTTPD, name="web", grace=0, **container):
    return {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": grace, "containers": [
        {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", **container}]}}


def workload(labels, replicas=1, image=HTTPD, **spec):
    return {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template(labels, image), **spec}


def stays(check, seconds):
    """Holds at every look for a while: for what must not happen, of which no event tells."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert check()
        time.sleep(0.2)


def adopts_and_releases(cluster, resource, selector, labels):
    """What ReplicaSets and ReplicationControllers do with a pod that was there first, and whose label changes then."""
    with workspace(cluster, "adopt") as ns:
        ns.cluster.request("POST", ns.path("pods"), {"metadata": {"name": "first", "labels": labels}, "spec": template(labels)["spec"]},
                           expect=201)
        ns.running(1)
        owner = ns.create(resource, "keeper", {"replicas": 1, "selector": selector, "template": template(labels)})
        eventually(lambda: (controller(ns.get("pods", "first")) or {}).get("uid") == owner["metadata"]["uid"])
        assert len(ns.pods()) == 1, "the orphan is enough"
        ns.update("pods", "first", lambda pod: pod["metadata"].update(labels={"name": "not-matching"}))
        eventually(lambda: controller(ns.get("pods", "first")) is None)
        ns.running(2)


def works_by_scale(cluster, resource, name, spec, sizes=(2, 4), settle=None):
    """GET, PUT and PATCH of the scale subresource."""
    with workspace(cluster, "scale") as ns:
        ns.create(resource, name, spec)
        ns.ready(1)
        ns.until(resource, name, lambda found: found["status"].get("replicas") == 1)
        scale = ns.get(resource, name, "scale")
        assert scale["kind"] == "Scale" and scale["spec"]["replicas"] == 1 and scale["status"]["replicas"] == 1, scale
        scale["metadata"].pop("resourceVersion")
        scale["spec"]["replicas"] = sizes[0]
        answer = ns.cluster.request("PUT", ns.path(resource, name, "scale"), scale, expect=200)[1]
        assert answer["spec"]["replicas"] == sizes[0], answer
        assert ns.get(resource, name)["spec"]["replicas"] == sizes[0]
        empty = {"metadata": {"creationTimestamp": None}, "status": {"replicas": 0}}
        ns.patch(resource, name, {"spec": {"replicas": sizes[1]}, **empty}, "scale")
        assert ns.get(resource, name)["spec"]["replicas"] == sizes[1]
        ns.until(resource, name, lambda found: found["status"].get("replicas") == sizes[1])


def has_a_status(cluster, resource, spec, settled):
    """What a status update and a status patch write, all see: in the answer, by a watch, and to later reads."""
    with workspace(cluster, "status") as ns:
        revision = ns.revision(resource, "e2e=testing")
        ns.create(resource, "subject", spec, labels={"e2e": "testing"})
        settled(ns, "subject")
        assert ns.get(resource, "subject", "status")["status"] is not None
        mine = {"type": "StatusUpdate", "status": "True", "reason": "E2E", "message": "Set from e2e test"}
        ns.update(resource, "subject", lambda found: found["status"].setdefault("conditions", []).append(mine), "status")
        with ns.watch(resource, revision, "e2e=testing") as watch:
            watch.until(lambda _, found: (condition(found, "StatusUpdate") or {}).get("message") == mine["message"])
            patched = ns.patch(resource, "subject", {"status": {"conditions": [{"type": "StatusPatched", "status": "True"}]}},
                               "status", how="merge")
            assert condition(patched, "StatusPatched")["status"] == "True", patched
            watch.until(lambda _, found: condition(found, "StatusPatched"))


def is_listed_and_deleted_together(cluster, resource, names, spec, settled):
    with workspace(cluster, "together") as ns:
        label = f"of={ns.namespace}"
        for name in names:
            ns.create(resource, name, spec, labels={"of": ns.namespace})
            settled(ns, name)
        assert len(ns.list(resource, label, everywhere=True)) == len(names)
        ns.delete_all(resource, label, gracePeriodSeconds=1)
        eventually(lambda: not ns.list(resource, label, everywhere=True))
        eventually(lambda: not ns.pods())
