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
    paths = [os.path.join(ROOT, "openapi", name) for name in documents(os.path.join(ROOT, "openapi"))]
    index = cluster.request("GET", "/openapi/v3", expect=200)[1]["paths"]
    for group in ["api/v1", "apis/apps/v1"]:
        document = cluster.request("GET", index[group]["serverRelativeURL"], expect=200)[1]
        paths.append(os.path.join(cluster.home, group.replace("/", "-") + ".json"))
        json.dump(document, open(paths[-1], "w"))
    result = subprocess.run([validator, *paths], capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    assert len(paths) > 25, len(paths)


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


def kubectl_fields(text):
    """-> the fields of `kubectl explain --recursive`: path, type, whether it is required"""
    found, path = [], []
    for line in text[text.index("FIELDS:"):].splitlines()[1:]:
        match = re.match(r"( +)(\S+)\t<(.*)>( -required-)?$", line)
        if not match:
            continue
        depth = len(match[1]) // 2
        path = path[:depth - 1] + [match[2]]
        found.append((".".join(path), match[3], bool(match[4])))
    return found


def explained(cluster, path):
    """-> what `swiftlet explain` says: the field's remarks, and its fields by name with type, remarks and sentence"""
    text = subprocess.run([cluster.binary, "explain", path], capture_output=True, text=True, check=True).stdout
    fields = {m[1]: m.groups()[1:] for m in re.finditer(r"^  (\S+) <(.*?)> +(.*?)(?: \(([^()]*(?:\([^()]*\))?[^()]*)\))?$", text, re.M)}
    return text, fields


def test_explanations_agree(cluster):
    """kubectl, the binary and the schema that the dashboard reads say the same of a field."""
    index = cluster.request("GET", "/openapi/v3", expect=200)[1]["paths"]
    schemas = cluster.request("GET", index["api/v1"]["serverRelativeURL"], expect=200)[1]["components"]["schemas"]
    for path, type_name in (("pod.spec", "PodSpec"), ("pod.spec.containers", "Container"), ("service.spec", "ServiceSpec"),
                            ("pod.spec.containers.livenessProbe", "Probe"), ("node.status", "NodeStatus")):
        theirs = {name: (kind, required) for name, kind, required in kubectl_fields(cluster.kubectl("explain", path, "--recursive"))
                  if "." not in name}
        _, ours = explained(cluster, path)
        assert theirs.keys() == ours.keys(), theirs.keys() ^ ours.keys()
        schema = schemas["io.k8s.api.core.v1." + type_name]
        for name, (kind, required) in theirs.items():
            found, sentence, remarks = ours[name]
            published, remarks = schema["properties"][name], remarks or ""
            assert (kind, required) == (found, "required" in remarks), (path, name, kind, found, remarks)
            assert required == (name in schema.get("required", [])), (path, name)
            assert published["description"] == sentence, (path, name, sentence, published["description"])
            default, values = published.get("default"), published.get("enum") or published.get("items", {}).get("enum")
            assert (default is not None) == ("default: " in remarks) and json.dumps(default) in (remarks if default is not None else "null")
            assert not values or f"one of: {', '.join(values)}" in remarks, (path, name, values, remarks)


def test_fields_are_found_by_their_words(cluster):
    found = cluster.request("GET", "/swiftlet/v1/explain?search=node%20selector&limit=3", expect=200)[1]
    first = found["results"][0]
    assert (first["kind"], first["path"], first["type"]) == ("Pod", ["spec", "nodeSelector"], "map[string]string"), first
    assert found["total"] >= len(found["results"]) == 3 and any(place["kind"] == "Deployment" for place in first["also"])
    policy = cluster.request("GET", "/swiftlet/v1/explain?search=restartPolicy", expect=200)[1]["results"]
    pod = next(entry for entry in policy if entry["kind"] == "Pod" and entry["path"] == ["spec", "restartPolicy"])
    assert pod["default"] == "Always" and pod["enum"] == ["Always", "Never", "OnFailure"] and pod["documentation"]
    for query in ("", "?search=", "?search=" + "x" * 200, "?search=a&limit=x"):
        assert cluster.request("GET", "/swiftlet/v1/explain" + query)[0] == 400, query
    out = subprocess.run([cluster.binary, "explain", "--search", "node selector"], capture_output=True, text=True, check=True).stdout
    assert out.startswith("pod.spec.nodeSelector <map[string]string>\n    " + first["documentation"]), out[:300]


# Streams, and what goes on to a pod or node.
LEFT_OUT = "/watch/|/(exec|attach|portforward|proxy)"


def test_answers_keep_to_the_schema(cluster):
    """schemathesis throws what the schema allows, and what it does not, at every operation."""
    result = subprocess.run(
        [script("schemathesis"), "run", os.path.join(ROOT, "openapi", "openapi.json"), "--url", cluster.url,
         "--checks", "not_a_server_error,response_schema_conformance,content_type_conformance", "--max-examples", "1",
         "--request-timeout", "2", "--exclude-path-regex", LEFT_OUT, "--phases", "fuzzing", "--workers", "2", "--seed", "7",
         "--suppress-health-check", "all"], capture_output=True, text=True, timeout=900)
    # A list with watch=true is a stream that does not end: schemathesis calls its timeout an error, which it is not.
    summary = re.search(r"(\d+) generated(.*)", result.stdout)
    tested = re.search(r"Tested: (\d+)", result.stdout)
    assert summary and tested and int(tested[1]) > 500, result.stdout[-4000:] + result.stderr[-2000:]
    assert "failure" not in summary[2] and "Server error" not in result.stdout, result.stdout[-6000:]
