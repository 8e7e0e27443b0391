"""Custom resources: their definitions, defaults, selectable fields and rules. What is published of them is in
`machinery_published`.

Not walked here: conversion by webhooks.
"""
import contextlib
import itertools
from urllib.parse import quote

from conformance import space, watch
from conformance.machinery import MERGE, aggregated_resources
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}

_numbers = itertools.count(1)


def definition(word, schemas, scope="Namespaced", labels=None, **spec):
    """-> a definition of a kind of its own; `schemas` are by version, and the first is the stored one."""
    name = f"{word}{next(_numbers)}"
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{name}s.{name}.example.com", "labels": labels or {}},
        "spec": {"group": f"{name}.example.com", "scope": scope,
                 "names": {"plural": f"{name}s", "singular": name, "kind": name.capitalize(), "listKind": f"{name}List"},
                 "versions": [{"name": version, "served": True, "storage": version == next(iter(schemas)),
                               "schema": {"openAPIV3Schema": schema}} for version, schema in schemas.items()], **spec}}


class Custom:
    """A definition that is established, and the paths and bodies of its objects."""

    def __init__(self, cluster, definition):
        self.cluster, self.name = cluster, definition["metadata"]["name"]
        self.spec = cluster.request("POST", DEFINITIONS, definition, expect=201)[1]["spec"]
        self.group, self.plural = self.spec["group"], self.spec["names"]["plural"]
        eventually(lambda: self.condition("Established") == "True")
        eventually(lambda: cluster.request("GET", self.path())[0] == 200)

    def read(self):
        return self.cluster.request("GET", f"{DEFINITIONS}/{self.name}", expect=200)[1]

    def condition(self, kind):
        return {c["type"]: c["status"] for c in self.read().get("status", {}).get("conditions") or []}.get(kind)

    def patch(self, *operations):
        operations = [dict(zip(["op", "path", "value"], operation)) for operation in operations]
        return self.cluster.request("PATCH", f"{DEFINITIONS}/{self.name}", operations, JSON_PATCH, expect=200)[1]

    def path(self, ns=None, name=None, version=None):
        version = version or self.spec["versions"][0]["name"]
        place = f"/namespaces/{ns}" if ns else ""
        return f"/apis/{self.group}/{version}{place}/{self.plural}" + (f"/{name}" if name else "")

    def object(self, name, version=None, **fields):
        version = version or self.spec["versions"][0]["name"]
        return {"apiVersion": f"{self.group}/{version}", "kind": self.spec["names"]["kind"],
                "metadata": {"name": name}, **fields}

    def published_name(self, version):
        return ".".join([*reversed(self.group.split(".")), version, self.spec["names"]["kind"]])


@contextlib.contextmanager
def custom(cluster, word, schemas, **more):
    """A definition, deleted afterwards; its end is waited for."""
    made = Custom(cluster, definition(word, schemas, **more))
    try:
        yield made
    finally:
        cluster.request("DELETE", f"{DEFINITIONS}/{made.name}", expect=200)
        eventually(lambda: cluster.request("GET", f"{DEFINITIONS}/{made.name}")[0] == 404)


# MARK: - definitions

def test_definitions(cluster):
    """CustomResourceDefinition resources Simple CustomResourceDefinition creating/deleting custom resource definition
    objects works
    CustomResourceDefinition resources Simple CustomResourceDefinition listing custom resource definition objects works"""
    with custom(cluster, "other", {"v1beta1": ANYTHING}, scope="Cluster") as other:
        made = {d.name: d.spec for d in (
            Custom(cluster, definition("listed", {"v1beta1": ANYTHING}, "Cluster", {"e2e-list": "yes"}))
            for _ in range(10))}
        selected = DEFINITIONS + "?labelSelector=e2e-list%3Dyes"
        listed = cluster.request("GET", selected, expect=200)[1]["items"]
        assert {d["metadata"]["name"]: d["spec"] for d in listed} == made
        cluster.request("DELETE", selected, expect=200)
        eventually(lambda: not cluster.request("GET", selected, expect=200)[1]["items"])
        assert other.read()["spec"] == other.spec


def test_definition_status(cluster):
    """CustomResourceDefinition resources Simple CustomResourceDefinition getting/updating/patching custom resource
    definition status sub-resource works"""
    with custom(cluster, "status", {"v1beta1": ANYTHING}, scope="Cluster") as made:
        path = f"{DEFINITIONS}/{made.name}/status"

        def update():
            status = cluster.request("GET", path, expect=200)[1]
            assert status["spec"] == made.spec
            status["status"]["conditions"].append({"message": "updated"})
            return cluster.request("PUT", path, status)

        code, updated = eventually(lambda: (found := update())[0] != 409 and found)
        assert code == 200, updated
        assert "updated" in [c.get("message") for c in updated["status"]["conditions"]]
        patch = [{"op": "add", "path": "/status/conditions", "value": [{"message": "patched"}]}]
        patched = cluster.request("PATCH", path, patch, JSON_PATCH, expect=200)[1]
        assert "patched" in [c.get("message") for c in patched["status"]["conditions"]]


def test_definition_discovery(cluster):
    """CustomResourceDefinition resources should include custom resource definition resources in discovery documents
    AggregatedDiscovery should support raw aggregated discovery request for CRDs
    AggregatedDiscovery should support aggregated discovery interface for CRDs
    Discovery Custom resource should have storage version hash"""
    groups = {g["name"]: g for g in cluster.request("GET", "/apis", expect=200)[1]["groups"]}
    assert "v1" in [v["version"] for v in groups["apiextensions.k8s.io"]["versions"]]
    group = cluster.request("GET", "/apis/apiextensions.k8s.io", expect=200)[1]
    assert group["name"] == "apiextensions.k8s.io" and group["versions"]
    found = cluster.request("GET", "/apis/apiextensions.k8s.io/v1", expect=200)[1]
    assert "customresourcedefinitions" in [r["name"] for r in found["resources"]]
    with custom(cluster, "seen", {"v1": ANYTHING}) as made:
        key = (made.group, "v1", made.plural)
        eventually(lambda: key in aggregated_resources(cluster, "/apis"))
        resources = cluster.request("GET", f"/apis/{made.group}/v1", expect=200)[1]["resources"]
        assert [r for r in resources if r["name"] == made.plural][0]["storageVersionHash"]
    eventually(lambda: key not in aggregated_resources(cluster, "/apis"))


def test_defaults(cluster):
    """CustomResourceDefinition resources custom resource defaulting for requests and from storage works"""
    schema = {**ANYTHING, "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    with custom(cluster, "default", {"v1beta1": schema}, scope="Cluster") as made:
        create = lambda name: cluster.request("POST", made.path(), made.object(name), expect=201)[1]
        read = lambda name: cluster.request("GET", made.path(name=name), expect=200)[1]
        place = "/spec/versions/0/schema/openAPIV3Schema/properties/"
        assert "a" not in create("first")
        made.patch(("add", place + "a/default", "A"))
        eventually(lambda: read("first").get("a") == "A")
        assert create("second")["a"] == "A" and "b" not in read("second")
        made.patch(("remove", place + "a/default"), ("add", place + "b/default", "B"))
        eventually(lambda: read("first").get("b") == "B")
        assert "a" not in read("first")
        assert read("second")["a"] == "A" and read("second")["b"] == "B"


def test_custom_watch(cluster):
    """CustomResourceDefinition Watch CustomResourceDefinition Watch watch on custom resource definition objects"""
    with custom(cluster, "watched", {"v1beta1": ANYTHING}, scope="Cluster") as made:
        with watch(cluster, made.path()) as both, \
                watch(cluster, made.path() + "?fieldSelector=metadata.name%3Db") as one:
            for name in ["a", "b"]:
                cluster.request("POST", made.path(), made.object(name, content={"key": "value"}), expect=201)
            for name in ["a", "b"]:
                change = {"metadata": {"labels": {"changed": "yes"}}}
                cluster.request("PATCH", made.path(name=name), change, MERGE, expect=200)
            for name in ["a", "b"]:
                cluster.request("DELETE", made.path(name=name), expect=200)
            for kind in ["ADDED", "MODIFIED", "DELETED"]:
                both.expect(kind, "a")
                both.expect(kind, "b")
                one.expect(kind, "b")


def test_watches_end_with_their_definition(cluster):
    """No test of the suite: a watch ends when the definition of its kind changes or goes, and clients come back."""
    made = Custom(cluster, definition("ending", {"v1": ANYTHING}))
    with watch(cluster, made.path()) as events:
        made.patch(("add", "/spec/versions/0/schema/openAPIV3Schema/description", "changed"))
        assert events.answer.readline() == b""
    with space(cluster, "ending") as ns:
        cluster.request("POST", made.path(ns), made.object("last"), expect=201)
        with watch(cluster, made.path()) as events:
            events.expect("ADDED", "last")
            cluster.request("DELETE", f"{DEFINITIONS}/{made.name}", expect=200)
            events.expect("DELETED", "last")
            assert events.answer.readline() == b""
    eventually(lambda: cluster.request("GET", made.path())[0] == 404)


def test_metrics(cluster):
    """No test of the suite: requests for custom resources are counted by their group, version and resource."""
    with custom(cluster, "counted", {"v1": ANYTHING}) as made:
        labels = f'group="{made.group}",resource="{made.plural}",scope="cluster",subresource="",verb="LIST",version="v1"'
        assert labels in cluster.request("GET", "/metrics", expect=200)[1]


def test_selectable_fields(cluster):
    """CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector (in one version: its
    other one is made by a webhook)"""
    text = {"type": "string"}
    wanted = definition("selectable", {"v2": {"type": "object", "properties": {"host": text, "port": text}}})
    wanted["spec"]["versions"][0]["selectableFields"] = [{"jsonPath": ".host"}, {"jsonPath": ".port"}]
    made = Custom(cluster, wanted)
    with space(cluster, "selectable") as ns:
        path, at = made.path(ns), lambda selector: f"{made.path(ns)}?fieldSelector={quote(selector)}"
        names = lambda selector: {o["metadata"]["name"] for o in cluster.request("GET", at(selector), expect=200)[1]["items"]}
        with watch(cluster, at("host=host1")) as host, watch(cluster, at("host=host1,port=80")) as both:
            for name, fields in [("one", ("host1", "80")), ("two", ("host1", "8080")), ("three", ("host2",))]:
                value = made.object(name, **dict(zip(["host", "port"], fields)))
                cluster.request("POST", path, value, expect=201)
            assert names("host=host1") == {"one", "two"} and names("host=host1,port=80") == {"one"}
            cluster.request("DELETE", at("host=host1,port=80"), {"gracePeriodSeconds": 0}, expect=200)
            cluster.request("PATCH", made.path(ns, "two"), {"host": "host2"}, MERGE, expect=200)
            assert names("host=host1") == names("host=host1,port=80") == set()
            for kind, name in [("ADDED", "one"), ("ADDED", "two"), ("DELETED", "one"), ("DELETED", "two")]:
                host.expect(kind, name)
            both.expect("ADDED", "one")
            both.expect("DELETED", "one")
    cluster.request("DELETE", f"{DEFINITIONS}/{made.name}", expect=200)


# MARK: - rules

RULED = {
    "type": "object", "properties": {
        "spec": {
            "type": "object", "properties": {
                "x": {"type": "integer"}, "y": {"type": "integer"},
                **{f"{word}Array": {"type": "array", "maxItems": most, "items": {"type": "integer"}}
                   for word, most in [("first", 1000), ("second", 1000), ("large", 725)]}},
            "x-kubernetes-validations": [
                {"rule": "self.x + self.y > 0"},
                {"rule": "self.firstArray.isSorted() && self.secondArray.isSorted() && "
                         "((self.firstArray.sum() + self.secondArray.sum()) % 2 == 0)"},
                {"rule": "self.largeArray.all(x, self.largeArray.all(y, y == x))"}]},
        "status": {"type": "object", "properties": {"health": {"type": "string"}},
                   "x-kubernetes-validations": [{"rule": "self.health == 'ok' || self.health == 'unhealthy'"}]}}}


def with_rule(rule, place=None, **fields):
    """A schema whose `spec` has a rule."""
    spec = {"type": "object", "x-kubernetes-validations": [{"rule": rule}]}
    return {"type": "object", "properties": {"spec": {**spec, **fields}}}


def test_rules(cluster):
    """CustomResourceValidationRules MUST NOT fail validation for create of a custom resource that satisfies the
    x-kubernetes-validations rules
    … MUST fail validation for create of a custom resource that does not satisfy the x-kubernetes-validations rules
    … MUST fail create of a custom resource that exceeds the runtime cost limit for x-kubernetes-validations rule execution"""
    with custom(cluster, "ruled", {"v1beta1": RULED}) as made, space(cluster, "ruled") as ns:
        create = lambda name, **spec: cluster.request("POST", made.path(ns), made.object(name, spec=spec))
        code, answer = create("good", x=1, y=0, firstArray=[3, 4], secondArray=[5, 10], largeArray=[2, 2])
        assert code == 201, answer
        code, answer = create("bad", x=0, y=0)
        assert code == 422 and "failed rule" in answer["message"], answer
        code, answer = create("dear", x=1, y=0, firstArray=[1], secondArray=[1], largeArray=[20] * 725)
        assert code == 422 and "call cost exceeds limit" in answer["message"], answer


def test_rules_of_definitions(cluster):
    """CustomResourceValidationRules MUST fail create of a custom resource definition that contains a
    x-kubernetes-validations rule that refers to a property that do not exist
    … that contains an x-kubernetes-validations rule that contains a syntax error
    … that contains an x-kubernetes-validations rule that exceeds the estimated cost limit"""
    dear = {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "x-kubernetes-validations": [
        {"rule": "self.all(s, s == 'string constant')"}]}}
    for schema, words in [
            (with_rule("self.z == 100", properties={"x": {"type": "integer"}}), "undefined field 'z'"),
            (with_rule("self = 42"), "Syntax error"),
            ({"type": "object", "properties": {"spec": {"type": "object", "properties": {"x": dear}}}}, "exceeds budget")]:
        answer = cluster.request("POST", DEFINITIONS, definition("wrong", {"v1": schema}), expect=422)[1]
        assert words in answer["message"], answer


def test_transition_rules(cluster):
    """CustomResourceValidationRules MUST fail update of a custom resource that does not satisfy a
    x-kubernetes-validations transition rule"""
    schema = with_rule("true", properties={
        "num": {"type": "integer", "x-kubernetes-validations": [{"rule": "self > oldSelf"}]}})
    with custom(cluster, "transition", {"v1beta1": schema}) as made, space(cluster, "transition") as ns:
        value = cluster.request("POST", made.path(ns), made.object("one", spec={"num": 10}), expect=201)[1]
        value["spec"]["num"] = 9
        answer = cluster.request("PUT", made.path(ns, "one"), value, expect=422)[1]
        assert "failed rule" in answer["message"], answer
