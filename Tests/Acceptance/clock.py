"""The cluster's own time: advance it, speed it up, and find everything that was due done."""
import json
import os
import shutil
import signal
import subprocess
import time

from harness import Cluster, eventually

FLAGS = ["--nodes", "3"]
HOUR = 3600


def cron_job(name, schedule, **spec):
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": {
        "schedule": schedule, "successfulJobsHistoryLimit": 100, **spec, "jobTemplate": {"spec": {"template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}}}}}


def swiftlet(cluster, *args, check=True):
    result = subprocess.run([cluster.binary, *args, "--server", cluster.url, "--data", cluster.home],
                            capture_output=True, text=True, timeout=120)
    assert not check or result.returncode == 0, result.stdout + result.stderr
    return result


def now(cluster):
    return cluster.request("GET", "/swiftlet/v1/clock", expect=200)[1]["time"]


def test_show(cluster):
    out = swiftlet(cluster, "clock", "show").stdout
    assert "speed 1" in out and "real time" in out, out


def test_it_finds_the_cluster_as_kubectl_does(cluster):
    def show(*args, **env):
        kept = {k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "HOME")}
        result = subprocess.run([cluster.binary, "clock", *args], capture_output=True, text=True, timeout=20,
                                env={"HOME": cluster.home, **kept, **env})
        return result.stdout + result.stderr
    assert "real time" in show(KUBECONFIG=cluster.kubeconfig)
    assert "real time" in show(KUBECONFIG=f"/nowhere:{cluster.kubeconfig}")
    assert "real time" in show("--kubeconfig", cluster.kubeconfig)
    assert "real time" in show("--data", cluster.home)
    assert "real time" in show("--server", cluster.url, "--token", cluster.token)
    os.makedirs(os.path.join(cluster.home, ".kube"), exist_ok=True)
    shutil.copy(cluster.kubeconfig, os.path.join(cluster.home, ".kube", "config"))
    assert "real time" in show()
    for words, args in [("no context", ["--context", "nope"]), ("is not there", ["--kubeconfig", "/nowhere"]),
                        ("no secure connection", ["--server", cluster.url.replace("http:", "https:")])]:
        assert words in show(*args), (args, show(*args))
    strangers = os.path.join(cluster.home, "strangers")
    with open(cluster.kubeconfig) as file, open(strangers, "w") as copy:
        copy.writelines(line for line in file if "certificate-authority-data" not in line)
    assert "no secure connection" in show(KUBECONFIG=strangers)


def test_ctrl_c_ends_an_advance_early(cluster):
    with Cluster(cluster.binary, "--nodes", "1") as own:
        for name in range(20):
            own.request("POST", "/apis/batch/v1/namespaces/default/cronjobs", cron_job(f"job-{name}", "* * * * *"), expect=201)
        command = [own.binary, "clock", "advance", "366d", "--kubeconfig", own.kubeconfig]
        advance = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        eventually(lambda: own.request("GET", "/swiftlet/v1/clock")[1].get("advancingTo"))
        advance.send_signal(signal.SIGINT)
        out, err = advance.communicate(timeout=60)
        assert advance.returncode == 130 and "stopped" in err and "of 366d" in err and "ahead of real time" in out, (out, err)
        assert not own.request("GET", "/swiftlet/v1/clock")[1]["isAdvancing"]


def test_a_body_of_any_content_type(cluster):
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", ""):
        cluster.request("POST", "/swiftlet/v1/clock", {"speed": 1}, headers={"Content-Type": kind}, expect=200)


def test_a_cluster_may_begin_in_the_past(cluster):
    with Cluster(cluster.binary, "--nodes", "1", "--start-time", "-5h") as own:
        assert "5h behind real time" in swiftlet(own, "clock").stdout
        own.kubectl("run", "web", "--image=nginx")
        swiftlet(own, "clock", "advance", "4h")
        own.kubectl("run", "later", "--image=nginx")
        eventually(lambda: "Started" in own.kubectl("describe", "pod", "later"))
        assert "<invalid>" not in own.kubectl("describe", "pod", "later")
        before = now(own)
        own.stop()
        own.start()
        assert now(own) > before, "it goes on where it was"


def test_a_day_of_an_hourly_cron_job(cluster):
    cluster.request("POST", "/apis/batch/v1/namespaces/default/cronjobs", cron_job("report", "0 * * * *"), expect=201)
    start = time.monotonic()
    out = swiftlet(cluster, "clock", "advance", "24h").stdout
    took = time.monotonic() - start
    print(f"  a day passed in {took:.2f} s: {out.strip()}")
    assert "1d ahead of real time" in out, out
    jobs = cluster.request("GET", "/apis/batch/v1/namespaces/default/jobs", expect=200)[1]["items"]
    hours = sorted(j["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] for j in jobs)
    assert len(hours) == 24 and len(set(hours)) == 24 and all(h.endswith(":00:00Z") for h in hours), hours
    assert all(any(c["type"] == "Complete" for c in j["status"]["conditions"]) for j in jobs), "settled"
    nodes = cluster.request("GET", "/api/v1/nodes", expect=200)[1]["items"]
    for node in nodes:
        ready = [c for c in node["status"]["conditions"] if c["type"] == "Ready"][0]
        assert ready["status"] == "True" and ready["lastTransitionTime"] < hours[0], ready
    assert took < 30, took


def test_nodes_that_are_silent_are_lost_in_their_time(cluster):
    cluster.request("PATCH", "/api/v1/nodes/node-3", {"metadata": {"annotations": {"sim.swiftlet.dev/unreachable": "true"}}},
                    headers={"Content-Type": "application/merge-patch+json"}, expect=200)

    def ready():
        node = cluster.request("GET", "/api/v1/nodes/node-3", expect=200)[1]
        return [c["status"] for c in node["status"]["conditions"] if c["type"] == "Ready"][0]
    swiftlet(cluster, "clock", "advance", "30s")
    assert ready() == "True"
    swiftlet(cluster, "clock", "advance", "1m")
    assert ready() == "Unknown"
    cluster.request("PATCH", "/api/v1/nodes/node-3", {"metadata": {"annotations": {"sim.swiftlet.dev/unreachable": None}}},
                    headers={"Content-Type": "application/merge-patch+json"}, expect=200)
    swiftlet(cluster, "clock", "advance", "6m")
    assert ready() == "True"


def test_bad_input_is_explained(cluster):
    for body, word in [({"advance": "-1h"}, "negative"), ({"advance": "soon"}, "not a duration"), ({"advance": "9000h"}, "too large"),
                       ({"advance": 1e300}, "too large"), ({"speed": -1}, "negative"), ({"speed": 1e9}, "too large"),
                       ({"speed": "fast"}, "not a number"), ({"speed": []}, "not a number"), ({"advance": {}}, "not a duration"),
                       ({}, "say what"), ({"sped": 2}, "unknown field"), ([1], "JSON object")]:
        status, answer = cluster.request("POST", "/swiftlet/v1/clock", body)
        assert status == 400 and answer["kind"] == "Status" and word in answer["message"], (body, status, answer)
    assert cluster.request("POST", "/swiftlet/v1/clock", b"{", expect=400)[1]["reason"] == "BadRequest"
    assert cluster.request("PUT", "/swiftlet/v1/clock", {})[0] == 405
    result = swiftlet(cluster, "clock", "advance", "tomorrow", check=False)
    assert result.returncode != 0 and "not a duration" in result.stderr, result.stderr


def test_only_administrators_may(cluster):
    for headers in ({"Authorization": ""}, {"Impersonate-User": "jane", "Impersonate-Group": "system:authenticated"}):
        for method, body in (("GET", None), ("POST", {"advance": 1})):
            status, answer = cluster.request(method, "/swiftlet/v1/clock", body, headers=headers)
            assert status == 403 and "/swiftlet/v1/clock" in answer["message"], (status, answer)
    assert swiftlet(cluster, "clock", "show", "--token", "nonsense", check=False).returncode != 0


def test_speed(cluster):
    with Cluster(cluster.binary, "--nodes", "1") as own:
        own.request("POST", "/apis/batch/v1/namespaces/default/cronjobs", cron_job("tick", "* * * * *"), expect=201)
        assert "speed 600" in swiftlet(own, "clock", "speed", "600").stdout
        eventually(lambda: len(own.request("GET", "/apis/batch/v1/namespaces/default/jobs")[1]["items"]) >= 10, seconds=20)
        swiftlet(own, "clock", "speed", "0")
        first = now(own)
        assert now(own) == first
        swiftlet(own, "clock", "speed", "1")


def test_watches_outlive_a_day(cluster):
    """Whoever watches lives in real time: an advance does not cut them off."""
    watch = subprocess.Popen(["curl", "-sN", "-H", f"Authorization: Bearer {cluster.token}",
                              f"{cluster.url}/api/v1/namespaces/default/configmaps?watch=1"], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(watch.stdout.readline())["type"] == "ADDED"
        swiftlet(cluster, "clock", "advance", "5h")
        cluster.request("POST", "/api/v1/namespaces/default/configmaps",
                        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}}, expect=201)
        assert json.loads(watch.stdout.readline())["object"]["metadata"]["name"] == "late"
    finally:
        watch.kill()


def test_the_time_is_kept_over_a_restart(cluster):
    with Cluster(cluster.binary, "--nodes", "0") as own:
        swiftlet(own, "clock", "advance", "48h")
        before = now(own)
        own.stop()
        own.start()
        assert now(own) > before
        assert "2d" in swiftlet(own, "clock").stdout


def test_tokens_end_with_the_time_of_the_cluster(cluster):
    with Cluster(cluster.binary, "--nodes", "0") as own:
        path = "/api/v1/namespaces/default/serviceaccounts/default"
        eventually(lambda: own.request("GET", path)[0] == 200)
        token = own.request("POST", path + "/token", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                                                      "spec": {"expirationSeconds": 3600}}, expect=201)[1]["status"]["token"]
        use = {"Authorization": f"Bearer {token}"}
        assert own.request("GET", "/api/v1/namespaces/default/pods", headers=use)[0] == 403
        swiftlet(own, "clock", "advance", "61m")
        assert own.request("GET", "/api/v1/namespaces/default/pods", headers=use)[0] == 401


def script(cluster):
    """Everything that there is after the same requests, but for what carries the cluster's own keys."""
    cluster.request("POST", "/apis/batch/v1/namespaces/default/cronjobs", cron_job("report", "*/30 * * * *"), expect=201)
    for name in ("web", "api"):
        cluster.request("POST", "/apis/apps/v1/namespaces/default/deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
                "replicas": 4, "selector": {"matchLabels": {"app": name}}, "template": {
                    "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}}}, expect=201)
        cluster.request("GET", "/api/v1/pods", expect=200)
    swiftlet(cluster, "clock", "advance", "2h")
    cluster.request("PATCH", "/apis/apps/v1/namespaces/default/deployments/web", {"spec": {"replicas": 2}},
                    headers={"Content-Type": "application/merge-patch+json"}, expect=200)
    swiftlet(cluster, "clock", "advance", "10m")
    found = {}
    for path in ("/api/v1/nodes", "/api/v1/pods", "/api/v1/events", "/apis/batch/v1/jobs", "/apis/apps/v1/replicasets",
                 "/apis/apps/v1/deployments", "/apis/coordination.k8s.io/v1/leases", "/api/v1/serviceaccounts"):
        found[path] = cluster.request("GET", path, expect=200)[1]
    return found


def test_a_seed_makes_the_run_repeatable(cluster):
    runs = []
    for _ in range(2):
        with Cluster(cluster.binary, "--nodes", "3", "--seed", "42") as own:
            runs.append(script(own))
    for path, first in runs[0].items():
        assert json.dumps(first) == json.dumps(runs[1][path]), f"{path} differs"
    assert runs[0]["/api/v1/nodes"]["items"][0]["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z"
