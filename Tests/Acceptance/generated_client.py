"""A client made by openapi-generator from the committed document creates, lists, watches and deletes a Deployment."""
import os
import subprocess
import sys
import textwrap

from harness import Skip
from openapi import ROOT, script

FLAGS = ["--nodes", "1", "--no-auth"]

PROGRAM = """
import json, sys
import swiftlet_client as c
api = c.AppsV1Api(c.ApiClient(c.Configuration(host=sys.argv[1])))
labels = {"app": "made"}
body = c.IoK8sApiAppsV1Deployment.from_dict({
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "made"},
    "spec": {"replicas": 1, "selector": {"matchLabels": labels},
             "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}}})
created = api.create_apps_v1_namespaced_deployment(namespace="default", body=body)
assert created.metadata.uid
assert [d.metadata.name for d in api.list_apps_v1_namespaced_deployment(namespace="default").items] == ["made"]
raw = api.list_apps_v1_namespaced_deployment_without_preload_content(namespace="default", watch=True, timeout_seconds=1)
events = [json.loads(line) for line in raw.read().splitlines()]
assert events[0]["type"] == "ADDED" and events[0]["object"]["metadata"]["name"] == "made", events
api.delete_apps_v1_namespaced_deployment(namespace="default", name="made")
"""


def test_python(cluster):
    generator = script("openapi-generator-cli")
    out = os.path.join(cluster.home, "client")
    result = subprocess.run(
        [generator, "generate", "-g", "python", "-i", os.path.join(ROOT, "openapi", "swagger.json"), "-o", out,
         "--package-name", "swiftlet_client", "--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"],
        capture_output=True, text=True, timeout=600)
    if result.returncode and "java" in (result.stdout + result.stderr).lower() and "not found" in (result.stdout + result.stderr).lower():
        raise Skip("openapi-generator needs java")
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    program = os.path.join(cluster.home, "program.py")
    open(program, "w").write(textwrap.dedent(PROGRAM))
    result = subprocess.run([sys.executable, program, cluster.url], capture_output=True, text=True, timeout=120,
                            env={**os.environ, "PYTHONPATH": out})
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]
