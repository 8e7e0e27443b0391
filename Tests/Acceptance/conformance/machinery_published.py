"""What is published of custom resources (OpenAPI, explain), and how strictly their fields are taken."""
import json
import re

from conformance import space
from conformance.machinery import MERGE
from conformance.machinery_custom import ANYTHING, APPLY, DEFINITIONS, Custom, custom, definition
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8


# MARK: - published documents

FOO = {
    "description": "Foo CRD for Testing", "type": "object", "properties": {
        "spec": {
            "description": "Specification of Foo", "type": "object", "properties": {
                "bars": {
                    "description": "List of Bars and their specs.", "type": "array", "items": {
                        "type": "object", "required": ["name"], "properties": {
                            "name": {"description": "Name of Bar.", "type": "string"},
                            "age": {"description": "Age of Bar.", "type": "string"},
                            "feeling": {"description": "Whether Bar is feeling great.", "type": "string",
                                        "enum": ["Great", "Down"]},
                            "bazs": {"description": "List of Bazs.", "type": "array", "items": {"type": "string"}}}}}}},
        "status": {
            "description": "Status of Foo", "type": "object", "properties": {
                "bars": {
                    "description": "List of Bars and their statuses.", "type": "array", "items": {
                        "type": "object", "properties": {
                            "name": {"description": "Name of Bar.", "type": "string"},
                            "available": {"description": "Whether the Bar is installed.", "type": "boolean"},
                            "quxType": {"description": "Indicates to external qux type.", "type": "string",
                                        "pattern": "in-tree|out-of-tree"}}}}}}}}
WALDO = {
    "description": "Waldo CRD for Testing", "type": "object", "properties": {
        "spec": {"description": "Specification of Waldo", "type": "object", "properties": {
            "dummy": {"description": "Dummy property.", "type": "object"}}},
        "status": {"description": "Status of Waldo", "type": "object", "properties": {
            "bars": {"description": "List of Bars and their statuses.", "type": "array", "items": {"type": "object"}}}}}}


def published(cluster, made, version):
    """-> the schema in the OpenAPI document, without what every kind has; None when there is none."""
    found = cluster.request("GET", "/openapi/v2", expect=200)[1]["definitions"].get(made.published_name(version))
    if found:
        found.pop("x-kubernetes-group-version-kind")
        # What lets everything through has no properties.
        for name in ["apiVersion", "kind", "metadata"]:
            found.get("properties", {}).pop(name, None)
    return found


def expect_published(cluster, made, version, schema):
    eventually(lambda: published(cluster, made, version) is not None)
    assert published(cluster, made, version) == schema, published(cluster, made, version)


def write_with_kubectl(cluster, made, ns, text):
    for verb in ["create", "apply"]:
        cluster.kubectl(f"--namespace={ns}", verb, "-f", "-", stdin=text)
        cluster.kubectl(f"--namespace={ns}", "delete", made.plural, "test-cr")


def explained(cluster, words, pattern):
    text = cluster.kubectl("explain", words)
    assert re.search("(?s)" + pattern, text), text


def test_explain_and_validate(cluster):
    """CustomResourcePublishOpenAPI works for CRD with validation schema"""
    with custom(cluster, "foo", {"v1": FOO}) as made, space(cluster, "foo") as ns:
        expect_published(cluster, made, "v1", FOO)
        write_with_kubectl(
            cluster, made, ns, json.dumps(made.object("test-cr", spec={"bars": [{"name": "test-bar"}]})))
        for spec, words in [({"bars": [{"name": "test-bar", "feeling": "NonExistentValue"}]},
                             'Unsupported value: "NonExistentValue"'),
                            ({"foo": True}, 'unknown field "spec.foo"'),
                            ({"bars": [{"age": "10"}]}, "spec.bars[0].name: Required value")]:
            for verb in ["create", "apply"]:
                result = cluster.kubectl(f"--namespace={ns}", verb, "-f", "-", check=False,
                                         stdin=json.dumps(made.object("wrong", spec=spec)))
                assert result.returncode and words in result.stderr, result.stderr
        explained(cluster, made.plural, "DESCRIPTION:.*Foo CRD for Testing.*FIELDS:.*apiVersion.*<string>.*"
                  "APIVersion defines.*spec.*<Object>.*Specification of Foo")
        explained(cluster, made.plural + ".metadata", "DESCRIPTION:.*Standard object's metadata.*FIELDS:.*"
                  "creationTimestamp.*<string>.*CreationTimestamp is a timestamp")
        explained(cluster, made.plural + ".spec", r"DESCRIPTION:.*Specification of Foo.*FIELDS:.*bars.*<\[\]Object>.*"
                  "List of Bars and their specs")
        explained(cluster, made.plural + ".spec.bars", r"bars.*<\[\]Object>.*DESCRIPTION:.*List of Bars and their specs.*"
                  r"FIELDS:.*bazs.*<\[\]string>.*List of Bazs.*name.*<string>.*Name of Bar")
        result = cluster.kubectl("explain", made.plural + ".spec.bars2", check=False)
        assert result.returncode and 'field "bars2" does not exist' in result.stderr, result.stderr


def test_explain_anything(cluster):
    """CustomResourcePublishOpenAPI works for CRD without validation schema
    CustomResourcePublishOpenAPI works for CRD preserving unknown fields at the schema root"""
    root = {**ANYTHING, "description": "preserve-unknown-properties at root for Testing", "properties": {
        "spec": {"description": "Specification of Waldo", "type": "object", "properties": {
            "dummy": {"description": "Dummy property.", "type": "object"}}},
        "status": WALDO["properties"]["status"]}}
    with space(cluster, "anything") as ns:
        for word, schema, pattern in [("empty", ANYTHING, "DESCRIPTION:.*<empty>"), ("root", root, "KIND:.*{}")]:
            with custom(cluster, word, {"v1": schema}) as made:
                eventually(lambda: published(cluster, made, "v1") is not None)
                write_with_kubectl(
                    cluster, made, ns, json.dumps(made.object("test-cr", a={"b": [{"c": "d"}]})))
                explained(cluster, made.plural, pattern.format(made.spec["names"]["kind"]))


def test_explain_nested(cluster):
    """CustomResourcePublishOpenAPI works for CRD preserving unknown fields in an embedded object"""
    nested = {"description": "preserve-unknown-properties in nested field for Testing", "type": "object", "properties": {
        "spec": {**ANYTHING, "description": "Specification of Waldo", "properties": {
            "dummy": {"description": "Dummy property.", "type": "object"}}},
        "status": WALDO["properties"]["status"]}}
    with custom(cluster, "nested", {"v1": nested}) as made, space(cluster, "nested") as ns:
        write_with_kubectl(cluster, made, ns, json.dumps(made.object("test-cr", spec={"b": [{"c": "d"}]})))
        explained(cluster, made.plural, "DESCRIPTION:.*preserve-unknown-properties in nested field for Testing")


def test_published_kinds(cluster):
    """CustomResourcePublishOpenAPI works for multiple CRDs of different groups
    CustomResourcePublishOpenAPI works for multiple CRDs of same group but different versions
    CustomResourcePublishOpenAPI works for multiple CRDs of same group and version but different kinds"""
    with custom(cluster, "foos", {"v1": FOO}) as foo, custom(cluster, "waldo", {"v1beta1": WALDO}) as waldo, \
            custom(cluster, "multi", {"v2": FOO, "v3": FOO}) as multi:
        expect_published(cluster, waldo, "v1beta1", WALDO)
        expect_published(cluster, foo, "v1", FOO)
        expect_published(cluster, multi, "v2", FOO)
        expect_published(cluster, multi, "v3", FOO)
        group = multi.group
        for version in ["v2", "v4"]:
            beside = definition("beside", {version: WALDO})
            beside["spec"]["group"] = group
            beside["metadata"]["name"] = f"{beside['spec']['names']['plural']}.{group}"
            made = Custom(cluster, beside)
            expect_published(cluster, made, version, WALDO)
            expect_published(cluster, multi, "v2", FOO)
            cluster.request("DELETE", f"{DEFINITIONS}/{made.name}", expect=200)
            eventually(lambda: published(cluster, made, version) is None)


def test_published_versions(cluster):
    """CustomResourcePublishOpenAPI updates the published spec when one version gets renamed
    CustomResourcePublishOpenAPI removes definition from spec when one version gets changed to not be served"""
    with custom(cluster, "versions", {"v2": FOO, "v3": FOO}) as made:
        expect_published(cluster, made, "v3", FOO)
        made.patch(("test", "/spec/versions/1/name", "v3"), ("replace", "/spec/versions/1/name", "v4"))
        expect_published(cluster, made, "v4", FOO)
        eventually(lambda: published(cluster, made, "v3") is None)
        expect_published(cluster, made, "v2", FOO)
        made.patch(("replace", "/spec/versions/1/served", False))
        eventually(lambda: published(cluster, made, "v4") is None)
        expect_published(cluster, made, "v2", FOO)
        cluster.request("GET", made.path(version="v4"), expect=404)


# MARK: - field validation

PORTS = {"type": "array", "x-kubernetes-list-map-keys": ["containerPort", "protocol"], "x-kubernetes-list-type": "map",
         "items": {"type": "object", "required": ["containerPort", "protocol"], "properties": {
             "containerPort": {"type": "integer", "format": "int32"}, "hostPort": {"type": "integer", "format": "int32"},
             **{name: {"type": "string"} for name in ["hostIP", "name", "protocol"]}}}}
CRON = {"foo": {"type": "string"}, "ports": PORTS,
        "cronSpec": {"type": "string", "pattern": r"^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$"}}
VALID_SPEC = """
  foo: foo1
  cronSpec: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP"""


def apply_strictly(cluster, made, spec, head="", meta=""):
    """-> status, answer of applying text that begins with an empty line."""
    kind = made.spec["names"]["kind"]
    text = (f"\napiVersion: {made.group}/v1beta1\nkind: {kind}\nmetadata:\n  name: mytest{meta}\n  finalizers:\n"
            f"  - example.com/test-finalizer\n{head}spec:{spec}")
    path = made.path(name="mytest") + "?fieldManager=field_validation_mgr&fieldValidation=Strict"
    return cluster.request("PATCH", path, text.encode(), APPLY)


def release(cluster, made):
    cluster.request("PATCH", made.path(name="mytest"), {"metadata": {"finalizers": None}}, MERGE)


def test_strict_deployments(cluster):
    """FieldValidation should detect unknown and duplicate fields of a typed object
    FieldValidation should detect unknown metadata fields of a typed object"""
    with space(cluster, "strict") as ns:
        path = f"/apis/apps/v1/namespaces/{ns}/deployments?fieldManager=field_validation_mgr&fieldValidation=Strict"
        template = ('"selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{"labels":{"app":"nginx"}},'
                    '"spec":{"containers":[{"name":"nginx","image":"nginx:latest"}]}}')
        for meta, spec, words in [
                ("", '"unknownField":"foo","replicas":2,"replicas":3,',
                 'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"'),
                ('"unknownMeta":"foo",', "", 'strict decoding error: unknown field "metadata.unknownMeta"')]:
            text = ('{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"my-dep",' + meta
                    + '"labels":{"app":"nginx"}},"spec":{' + spec + template + "}}")
            answer = cluster.request("POST", path, text.encode(), expect=400)[1]
            assert words in answer["message"], answer


def test_strict_custom_resources(cluster):
    """FieldValidation should create/apply a valid CR for CRD with validation schema
    FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema
    FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema"""
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": CRON}}}
    with custom(cluster, "noxu", {"v1beta1": schema, "v1beta2": schema}, scope="Cluster") as made:
        code, answer = apply_strictly(cluster, made, VALID_SPEC)
        assert code == 201, answer
        release(cluster, made)
        answer = apply_strictly(cluster, made, VALID_SPEC, head="unknownField: unknown\n")[1]
        assert ".unknownField: field not declared in schema" in answer["message"], answer
    with custom(cluster, "noxu", {"v1beta1": ANYTHING, "v1beta2": ANYTHING}, scope="Cluster") as made:
        code, answer = apply_strictly(cluster, made, VALID_SPEC.replace("foo: foo1", "unknown: uk1"))
        assert code == 201, answer
        release(cluster, made)


def test_strict_metadata_and_duplicates(cluster):
    """FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR
    FieldValidation should detect duplicates in a CR when preserving unknown fields"""
    template = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {
        "metadata": {"type": "object", "properties": {"name": {"type": "string"}}}, "spec": {"type": "object"}}}
    schema = {"type": "object", "properties": {"spec": {**ANYTHING, "properties": {**CRON, "template": template}}}}
    with custom(cluster, "noxu", {"v1beta1": schema, "v1beta2": schema}, scope="Cluster") as made:
        embedded = ("\n  template:\n    apiversion: foo/v1\n    kind: Sub\n    metadata:\n        unknownSubMeta: unknown\n"
                    "        name: subobject\n        namespace: default")
        answer = apply_strictly(cluster, made, embedded + VALID_SPEC, meta="\n  unknownMeta: unknown")[1]
        assert (".spec.template.metadata.unknownSubMeta: field not declared in schema" in answer["message"]
                or ".metadata.unknownMeta: field not declared in schema" in answer["message"]), answer
        answer = apply_strictly(cluster, made, "\n  unknown: uk1\n  foo: foo1\n  foo: foo2" + VALID_SPEC[12:])[1]
        assert 'line 11: key "foo" already set in map' in answer["message"], answer
