"""The steps of the CNCF conformance suite, walked with HTTP, kubectl and the Python client: one area for each SIG.

A check's docstring says which tests of the suite it walks, by their names; an area's says which it does not, and why. The
steps are told in our own words: what a client does, and what it must see. Each check makes its own namespace (`space`), so
that the checks of an area run side by side in one cluster.
"""
import contextlib
import itertools
import json
import urllib.request

from harness import eventually

_numbers = itertools.count(1)


@contextlib.contextmanager
def space(cluster, name, labels=None):
    """A new namespace, which is deleted afterwards without waiting for its end."""
    name = f"{name}-{next(_numbers)}"
    cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels or {}}}, expect=201)
    try:
        yield name
    finally:
        cluster.request("DELETE", f"/api/v1/namespaces/{name}", expect=200)


def pod_of(name, image, **spec):
    """A pod of one container, which is called as the pod is; `command` and `args` are the container's, the rest the pod's."""
    container = {"name": name, "image": image, **{key: spec.pop(key) for key in ["command", "args"] if key in spec}}
    return {"metadata": {"name": name}, "spec": {"containers": [container], **spec}}


def run_to_end(cluster, ns, pod):
    """Makes the pod, waits until it has succeeded, and gives its log."""
    path = f"/api/v1/namespaces/{ns}/pods"
    name = cluster.request("POST", path, pod, expect=201)[1]["metadata"]["name"]
    phase = eventually(lambda: (found := cluster.request("GET", f"{path}/{name}", expect=200)[1]["status"].get("phase"))
                       in ["Succeeded", "Failed"] and found)
    log = cluster.request("GET", f"{path}/{name}/log", expect=200)[1]
    assert phase == "Succeeded", f"{name}: {phase}\n{log}"
    return log


class Events:
    """What a watch tells."""

    def __init__(self, answer):
        self.answer = answer

    def next(self):
        """-> type, object."""
        line = self.answer.readline()
        assert line, "the watch ended"
        event = json.loads(line)
        return event["type"], event["object"]

    def expect(self, kind, name=None, where=lambda _: True):
        """The object of the next event, which must be of that type and fit."""
        found, value = self.next()
        assert found == kind and name in (None, value["metadata"].get("name")) and where(value), (kind, name, found, value)
        return value

    def until(self, kind, name=None, where=lambda _: True):
        """The object of the next event of that type that fits."""
        while True:
            found, value = self.next()
            if found == kind and name in (None, value["metadata"].get("name")) and where(value):
                return value

    def names(self, kind):
        """The names of the objects of all events of that type, up to the watch's end."""
        events = [json.loads(line) for line in self.answer]
        return [event["object"]["metadata"]["name"] for event in events if event["type"] == kind]


@contextlib.contextmanager
def watch(cluster, path):
    """A watch of `path` (with its parameters), for as long as the block lasts."""
    request = urllib.request.Request(f"{cluster.url}{path}{'&' if '?' in path else '?'}watch=1",
                                     headers={"Authorization": f"Bearer {cluster.token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        yield Events(answer)
