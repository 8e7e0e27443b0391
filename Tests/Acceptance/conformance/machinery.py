"""The API itself: watches, lists in chunks, discovery, tables, versions, priority and fairness.

Custom resources are in `machinery_custom`, what is deleted and counted (garbage, namespaces, quotas) in
`machinery_lifecycle`.

Of the suite's tests of this SIG these are not walked here: those of webhooks, admission policies and the aggregator, and
"should support continue listing from the last key if the original version has been compacted away", which takes five minutes
of the machine's own time.
"""
import contextlib
import itertools
import json
import re
import threading
from urllib.parse import quote

from conformance import space, watch

FLAGS = ["--nodes", "3"]
WORKERS = 8

AGGREGATED = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
MERGE = {"Content-Type": "application/merge-patch+json"}

# One resource of every group that the suite looks for.
KNOWN = [
    ("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions"), ("apiregistration.k8s.io", "v1", "apiservices"),
    ("apps", "v1", "deployments"), ("authentication.k8s.io", "v1", "tokenreviews"),
    ("authorization.k8s.io", "v1", "selfsubjectaccessreviews"), ("autoscaling", "v1", "horizontalpodautoscalers"),
    ("autoscaling", "v2", "horizontalpodautoscalers"), ("batch", "v1", "jobs"),
    ("certificates.k8s.io", "v1", "certificatesigningrequests"), ("coordination.k8s.io", "v1", "leases"),
    ("discovery.k8s.io", "v1", "endpointslices"), ("events.k8s.io", "v1", "events"),
    ("networking.k8s.io", "v1", "ingresses"), ("node.k8s.io", "v1", "runtimeclasses"),
    ("policy", "v1", "poddisruptionbudgets"), ("scheduling.k8s.io", "v1", "priorityclasses"),
    ("storage.k8s.io", "v1", "csinodes"),
]


def aggregated_resources(cluster, root):
    """-> every (group, version, resource) of an aggregated discovery document."""
    document = cluster.request("GET", root, headers=AGGREGATED, expect=200)[1]
    assert document["kind"] == "APIGroupDiscoveryList", document["kind"]
    return {
        (group["metadata"].get("name", ""), version["version"], resource["resource"])
        for group in document["items"] for version in group["versions"] for resource in version["resources"]}


# MARK: - discovery and versions

def test_aggregated_discovery(cluster):
    """AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers
    AggregatedDiscovery should support aggregated discovery interface"""
    assert set(KNOWN) <= aggregated_resources(cluster, "/apis")
    assert ("", "v1", "namespaces") in aggregated_resources(cluster, "/api")


def test_discovery(cluster):
    """Discovery should validate PreferredVersion for each APIGroup
    Discovery should locate the groupVersion and a resource within each APIGroup"""
    groups = cluster.request("GET", "/apis/", expect=200)[1]["groups"]
    assert groups
    for group in groups:
        alone = cluster.request("GET", f"/apis/{group['name']}/", expect=200)[1]
        assert alone["preferredVersion"] in alone["versions"], alone
    for group, version, resource in [*KNOWN, ("", "v1", "namespaces")]:
        path = f"/apis/{group}/{version}" if group else f"/api/{version}"
        found = cluster.request("GET", path, expect=200)[1]
        assert found["groupVersion"] == f"{group}/{version}".lstrip("/"), found["groupVersion"]
        assert resource in [r["name"] for r in found["resources"]], (group, resource)
    cluster.request("GET", "/apis/not-these-apps/v1", expect=404)


def test_server_version(cluster):
    """server version should find the server version"""
    version = cluster.request("GET", "/version", expect=200)[1]
    assert re.fullmatch(r"\d+", version["major"]) and re.fullmatch(r"\d+", version["minor"]), version


def test_health(cluster):
    """health handlers should contain necessary checks (of those, the ones that do not wait for hooks of the stock server)"""
    for path in ["/healthz", "/livez", "/readyz"]:
        answer = cluster.request("GET", path + "?verbose=1", expect=200)[1]
        for check in ["ping", "log", "etcd"]:
            assert f"[+]{check} ok" in answer, (path, check)


def test_request_timeout(cluster):
    """Server request timeout should return HTTP status code 400 if the user specifies an invalid timeout in the request URL
    Server request timeout the request should be served with a default timeout if the specified timeout in the request URL
    exceeds maximum allowed
    Server request timeout default timeout should be used if the specified timeout in the request URL is 0s"""
    path = "/api/v1/namespaces/default/serviceaccounts?timeout="
    answer = cluster.request("GET", path + "invalid", expect=400)[1]
    assert "invalid timeout specified in the request URL" in json.dumps(answer), answer
    cluster.request("GET", path + "3m", expect=200)
    cluster.request("GET", path + "0s", expect=200)


# MARK: - tables

def test_tables(cluster):
    """Servers with support for Table transformation should return a 406 for a backend which does not implement metadata
    Servers with support for Table transformation should return pod details
    Servers with support for Table transformation should return chunks of table results for list calls
    Servers with support for Table transformation should return generic metadata details across all namespaces for nodes"""
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
              "spec": {"nonResourceAttributes": {"path": "/", "verb": "get"}}}
    status = cluster.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, TABLE, expect=406)[1]
    assert status["reason"] == "NotAcceptable", status
    with space(cluster, "tables") as ns:
        pod = {"metadata": {"name": "pod-1"}, "spec": {"containers": [{"name": "container1", "image": "pause"}]}}
        cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)
        table = cluster.request("GET", f"/api/v1/namespaces/{ns}/pods/pod-1", headers=TABLE, expect=200)[1]
        assert len(table["columnDefinitions"]) > 2 and len(table["rows"]) == 1 and table["rows"][0]["cells"][0] == "pod-1"
        for n in range(20):
            cluster.request("POST", f"/api/v1/namespaces/{ns}/podtemplates", pod_template(f"template-{n:04}"), expect=201)
        more, seen = "", []
        while True:
            page = f"?limit=10&includeObject=None&continue={quote(more)}"
            table = cluster.request("GET", f"/api/v1/namespaces/{ns}/podtemplates{page}", headers=TABLE, expect=200)[1]
            assert len(table["rows"]) == 10 and table["metadata"]["resourceVersion"]
            seen += [row["cells"][0] for row in table["rows"]]
            more = table["metadata"].get("continue", "")
            if not more:
                break
        assert seen == [f"template-{n:04}" for n in range(20)]
    nodes = cluster.request("GET", "/api/v1/nodes", headers={**TABLE}, expect=200)[1]
    assert nodes["columnDefinitions"][0]["name"] == "Name" and all(len(r["cells"]) >= 2 for r in nodes["rows"])
    partial = {"Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}
    nodes = cluster.request("GET", "/api/v1/nodes", headers=partial, expect=200)[1]
    assert nodes["kind"] == "PartialObjectMetadataList" and nodes["items"][0]["metadata"]["name"]


# MARK: - chunks

def pod_template(name):
    return {"metadata": {"name": name}, "template": {"spec": {"containers": [{"name": "test", "image": "test2"}]}}}


def test_chunks(cluster):
    """Servers with support for API chunking should return chunks of results for list calls"""
    with space(cluster, "chunks") as ns:
        path = f"/api/v1/namespaces/{ns}/podtemplates"
        for n in range(400):
            cluster.request("POST", path, pod_template(f"template-{n:04}"), expect=201)
        for limit in [7, 200, 400]:
            more, seen, revisions = "", [], set()
            while True:
                page = cluster.request("GET", f"{path}?limit={limit}&continue={quote(more)}", expect=200)[1]
                assert len(page["items"]) <= limit
                seen += [item["metadata"]["name"] for item in page["items"]]
                revisions.add(page["metadata"]["resourceVersion"])
                assert page["metadata"].get("remainingItemCount", 0) == 400 - len(seen)
                more = page["metadata"].get("continue", "")
                if not more:
                    break
            assert seen == [f"template-{n:04}" for n in range(400)] and len(revisions) == 1, (limit, len(seen), revisions)
        whole = cluster.request("GET", f"{path}?limit=500", expect=200)[1]
        assert len(whole["items"]) == 400 and "continue" not in whole["metadata"]


# MARK: - watches

def config_map(name, label, mutation=None):
    return {"metadata": {"name": name, "labels": {"watch-this-configmap": label}},
            **({"data": {"mutation": str(mutation)}} if mutation is not None else {})}


def mutated(number):
    return lambda value: value.get("data", {}).get("mutation") == str(number)


def selecting(label):
    return "?labelSelector=" + quote(label)


def test_watchers(cluster):
    """Watchers should observe add, update, and delete watch notifications on configmaps"""
    with space(cluster, "watchers") as ns:
        path = f"/api/v1/namespaces/{ns}/configmaps"
        with watch(cluster, path + selecting("watch-this-configmap=a")) as a, \
                watch(cluster, path + selecting("watch-this-configmap=b")) as b, \
                watch(cluster, path + selecting("watch-this-configmap in (a,b)")) as both:
            write = lambda verb, name, label, number: cluster.request(
                verb, path + ("" if verb == "POST" else f"/{name}"), config_map(name, label, number))
            write("POST", "map-a", "a", None)
            write("PUT", "map-a", "a", 1)
            write("PUT", "map-a", "a", 2)
            cluster.request("DELETE", f"{path}/map-a", expect=200)
            write("POST", "map-b", "b", None)
            cluster.request("DELETE", f"{path}/map-b", expect=200)
            for events in [a, both]:
                events.expect("ADDED", "map-a")
                events.expect("MODIFIED", "map-a", mutated(1))
                events.expect("MODIFIED", "map-a", mutated(2))
                events.expect("DELETED", "map-a", mutated(2))
            for events in [b, both]:
                events.expect("ADDED", "map-b")
                events.expect("DELETED", "map-b")


def test_watch_from_a_revision(cluster):
    """Watchers should be able to start watching from a specific resource version
    Watchers should be able to restart watching from the last resource version observed by the previous watch"""
    with space(cluster, "revisions") as ns:
        path = f"/api/v1/namespaces/{ns}/configmaps"
        with watch(cluster, path + selecting("watch-this-configmap=from")) as first:
            cluster.request("POST", path, config_map("from", "from"), expect=201)
            changed = cluster.request("PUT", path + "/from", config_map("from", "from", 1), expect=200)[1]
            first.expect("ADDED", "from")
            last = first.expect("MODIFIED", "from", mutated(1))["metadata"]["resourceVersion"]
        assert last == changed["metadata"]["resourceVersion"]
        cluster.request("PUT", path + "/from", config_map("from", "from", 2), expect=200)
        cluster.request("DELETE", path + "/from", expect=200)
        with watch(cluster, path + selecting("watch-this-configmap=from") + f"&resourceVersion={last}") as again:
            again.expect("MODIFIED", "from", mutated(2))
            again.expect("DELETED", "from", mutated(2))


def test_watch_of_a_selector(cluster):
    """Watchers should observe an object deletion if it stops meeting the requirements of the selector"""
    with space(cluster, "selectors") as ns:
        path = f"/api/v1/namespaces/{ns}/configmaps"
        with watch(cluster, path + selecting("watch-this-configmap=here")) as events:
            cluster.request("POST", path, config_map("moves", "here"), expect=201)
            for label, number in [("here", 1), ("elsewhere", 1), ("elsewhere", 2), ("here", 2), ("here", 3)]:
                cluster.request("PUT", path + "/moves", config_map("moves", label, number), expect=200)
            cluster.request("DELETE", path + "/moves", expect=200)
            events.expect("ADDED", "moves")
            events.expect("MODIFIED", "moves", mutated(1))
            events.expect("DELETED", "moves", mutated(1))
            events.expect("ADDED", "moves", mutated(2))
            events.expect("MODIFIED", "moves", mutated(3))
            events.expect("DELETED", "moves", mutated(3))


def test_watches_agree(cluster):
    """Watchers should receive events on concurrent watches in same order"""
    with space(cluster, "order") as ns:
        path = f"/api/v1/namespaces/{ns}/configmaps"
        start = cluster.request("GET", path, expect=200)[1]["metadata"]["resourceVersion"]
        done = threading.Event()

        def write():
            alive = []
            for number in itertools.count():
                if done.is_set():
                    return
                if len(alive) > 3:
                    cluster.request("DELETE", f"{path}/{alive.pop(0)}")
                alive.append(f"cm-{number}")
                cluster.request("POST", path, config_map(alive[-1], "order"))
                cluster.request("PUT", f"{path}/{alive[0]}", config_map(alive[0], "order", number))

        writer = threading.Thread(target=write)
        writer.start()
        with contextlib.ExitStack() as stack:
            stack.callback(lambda: (done.set(), writer.join()))
            watches = [stack.enter_context(watch(cluster, f"{path}?resourceVersion={start}"))]
            for _ in range(30):
                revisions = [events.next()[1]["metadata"]["resourceVersion"] for events in watches]
                assert len(set(revisions)) == 1, revisions
                watches.append(stack.enter_context(watch(cluster, f"{path}?resourceVersion={revisions[0]}")))


def test_watch_list(cluster):
    """API Streaming (aka. WatchList) should be requested by informers when WatchListClient is enabled
    API Streaming (aka. WatchList) server supports sending resources in Table format"""
    with space(cluster, "streams") as ns:
        path = f"/api/v1/namespaces/{ns}/secrets"
        for n in range(5):
            cluster.request("POST", path, {"metadata": {"name": f"secret-{n}"}}, expect=201)
        query = "?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        with watch(cluster, path + query) as events:
            for n in range(5):
                events.expect("ADDED", f"secret-{n}")
            mark = events.expect("BOOKMARK")
            assert mark["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}, mark
            assert mark["kind"] == "Secret" and mark["metadata"]["resourceVersion"]
            cluster.request("POST", path, {"metadata": {"name": "later"}}, expect=201)
            events.expect("ADDED", "later")


# MARK: - priority and fairness

def life_of_a_flow_kind(cluster, resource, named, change, read):
    """Every verb that the suite asks of the kinds of priority and fairness."""
    base = f"/apis/flowcontrol.apiserver.k8s.io/v1/{resource}"
    found = [r["name"] for r in cluster.request("GET", "/apis/flowcontrol.apiserver.k8s.io/v1")[1]["resources"]]
    assert resource in found and f"{resource}/status" in found, found
    label = f"e2e-{resource}"
    made = [cluster.request("POST", base, named(f"{label}-{n}", {"test": label}), expect=201)[1] for n in range(3)]
    one = f"{base}/{label}-0"
    assert cluster.request("GET", one, expect=200)[1]["metadata"]["uid"] == made[0]["metadata"]["uid"]
    selected = f"{base}?labelSelector=test={label}"
    listed = cluster.request("GET", selected, expect=200)[1]
    assert len(listed["items"]) == 3
    with watch(cluster, f"{selected}&resourceVersion={listed['metadata']['resourceVersion']}") as events:
        patched = cluster.request("PATCH", one, {"metadata": {"annotations": {"patched": "true"}}, **change}, MERGE, 200)[1]
        assert patched["metadata"]["annotations"]["patched"] == "true" and read(patched), patched
        events.until("MODIFIED", f"{label}-0", lambda o: o["metadata"].get("annotations", {}).get("patched"))
        patched["metadata"]["annotations"]["updated"] = "true"
        updated = cluster.request("PUT", one, patched, expect=200)[1]
        events.until("MODIFIED", f"{label}-0", lambda o: o["metadata"]["annotations"].get("updated"))
        condition = {"type": "PatchStatusFailed", "status": "False", "reason": "E2E"}
        status = cluster.request(
            "PATCH", one + "/status", {"metadata": {"annotations": {"patchedstatus": "true"}},
                                       "status": {"conditions": [condition]}}, MERGE, expect=200)[1]
        assert condition["type"] in [c["type"] for c in status["status"]["conditions"]], status
        status = cluster.request("GET", one + "/status", expect=200)[1]
        status["status"]["conditions"] = [{"type": "StatusUpdateFailed", "status": "False", "reason": "E2E"}]
        status = cluster.request("PUT", one + "/status", status, expect=200)[1]
        assert status["status"]["conditions"][0]["type"] == "StatusUpdateFailed"
        assert updated["spec"] == status["spec"]
        cluster.request("DELETE", one, expect=200)
        cluster.request("GET", one, expect=404)
        cluster.request("DELETE", selected, expect=200)
        assert not cluster.request("GET", selected, expect=200)[1]["items"]


def flow_schema(name, labels=None, precedence=10000, level="global-default", user="example-e2e-non-existent-user"):
    return {"metadata": {"name": name, "labels": labels or {}}, "spec": {
        "matchingPrecedence": precedence, "priorityLevelConfiguration": {"name": level},
        "distinguisherMethod": {"type": "ByUser"},
        "rules": [{"subjects": [{"kind": "User", "user": {"name": user}}],
                   "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}]}]}}


def priority_level(name, labels=None):
    return {"metadata": {"name": name, "labels": labels or {}}, "spec": {
        "type": "Limited", "limited": {"nominalConcurrencyShares": 2, "limitResponse": {"type": "Reject"}}}}


def test_flow_schemas(cluster):
    """API priority and fairness should support FlowSchema API operations"""
    life_of_a_flow_kind(cluster, "flowschemas", flow_schema, {"spec": {"matchingPrecedence": 9999}},
                        lambda o: o["spec"]["matchingPrecedence"] == 9999)


def test_priority_levels(cluster):
    """API priority and fairness should support PriorityLevelConfiguration API operations"""
    life_of_a_flow_kind(
        cluster, "prioritylevelconfigurations", priority_level,
        {"spec": {"limited": {"nominalConcurrencyShares": 4}}},
        lambda o: o["spec"]["limited"]["nominalConcurrencyShares"] == 4)
