"""What a running cluster says about itself: metrics that promtool takes, and who did what in the audit log."""
import json
import os
import subprocess
import tempfile
import textwrap

from harness import Cluster, eventually, tool

FLAGS = ["--nodes", "2"]

# Under the names that dashboards and alerts for Kubernetes ask for.
NAMES = """
apiserver_request_total apiserver_request_duration_seconds apiserver_request_sli_duration_seconds
apiserver_longrunning_requests apiserver_current_inflight_requests apiserver_storage_objects apiserver_resource_objects
apiserver_watch_events_total apiserver_watch_events_sizes kubernetes_build_info
workqueue_depth workqueue_adds_total workqueue_retries_total workqueue_queue_duration_seconds
workqueue_work_duration_seconds workqueue_unfinished_work_seconds workqueue_longest_running_processor_seconds
scheduler_schedule_attempts_total scheduler_scheduling_attempt_duration_seconds scheduler_pending_pods
scheduler_scheduling_algorithm_duration_seconds scheduler_pod_scheduling_attempts
scheduler_preemption_attempts_total scheduler_preemption_victims
process_resident_memory_bytes process_virtual_memory_bytes process_cpu_seconds_total process_start_time_seconds
process_open_fds process_max_fds
""".split()


def test_metrics(cluster):
    cluster.kubectl("create", "deployment", "seen", "--image=nginx", "--replicas=2")
    cluster.kubectl("rollout", "status", "deployment/seen", "--timeout=30s")
    cluster.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "seen", "namespace": "default"}}))
    watch = subprocess.Popen([tool("curl"), "-sN", "-H", "Authorization: Bearer " + cluster.token,
                              cluster.url + "/api/v1/namespaces/default/pods?watch=1"], stdout=subprocess.DEVNULL)

    def measured():
        text = cluster.request("GET", "/metrics", headers={"Accept": "*/*"}, expect=200)[1]
        return text if any('resource="pods"' in line and 'verb="WATCH"' in line and 'scope="namespace"' in line
                           for line in text.splitlines() if line.startswith("apiserver_longrunning_requests{")) else None

    try:
        text = eventually(measured)
    finally:
        watch.kill()
        watch.wait()
    result = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    families = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert not set(NAMES) - families, set(NAMES) - families
    lines = [line for line in text.splitlines() if line.startswith("apiserver_request_total{")]
    for words in (('resource="deployments"', 'verb="POST"', 'scope="resource"', 'code="201"', 'component="apiserver"', 'dry_run=""'),
                  ('resource="configmaps"', 'verb="APPLY"', 'version="v1"', 'code="201"')):
        assert any(all(word in line for word in words) for line in lines), (words, lines)
    # Two pods were scheduled, by a Deployment's ReplicaSet, and the watch above was told of them.
    for start in ('apiserver_watch_events_total{group="",resource="pods",version="v1"}',
                  'apiserver_watch_events_sizes_count{group="",resource="pods",version="v1"}',
                  'workqueue_work_duration_seconds_count{name="deployment-controller"}',
                  'workqueue_queue_duration_seconds_count{name="replicaset-controller"}',
                  'scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"}',
                  'scheduler_scheduling_attempt_duration_seconds_count{profile="default-scheduler",result="scheduled"}',
                  'scheduler_pod_scheduling_attempts_count '):
        values = [float(line.split()[-1]) for line in text.splitlines() if line.startswith(start)]
        assert len(values) == 1 and values[0] >= 2, (start, values)
    pending = {line for line in text.splitlines() if line.startswith("scheduler_pending_pods{")}
    assert pending == {f'scheduler_pending_pods{{queue="{queue}"}} 0' for queue in ("active", "backoff", "gated", "unschedulable")}


POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, users: ["system:kube-proxy"]}
- {level: None, nonResourceURLs: ["/healthz*", "/metrics", "/openapi*"]}
- {level: RequestResponse, verbs: [create], resources: [{group: "", resources: [configmaps]}]}
- {level: Request, verbs: [patch], resources: [{group: "", resources: [configmaps]}]}
- {level: Metadata, resources: [{group: "", resources: [secrets, pods]}]}
- {level: Metadata, verbs: [watch], omitStages: [ResponseComplete]}
- {level: None}
"""

RESTRICTED = {"metadata": {"name": "strict", "labels": {
    "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/audit": "restricted"}}}


def test_audit_log(cluster):
    with tempfile.TemporaryDirectory() as folder:
        policy, log = os.path.join(folder, "policy.yaml"), os.path.join(folder, "audit.log")
        open(policy, "w").write(textwrap.dedent(POLICY))
        with Cluster(cluster.binary, "--nodes", "0", "--audit-policy", policy, "--audit-log", log) as own:
            maps = "/api/v1/namespaces/default/configmaps"
            own.request("POST", maps, {"metadata": {"name": "a"}, "data": {"k": "v"}}, {"Audit-Id": "mine"}, expect=201)
            own.request("PATCH", maps + "/a", {"data": {"k": "w"}}, {"Content-Type": "application/merge-patch+json"}, expect=200)
            own.request("GET", maps + "/a", expect=200)
            own.request("GET", "/api/v1/namespaces/default/secrets/none", expect=404)
            own.request("GET", "/healthz", headers={"Accept": "*/*"}, expect=200)
            subprocess.run([tool("curl"), "-s", "-H", "Authorization: Bearer " + own.token,
                            own.url + maps + "?watch=1&timeoutSeconds=1"], stdout=subprocess.DEVNULL, check=True)
            own.request("POST", "/api/v1/namespaces", RESTRICTED, expect=201)
            own.request("POST", "/api/v1/namespaces/strict/serviceaccounts", {"metadata": {"name": "default"}})
            pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
            own.request("POST", "/api/v1/namespaces/strict/pods", pod, expect=201)

            def events():
                found = [json.loads(line) for line in open(log)]
                mine = [e for e in found if not e["user"]["username"].startswith("system:")]
                return mine if any(e["objectRef"].get("namespace") == "strict" for e in mine) else None

            found = eventually(events)
            assert os.stat(log).st_mode & 0o777 == 0o600
    said = [(e["verb"], e["objectRef"]["resource"], e["level"], e["stage"], e["responseStatus"]["code"]) for e in found]
    assert said == [
        ("create", "configmaps", "RequestResponse", "ResponseComplete", 201),
        ("patch", "configmaps", "Request", "ResponseComplete", 200),
        ("get", "secrets", "Metadata", "ResponseComplete", 404),
        ("watch", "configmaps", "Metadata", "ResponseStarted", 200),
        ("create", "pods", "Metadata", "ResponseComplete", 201),
    ], said
    create, patch, get, _, pod = found
    assert all(e["kind"] == "Event" and e["apiVersion"] == "audit.k8s.io/v1" for e in found)
    assert create["auditID"] == "mine" and create["requestObject"]["data"] == {"k": "v"} and create["responseObject"]["metadata"]["uid"]
    assert patch["requestObject"] == {"data": {"k": "w"}} and "responseObject" not in patch
    assert get["responseStatus"]["reason"] == "NotFound" and "requestObject" not in get
    assert get["annotations"]["authorization.k8s.io/decision"] == "allow"
    assert pod["annotations"]["pod-security.kubernetes.io/enforce-policy"] == "baseline:latest"
    assert 'would violate PodSecurity "restricted:latest"' in pod["annotations"]["pod-security.kubernetes.io/audit-violations"]
