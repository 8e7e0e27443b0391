"""The life of an object as the suite walks it for many kinds: discovery, create, get, list, watch, patch, update, status, deletion."""
import http.client
import json
import re
import socket
import threading

from harness import eventually

MERGE = {"Content-Type": "application/merge-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


class Watch:
    """Follows a collection in the background; -> its events in their order."""

    def __init__(self, cluster, place):
        self.events = []
        host = re.sub("^http://", "", cluster.url)
        self.connection = http.client.HTTPConnection(host, timeout=60)
        self.connection.request("GET", place, headers={"Authorization": "Bearer " + cluster.token})
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        try:
            for line in self.answer:
                self.events.append(json.loads(line))
        except (OSError, ValueError, AttributeError):
            pass

    def sees(self, kind, name, check=lambda o: True, seconds=20):
        def found():
            return any(e["type"] == kind and e["object"]["metadata"]["name"] == name and check(e["object"])
                       for e in list(self.events))
        eventually(found, seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)


def discovered(cluster, group, version, resource):
    """The group, its version and the resource are in the documents of discovery."""
    groups = {g["name"]: [v["version"] for v in g["versions"]] for g in cluster.request("GET", "/apis", expect=200)[1]["groups"]}
    assert version in groups[group]
    served = cluster.request("GET", f"/apis/{group}", expect=200)[1]
    assert any(v["version"] == version for v in served["versions"])
    resources = cluster.request("GET", f"/apis/{group}/{version}", expect=200)[1]["resources"]
    assert any(r["name"] == resource for r in resources)


def walk(cluster, collection, template, selector, everywhere=None, has_status=None, change=None):
    """Walks the life of three objects.

    - collection: the path; everywhere: that of all namespaces
    - template: name -> an object with the labels of the selector
    - has_status: a patch of the status, and a check of what came of it
    - change: changes an object for an update
    """
    listed = f"{collection}?labelSelector={selector}"
    names = lambda: sorted(i["metadata"]["name"] for i in cluster.request("GET", listed, expect=200)[1]["items"])
    made = [cluster.request("POST", collection, template(n), expect=201)[1]["metadata"]["name"] for n in range(3)]
    one = made[0]
    place = f"{collection}/{one}"
    assert cluster.request("GET", place, expect=200)[1]["metadata"]["name"] == one
    assert names() == sorted(made)
    version = cluster.request("GET", listed, expect=200)[1]["metadata"]["resourceVersion"]
    if everywhere:
        found = cluster.request("GET", f"{everywhere}?labelSelector={selector}", expect=200)[1]["items"]
        assert len(found) == 3
    with Watch(cluster, f"{listed}&watch=1&resourceVersion={version}") as watch:
        patched = cluster.request("PATCH", place, {"metadata": {"annotations": {"patched": "true"}}}, MERGE, expect=200)[1]
        assert patched["metadata"]["annotations"]["patched"] == "true"
        watch.sees("MODIFIED", one, lambda o: o["metadata"]["annotations"].get("patched") == "true")

        def update():
            body = cluster.request("GET", place, expect=200)[1]
            body["metadata"].setdefault("annotations", {})["updated"] = "true"
            if change:
                change(body)
            return cluster.request("PUT", place, body)[0] == 200
        eventually(update)
        watch.sees("MODIFIED", one, lambda o: o["metadata"]["annotations"].get("updated") == "true")
        if has_status:
            patch, check = has_status
            answer = cluster.request("PATCH", place + "/status", {**patch, "metadata": {"annotations": {"status": "patched"}}},
                                     MERGE, expect=200)[1]
            assert check(answer), answer
            assert answer["metadata"]["annotations"]["status"] == "patched"
            read = cluster.request("GET", place + "/status", expect=200)[1]
            assert check(read), read

            def update_status():
                body = cluster.request("GET", place, expect=200)[1]
                return cluster.request("PUT", place + "/status", body)[0] == 200
            eventually(update_status)
        cluster.request("DELETE", place, expect=200)
        eventually(lambda: cluster.request("GET", place)[0] == 404)
        watch.sees("DELETED", one)
    assert names() == sorted(made[1:])
    cluster.request("DELETE", listed, expect=200)
    eventually(lambda: names() == [])
