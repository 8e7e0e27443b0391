"""Pods for the suite's steps: made in a few words, waited for, asked for their logs and answers."""
import itertools
import subprocess
import os

from harness import eventually, tool

BUSYBOX = "registry.k8s.io/e2e-test-images/busybox:1.37.0-1"
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.59"
PAUSE = "registry.k8s.io/pause:3.10.1"
HTTPD = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4"
NGINX = "registry.k8s.io/e2e-test-images/nginx:1.15-4"
_numbers = itertools.count(1)


def container(image=PAUSE, name="main", **fields):
    return {"name": name, "image": image, **fields}


def shell(script, **fields):
    """A container of busybox that runs a script."""
    return container(BUSYBOX, command=["sh", "-c", script], **fields)


def pod(*containers, name=None, labels=None, annotations=None, **spec):
    name = name or f"pod-{next(_numbers)}"
    metadata = {"name": name, "labels": {"name": name, **(labels or {})}, "annotations": annotations or {}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": {"containers": list(containers) or [container()], **spec}}


def path(namespace, name="", of="pods"):
    return f"/api/v1/namespaces/{namespace}/{of}" + (f"/{name}" if name else "")


def create(cluster, namespace, body, of="pods", expect=201):
    return cluster.request("POST", path(namespace, of=of), body, expect=expect)[1]


def get(cluster, namespace, name, of="pods"):
    return cluster.request("GET", path(namespace, name, of), expect=200)[1]


def update(cluster, namespace, name, change):
    """Reads, changes and writes until nobody else was quicker."""
    while True:
        body = get(cluster, namespace, name)
        change(body)
        status, answer = cluster.request("PUT", path(namespace, name), body)
        if status != 409:
            assert status == 200, answer
            return answer


def is_ready(body):
    return any(c["type"] == "Ready" and c["status"] == "True" for c in body["status"].get("conditions", []))


def condition(body, kind):
    return next((c for c in body["status"].get("conditions", []) if c["type"] == kind), None)


def statuses(body, of="containerStatuses"):
    return {s["name"]: s for s in body["status"].get(of, [])}


def wait(cluster, namespace, name, check, seconds=30):
    """-> the pod, once the check is true of it."""
    def look():
        body = get(cluster, namespace, name)
        return body if check(body) else None
    try:
        return eventually(look, seconds)
    except AssertionError:
        raise AssertionError(f"{name}: {get(cluster, namespace, name)['status']}") from None


def run(cluster, namespace, body, seconds=30):
    """Creates a pod; -> it, once it is ready."""
    create(cluster, namespace, body)
    return wait(cluster, namespace, body["metadata"]["name"], is_ready, seconds)


def finish(cluster, namespace, body, phase="Succeeded", seconds=30):
    """Creates a pod that ends; -> it, once it has."""
    body["spec"].setdefault("restartPolicy", "Never")
    create(cluster, namespace, body)
    ended = wait(cluster, namespace, body["metadata"]["name"],
                 lambda p: p["status"].get("phase") in ("Succeeded", "Failed"), seconds)
    assert ended["status"]["phase"] == phase, ended["status"]
    return ended


def logs(cluster, namespace, name, of=None):
    """What a container wrote; the mark before each line keeps it from being taken for JSON."""
    where = path(namespace, name) + "/log?timestamps=true" + (f"&container={of}" if of else "")
    lines = cluster.request("GET", where, expect=200)[1].splitlines(keepends=True)
    return "".join(line.partition(" ")[2] for line in lines)


def output(cluster, namespace, body, *texts, phase="Succeeded"):
    """Creates a pod that ends, whose first container must have written each of the texts; -> its log."""
    finish(cluster, namespace, body, phase)
    text = logs(cluster, namespace, body["metadata"]["name"], body["spec"]["containers"][0]["name"])
    for wanted in texts:
        assert wanted in text, (wanted, text)
    return text


def execute(cluster, namespace, name, *words, of=None, check=True):
    """Runs a command in a container; -> its standard output."""
    env = {**os.environ, "KUBECONFIG": cluster.kubeconfig, "KUBECACHEDIR": os.path.join(cluster.home, "cache")}
    result = subprocess.run(
        [tool("kubectl"), "exec", "-n", namespace, name, *(["-c", of] if of else []), "--", *words],
        capture_output=True, text=True, env=env, timeout=30)
    assert not check or result.returncode == 0, (words, result.stdout, result.stderr)
    return result.stdout if check else result


def gone(cluster, namespace, name, seconds=30, of="pods"):
    eventually(lambda: cluster.request("GET", path(namespace, name, of))[0] == 404, seconds)


def delete(cluster, namespace, name, grace=None):
    body = None if grace is None else {"gracePeriodSeconds": grace}
    return cluster.request("DELETE", path(namespace, name), body, expect=200)[1]
