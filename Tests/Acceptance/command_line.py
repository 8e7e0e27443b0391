"""The binary itself: start, restart, refusal, stop."""
import json
import os
import signal
import stat
import subprocess
import tempfile
import time

from harness import Cluster, eventually

FLAGS = ["--nodes", "1"]


def test_version(cluster):
    out = subprocess.run([cluster.binary, "version"], capture_output=True, text=True, check=True).stdout
    assert "v1.36" in out, out


def test_kubeconfig_is_private(cluster):
    mode = stat.S_IMODE(os.stat(cluster.kubeconfig).st_mode)
    assert mode == 0o600, oct(mode)
    assert "current-context: swiftlet" in open(cluster.kubeconfig).read()


def test_token_is_that_of_the_kubeconfig(cluster):
    out = subprocess.run([cluster.binary, "token", "--data", cluster.home], capture_output=True, text=True, check=True).stdout
    assert out.strip() == cluster.token


def test_explain_without_a_server(cluster):
    out = subprocess.run([cluster.binary, "explain", "pod.spec.containers.livenessProbe"], capture_output=True, text=True, check=True).stdout
    assert "periodSeconds" in out and "httpGet" in out, out


def test_second_process_on_the_same_directory_is_refused(cluster):
    second = subprocess.run([cluster.binary, "up", "--data", cluster.home, "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"],
                            capture_output=True, text=True, timeout=20)
    assert second.returncode != 0
    assert "in use" in second.stderr, second.stderr


def test_no_auth_is_refused_off_loopback(cluster):
    result = subprocess.run([cluster.binary, "up", "--ephemeral", "--no-auth", "--http", "0.0.0.0:0"],
                            capture_output=True, text=True, timeout=20)
    assert result.returncode != 0 and "loopback" in result.stderr, result.stderr


def test_strangers_are_turned_away(cluster):
    status, body = cluster.request("GET", "/api/v1/namespaces", headers={"Authorization": "Bearer nonsense"})
    assert status == 401 and body["reason"] == "Unauthorized", body
    status, body = cluster.request("GET", "/version", headers={"Authorization": ""})
    assert status == 200, body


def test_everything_survives_kill_and_stop(cluster):
    with Cluster(cluster.binary, "--nodes", "0") as own:
        for n in range(50):
            own.request("POST", "/api/v1/namespaces/default/configmaps",
                        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"kept-{n}"}, "data": {"n": str(n)}}, expect=201)
        before = own.request("GET", "/api/v1/namespaces/default/configmaps", expect=200)[1]
        own.stop(signal.SIGKILL)
        own.start()
        after = own.request("GET", "/api/v1/namespaces/default/configmaps", expect=200)[1]
        assert [i for i in after["items"] if i["metadata"]["name"].startswith("kept-")] == \
            [i for i in before["items"] if i["metadata"]["name"].startswith("kept-")]
        start = time.monotonic()
        own.stop(signal.SIGTERM)
        assert time.monotonic() - start < 3 and own.process.returncode == 0, own.process.returncode


def test_pods_go_on_after_a_restart(cluster):
    with Cluster(cluster.binary, "--nodes", "2") as own:
        own.kubectl("create", "deployment", "web", "--image=nginx", "--replicas=3")
        own.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
        own.stop(signal.SIGKILL)
        own.start()
        own.kubectl("scale", "deployment/web", "--replicas=5")
        own.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
        eventually(lambda: own.request("GET", "/apis/apps/v1/namespaces/default/deployments/web")[1]["status"].get("readyReplicas") == 5)


def test_logs_of_ended_containers_survive(cluster):
    with Cluster(cluster.binary, "--nodes", "1") as own:
        own.kubectl("run", "once", "--image=busybox", "--restart=Never", "--", "sh", "-c", "echo done at once")
        own.kubectl("run", "flaky", "--image=busybox", "--", "sh", "-c", "echo run of $(cat /etc/hostname); exit 1")
        own.kubectl("run", "gone", "--image=busybox", "--restart=Never", "--", "echo", "gone")

        def restarts():
            statuses = own.request("GET", "/api/v1/namespaces/default/pods/flaky")[1]["status"].get("containerStatuses")
            return statuses[0]["restartCount"] if statuses else 0
        eventually(lambda: restarts() >= 1)
        eventually(lambda: own.kubectl("logs", "gone") == "gone\n")
        own.kubectl("delete", "pod", "gone")
        own.kubectl("annotate", "pod", "flaky", "sim.swiftlet.dev/run-seconds=3600")
        folder = os.path.join(own.home, "logs")
        eventually(lambda: 2 <= len(os.listdir(folder)) <= 3)
        own.stop()
        own.start()
        assert own.kubectl("logs", "once") == "done at once\n"
        assert own.kubectl("logs", "flaky", "--previous") == "run of flaky\n"
        own.kubectl("delete", "pods", "--all", "--now")
        eventually(lambda: os.listdir(folder) == [])


def test_unknown_controllers_are_refused(cluster):
    for text, name in [("*,-deploymnt", "deploymnt"), ("foo,job", "foo"), ("*,-foo-controller", "foo-controller")]:
        result = subprocess.run([cluster.binary, "up", "--ephemeral", "--controllers", text], capture_output=True, text=True, timeout=20)
        assert result.returncode != 0 and name in result.stderr and "deployment-controller" in result.stderr, result.stderr
    for text in ["*,-deployment,-scheduler", "garbagecollector,csrsigning,replicationcontroller-controller,podgc"]:
        with Cluster(cluster.binary, "--nodes", "0", "--controllers", text) as own:
            own.request("GET", "/readyz", expect=200)


def test_a_kubeconfig_keeps_its_other_clusters(cluster):
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "config")
        with open(path, "w") as file:
            file.write("apiVersion: v1\nkind: Config\ncurrent-context: work\npreferences: {}\n"
                       "clusters:\n- name: work\n  cluster: {server: 'https://work.example:6443'}\n- {name: swiftlet, cluster: {server: 'https://old'}}\n"
                       "users:\n- {name: work, user: {token: '007'}}\ncontexts:\n- {name: work, context: {cluster: work, user: work, namespace: team}}\n")
        with Cluster(cluster.binary, "--nodes", "0", "--kubeconfig", path) as own:
            own.kubeconfig = path
            assert "default" in own.kubectl("get", "namespaces")
            view = json.loads(own.kubectl("config", "view", "--raw", "-o", "json"))
        assert view["current-context"] == "swiftlet", view
        assert sorted(c["name"] for c in view["clusters"]) == ["swiftlet", "work"], view
        assert [c["cluster"]["server"] for c in view["clusters"] if c["name"] == "swiftlet"] == [own.secure_url]
        assert {"name": "work", "user": {"token": "007"}} in view["users"], view
        assert {"name": "work", "context": {"cluster": "work", "user": "work", "namespace": "team"}} in view["contexts"], view
        with open(path, "w") as file:
            file.write("just a text")
        result = subprocess.run([cluster.binary, "up", "--ephemeral", "--nodes", "0", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0",
                                 "--kubeconfig", path], capture_output=True, text=True, timeout=30)
        assert result.returncode != 0 and "left alone" in result.stderr, result.stderr
        assert open(path).read() == "just a text"


def test_the_parts_of_the_control_plane_are_well(cluster):
    lines = cluster.kubectl("get", "cs").splitlines()
    assert lines[0].split() == ["NAME", "STATUS", "MESSAGE", "ERROR"], lines
    assert [line.split()[:3] for line in lines[1:]] == [[n, "Healthy", "ok"] for n in ("controller-manager", "etcd-0", "scheduler")], lines
