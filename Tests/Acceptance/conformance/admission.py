"""What extends admission: policies and webhooks, and what the suite's tests of them ask for.

Not walked: the aggregator's sample API server, whose program is none that a simulated pod knows.
"""
import contextlib

from conformance import pod_of, space, watch
from harness import eventually
from https_server import reviewed, serving

FLAGS = ["--nodes", "2"]
WORKERS = 8
GROUP = "/apis/admissionregistration.k8s.io/v1"


def maps(ns):
    return f"/api/v1/namespaces/{ns}/configmaps"


def rule(resource, operations=("CREATE",), group="", versions=("v1",)):
    return {"apiGroups": [group], "apiVersions": list(versions), "operations": list(operations), "resources": [resource]}


def hook(name, client, rules, ns, **more):
    return {"name": name, "clientConfig": client, "rules": rules, "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": ns}}, **more}


@contextlib.contextmanager
def made(cluster, collection, body):
    """An object of the cluster's scope for as long as the block lasts."""
    path = f"{GROUP}/{collection}"
    cluster.request("POST", path, body, expect=201)
    try:
        yield f"{path}/{body['metadata']['name']}"
    finally:
        cluster.request("DELETE", f"{path}/{body['metadata']['name']}")


def configured(cluster, kind, name, *hooks):
    return made(cluster, f"{kind}webhookconfigurations", {"metadata": {"name": name}, "webhooks": list(hooks)})


@contextlib.contextmanager
def bound(cluster, name, spec, ns, kind="validating", **binding):
    """A policy that is in force in one namespace."""
    if kind == "validating":
        binding.setdefault("validationActions", ["Deny"])
    match = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": ns}}}
    with made(cluster, f"{kind}admissionpolicies", {"metadata": {"name": name}, "spec": spec}) as path:
        body = {"metadata": {"name": name}, "spec": {"policyName": name, "matchResources": match, **binding}}
        with made(cluster, f"{kind}admissionpolicybindings", body):
            yield path


def deployment(name, replicas):
    labels = {"app": name}
    return {"metadata": {"name": name}, "spec": {
        "replicas": replicas, "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "nginx", "image": "nginx"}]}}}}


# --- policies

DEPLOYMENTS = {"resourceRules": [rule("deployments", ("CREATE", "UPDATE"), "apps")]}


def test_policies_validate(cluster):
    """ValidatingAdmissionPolicy: should validate against a Deployment; should allow expressions to refer variables."""
    with space(cluster, "validating-policy") as ns:
        path = f"/apis/apps/v1/namespaces/{ns}/deployments"
        spec = {"matchConstraints": DEPLOYMENTS, "variables": [
            {"name": "replicas", "expression": "object.spec.replicas"},
            {"name": "oddReplicas", "expression": "variables.replicas % 2 == 1"}],
            "validations": [{"expression": "variables.replicas > 1",
                             "messageExpression": "'wants replicas > 1, got ' + string(variables.replicas)"},
                            {"expression": "variables.oddReplicas", "message": "wants odd replicas", "reason": "Forbidden"}]}
        with bound(cluster, f"{ns}.policy.example.com", spec, ns):
            answer = cluster.request("POST", path, deployment("one", 1), expect=422)[1]
            assert answer["message"].endswith("denied request: wants replicas > 1, got 1"), answer
            cluster.request("POST", path, deployment("two", 2), expect=403)
            cluster.request("POST", path, deployment("three", 3), expect=201)
            cluster.request("POST", f"/apis/apps/v1/namespaces/{ns}/replicasets", deployment("one", 1), expect=201)


def test_policy_types_are_checked(cluster):
    """ValidatingAdmissionPolicy: should type check validation expressions."""
    def warnings(name, **validation):
        spec = {"matchConstraints": DEPLOYMENTS, "validations": [validation]}
        with made(cluster, "validatingadmissionpolicies", {"metadata": {"name": name}, "spec": spec}) as path:
            status = eventually(lambda: (s := cluster.request("GET", path)[1]["status"]) and "typeChecking" in s and s)
            assert status["observedGeneration"] == 1, status
            return status["typeChecking"].get("expressionWarnings", [])
    assert warnings("correct.example.com", expression="object.spec.replicas > 1") == []
    first, second = warnings("confused.example.com", expression="object.spec.replicas > '1'",
                             messageExpression="'wants replicas > 1, got ' + object.spec.replicas")
    assert first["fieldRef"] == "spec.validations[0].expression", first
    assert "found no matching overload for '_>_' applied to '(int, string)'" in first["warning"], first
    assert first["warning"].startswith("apps/v1, Kind=Deployment: ERROR: <input>:1:22: "), first
    assert second["fieldRef"] == "spec.validations[0].messageExpression", second
    assert "found no matching overload for '_+_' applied to '(string, int)'" in second["warning"], second


def test_policies_mutate(cluster):
    """MutatingAdmissionPolicy: policies change what is made, by a part that is merged or by a patch."""
    with space(cluster, "mutating-policy") as ns:
        merged = {"expression": 'Object{metadata: Object.metadata{annotations: {"mutated": "true"}}, '
                                'spec: Object.spec{replicas: object.spec.replicas + 1}}'}
        patched = {"expression": '[JSONPatch{op: "add", path: "/metadata/labels", value: {"env": "test"}}]'}
        spec = {"matchConstraints": DEPLOYMENTS, "reinvocationPolicy": "Never", "mutations": [
            {"patchType": "ApplyConfiguration", "applyConfiguration": merged},
            {"patchType": "JSONPatch", "jsonPatch": patched}]}
        with bound(cluster, f"{ns}.mutation.example.com", spec, ns, "mutating"):
            answer = cluster.request("POST", f"/apis/apps/v1/namespaces/{ns}/deployments", deployment("web", 1), expect=201)[1]
            assert answer["spec"]["replicas"] == 2 and answer["metadata"]["labels"] == {"env": "test"}, answer
            assert answer["metadata"]["annotations"]["mutated"] == "true", answer


# --- webhooks of this process, by their URL

def test_webhooks_mutate_and_validate(cluster):
    """AdmissionWebhook: a mutating webhook is called, then a validating one sees what it did; both by HTTPS and their URL."""
    def mutate(review):
        return reviewed(review, patch=[{"op": "add", "path": "/data/mutated", "value": "yes"}], warnings=["changed"])

    def judge(review):
        data = review["request"]["object"]["data"]
        return reviewed(review, "bad" not in data and data.get("mutated") == "yes", "unwanted data")

    with space(cluster, "webhook-urls") as ns, serving({"/mutate": mutate, "/judge": judge}) as server:
        one = hook("mutate.example.com", server.client("/mutate"), [rule("configmaps")], ns)
        two = hook("judge.example.com", server.client("/judge"), [rule("configmaps")], ns, timeoutSeconds=7)
        with configured(cluster, "mutating", f"{ns}-m", one), configured(cluster, "validating", f"{ns}-v", two):
            made = cluster.request("POST", maps(ns), {"metadata": {"name": "good"}, "data": {"a": "b"}}, expect=201)[1]
            assert made["data"] == {"a": "b", "mutated": "yes"}, made
            status, answer = cluster.request("POST", maps(ns), {"metadata": {"name": "bad"}, "data": {"bad": "b"}})
            assert status == 400, answer
            assert answer["message"] == 'admission webhook "judge.example.com" denied the request: unwanted data', answer
            assert server.asked[1][0] == "/judge?timeout=7s", server.asked
            # The certificate is for the address, and trusted by its authority alone.
            wrong = {**two, "name": "wrong.example.com", "clientConfig": {"url": server.url + "/judge"}}
            with configured(cluster, "validating", f"{ns}-w", wrong):
                status, answer = cluster.request("POST", maps(ns), {"metadata": {"name": "c"}, "data": {"a": "b"}})
                assert status == 500 and "x509: certificate signed by unknown authority" in answer["message"], answer


def test_failing_webhooks(cluster):
    """AdmissionWebhook: should unconditionally reject operations on fail closed webhook; failurePolicy Ignore lets pass."""
    with space(cluster, "fail-closed") as ns:
        nobody = {"url": "https://127.0.0.1:1/x"}
        closed = hook("closed.example.com", nobody, [rule("configmaps")], ns)
        with configured(cluster, "validating", ns, closed):
            status, answer = cluster.request("POST", maps(ns), {"metadata": {"name": "a"}})
            assert status == 500 and answer["message"] == (
                'Internal error occurred: failed calling webhook "closed.example.com": failed to call webhook: '
                'Post "https://127.0.0.1:1/x?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused'), answer
        with configured(cluster, "validating", ns, {**closed, "failurePolicy": "Ignore"}):
            cluster.request("POST", maps(ns), {"metadata": {"name": "a"}}, expect=201)


def test_match_conditions(cluster):
    """AdmissionWebhook: should be able to create and update validating webhook configurations with match conditions; should
    be able to create and update mutating webhook configurations with match conditions; should reject validating webhook
    configurations with invalid match conditions; should reject mutating webhook configurations with invalid match
    conditions; should mutate everything except 'skip-me' configmaps."""
    def mutate(review):
        return reviewed(review, patch=[{"op": "add", "path": "/data/mutation-stage-1", "value": "yes"}])

    with space(cluster, "match-conditions") as ns, serving({"/mutate": mutate}) as server:
        condition = {"name": "skip-me", "expression": "object.metadata.name != 'skip-me'"}
        one = hook("conditions.example.com", server.client("/mutate"), [rule("configmaps")], ns, matchConditions=[condition])
        with configured(cluster, "mutating", ns, one) as path:
            for name, count in [("skip-me", 1), ("other", 2)]:
                body = {"metadata": {"name": name}, "data": {"mutation-start": "yes"}}
                assert len(cluster.request("POST", maps(ns), body, expect=201)[1]["data"]) == count
            patch = {"webhooks": [{"name": one["name"], "matchConditions": [condition, {"name": "two", "expression": "true"}]}]}
            merge = {"Content-Type": "application/strategic-merge-patch+json"}
            changed = cluster.request("PATCH", path, patch, merge, expect=200)[1]
            assert len(changed["webhooks"][0]["matchConditions"]) == 2, changed
        for kind in ["mutating", "validating"]:
            bad = {**one, "matchConditions": [{"name": "bad", "expression": "... [] bad expression"}]}
            body = {"metadata": {"name": f"{ns}-bad"}, "webhooks": [bad]}
            answer = cluster.request("POST", f"{GROUP}/{kind}webhookconfigurations", body, expect=422)[1]
            assert "compilation failed" in answer["message"], answer


def test_discovery(cluster):
    """AdmissionWebhook: should include webhook resources in discovery documents."""
    groups = cluster.request("GET", "/apis", expect=200)[1]["groups"]
    assert any(g["name"] == "admissionregistration.k8s.io" for g in groups)
    names = {r["name"] for r in cluster.request("GET", GROUP, expect=200)[1]["resources"]}
    assert {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} <= names, names


def test_configurations_change(cluster):
    """AdmissionWebhook: patching/updating a validating webhook should work; patching/updating a mutating webhook should work;
    listing validating webhooks should work; listing mutating webhooks should work."""
    def judge(review):
        return reviewed(review, "unwanted" not in review["request"]["object"].get("data", {}), "unwanted")

    with space(cluster, "changing-webhooks") as ns, serving({"/judge": judge}) as server:
        body = {"metadata": {"name": "b"}, "data": {"unwanted": "yes"}}
        path = f"{GROUP}/validatingwebhookconfigurations"
        one = hook("judge.example.com", server.client("/judge"), [rule("configmaps")], ns)
        name, dry = f"{ns}-changing", maps(ns) + "?dryRun=All"
        config = {"metadata": {"name": name, "labels": {"set": name}}, "webhooks": [one]}
        with made(cluster, "validatingwebhookconfigurations", config) as place:
            cluster.request("POST", dry, body, expect=400)
            stored = cluster.request("GET", place, expect=200)[1]
            stored["webhooks"][0]["rules"][0]["operations"] = ["UPDATE"]
            cluster.request("PUT", place, stored, expect=200)
            cluster.request("POST", dry, body, expect=201)
            patch = [{"op": "replace", "path": "/webhooks/0/rules/0/operations", "value": ["CREATE"]}]
            cluster.request("PATCH", place, patch, {"Content-Type": "application/json-patch+json"}, expect=200)
            cluster.request("POST", dry, body, expect=400)
            selected = f"{path}?labelSelector=set%3D{name}"
            assert len(cluster.request("GET", selected, expect=200)[1]["items"]) == 1
            cluster.request("DELETE", selected, expect=200)
            cluster.request("POST", dry, body, expect=201)


def test_configurations_are_exempt(cluster):
    """AdmissionWebhook: should not be able to mutate or prevent deletion of webhook configuration objects."""
    with space(cluster, "exempt") as ns:
        everything = rule("*", ("*",), "admissionregistration.k8s.io", ["*"])
        closed = {**hook("closed.example.com", {"url": "https://127.0.0.1:1/x"}, [everything], ns), "namespaceSelector": {}}
        with configured(cluster, "validating", f"{ns}-a", closed), configured(cluster, "mutating", f"{ns}-b", closed):
            with configured(cluster, "validating", f"{ns}-c", {**closed, "rules": []}) as path:
                cluster.request("DELETE", path, expect=200)


# --- webhooks of a simulated pod, behind a service

@contextlib.contextmanager
def agnhost(cluster, ns, subcommand="webhook"):
    """The suite's own webhook, and the `clientConfig` for its paths."""
    pod = pod_of("sample-webhook", "registry.k8s.io/e2e-test-images/agnhost:2.59", args=[subcommand, "--port=8444"])
    pod["metadata"]["labels"] = {"app": "sample-webhook"}
    pod["spec"]["containers"][0]["readinessProbe"] = {
        "httpGet": {"scheme": "HTTPS", "port": 8444, "path": "/readyz"}, "periodSeconds": 1}
    cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)
    service = {"metadata": {"name": "e2e-test-webhook"}, "spec": {
        "selector": {"app": "sample-webhook"}, "ports": [{"port": 8443, "targetPort": 8444}]}}
    cluster.request("POST", f"/api/v1/namespaces/{ns}/services", service, expect=201)
    endpoints = f"/api/v1/namespaces/{ns}/endpoints/e2e-test-webhook"
    eventually(lambda: any(s.get("addresses") for s in cluster.request("GET", endpoints)[1].get("subsets") or []))
    yield lambda path: {"service": {"namespace": ns, "name": "e2e-test-webhook", "port": 8443, "path": path}}


def test_deny_pods_and_configmaps(cluster):
    """AdmissionWebhook: should be able to deny pod and configmap creation."""
    with space(cluster, "webhook") as ns, agnhost(cluster, ns) as client:
        pods = hook("deny-unwanted-pod-container-name-and-label.k8s.io", client("/pods"), [rule("pods")], ns)
        configs = hook("deny-unwanted-configmap-data.k8s.io", client("/configmaps"),
                       [rule("configmaps", ("CREATE", "UPDATE", "DELETE"))], ns)
        lost = hook("fail-open.k8s.io", client("/no-such-path"), [rule("configmaps")], ns, failurePolicy="Ignore")
        with configured(cluster, "validating", ns, pods, configs, lost):
            pod = pod_of("disallowed-pod", "registry.k8s.io/pause:3.10")
            pod["spec"]["containers"][0]["name"] = "webhook-disallow"
            pod["metadata"]["labels"] = {"webhook-e2e-test": "webhook-disallow"}
            answer = cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=400)[1]
            for words in ["the pod contains unwanted label", "the pod contains unwanted container name"]:
                assert words in answer["message"], answer
            hanging = pod_of("hanging-pod", "registry.k8s.io/pause:3.10")
            hanging["metadata"]["labels"] = {"webhook-e2e-test": "wait-forever"}
            short = hook("hanging.k8s.io", client("/pods"), [rule("pods")], ns, timeoutSeconds=1)
            with configured(cluster, "validating", f"{ns}-short", short):
                answer = cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", hanging, expect=500)[1]
                assert "deadline" in answer["message"], answer
            bad = {"metadata": {"name": "disallowed"}, "data": {"webhook-e2e-test": "webhook-disallow"}}
            answer = cluster.request("POST", maps(ns), bad, expect=400)[1]
            assert "the configmap contains unwanted key and value" in answer["message"], answer
            good = {"metadata": {"name": "allowed"}, "data": {"admit": "this"}}
            cluster.request("POST", maps(ns), good, expect=201)
            cluster.request("PUT", f"{maps(ns)}/allowed", {**good, "data": bad["data"]}, expect=400)
            merge = {"Content-Type": "application/merge-patch+json"}
            cluster.request("PATCH", f"{maps(ns)}/allowed", {"data": bad["data"]}, merge, expect=400)


def test_deny_attaching(cluster):
    """AdmissionWebhook: should be able to deny attaching pod."""
    with space(cluster, "webhook-attach") as ns, agnhost(cluster, ns) as client:
        one = hook("deny-attaching-pod.k8s.io", client("/pods/attach"), [rule("pods/attach", ("CONNECT",))], ns)
        with configured(cluster, "validating", ns, one):
            pod = pod_of("to-be-attached-pod", "nginx")
            pod["spec"]["containers"][0]["name"] = "container1"
            path = f"/api/v1/namespaces/{ns}/pods"
            cluster.request("POST", path, pod, expect=201)
            eventually(lambda: cluster.request("GET", f"{path}/to-be-attached-pod")[1]["status"].get("phase") == "Running")
            result = cluster.kubectl("attach", "-n", ns, "to-be-attached-pod", "-i", "-c=container1", check=False)
            assert result.returncode and "attaching to pod 'to-be-attached-pod' is not allowed" in result.stderr, result


def test_mutate_configmap(cluster):
    """AdmissionWebhook: should mutate configmap."""
    with space(cluster, "webhook-configmap") as ns, agnhost(cluster, ns) as client:
        hooks = [hook(f"adding-configmap-data-stage-{stage}.k8s.io", client("/mutating-configmaps"), [rule("configmaps")], ns)
                 for stage in [1, 2]]
        with configured(cluster, "mutating", ns, *hooks):
            body = {"metadata": {"name": "to-be-mutated"}, "data": {"mutation-start": "yes"}}
            data = cluster.request("POST", maps(ns), body, expect=201)[1]["data"]
            assert data == {"mutation-start": "yes", "mutation-stage-1": "yes", "mutation-stage-2": "yes"}, data


def test_mutate_pod(cluster):
    """AdmissionWebhook: should mutate pod and apply defaults after mutation."""
    with space(cluster, "webhook-pod") as ns, agnhost(cluster, ns) as client:
        with configured(cluster, "mutating", ns, hook("adding-init-container.k8s.io", client("/mutating-pods"), [rule("pods")], ns)):
            pod = pod_of("webhook-to-be-mutated", "registry.k8s.io/pause:3.10")
            [first] = cluster.request("POST", f"/api/v1/namespaces/{ns}/pods", pod, expect=201)[1]["spec"]["initContainers"]
            assert first["name"] == "webhook-added-init-container", first
            assert first["terminationMessagePolicy"] == "File", first


def test_timeouts(cluster):
    """AdmissionWebhook: should honor timeout."""
    with space(cluster, "webhook-timeout") as ns, agnhost(cluster, ns) as client:
        def slow(**more):
            return hook("allow-configmap-with-delay-webhook.k8s.io", client("/always-allow-delay-5s"), [rule("configmaps")], ns,
                        **more)
        body = {"metadata": {"name": "a"}}
        with configured(cluster, "validating", ns, slow(timeoutSeconds=1)):
            answer = cluster.request("POST", maps(ns), body, expect=500)[1]
            assert "context deadline exceeded" in answer["message"] and "?timeout=1s" in answer["message"], answer
        with configured(cluster, "validating", ns, slow(timeoutSeconds=1, failurePolicy="Ignore")):
            cluster.request("POST", maps(ns), body, expect=201)
        with configured(cluster, "validating", ns, slow(timeoutSeconds=10)):
            cluster.request("POST", maps(ns), {"metadata": {"name": "b"}}, expect=201)


# --- custom resources

def definition(ns, versions=None, **more):
    group = f"{ns}.example.com"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = versions or [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    return {"metadata": {"name": f"things.{group}", **more}, "spec": {
        "group": group, "scope": "Namespaced", "versions": versions,
        "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"}}}


@contextlib.contextmanager
def defined(cluster, body):
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    cluster.request("POST", path, body, expect=201)
    spec = body["spec"]
    served = [v["name"] for v in spec["versions"] if v["served"]]
    eventually(lambda: all(cluster.request("GET", f"/apis/{spec['group']}/{v}/things")[0] == 200 for v in served))
    try:
        yield
    finally:
        cluster.request("DELETE", f"{path}/{body['metadata']['name']}", expect=200)


def thing(ns, name, version="v1", **fields):
    return {"apiVersion": f"{ns}.example.com/{version}", "kind": "Thing", "metadata": {"name": name, "namespace": ns}, **fields}


def things(ns, version="v1"):
    return f"/apis/{ns}.example.com/{version}/namespaces/{ns}/things"


def test_deny_custom_resources(cluster):
    """AdmissionWebhook: should be able to deny custom resource creation, update and deletion."""
    with space(cluster, "webhook-custom") as ns, agnhost(cluster, ns) as client, defined(cluster, definition(ns)):
        rules = [rule("things", ("CREATE", "UPDATE", "DELETE"), f"{ns}.example.com", ["*"])]
        with configured(cluster, "validating", ns, hook("deny-unwanted-custom-resource-data.k8s.io", client("/custom-resource"), rules, ns)):
            bad = thing(ns, "bad", data={"webhook-e2e-test": "webhook-disallow"})
            answer = cluster.request("POST", things(ns), bad, expect=400)[1]
            assert "the custom resource contains unwanted data" in answer["message"], answer
            good = cluster.request("POST", things(ns), thing(ns, "good", data={"webhook-e2e-test": "webhook-nondeletable"}), expect=201)[1]
            cluster.request("PUT", f"{things(ns)}/good", {**good, "data": bad["data"]}, expect=400)
            answer = cluster.request("DELETE", f"{things(ns)}/good", expect=400)[1]
            assert "the custom resource cannot be deleted because it contains unwanted key and value" in answer["message"], answer
            cluster.request("PUT", f"{things(ns)}/good", {**good, "data": {}}, expect=200)
            cluster.request("DELETE", f"{things(ns)}/good", expect=200)


def test_mutate_custom_resources(cluster):
    """AdmissionWebhook: should mutate custom resource; should mutate custom resource with pruning."""
    for isPruned in [False, True]:
        with space(cluster, "webhook-custom-mutation") as ns, agnhost(cluster, ns) as client:
            data = {"mutation-start": {"type": "string"}, "mutation-stage-1": {"type": "string"}}
            schema = {"openAPIV3Schema": {"type": "object", "properties": {"data": {"type": "object", "properties": data}}}}
            versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}] if isPruned else None
            with defined(cluster, definition(ns, versions)):
                rules = [rule("things", ("CREATE", "UPDATE"), f"{ns}.example.com", ["*"])]
                hooks = [hook(f"stage-{stage}.k8s.io", client("/mutating-custom-resource"), rules, ns) for stage in [1, 2]]
                for one in hooks:
                    one["name"] = "adding-" + one["name"]
                with configured(cluster, "mutating", ns, *hooks):
                    made = cluster.request("POST", things(ns), thing(ns, "a", data={"mutation-start": "yes"}), expect=201)[1]
                    wanted = {"mutation-start": "yes", "mutation-stage-1": "yes"}
                    if not isPruned:
                        wanted["mutation-stage-2"] = "yes"
                    assert made["data"] == wanted, made


def test_mutate_other_storage_version(cluster):
    """AdmissionWebhook: should mutate custom resource with different stored version."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}

    def versions(stored):
        return [{"name": v, "served": True, "storage": v == stored, "schema": schema} for v in ["v1", "v2"]]

    with space(cluster, "webhook-storage") as ns, agnhost(cluster, ns) as client, defined(cluster, definition(ns, versions("v1"))):
        rules = [rule("things", ("CREATE", "UPDATE"), f"{ns}.example.com", ["*"])]
        one = hook("mutate-custom-resource-data-stage-1.k8s.io", client("/mutating-custom-resource"), rules, ns)
        with configured(cluster, "mutating", ns, one):
            cluster.request("POST", things(ns), thing(ns, "a", data={"mutation-start": "yes"}), expect=201)
            crd = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{ns}.example.com"
            merge = {"Content-Type": "application/merge-patch+json"}
            cluster.request("PATCH", crd, {"spec": {"versions": versions("v2")}}, merge, expect=200)
            body = {"data": {"mutation-start": "yes", "dummy": "test"}}
            changed = eventually(lambda: (r := cluster.request("PATCH", f"{things(ns)}/a", body, merge))[0] == 200 and r[1])
            assert changed["data"]["mutation-stage-1"] == "yes" and changed["data"]["dummy"] == "test", changed


def test_deny_definitions(cluster):
    """AdmissionWebhook: should deny crd creation."""
    with space(cluster, "webhook-crd") as ns, agnhost(cluster, ns) as client:
        one = {**hook("deny-crd-with-unwanted-label.k8s.io", client("/crd"),
                      [rule("customresourcedefinitions", group="apiextensions.k8s.io")], ns),
               "namespaceSelector": {}, "objectSelector": {"matchLabels": {"webhook-e2e-test": "webhook-disallow"}}}
        with configured(cluster, "validating", ns, one):
            body = definition(ns, labels={"webhook-e2e-test": "webhook-disallow"})
            answer = cluster.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body, expect=400)[1]
            assert "the crd contains unwanted label" in answer["message"], answer


# --- conversion

def test_conversion(cluster):
    """CustomResourceConversionWebhook: should be able to convert from CR v1 to CR v2; should be able to convert a non
    homogeneous list of CRs."""
    def schema(*fields):
        return {"openAPIV3Schema": {"type": "object", "properties": {f: {"type": "string"} for f in fields}}}

    with space(cluster, "conversion") as ns, agnhost(cluster, ns, "crd-conversion-webhook") as client:
        body = definition(ns, [{"name": "v1", "served": True, "storage": True, "schema": schema("hostPort")},
                               {"name": "v2", "served": True, "storage": False, "schema": schema("host", "port")}])
        body["spec"]["conversion"] = {"strategy": "Webhook", "webhook": {
            "clientConfig": client("/crdconvert"), "conversionReviewVersions": ["v1", "v1beta1"]}}
        with defined(cluster, body):
            cluster.request("POST", things(ns), thing(ns, "one", hostPort="localhost:8080"), expect=201)
            seen = cluster.request("GET", f"{things(ns, 'v2')}/one", expect=200)[1]
            assert (seen["host"], seen["port"], "hostPort" in seen) == ("localhost", "8080", False), seen
            made = cluster.request("POST", things(ns, "v2"), thing(ns, "two", "v2", host="example", port="80"), expect=201)[1]
            assert made["apiVersion"].endswith("/v2") and made["host"] == "example", made
            for version, field in [("v1", "hostPort"), ("v2", "host")]:
                items = cluster.request("GET", things(ns, version), expect=200)[1]["items"]
                assert [i["apiVersion"] for i in items] == [f"{ns}.example.com/{version}"] * 2 and all(i[field] for i in items), items
            merge = {"Content-Type": "application/merge-patch+json"}
            changed = cluster.request("PATCH", f"{things(ns, 'v2')}/one", {"port": "9090"}, merge, expect=200)[1]
            assert changed["port"] == "9090", changed
            assert cluster.request("GET", f"{things(ns)}/one", expect=200)[1]["hostPort"] == "localhost:9090"
            with watch(cluster, things(ns, "v2")) as events:
                seen = [events.until("ADDED") for _ in range(2)]
                assert [(o["metadata"]["name"], o["host"]) for o in seen] == [("one", "localhost"), ("two", "example")], seen
            # Objects of both versions are stored from here on.
            crd = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{ns}.example.com"
            stored = [{**v, "storage": v["name"] == "v2"} for v in body["spec"]["versions"]]
            cluster.request("PATCH", crd, {"spec": {"versions": stored}}, merge, expect=200)
            eventually(lambda: cluster.request("POST", things(ns), thing(ns, "three", hostPort="a:1"))[0] == 201)
            for version, field in [("v1", "hostPort"), ("v2", "host")]:
                items = cluster.request("GET", things(ns, version), expect=200)[1]["items"]
                assert len(items) == 3 and all(i[field] for i in items), items
