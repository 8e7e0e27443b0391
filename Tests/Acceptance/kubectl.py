"""Stock kubectl: the core path with every version on this machine, then each command once."""
import json
import os
import re
import subprocess
import tempfile
import time

from harness import Skip, eventually, tool

FLAGS = ["--nodes", "3"]
VERSIONS = ["kubectl"] + [f"kubectl.1.{n}" for n in range(27, 37)]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels: {{app: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
      - {{name: web, image: "nginx:{tag}", ports: [{{containerPort: 80}}]}}
"""


def manifest(name, replicas=2, tag="1.27"):
    return DEPLOYMENT.format(name=name, replicas=replicas, tag=tag)


def core_path(cluster, binary):
    """What a first hour with Kubernetes does."""
    k = lambda *a, **o: cluster.kubectl(*a, binary=binary, **o)
    ns = "v" + re.sub(r"\D", "", binary)[-2:] + "x"
    assert "Server Version" in k("version")
    assert "is running at" in k("cluster-info")
    assert "deployments" in k("api-resources") and "apps/v1" in k("api-versions")
    assert "periodSeconds" in k("explain", "pod.spec.containers.livenessProbe")
    assert "matchLabels" in k("explain", "deployment.spec", "--recursive")
    k("create", "namespace", ns)
    n = ["-n", ns]
    k("apply", *n, "-f", "-", stdin=manifest("web"))
    k("rollout", *n, "status", "deployment/web", "--timeout=60s")
    assert k("get", *n, "pods", "-l", "app=web", "-o", "name").count("pod/") == 2
    assert "unchanged" in k("apply", *n, "-f", "-", stdin=manifest("web"))
    k("apply", *n, "--server-side", "--force-conflicts", "-f", "-", stdin=manifest("web", 3))
    k("rollout", *n, "status", "deployment/web", "--timeout=60s")
    k("scale", *n, "deployment/web", "--replicas=1")
    k("create", *n, "configmap", "settings", "--from-literal=a=b")
    assert k("get", *n, "configmap", "settings", "-o", "jsonpath={.data.a}") == "b"
    assert "NAME" in k("get", *n, "deployments,pods,configmaps", "-o", "wide")
    assert "Replicas:" in k("describe", *n, "deployment", "web")
    assert k("auth", "can-i", "create", "pods").strip() == "yes"
    k("delete", *n, "deployment", "web")
    k("delete", "namespace", ns, "--timeout=60s")


def versions(cluster, names):
    tried = 0
    for name in names:
        try:
            tool(name)
        except Skip:
            continue
        core_path(cluster, name)
        tried += 1
    if not tried:
        raise Skip("no kubectl is installed")
    print(f"     {tried} versions of kubectl", flush=True)


def test_core_path_with_every_version(cluster):
    versions(cluster, VERSIONS)


def test_create_generators(cluster):
    k = cluster.kubectl
    k("create", "namespace", "gen")
    k("create", "-n", "gen", "deployment", "web", "--image=nginx", "--replicas=2", "--port=80")
    k("create", "-n", "gen", "secret", "generic", "s", "--from-literal=password=x")
    k("create", "-n", "gen", "job", "once", "--image=busybox", "--", "true")
    k("create", "-n", "gen", "serviceaccount", "robot")
    k("create", "-n", "gen", "role", "reader", "--verb=get,list", "--resource=pods")
    k("create", "-n", "gen", "rolebinding", "reader", "--role=reader", "--serviceaccount=gen:robot")
    k("run", "-n", "gen", "one", "--image=nginx", "--labels=a=b")
    k("expose", "-n", "gen", "deployment", "web", "--port=80")
    k("wait", "-n", "gen", "--for=condition=Ready", "pod/one", "--timeout=30s")
    k("wait", "-n", "gen", "--for=condition=Available", "deployment/web", "--timeout=30s")
    assert k("auth", "can-i", "get", "pods", "-n", "gen", "--as=system:serviceaccount:gen:robot").strip() == "yes"
    assert cluster.kubectl("auth", "can-i", "delete", "pods", "-n", "gen", "--as=system:serviceaccount:gen:robot", check=False).returncode == 1
    eventually(lambda: len(json.loads(k("get", "-n", "gen", "endpoints", "web", "-o", "json")).get("subsets", [{}])[0].get("addresses", [])) == 2)
    assert len(k("create", "-n", "gen", "token", "robot").strip().split(".")) == 3


def test_output_forms(cluster):
    k = cluster.kubectl
    k("create", "namespace", "forms")
    k("run", "-n", "forms", "p", "--image=nginx", "--labels=tier=front")
    k("wait", "-n", "forms", "--for=condition=Ready", "pod/p", "--timeout=30s")
    assert "IP" in k("get", "-n", "forms", "pods", "-o", "wide")
    assert "kind: Pod" in k("get", "-n", "forms", "pod", "p", "-o", "yaml")
    assert json.loads(k("get", "-n", "forms", "pod", "p", "-o", "json"))["spec"]["nodeName"].startswith("node-")
    assert k("get", "-n", "forms", "pods", "-o", "custom-columns=N:.metadata.name").split() == ["N", "p"]
    assert "front" in k("get", "-n", "forms", "pods", "-L", "tier")
    assert "tier=front" in k("get", "-n", "forms", "pods", "--show-labels")
    assert k("get", "-n", "forms", "pods", "--field-selector=status.phase=Running", "-o", "name").strip() == "pod/p"
    assert k("get", "-n", "forms", "pods", "--field-selector=status.phase=Pending", "-o", "name").strip() == ""
    assert "kube-system" in k("get", "configmaps", "-A")
    assert "Scheduled" in k("describe", "-n", "forms", "pod", "p")
    assert "Started" in k("events", "-n", "forms", "--for", "pod/p")
    k("logs", "-n", "forms", "p")


def test_change_commands(cluster):
    k = cluster.kubectl
    k("create", "namespace", "chg")
    n = ["-n", "chg"]
    k("apply", *n, "-f", "-", stdin=manifest("web"))
    k("rollout", *n, "status", "deployment/web", "--timeout=30s")
    k("label", *n, "deployment", "web", "team=blue")
    k("annotate", *n, "deployment", "web", "note=hello")
    k("set", *n, "image", "deployment/web", "web=nginx:1.28")
    k("rollout", *n, "status", "deployment/web", "--timeout=30s")
    assert len(re.findall(r"(?m)^\d", k("rollout", *n, "history", "deployment/web"))) == 2
    k("rollout", *n, "undo", "deployment/web")
    k("rollout", *n, "status", "deployment/web", "--timeout=30s")
    assert k("get", *n, "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}") == "nginx:1.27"
    k("rollout", *n, "pause", "deployment/web")
    k("rollout", *n, "resume", "deployment/web")
    k("rollout", *n, "restart", "deployment/web")
    k("rollout", *n, "status", "deployment/web", "--timeout=30s")
    for kind, patch in [("merge", '{"spec":{"replicas":4}}'), ("strategic", '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"b"}]}]}}}}'),
                        ("json", '[{"op":"replace","path":"/spec/replicas","value":3}]')]:
        k("patch", *n, "deployment", "web", "--type", kind, "-p", patch)
    spec = json.loads(k("get", *n, "deployment", "web", "-o", "json"))["spec"]
    assert spec["replicas"] == 3 and spec["template"]["spec"]["containers"][0]["env"][0]["value"] == "b"
    assert cluster.kubectl("diff", *n, "-f", "-", stdin=manifest("web", 5), check=False).returncode == 1
    k("replace", *n, "-f", "-", stdin=manifest("web", 1))
    env = {**os.environ, "KUBECONFIG": cluster.kubeconfig, "KUBE_EDITOR": "sed -i s/nginx:1.27/nginx:1.29/"}
    subprocess.run([tool("kubectl"), "edit", *n, "deployment", "web"], env=env, check=True, capture_output=True, timeout=30)
    assert k("get", *n, "deployment", "web", "-o", "jsonpath={..image}") == "nginx:1.29"


def test_cascades(cluster):
    k = cluster.kubectl
    k("create", "namespace", "casc")
    n = ["-n", "casc"]
    for cascade, left in [("background", 0), ("foreground", 0), ("orphan", 1)]:
        name = "d-" + cascade
        k("apply", *n, "-f", "-", stdin=manifest(name, 1))
        k("rollout", *n, "status", "deployment/" + name, "--timeout=30s")
        k("delete", *n, "deployment", name, "--cascade=" + cascade, "--timeout=60s")
        eventually(lambda: k("get", *n, "replicasets", "-l", "app=" + name, "-o", "name").count("/") == left)
        eventually(lambda: k("get", *n, "pods", "-l", "app=" + name, "-o", "name").count("/") == left, 60)


def test_watch(cluster):
    env = {**os.environ, "KUBECONFIG": cluster.kubeconfig}
    watch = subprocess.Popen([tool("kubectl"), "get", "pods", "-w", "--output-watch-events"], stdout=subprocess.PIPE, text=True, env=env)
    time.sleep(1)
    cluster.kubectl("run", "seen", "--image=nginx")
    cluster.kubectl("wait", "--for=condition=Ready", "pod/seen", "--timeout=30s")
    cluster.kubectl("delete", "pod", "seen", "--grace-period=0", "--force")
    time.sleep(1)
    watch.terminate()
    out = watch.communicate()[0]
    assert "ADDED" in out and "Running" in out and "DELETED" in out, out


def test_nodes(cluster):
    k = cluster.kubectl
    assert k("get", "nodes").count(" Ready") == 3
    k("cordon", "node-1")
    assert "SchedulingDisabled" in k("get", "node", "node-1")
    k("uncordon", "node-1")
    k("taint", "nodes", "node-1", "dedicated=me:NoSchedule")
    assert "dedicated=me:NoSchedule" in k("describe", "node", "node-1")
    k("taint", "nodes", "node-1", "dedicated-")
    k("create", "deployment", "spread", "--image=nginx", "--replicas=6")
    k("rollout", "status", "deployment/spread", "--timeout=30s")
    k("drain", "node-2", "--force", "--ignore-daemonsets", "--timeout=90s")
    assert "node-2" not in k("get", "pods", "-l", "app=spread", "-o", "jsonpath={.items[?(@.status.phase=='Running')].spec.nodeName}")
    k("uncordon", "node-2")


def test_errors_read_well(cluster):
    def fails(*args, stdin=None):
        result = cluster.kubectl(*args, stdin=stdin, check=False)
        assert result.returncode, args
        return result.stderr
    assert 'pods "nope" not found' in fails("get", "pod", "nope")
    assert "the server doesn't have a resource type" in fails("get", "gadgets")
    assert "must be greater than or equal to 0" in fails("create", "-f", "-", stdin=manifest("bad", -1))
    assert "already exists" in fails("create", "namespace", "default")
    assert "unknown field" in fails("create", "-f", "-", stdin=manifest("odd").replace("replicas:", "replicaz:"))
