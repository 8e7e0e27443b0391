"""kubectl: what the suite's tests of SIG CLI ask for, with the newest kubectl of this machine; what depends on its version
with each of them.

Walked: all 17. Programs in containers are simulated: the guestbook, the generator of logs and the update demo answer as the
real ones do.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile

from conformance import space
from harness import eventually, tool

FLAGS = ["--nodes", "3"]
WORKERS = 8

IMAGES = "registry.k8s.io/e2e-test-images"
AGNHOST, NAUTILUS = f"{IMAGES}/agnhost:2.59", f"{IMAGES}/nautilus:1.7"
HTTPD, BUSYBOX = f"{IMAGES}/httpd:2.4.38-4", "registry.k8s.io/e2e-test-images/busybox:1.37.0-1"


def versions():
    """Each kubectl of this machine, the newest last."""
    folders = ["/usr/lib/google-cloud-sdk/bin", "/usr/local/bin"]
    found = {name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder)
             if re.fullmatch(r"kubectl\.1\.\d+", name)}
    return sorted(found, key=lambda name: int(name.split(".")[-1])) or ["kubectl"]


NEWEST = versions()[-1]


def kubectl(cluster, ns, *args, **more):
    more.setdefault("binary", NEWEST)
    return cluster.kubectl("-n", ns, *args, **more)


def has(output, lines):
    """Each line's words stand in one line of the output, in that order of lines."""
    rest = output.split("\n")
    for words in lines:
        places = [place for place, line in enumerate(rest) if all(word in line for word in words)]
        assert places, f"no {words} in\n{output}"
        rest = rest[places[0] + 1:]


def controller(name, image, replicas, port, args=()):
    labels = {"name": name}
    container = {"name": name, "image": image, "ports": [{"containerPort": port}], "args": list(args)}
    return json.dumps({"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": f"{name}-rc"}, "spec": {
        "replicas": replicas, "selector": labels, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": [container]}}}})


def update_demo(cluster, ns, replicas):
    """Waits until so many pods run the image and serve what it holds."""
    template = ("{{range.items}}{{.metadata.name}} {{end}}")
    state = ("{{if (exists . \"status\" \"containerStatuses\")}}{{range .status.containerStatuses}}"
             "{{if (and (eq .name \"update-demo\") (exists . \"state\" \"running\"))}}true{{end}}{{end}}{{end}}")
    image = ("{{if (exists . \"spec\" \"containers\")}}{{range .spec.containers}}"
             "{{if eq .name \"update-demo\"}}{{.image}}{{end}}{{end}}{{end}}")

    def look():
        names = kubectl(cluster, ns, "get", "pods", "-o", "template", f"--template={template}", "-l",
                        "name=update-demo").split()
        if len(names) != replicas:
            return False
        for name in names:
            if kubectl(cluster, ns, "get", "pods", name, "-o", "template", f"--template={state}") != "true":
                return False
            assert kubectl(cluster, ns, "get", "pods", name, "-o", "template", f"--template={image}") == NAUTILUS
            served = cluster.request("GET", f"/api/v1/namespaces/{ns}/pods/{name}/proxy/data.json", expect=200)[1]
            assert served["image"] == "nautilus.jpg", served
        return True
    eventually(look)


def test_update_demo(cluster):
    """Kubectl client Update Demo should create and stop a replication controller
    Kubectl client Update Demo should scale a replication controller"""
    with space(cluster, "demo") as ns:
        body = controller("update-demo", NAUTILUS, 2, 80)
        kubectl(cluster, ns, "create", "-f", "-", stdin=body)
        update_demo(cluster, ns, 2)
        for replicas in [1, 2]:
            kubectl(cluster, ns, "scale", "rc", "update-demo-rc", f"--replicas={replicas}", "--timeout=5m")
            update_demo(cluster, ns, replicas)
        kubectl(cluster, ns, "delete", "--grace-period=0", "--force", "-f", "-", stdin=body)
        left = kubectl(cluster, ns, "get", "rc,svc", "-l", "name=update-demo", "--no-headers")
        assert left == "", left
        eventually(lambda: kubectl(cluster, ns, "get", "pods", "-l", "name=update-demo", "-o", "name") == "")


def guestbook(role, replicas, args, port):
    name = "frontend" if role == "frontend" else f"agnhost-{role}"
    labels = {"app": "guestbook", "tier": "frontend"} if role == "frontend" else {
        "app": "agnhost", "role": role, "tier": "backend"}
    container = {"name": name, "image": AGNHOST, "args": ["guestbook", *args], "ports": [{"containerPort": port}],
                 "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}}}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": labels}, "spec": {
            "ports": [{"port": port}], "selector": labels}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
            "replicas": replicas, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [container]}}}},
    ]


def test_guestbook(cluster):
    """Kubectl client Guestbook application should create and stop a working application"""
    with space(cluster, "guestbook") as ns:
        items = [*guestbook("replica", 2, ["--replicaof", "agnhost-primary", "--http-port", "6379"], 6379),
                 *guestbook("frontend", 3, ["--backend-port", "6379"], 80),
                 *guestbook("primary", 1, ["--http-port", "6379"], 6379)]
        body = "\n---\n".join(json.dumps(item) for item in items)
        kubectl(cluster, ns, "create", "-f", "-", stdin=body)
        for name in ["frontend", "agnhost-primary", "agnhost-replica"]:
            kubectl(cluster, ns, "rollout", "status", f"deploy/{name}", "--timeout=30s")

        def ask(command, value=""):
            path = f"/api/v1/namespaces/{ns}/services/frontend/proxy/guestbook?cmd={command}&key=messages&value={value}"
            status, answer = cluster.request("GET", path)
            return answer if status == 200 else f"{status}: {answer}"
        eventually(lambda: ask("get") == {"data": ""})
        eventually(lambda: ask("set", "TestEntry") == {"message": "Updated"})
        eventually(lambda: ask("get") == {"data": "TestEntry"})
        kubectl(cluster, ns, "delete", "--grace-period=0", "--force", "-f", "-", stdin=body)


def test_api_versions(cluster):
    """Kubectl client Kubectl api-versions should check if v1 is in available api versions"""
    for binary in versions():
        assert "v1" in cluster.kubectl("api-versions", binary=binary).split("\n")


def test_cluster_info(cluster):
    """Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info"""
    for binary in versions():
        output = cluster.kubectl("cluster-info", binary=binary)
        assert "Kubernetes control plane" in output and "is running at" in output, output
    with tempfile.TemporaryDirectory() as folder:
        cluster.kubectl("cluster-info", "dump", f"--output-directory={folder}")
        assert os.listdir(folder)


def primary(cluster, ns):
    """The controller and the service that several tests begin with; -> its pod."""
    labels = {"app": "agnhost", "role": "primary"}
    container = {"name": "agnhost-primary", "image": AGNHOST, "ports": [{"name": "agnhost-server", "containerPort": 6379}],
                 "args": ["guestbook", "--http-port", "6379"]}
    items = [
        {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "agnhost-primary", "labels": labels},
         "spec": {"replicas": 1, "selector": labels, "template": {
             "metadata": {"labels": labels}, "spec": {"containers": [container]}}}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "agnhost-primary", "labels": labels}, "spec": {
            "ports": [{"port": 6379, "targetPort": "agnhost-server"}], "selector": labels}}]
    for item in items:
        kubectl(cluster, ns, "create", "-f", "-", stdin=json.dumps(item))
    pods = eventually(lambda: kubectl(cluster, ns, "get", "pods", "-l", "app=agnhost", "-o", "name").split())
    kubectl(cluster, ns, "wait", pods[0], "--for=condition=Ready", "--timeout=30s")
    return pods[0].split("/")[1]


def test_describe(cluster):
    """Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods"""
    with space(cluster, "describe") as ns:
        pod = primary(cluster, ns)
        for binary in versions():
            describe(cluster, ns, pod, binary)


def describe(cluster, ns, pod, binary):
    def output(*args):
        return kubectl(cluster, ns, "describe", *args, binary=binary)
    has(output("pod", pod), [
        ["Name:", "agnhost-primary-"], ["Namespace:", ns], ["Node:"], ["Labels:", "app=agnhost"], ["role=primary"],
        ["Annotations:"], ["Status:", "Running"], ["IP:"], ["Controlled By:", "ReplicationController/agnhost-primary"],
        ["Image:", AGNHOST], ["State:", "Running"], ["QoS Class:", "BestEffort"]])
    has(output("rc", "agnhost-primary"), [
        ["Name:", "agnhost-primary"], ["Namespace:", ns], ["Selector:", "app=agnhost,role=primary"],
        ["Labels:", "app=agnhost"], ["role=primary"], ["Annotations:"], ["Replicas:", "1 current", "1 desired"],
        ["Pods Status:", "1 Running", "0 Waiting", "0 Succeeded", "0 Failed"], ["Pod Template:"], ["Image:", AGNHOST],
        ["Events:"]])
    has(output("service", "agnhost-primary"), [
        ["Name:", "agnhost-primary"], ["Namespace:", ns], ["Labels:", "app=agnhost"], ["role=primary"], ["Annotations:"],
        ["Selector:", "app=agnhost", "role=primary"], ["Type:", "ClusterIP"], ["IP:"], ["Port:", "<unset>", "6379/TCP"],
        ["Endpoints:"], ["Session Affinity:", "None"]])
    has(output("node", "node-1"), [
        ["Name:", "node-1"], ["Labels:"], ["Annotations:"], ["CreationTimestamp:"], ["Conditions:"],
        ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"], ["Addresses:"], ["Capacity:"],
        ["Kernel Version:"], ["OS Image:"], ["Container Runtime Version:"], ["Kubelet Version:"], ["Pods:"]])
    has(output("namespace", ns), [["Name:", ns], ["Labels:"], ["Annotations:"], ["Status:", "Active"]])


def test_expose(cluster):
    """Kubectl client Kubectl expose should create services for rc"""
    with space(cluster, "expose") as ns:
        primary(cluster, ns)

        def check(name, port):
            service = cluster.request("GET", f"/api/v1/namespaces/{ns}/services/{name}", expect=200)[1]
            assert [(p["port"], p["targetPort"]) for p in service["spec"]["ports"]] == [(port, 6379)], service
            slices = f"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices?labelSelector=kubernetes.io/service-name={name}"
            eventually(lambda: [p["port"] for s in cluster.request("GET", slices)[1]["items"]
                                for p in s.get("ports") or [] if s.get("endpoints")] == [6379])
        kubectl(cluster, ns, "expose", "rc", "agnhost-primary", "--name=rm2", "--port=1234", "--target-port=6379")
        check("rm2", 1234)
        kubectl(cluster, ns, "expose", "service", "rm2", "--name=rm3", "--port=2345", "--target-port=6379")
        check("rm3", 2345)


def test_label(cluster):
    """Kubectl client Kubectl label should update the label on a resource"""
    with space(cluster, "label") as ns:
        kubectl(cluster, ns, "run", "pause", "--image=registry.k8s.io/pause:3.10.1", "--labels=name=pause")
        for binary in versions():
            kubectl(cluster, ns, "label", "pods", "pause", "testing-label=testing-label-value", binary=binary)
            shown = kubectl(cluster, ns, "get", "pod", "pause", "-L", "testing-label", binary=binary)
            assert "testing-label-value" in shown, shown
            kubectl(cluster, ns, "label", "pods", "pause", "testing-label-", binary=binary)
            shown = kubectl(cluster, ns, "get", "pod", "pause", "-L", "testing-label", binary=binary)
            assert "testing-label-value" not in shown, shown
        kubectl(cluster, ns, "delete", "pod", "pause", "--grace-period=0", "--force")


def test_patch(cluster):
    """Kubectl client Kubectl patch should add annotations for pods in rc"""
    with space(cluster, "patch") as ns:
        pod = primary(cluster, ns)
        kubectl(cluster, ns, "patch", "pod", pod, "-p", '{"metadata":{"annotations":{"x":"y"}}}')
        path = f"/api/v1/namespaces/{ns}/pods/{pod}"
        assert cluster.request("GET", path, expect=200)[1]["metadata"]["annotations"]["x"] == "y"


def image_of(cluster, ns, pod):
    return cluster.request("GET", f"/api/v1/namespaces/{ns}/pods/{pod}", expect=200)[1]["spec"]["containers"][0]["image"]


def test_replace(cluster):
    """Kubectl client Kubectl replace should update a single-container pod's image
    Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods
    Kubectl client Kubectl run pod should create a pod from an image when restart is Never"""
    with space(cluster, "replace") as ns:
        for number, binary in enumerate(versions()):
            name = f"e2e-test-httpd-pod-{number}"
            kubectl(cluster, ns, "run", name, "--restart=Never", f"--image={HTTPD}", f"--labels=run={name}", binary=binary)
            kubectl(cluster, ns, "wait", f"pod/{name}", "--for=condition=Ready", "--timeout=30s", binary=binary)
            pod = cluster.request("GET", f"/api/v1/namespaces/{ns}/pods/{name}", expect=200)[1]
            assert pod["spec"]["restartPolicy"] == "Never" and pod["spec"]["containers"][0]["image"] == HTTPD
            changed = kubectl(cluster, ns, "get", "pod", name, "-o", "json", binary=binary).replace(HTTPD, BUSYBOX, 1)
            kubectl(cluster, ns, "replace", "-f", "-", "--dry-run=server", stdin=changed, binary=binary)
            patch = json.dumps({"spec": {"containers": [{"name": name, "image": BUSYBOX}]}})
            kubectl(cluster, ns, "patch", "pod", name, "-p", patch, "--dry-run=server", binary=binary)
            assert image_of(cluster, ns, name) == HTTPD
            # The kubelet writes on a pod that has just started.
            eventually(lambda: kubectl(cluster, ns, "replace", "-f", "-", binary=binary, check=False, stdin=kubectl(
                cluster, ns, "get", "pod", name, "-o", "json", binary=binary).replace(HTTPD, BUSYBOX, 1)).returncode == 0)
            assert image_of(cluster, ns, name) == BUSYBOX


def test_diff(cluster):
    """Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments"""
    with space(cluster, "diff") as ns:
        body = json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "httpd-deployment"}, "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": "httpd"}}, "template": {
                "metadata": {"labels": {"app": "httpd"}}, "spec": {"containers": [
                    {"name": "httpd", "image": HTTPD, "ports": [{"containerPort": 80}]}]}}}})
        kubectl(cluster, ns, "create", "-f", "-", stdin=body)
        for binary in versions():
            result = kubectl(cluster, ns, "diff", "-f", "-", stdin=body.replace(HTTPD, BUSYBOX), binary=binary, check=False)
            assert result.returncode == 1, result
            assert f"-      - image: {HTTPD}" in result.stdout and f"+      - image: {BUSYBOX}" in result.stdout, result.stdout
        kubectl(cluster, ns, "delete", "-f", "-", stdin=body)


def test_version(cluster):
    """Kubectl client Kubectl version should check is all data is printed"""
    for binary in versions():
        output = cluster.kubectl("version", binary=binary)
        has(output, [["Client Version"], ["Server Version"]])
        server = json.loads(cluster.kubectl("version", "-o", "json", binary=binary))["serverVersion"]
        for field in ["major", "minor", "gitVersion", "buildDate", "goVersion", "compiler", "platform"]:
            assert server[field], server


def test_proxy_port(cluster):
    """Kubectl client Proxy server should support proxy with --port 0"""
    env = {**os.environ, "KUBECONFIG": cluster.kubeconfig}
    command = [tool(NEWEST), "proxy", "-p", "0", "--disable-filter"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as proxy:
        try:
            port = re.search(r":(\d+)", proxy.stdout.readline())[1]
            answer = subprocess.run(["curl", "-s", f"http://localhost:{port}/api/"], capture_output=True, text=True)
            assert "v1" in json.loads(answer.stdout)["versions"], answer
        finally:
            proxy.terminate()


def test_proxy_socket(cluster):
    """Kubectl client Proxy server should support --unix-socket=/path"""
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "test")
    env = {**os.environ, "KUBECONFIG": cluster.kubeconfig}
    with subprocess.Popen([tool(NEWEST), "proxy", f"--unix-socket={path}"], stdout=subprocess.PIPE, env=env) as proxy:
        try:
            proxy.stdout.readline()
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
                client.sendall(b"GET /api/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: client.recv(65536), b""))
            assert b"APIVersions" in answer, answer
        finally:
            proxy.terminate()
            shutil.rmtree(folder)


def test_logs(cluster):
    """Kubectl logs logs should be able to retrieve and filter logs
    Kubectl logs all pod logs the Deployment has 2 replicas and each pod has 2 containers (not of the suite)"""
    with space(cluster, "logs") as ns:
        kubectl(cluster, ns, "run", "logs-generator", f"--image={AGNHOST}", "--restart=Never", "--pod-running-timeout=2m0s",
                "--", "logs-generator", "--log-lines-total", "100", "--run-duration", "20s")
        kubectl(cluster, ns, "wait", "pod/logs-generator", "--for=condition=Ready", "--timeout=30s")

        def logs(*args):
            return kubectl(cluster, ns, "logs", "logs-generator", "logs-generator", *args)
        eventually(lambda: "/api/v1/namespaces/kube-system" in logs())
        line = logs("--tail=1")
        assert len(line.splitlines()) == 1 and re.match(r"I\d{4} .*logs_generator.go:\d+\] \d+ \w+ /api/v1/namespaces/", line), line
        assert len(logs("--limit-bytes=1")) == 1
        stamped = logs("--tail=1", "--timestamps")
        assert len(stamped.splitlines()) == 1
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d) ", stamped), stamped
        # What is older than a second is what this asks for.
        eventually(lambda: len(logs("--since=1s").split("\n")) < len(logs("--since=24h").split("\n")))
        kubectl(cluster, ns, "delete", "pod", "logs-generator", "--grace-period=1")
        all_logs(cluster, ns)


def all_logs(cluster, ns):
    script = "/agnhost logs-generator --log-lines-total {} --run-duration 1s && /agnhost pause"
    containers = [{"name": f"container-{number}", "image": AGNHOST, "command": ["/bin/sh", "-c"],
                   "args": [script.format(number * 10)]} for number in [1, 2]]
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "deploy"}, "spec": {
        "replicas": 2, "selector": {"matchLabels": {"name": "deploy"}}, "template": {
            "metadata": {"labels": {"name": "deploy"},
                         "annotations": {"kubectl.kubernetes.io/default-container": "container-2"}},
            "spec": {"containers": containers, "terminationGracePeriodSeconds": 0}}}}
    kubectl(cluster, ns, "create", "-f", "-", stdin=json.dumps(body))
    kubectl(cluster, ns, "rollout", "status", "deploy/deploy", "--timeout=30s")
    names = kubectl(cluster, ns, "get", "pods", "-l", "name=deploy", "-o", "name").split()

    def lines(*args):
        written = kubectl(cluster, ns, "logs", "deploy/deploy", "--all-pods", *args).splitlines()
        return [line.split("]")[0][1:] for line in written if "logs_generator" in line]
    default = sorted(f"{name}/container-2" for name in names for _ in range(20))
    eventually(lambda: sorted(lines()) == default)
    every = default + [f"{name}/container-1" for name in names for _ in range(10)]
    eventually(lambda: sorted(lines("--all-containers")) == sorted(every))
