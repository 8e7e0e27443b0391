"""Jobs and CronJobs (SIG Apps).

Walked: all 19 of the suite's tests of these kinds. Those of CronJobs wait for minutes: their clusters' clocks are advanced.
"""
import contextlib

from conformance.workloads import BUSYBOX, PAUSE, Workspace, condition, controller, workspace
from harness import Cluster, eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8

FAIL_ONCE = """
            if [[ -r /data/foo ]]
            then
                exit 0
            else
                touch /data/foo
                exit 1
            fi
"""
FAIL_ODD = """
            if [ $(expr ${JOB_COMPLETION_INDEX} % 2) -ne 0 ]; then
                exit 1
            else
                exit 0
            fi
"""
ONCE_PER_INDEX = """
            if [[ -r /data/foo-$JOB_COMPLETION_INDEX ]]
            then
                exit 0
            fi
            touch /data/foo-$JOB_COMPLETION_INDEX
            sleep 1000000
"""
SUCCEED = {"command": ["/bin/sh", "-c", "exit 0"]}
FOREVER = {"image": PAUSE, "command": []}


def shell(script):
    return {"command": ["/bin/sh", "-c"], "args": [script]}


def job_spec(container, restart="Never", parallelism=2, completions=4, volume=None, **spec):
    """As the suite's fixture: a volume at /data, and a label of its own."""
    return {"parallelism": parallelism, "completions": completions, "backoffLimit": 6, "manualSelector": False, **spec, "template": {
        "metadata": {"labels": {"job": "test"}},
        "spec": {"restartPolicy": restart, "volumes": [{"name": "data", **(volume or {"emptyDir": {}})}], "containers": [{
            "name": "c", "image": BUSYBOX, "securityContext": {}, "volumeMounts": [{"mountPath": "/data", "name": "data"}], **container}]}}}


def on_one_node(spec, path):
    """All its pods share a directory of a node, so that one pod finds what another has left."""
    pod = spec["template"]["spec"]
    pod["nodeSelector"] = {"kubernetes.io/hostname": "node-1"}
    pod["volumes"] = [{"name": "data", "hostPath": {"path": path, "type": "DirectoryOrCreate"}}]
    pod["containers"][0]["securityContext"] = {"privileged": True}
    return spec


def reached(ns, name, kind, reason=None, seconds=30):
    def check(job):
        found = condition(job, kind)
        return found and found["status"] == "True" and (reason is None or found["reason"] == reason)
    return ns.until("jobs", name, lambda job: job.get("status") and check(job), seconds)


def completes(ns, name, succeeded, reason="CompletionsReached", seconds=30):
    ns.until("jobs", name, lambda job: job["status"].get("succeeded") == succeeded, seconds)
    return reached(ns, name, "Complete", reason, seconds)


# Job

def test_job_fails_once_and_is_restarted_in_place(cluster):
    """should run a job to completion when tasks sometimes fail and are locally restarted"""
    with workspace(cluster, "job") as ns:
        ns.create("jobs", "fail-once-local", job_spec(shell(FAIL_ONCE), "OnFailure"))
        completes(ns, "fail-once-local", 4, seconds=60)


def test_job_indexed(cluster):
    """should create pods for an Indexed job with completion indexes and specified hostname"""
    with workspace(cluster, "job") as ns:
        ns.create("jobs", "indexed-job", job_spec(SUCCEED, completionMode="Indexed"))
        completes(ns, "indexed-job", 4)
        indexes = []
        for pod in ns.pods("job=test", "Succeeded"):
            index = pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"]
            assert pod["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"] == index
            assert pod["spec"]["hostname"] == f"indexed-job-{index}"
            indexes.append(int(index))
        assert sorted(indexes) == [0, 1, 2, 3], indexes


def test_job_is_deleted(cluster):
    """should delete a job"""
    with workspace(cluster, "job") as ns:
        ns.create("jobs", "foo", job_spec(FOREVER))
        ns.running(2, "job=test")
        ns.delete("jobs", "foo", propagationPolicy="Background")
        eventually(lambda: ns.is_gone("jobs", "foo"))
        eventually(lambda: not ns.pods("job=test"), 60)


def test_job_adopts_and_releases(cluster):
    """should adopt matching orphans and release non-matching pods"""
    with workspace(cluster, "job") as ns:
        job = ns.create("jobs", "adopt-release", job_spec(FOREVER))
        name = ns.running(2, "job=test")[0]["metadata"]["name"]
        ns.update("pods", name, lambda pod: pod["metadata"].pop("ownerReferences"))
        eventually(lambda: (controller(ns.get("pods", name)) or {}).get("uid") == job["metadata"]["uid"])
        ns.update("pods", name, lambda pod: pod["metadata"].pop("labels"))
        eventually(lambda: controller(ns.get("pods", name)) is None)


def test_job_status(cluster):
    """should apply changes to a job status"""
    with workspace(cluster, "job") as ns:
        job = ns.create("jobs", "status", job_spec(FOREVER))
        ns.running(2, "job=test")
        first, second = "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"
        patched = ns.patch("jobs", "status", {
            "metadata": {"annotations": {"patchedstatus": "true"}},
            "status": {"conditions": [{"type": "CustomConditionType", "status": "True", "lastTransitionTime": first}]}}, "status", "merge")
        assert condition(patched, "CustomConditionType")["lastTransitionTime"] == first, patched
        assert patched["metadata"]["annotations"]["patchedstatus"] == "true"
        updated = ns.update("jobs", "status",
                            lambda job: condition(job, "CustomConditionType").update(lastTransitionTime=second), "status")
        assert condition(updated, "CustomConditionType")["lastTransitionTime"] == second, updated
        assert ns.get("jobs", "status", "status")["metadata"]["uid"] == job["metadata"]["uid"]


def test_job_lifecycle(cluster):
    """should manage the lifecycle of a job"""
    with workspace(cluster, "job") as ns:
        label = f"e2e-job-label={ns.namespace}"
        revision = ns.revision("jobs", label)
        ns.create("jobs", "e2e", job_spec(SUCCEED, suspend=True), labels={"e2e-job-label": ns.namespace})
        assert ns.patch("jobs", "e2e", {"metadata": {"labels": {"e2e": "patched"}}})["metadata"]["labels"]["e2e"] == "patched"
        with ns.watch("jobs", revision, label) as watch:
            watch.until(lambda kind, job: kind == "MODIFIED" and job["metadata"]["labels"].get("e2e") == "patched")

            def resume(job):
                job["spec"]["suspend"] = False
                job["metadata"].setdefault("annotations", {})["updated"] = "true"
            ns.update("jobs", "e2e", resume)
            watch.until(lambda kind, job: kind == "MODIFIED" and job["metadata"].get("annotations", {}).get("updated") == "true")
            assert len(ns.list("jobs", label, everywhere=True)) == 1
            completes(ns, "e2e", 4)
            ns.delete_all("jobs", label, propagationPolicy="Background")
            watch.until(lambda kind, job: kind == "DELETED" and job["metadata"]["labels"]["e2e-job-label"] == ns.namespace)
        assert not ns.list("jobs", label, everywhere=True)


# Failures and success by policy

def test_job_failure_policy_fails_early(cluster):
    """should allow to use the pod failure policy on exit code to fail the job early"""
    with workspace(cluster, "job") as ns:
        spec = job_spec(shell(FAIL_ONCE), podFailurePolicy={"rules": [
            {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1]}}]})
        ns.create("jobs", "pod-failure-failjob", on_one_node(spec, "/tmp/job-e2e/early"))
        reached(ns, "pod-failure-failjob", "FailureTarget", "PodFailurePolicy")
        reached(ns, "pod-failure-failjob", "Failed")


def test_job_failure_policy_ignores_evictions(cluster):
    """should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition"""
    with minutes(cluster) as (ns, advance):
        spec = job_spec(shell(ONCE_PER_INDEX), parallelism=3, completions=3, backoffLimit=0, completionMode="Indexed", podFailurePolicy={
            "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]})
        spec["template"]["spec"]["terminationGracePeriodSeconds"] = 1
        ns.create("jobs", "evicted", on_one_node(spec, "/tmp/job-e2e/evicted"))
        ns.until("jobs", "evicted", lambda job: job["status"].get("ready") == 3)
        pods = [pod["metadata"]["name"] for pod in ns.running(3, "job=test")]
        for name in pods:
            body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": ns.namespace}}
            ns.cluster.request("POST", ns.path("pods", name, "eviction"), body, expect=201)
        for name in pods:
            eventually(lambda: ns.is_gone("pods", name))
        # After three failures in a row, though they are not counted, the next try waits.
        advance("1m")
        completes(ns, "evicted", 3)


def test_job_backoff_per_index(cluster):
    """should execute all indexes despite some failing when using backoffLimitPerIndex"""
    with workspace(cluster, "job") as ns:
        spec = job_spec(shell(FAIL_ODD), completionMode="Indexed", backoffLimitPerIndex=1)
        del spec["backoffLimit"]
        ns.create("jobs", "with-backoff-limit-per-index", spec)
        reached(ns, "with-backoff-limit-per-index", "FailureTarget", "FailedIndexes", 60)
        status = reached(ns, "with-backoff-limit-per-index", "Failed")["status"]
        assert (status["failedIndexes"], status["completedIndexes"]) == ("1,3", "0,2"), status
        assert (status["failed"], status["succeeded"]) == (4, 2), status


def test_job_has_failed_indexes_enough(cluster):
    """should terminate job execution when the number of failed indexes exceeds maxFailedIndexes"""
    with workspace(cluster, "job") as ns:
        spec = job_spec(shell("exit 1"), parallelism=1, completionMode="Indexed", backoffLimitPerIndex=0, maxFailedIndexes=0)
        del spec["backoffLimit"]
        ns.create("jobs", "with-max-failed-indexes", spec)
        reached(ns, "with-max-failed-indexes", "FailureTarget", "MaxFailedIndexesExceeded")
        status = reached(ns, "with-max-failed-indexes", "Failed")["status"]
        assert (status["failedIndexes"], status["failed"]) == ("0", 1), status


def test_job_fails_an_index(cluster):
    """should mark indexes as failed when the FailIndex action is matched in podFailurePolicy"""
    with workspace(cluster, "job") as ns:
        spec = job_spec(shell(FAIL_ODD), completions=2, completionMode="Indexed", backoffLimitPerIndex=1, podFailurePolicy={
            "rules": [{"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [1]}}]})
        del spec["backoffLimit"]
        ns.create("jobs", "matching-fail-index-action", spec)
        reached(ns, "matching-fail-index-action", "FailureTarget", "FailedIndexes")
        status = reached(ns, "matching-fail-index-action", "Failed")["status"]
        assert (status["failedIndexes"], status["completedIndexes"]) == ("1", "0"), status
        assert (status["failed"], status["succeeded"]) == (1, 1), status


def succeeds_by_policy(cluster, container, succeeded, rule, **spec):
    with workspace(cluster, "job") as ns:
        ns.create("jobs", "with-success-policy", job_spec(container, completionMode="Indexed", successPolicy={"rules": [rule]}, **spec))
        reached(ns, "with-success-policy", "SuccessCriteriaMet", "SuccessPolicy")
        status = completes(ns, "with-success-policy", succeeded, "SuccessPolicy")["status"]
        assert [status.get(field, 0) for field in ("active", "ready", "terminating")] == [0, 0, 0], status
        return status


def test_job_success_policy_of_all(cluster):
    """with successPolicy should succeeded when all indexes succeeded"""
    # Without a command: the image's shell finds nothing to read, and ends.
    status = succeeds_by_policy(cluster, {"command": []}, 2, {"succeededCount": 2}, completions=2)
    assert status.get("failed", 0) == 0, status


def test_job_success_policy_by_index(cluster):
    """with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending"""
    status = succeeds_by_policy(cluster, shell(FAIL_ODD), 1, {"succeededIndexes": "0"}, completions=5)
    assert status["completedIndexes"] == "0", status


def test_job_success_policy_by_count(cluster):
    """with successPolicy succeededCount rule should succeeded even when some indexes remain pending"""
    status = succeeds_by_policy(cluster, shell(FAIL_ODD), 1, {"succeededCount": 1}, completions=5, backoffLimit=2**31 - 1)
    assert status["completedIndexes"] == "0", status


# CronJob

def cron_spec(policy="Allow", schedule="*/1 * * * ?", sleep=300, **spec):
    pod = {"restartPolicy": "OnFailure", "volumes": [{"name": "data", "emptyDir": {}}], "containers": [
        {"name": "c", "image": BUSYBOX, "command": ["sleep", str(sleep)], "volumeMounts": [{"mountPath": "/data", "name": "data"}]}]}
    return {"schedule": schedule, "concurrencyPolicy": policy, **spec,
            "jobTemplate": {"spec": {"parallelism": 1, "completions": 1, "template": {"spec": pod}}}}


@contextlib.contextmanager
def minutes(cluster):
    """A cluster of its own, and how to let time pass there."""
    with Cluster(cluster.binary, "--nodes", "1") as own:
        yield Workspace(own, "default"), lambda span: own.request("POST", "/swiftlet/v1/clock", {"advance": span}, expect=200)


def names(ns):
    return sorted(job["metadata"]["name"] for job in ns.list("jobs"))


def active(ns, name):
    return [entry["name"] for entry in ns.get("cronjobs", name)["status"].get("active", [])]


def test_cron_job_runs_side_by_side(cluster):
    """should schedule multiple jobs concurrently"""
    with minutes(cluster) as (ns, advance):
        ns.create("cronjobs", "concurrent", cron_spec())
        advance("2m5s")
        assert len(active(ns, "concurrent")) == 2 and len(names(ns)) == 2
        ns.delete("cronjobs", "concurrent", propagationPolicy="Background")
        eventually(lambda: not names(ns))


def test_cron_job_suspended(cluster):
    """should not schedule jobs when suspended"""
    with minutes(cluster) as (ns, advance):
        ns.create("cronjobs", "suspended", cron_spec(suspend=True))
        advance("6m")
        assert not names(ns) and not active(ns, "suspended")
        ns.delete("cronjobs", "suspended")


def test_cron_job_forbids(cluster):
    """should not schedule new jobs when ForbidConcurrent"""
    with minutes(cluster) as (ns, advance):
        ns.create("cronjobs", "forbid", cron_spec("Forbid", sleep=3000))
        advance("1m5s")
        first = active(ns, "forbid")
        assert len(first) == 1 and names(ns) == first
        advance("5m")
        assert active(ns, "forbid") == first and names(ns) == first


def test_cron_job_replaces(cluster):
    """should replace jobs when ReplaceConcurrent"""
    with minutes(cluster) as (ns, advance):
        ns.create("cronjobs", "replace", cron_spec("Replace"))
        advance("1m5s")
        first = names(ns)
        assert active(ns, "replace") == first and len(first) == 1
        with ns.watch("jobs", ns.revision("jobs")) as watch:
            advance("1m")
            seen = []
            watch.until(lambda kind, _: seen.append(kind) or kind == "ADDED")
            assert "DELETED" in seen, "the old one goes first"
        assert len(names(ns)) == 1 and names(ns) != first


def test_cron_job_api(cluster):
    """should support CronJob API operations"""
    with workspace(cluster, "cron") as ns:
        groups = ns.cluster.request("GET", "/apis", expect=200)[1]["groups"]
        assert any(v["version"] == "v1" for group in groups if group["name"] == "batch" for v in group["versions"])
        found = {r["name"] for r in ns.cluster.request("GET", "/apis/batch/v1", expect=200)[1]["resources"]}
        assert {"cronjobs", "cronjobs/status"} <= found
        label, mark = f"special-label={ns.namespace}", {"special-label": ns.namespace}
        for name in ("first", "second", "third"):
            ns.create("cronjobs", name, cron_spec(schedule="*/1 * * * ?", suspend=True), labels=mark)
        assert len(ns.list("cronjobs", label)) == 3 == len(ns.list("cronjobs", label, everywhere=True))
        with ns.watch("cronjobs", ns.revision("cronjobs", label), label) as watch:
            patched = ns.patch("cronjobs", "first", {"metadata": {"annotations": {"patched": "true"}}}, how="merge")
            assert patched["metadata"]["annotations"]["patched"] == "true"
            updated = ns.update("cronjobs", "first", lambda job: job["metadata"]["annotations"].update(updated="true"))
            assert updated["metadata"]["annotations"]["updated"] == "true"
            watch.until(lambda kind, job: kind == "MODIFIED" and job["metadata"]["annotations"].get("patched") == "true")
        first, second = "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"
        patched = ns.patch("cronjobs", "first", {"metadata": {"annotations": {"patchedstatus": "true"}}, "status": {
            "lastScheduleTime": first}}, "status", "merge")
        assert patched["status"]["lastScheduleTime"] == first and patched["metadata"]["annotations"]["patchedstatus"] == "true"
        updated = ns.update("cronjobs", "first", lambda job: job["status"].update(lastScheduleTime=second), "status")
        assert updated["status"]["lastScheduleTime"] == second
        assert ns.get("cronjobs", "first", "status")["metadata"]["uid"] == patched["metadata"]["uid"]
        ns.delete("cronjobs", "first")
        eventually(lambda: ns.is_gone("cronjobs", "first"))
        ns.delete_all("cronjobs", label)
        eventually(lambda: not ns.list("cronjobs", label))
