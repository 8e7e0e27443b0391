"""The published documents: valid, complete, and nothing that they describe answers 5xx."""
import json
import os
import re
import subprocess
import sys

from harness import Skip

FLAGS = ["--nodes", "0", "--no-auth"]
SCRIPTS = os.path.dirname(sys.executable)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def script(name):
    path = os.path.join(SCRIPTS, name)
    if not os.path.exists(path):
        raise Skip(f"{name} is not installed")
    return path


def test_documents_are_valid(cluster):
    validator = script("openapi-spec-validator")
    paths = [os.path.join(ROOT, "openapi", name) for name in ("swagger.json", "openapi.json")]
    index = cluster.request("GET", "/openapi/v3", expect=200)[1]["paths"]
    for group in ["api/v1", "apis/apps/v1"]:
        document = cluster.request("GET", index[group]["serverRelativeURL"], expect=200)[1]
        paths.append(os.path.join(cluster.home, group.replace("/", "-") + ".json"))
        json.dump(document, open(paths[-1], "w"))
    result = subprocess.run([validator, *paths], capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]


def test_committed_documents_are_current(cluster):
    subprocess.run([cluster.binary, "openapi", "export", cluster.home], check=True, timeout=60)
    committed, current = (documents(directory) for directory in (os.path.join(ROOT, "openapi"), cluster.home))
    assert committed.keys() == current.keys(), committed.keys() ^ current.keys()
    for name in committed:
        assert committed[name] == current[name], f"openapi/{name} is stale: run `make openapi`"


def documents(directory):
    """-> relative path to content of every document below a directory"""
    found = {}
    for folder in ("", "v3"):
        for name in sorted(os.listdir(os.path.join(directory, folder))):
            if name in ("swagger.json", "openapi.json") or name.endswith("_openapi.json"):
                found[os.path.join(folder, name)] = open(os.path.join(directory, folder, name)).read()
    return found


def test_no_server_errors(cluster):
    """schemathesis throws what the schema allows, and what it does not, at two groups."""
    tool = script("schemathesis")
    for group in ["apis/coordination.k8s.io/v1", "apis/autoscaling/v1"]:
        url = f"{cluster.url}/openapi/v3/{group}"
        result = subprocess.run(
            [tool, "run", url, "--url", cluster.url, "--checks", "not_a_server_error", "--max-examples", "3", "--request-timeout", "2",
             "--exclude-path-regex", "watch", "--phases", "fuzzing", "--workers", "2", "--seed", "7", "--suppress-health-check", "all"],
            capture_output=True, text=True, timeout=900)
        # A list with watch=true is a stream that does not end: schemathesis calls its timeout an error, which it is not.
        summary = re.search(r"(\d+) generated(.*)", result.stdout)
        assert summary and int(summary[1]) > 0, result.stdout[-4000:] + result.stderr[-2000:]
        assert "failed" not in summary[2] and "Server error" not in result.stdout, result.stdout[-4000:]
