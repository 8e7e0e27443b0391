"""Workloads (SIG Apps): Deployments, ReplicaSets, ReplicationControllers and budgets; jobs and sets are in areas of their own.

Walked: all 25 of the suite's tests of these kinds.
"""
from conformance.workloads import (AGNHOST, HTTPD, HTTPD_NEW, PAUSE, adopts_and_releases, condition, controller, has_a_status,
                                   is_listed_and_deleted_together, is_ready, template, workload, works_by_scale, workspace)
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8
REVISION = "deployment.kubernetes.io/revision"
LABELS = {"name": "sample-pod", "pod": "httpd"}


def owned(ns, deployment):
    """Its ReplicaSets, by their first container's image."""
    uid = ns.get("deployments", deployment)["metadata"]["uid"]
    return {rs["spec"]["template"]["spec"]["containers"][0]["image"]: rs for rs in ns.list("replicasets")
            if (controller(rs) or {}).get("uid") == uid}


def is_complete(found):
    spec, status = found["spec"], found.get("status", {})
    counts = [status.get(field, 0) for field in ("replicas", "updatedReplicas", "availableReplicas")]
    return counts == [spec["replicas"]] * 3 and status["observedGeneration"] >= found["metadata"]["generation"]


def complete(ns, name, seconds=30):
    return ns.until("deployments", name, is_complete, seconds)


# Deployment

def test_deployment_rolls_from_an_adopted_replica_set(cluster):
    """RollingUpdateDeployment should delete old pods and create new ones"""
    with workspace(cluster, "rolling") as ns:
        ns.create("replicasets", "test-rolling-update-controller", workload(LABELS), labels=LABELS,
                  annotations={REVISION: "3546343826724305832"})
        ns.ready(1)
        labels = {"name": "sample-pod"}
        ns.create("deployments", "test-rolling-update-deployment", workload(labels, image=AGNHOST))
        done = complete(ns, "test-rolling-update-deployment")
        sets = owned(ns, "test-rolling-update-deployment")
        assert done["metadata"]["annotations"][REVISION] == "3546343826724305833", done["metadata"]
        assert sets[AGNHOST]["metadata"]["annotations"][REVISION] == "3546343826724305833"
        assert set(sets) == {AGNHOST, HTTPD}, list(sets)
        assert "pod-template-hash" in sets[AGNHOST]["spec"]["selector"]["matchLabels"]


def test_deployment_recreates(cluster):
    """RecreateDeployment should delete old pods and create new ones"""
    with workspace(cluster, "recreate") as ns:
        labels = {"name": "sample-pod-3"}
        ns.create("deployments", "test-recreate", workload(labels, image=AGNHOST, strategy={"type": "Recreate"}))
        complete(ns, "test-recreate")
        assert ns.get("deployments", "test-recreate")["metadata"]["annotations"][REVISION] == "1"
        with ns.watch("deployments", ns.revision("deployments")) as watch:
            ns.patch("deployments", "test-recreate", {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": HTTPD}]}}}})

            def is_clean(_, found):
                status = found["status"]
                mixed = status.get("updatedReplicas", 0) > 0 and status.get("replicas", 0) != status["updatedReplicas"]
                assert not mixed, status
                return is_complete(found) and found["spec"]["template"]["spec"]["containers"][0]["image"] == HTTPD
            watch.until(is_clean)


def test_deployment_forgets_old_replica_sets(cluster):
    """deployment should delete old replica sets"""
    with workspace(cluster, "cleanup") as ns:
        ns.create("replicasets", "test-cleanup-controller", workload(LABELS), labels=LABELS)
        ns.ready(1)
        with ns.watch("pods", ns.revision("pods")) as watch:
            ns.create("deployments", "test-cleanup-deployment", workload({"name": "sample-pod"}, image=AGNHOST, revisionHistoryLimit=0))
            _, pod = watch.until(lambda kind, _: kind == "ADDED")
            assert pod["spec"]["containers"][0]["image"] == AGNHOST
        eventually(lambda: len(owned(ns, "test-cleanup-deployment")) == 1)
        eventually(lambda: ns.is_gone("replicasets", "test-cleanup-controller"))


def test_deployment_rolls_over(cluster):
    """deployment should support rollover"""
    with workspace(cluster, "rollover") as ns:
        ns.create("replicasets", "test-rollover-controller", workload(LABELS), labels=LABELS)
        ns.ready(1)
        ns.until("replicasets", "test-rollover-controller", lambda rs: rs["status"].get("availableReplicas") == 1)
        spec = workload({"name": "sample-pod"}, image="gcr.io/google_samples/gb-redisslave:nonexistent", minReadySeconds=10,
                        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}})
        broken = spec["template"]["spec"]["containers"][0]["image"]
        ns.create("deployments", "test-rollover-deployment", spec)

        def sizes():
            return {image: rs["status"].get("replicas", 0) for image, rs in owned(ns, "test-rollover-deployment").items()}
        eventually(lambda: sizes() == {HTTPD: 1, broken: 1})
        assert owned(ns, "test-rollover-deployment")[broken]["metadata"]["annotations"][REVISION] == "1"
        ns.update("deployments", "test-rollover-deployment",
                  lambda found: found["spec"]["template"]["spec"]["containers"][0].update(image=AGNHOST))
        complete(ns, "test-rollover-deployment", 45)
        eventually(lambda: sizes() == {HTTPD: 0, broken: 0, AGNHOST: 1})


def test_deployment_scales_in_proportion(cluster):
    """deployment should support proportional scaling"""
    with workspace(cluster, "proportional") as ns:
        name, broken = "webserver-deployment", "webserver:404"
        ns.create("deployments", name, workload(
            {"name": "httpd"}, 10, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}))
        complete(ns, name, 60)
        ns.update("deployments", name, lambda found: found["spec"]["template"]["spec"]["containers"][0].update(image=broken))

        def sizes(first, second):
            sets = owned(ns, name)
            return broken in sets and (sets[HTTPD]["spec"]["replicas"], sets[broken]["spec"]["replicas"]) == (first, second)
        eventually(lambda: sizes(8, 5))
        ns.until("deployments", name, lambda found: found["status"].get("availableReplicas") == 8)
        ns.update("deployments", name, lambda found: found["spec"].update(replicas=30))
        eventually(lambda: sizes(20, 13))


def test_deployment_scale(cluster):
    """Deployment should have a working scale subresource"""
    works_by_scale(cluster, "deployments", "test-new-deployment", workload(LABELS))


def test_deployment_lifecycle(cluster):
    """should run the lifecycle of a Deployment"""
    with workspace(cluster, "lifecycle") as ns:
        static = "test-deployment-static=true"
        revision = ns.revision("deployments", static)
        spec = workload({"test-deployment-static": "true"}, 2, AGNHOST)
        ns.create("deployments", "test-deployment", spec, labels={"test-deployment-static": "true"})

        def has(image, replicas):
            return lambda _, found: (found["spec"]["template"]["spec"]["containers"][0]["image"] == image
                                     and found["status"].get("readyReplicas", 0) == replicas
                                     and found["status"].get("updatedReplicas", 0) == replicas
                                     and found["status"].get("unavailableReplicas", 0) == 0)
        with ns.watch("deployments", revision, static) as watch:
            watch.until(lambda kind, _: kind == "ADDED")
            watch.until(has(AGNHOST, 2))
            ns.patch("deployments", "test-deployment", {"metadata": {"labels": {"test-deployment": "patched"}}, "spec": {
                "replicas": 1, "template": {"spec": {"terminationGracePeriodSeconds": 2, "containers": [{"name": "web", "image": PAUSE}]}}}})
            watch.until(has(PAUSE, 1))
            assert any(d["metadata"]["namespace"] == ns.namespace for d in ns.list("deployments", static, everywhere=True))
            changed = {**spec, "template": template({"test-deployment-static": "true"}, HTTPD)}
            ns.cluster.request("PUT", ns.path("deployments", "test-deployment"), {
                "apiVersion": "apps/v1", "kind": "Deployment", "spec": changed, "status": {},
                "metadata": {"name": "test-deployment", "creationTimestamp": None,
                             "labels": {"test-deployment-static": "true", "test-deployment": "updated"}}}, expect=200)
            assert ns.get("deployments", "test-deployment", "status")["metadata"]["labels"]["test-deployment"] == "updated"
            watch.until(has(HTTPD, 2))
            ns.patch("deployments", "test-deployment", {
                "metadata": {"labels": {"test-deployment": "patched-status"}},
                "status": {"readyReplicas": 0, "availableReplicas": 0}}, "status")
            found = ns.get("deployments", "test-deployment", "status")
            assert found["metadata"]["labels"]["test-deployment"] == "updated", "labels are not of the status"
            watch.until(lambda kind, found: found["status"].get("readyReplicas", 0) == 0)
            watch.until(has(HTTPD, 2))
            ns.delete_all("deployments", static, gracePeriodSeconds=1)
            watch.until(lambda kind, _: kind == "DELETED")


def test_deployment_status(cluster):
    """should validate Deployment Status endpoints"""
    has_a_status(cluster, "deployments", workload({"name": "httpd", "e2e": "testing"}), complete)


# ReplicaSet

def settled_replica_set(ns, name):
    ns.status("replicasets", name, availableReplicas=ns.get("replicasets", name)["spec"]["replicas"])


def serves_its_name(cluster, resource, selector, labels):
    """Each replica answers with its own name, by way of the API server's proxy."""
    with workspace(cluster, "basic") as ns:
        serve = {"args": ["serve-hostname"], "ports": [{"containerPort": 9376}]}
        ns.create(resource, "my-hostname-basic", {"replicas": 2, "selector": selector, "template": template(labels, AGNHOST, **serve)})
        for pod in ns.running(2):
            name = pod["metadata"]["name"]
            eventually(lambda: ns.cluster.request("GET", ns.path("pods", name, "proxy/"))[1].strip() == name)


def test_replica_set_serves(cluster):
    """should serve a basic image on each replica with a public image (ReplicaSet)"""
    serves_its_name(cluster, "replicasets", {"matchLabels": {"name": "hostname"}}, {"name": "hostname"})


def test_replica_set_adopts_and_releases(cluster):
    """should adopt matching pods on creation and release no longer matching pods (ReplicaSet)"""
    adopts_and_releases(cluster, "replicasets", {"matchLabels": {"name": "adoptable"}}, {"name": "adoptable"})


def test_replica_set_scale(cluster):
    """Replicaset should have a working scale subresource"""
    works_by_scale(cluster, "replicasets", "test-rs", workload(LABELS))


def test_replica_set_replace_and_patch(cluster):
    """Replace and Patch tests"""
    with workspace(cluster, "replace") as ns:
        ns.create("replicasets", "test-rs", workload(LABELS, 1))
        ns.ready(1)
        ns.update("replicasets", "test-rs", lambda rs: rs["spec"].update(replicas=2))
        ns.ready(2)
        with ns.watch("replicasets", ns.revision("replicasets")) as watch:
            ns.patch("replicasets", "test-rs", {"metadata": {"labels": {"test-rs": "patched"}}, "spec": {
                "replicas": 3, "template": {"spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "web", "image": PAUSE}]}}}})
            _, rs = watch.until(lambda _, rs: rs["metadata"].get("labels", {}).get("test-rs") and rs["status"].get("readyReplicas") == 3)
        assert rs["spec"]["replicas"] == 3 and rs["spec"]["template"]["spec"]["containers"][0]["image"] == PAUSE
        assert sorted(pod["spec"]["containers"][0]["image"] for pod in ns.pods()) == sorted([HTTPD, HTTPD, PAUSE])


def test_replica_set_collection(cluster):
    """should list and delete a collection of ReplicaSets"""
    is_listed_and_deleted_together(cluster, "replicasets", ["test-rs"], workload(LABELS, 3), settled_replica_set)


def test_replica_set_status(cluster):
    """should validate Replicaset Status endpoints"""
    has_a_status(cluster, "replicasets", workload(LABELS), settled_replica_set)


# ReplicationController

def test_replication_controller_serves(cluster):
    """should serve a basic image on each replica with a public image (ReplicationController)"""
    serves_its_name(cluster, "replicationcontrollers", {"name": "hostname"}, {"name": "hostname"})


def test_replication_controller_adopts_and_releases(cluster):
    """should adopt matching pods on creation; should release no longer matching pods (ReplicationController)"""
    adopts_and_releases(cluster, "replicationcontrollers", {"name": "adoptable"}, {"name": "adoptable"})


def test_replication_controller_over_quota(cluster):
    """should surface a failure condition on a common issue like exceeded quota"""
    with workspace(cluster, "quota") as ns:
        ns.create("resourcequotas", "condition-test", {"hard": {"pods": "2"}})
        eventually(lambda: ns.get("resourcequotas", "condition-test").get("status", {}).get("hard", {}).get("pods") == "2")
        ns.create("replicationcontrollers", "condition-test", {"replicas": 3, "template": template({"name": "condition-test"})})
        failing = ns.until("replicationcontrollers", "condition-test", lambda rc: condition(rc, "ReplicaFailure"))
        assert "exceeded quota: condition-test" in condition(failing, "ReplicaFailure")["message"]
        ns.update("replicationcontrollers", "condition-test", lambda rc: rc["spec"].update(replicas=2))
        ns.until("replicationcontrollers", "condition-test", lambda rc: not condition(rc, "ReplicaFailure"))


def test_replication_controller_lifecycle(cluster):
    """should test the lifecycle of a ReplicationController"""
    with workspace(cluster, "rc") as ns:
        kind, name, static = "replicationcontrollers", "rc-test", "test-rc-static=true"
        with ns.watch(kind, ns.revision(kind, static), static) as watch:
            labels = {"test-rc-static": "true"}
            ns.create(kind, name, {"replicas": 1, "selector": labels, "template": template(labels)}, labels=labels)
            watch.until(lambda kind, _: kind == "ADDED")
            watch.until(lambda _, rc: rc["status"].get("readyReplicas") == 1)
            assert ns.patch(kind, name, {"metadata": {"labels": {"test-rc": "patched"}}})["metadata"]["labels"]["test-rc"] == "patched"
            watch.until(lambda kind, rc: kind == "MODIFIED")
            patched = ns.patch(kind, name, {"status": {"readyReplicas": 0, "availableReplicas": 0}}, "status")
            assert patched["status"].get("readyReplicas", 0) == 0, patched
            watch.until(lambda kind, rc: kind == "MODIFIED")
            watch.until(lambda _, rc: rc["status"]["replicas"] == 1 and rc["status"].get("readyReplicas") == 1)
            assert ns.get(kind, name, "status")["status"]["replicas"] == 1
            ns.patch(kind, name, {"metadata": {"creationTimestamp": None}, "spec": {"replicas": 2}, "status": {"replicas": 0}}, "scale")
            watch.until(lambda kind, rc: rc["spec"]["replicas"] == 2)
            watch.until(lambda _, rc: rc["status"]["replicas"] == 2 and rc["status"].get("readyReplicas") == 2)
            found = ns.get(kind, name)
            found["status"].update(availableReplicas=1, readyReplicas=1)
            ns.cluster.request("PUT", ns.path(kind, name, "status"), found, expect=200)
            watch.until(lambda kind, rc: kind == "MODIFIED" and rc["status"].get("readyReplicas") == 1)
            assert any(rc["metadata"]["namespace"] == ns.namespace and rc["metadata"]["labels"]["test-rc"] == "patched"
                       for rc in ns.list(kind, static, everywhere=True))
            ns.delete_all(kind, static)
            watch.until(lambda kind, _: kind == "DELETED")


def test_replication_controller_scale(cluster):
    """should get and update a ReplicationController scale"""
    works_by_scale(cluster, "replicationcontrollers", "e2e-rc", {"replicas": 1, "template": template({"name": "e2e-rc"})})


# PodDisruptionBudget

def pods(ns, count):
    for number in range(count):
        ns.cluster.request("POST", ns.path("pods"), {
            "metadata": {"name": f"rs-pod-{number}", "labels": {"foo": "bar"}},
            "spec": template({}, AGNHOST, args=["pause"])["spec"]}, expect=201)
    eventually(lambda: sum(is_ready(pod) for pod in ns.pods("foo=bar")) == count)


def budget(ns, name="foo", labels=None, **limits):
    ns.create("poddisruptionbudgets", name, {"selector": {"matchLabels": {"foo": "bar"}}, **limits}, labels=labels or {"foo": "bar"})
    processed(ns, name)


def processed(ns, name="foo"):
    return ns.until("poddisruptionbudgets", name, lambda found:
                    found.get("status", {}).get("observedGeneration", 0) >= found["metadata"]["generation"])


def test_budget_is_made_changed_and_deleted(cluster):
    """should create a PodDisruptionBudget"""
    with workspace(cluster, "pdb") as ns:
        budget(ns, "defaultpdb", minAvailable="1%")
        ns.update("poddisruptionbudgets", "defaultpdb", lambda found: found["spec"].update(minAvailable="2%"))
        assert processed(ns, "defaultpdb")["spec"]["minAvailable"] == "2%"
        patched = ns.patch("poddisruptionbudgets", "defaultpdb", {"spec": {"minAvailable": "3%"}})
        assert patched["spec"]["minAvailable"] == "3%" and processed(ns, "defaultpdb")["metadata"]["generation"] == 3
        ns.delete("poddisruptionbudgets", "defaultpdb")
        eventually(lambda: ns.is_gone("poddisruptionbudgets", "defaultpdb"))


def test_budget_knows_what_it_allows(cluster):
    """should observe PodDisruptionBudget status updated"""
    with workspace(cluster, "pdb") as ns:
        budget(ns, minAvailable=1)
        pods(ns, 3)
        ns.until("poddisruptionbudgets", "foo", lambda found: found["status"]["disruptionsAllowed"] > 0)
        ns.status("poddisruptionbudgets", "foo", currentHealthy=3, expectedPods=3, disruptionsAllowed=2)


def test_budget_status_is_written(cluster):
    """should update/patch PodDisruptionBudget status"""
    with workspace(cluster, "pdb") as ns:
        budget(ns, minAvailable=1)
        pods(ns, 1)
        moment = ns.get("pods", "rs-pod-0")["metadata"]["creationTimestamp"]
        stamp = ns.until("poddisruptionbudgets", "foo", lambda found: condition(found, "DisruptionAllowed"))
        assert stamp["status"]["expectedPods"] in (0, 1)
        ns.status("poddisruptionbudgets", "foo", expectedPods=1)
        updated = ns.update("poddisruptionbudgets", "foo",
                            lambda found: found["status"].update(disruptedPods={"rs-pod-0": moment}), "status")
        assert "rs-pod-0" in updated["status"]["disruptedPods"], updated
        patched = ns.patch("poddisruptionbudgets", "foo", {"status": {"disruptedPods": None}}, "status", how="merge")
        assert not patched["status"].get("disruptedPods"), patched


def test_budget_collection(cluster):
    """Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets"""
    with workspace(cluster, "pdb") as ns, workspace(cluster, "pdb") as other:
        mark = {"special": ns.namespace}
        for number in range(2):
            budget(ns, f"foo{number + 1}", mark, minAvailable=number + 1)
        budget(other, "foo3", mark, minAvailable=2)
        label = f"special={ns.namespace}"
        assert len(ns.list("poddisruptionbudgets", label, everywhere=True)) == 3
        assert len(ns.list("poddisruptionbudgets", label)) == 2
        ns.delete_all("poddisruptionbudgets", label)
        eventually(lambda: not ns.list("poddisruptionbudgets", label))
        assert len(other.list("poddisruptionbudgets", label)) == 1


def test_budget_blocks_an_eviction(cluster):
    """should block an eviction until the PDB is updated to allow it"""
    with workspace(cluster, "pdb") as ns:
        pods(ns, 3)

        def evict(name, expect):
            body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": ns.namespace}}
            return ns.cluster.request("POST", ns.path("pods", name, "eviction"), body, expect=expect)[1]

        def budgeted(count):
            ns.until("poddisruptionbudgets", "foo", lambda found: found["status"]["observedGeneration"] >= found["metadata"]["generation"]
                     and found["status"]["desiredHealthy"] == count)
        budget(ns, minAvailable=3)
        ns.status("poddisruptionbudgets", "foo", currentHealthy=3)
        refused = evict("rs-pod-0", 429)
        assert any(cause["reason"] == "DisruptionBudget" for cause in refused["details"]["causes"]), refused
        ns.update("poddisruptionbudgets", "foo", lambda found: found["spec"].update(minAvailable=2))
        budgeted(2)
        evict("rs-pod-0", 201)
        eventually(lambda: ns.is_gone("pods", "rs-pod-0"))
        ns.patch("poddisruptionbudgets", "foo", {"spec": {"minAvailable": 3}})
        budgeted(3)
        evict("rs-pod-1", 429)
        ns.delete("poddisruptionbudgets", "foo")
        evict("rs-pod-1", 201)
