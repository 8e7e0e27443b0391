"""curl over every protocol that the ports speak."""
import subprocess

from harness import tool

FLAGS = ["--nodes", "0", "--no-auth"]


def curl(cluster, *args):
    """-> (protocol version, status, body)"""
    out = subprocess.run([tool("curl"), "-s", "--max-time", "10", "-w", "\n%{http_version} %{http_code}", *args],
                         capture_output=True, text=True).stdout
    body, _, tail = out.rpartition("\n")
    version, _, status = tail.partition(" ")
    return version, int(status or 0), body


def test_http1(cluster):
    version, status, body = curl(cluster, "--http1.1", "-g", cluster.url + "/api/v1/namespaces/default/pods?labelSelector=app%20in%20(a,b)")
    assert (version, status) == ("1.1", 200) and '"kind": "PodList"' in body, body


def test_h2c_with_prior_knowledge(cluster):
    version, status, body = curl(cluster, "--http2-prior-knowledge", cluster.url + "/api/v1/namespaces/default")
    assert (version, status) == ("2", 200) and '"name": "default"' in body, (version, status, body)


def test_h2c_by_upgrade(cluster):
    version, status, body = curl(cluster, "--http2", cluster.url + "/version")
    assert (version, status) == ("2", 200) and "gitVersion" in body, (version, status, body)


def test_h2_over_tls(cluster):
    version, status, body = curl(cluster, "--cacert", cluster.home + "/ca.crt", cluster.secure_url + "/version")
    assert (version, status) == ("2", 200), (version, status, body)


def test_http1_over_tls(cluster):
    version, status, _ = curl(cluster, "--http1.1", "--cacert", cluster.home + "/ca.crt", cluster.secure_url + "/version")
    assert (version, status) == ("1.1", 200), (version, status)


def test_other_hosts_are_refused(cluster):
    _, status, _ = curl(cluster, "-H", "Host: evil.example", "-A", "Mozilla/5.0", cluster.url + "/api/v1/namespaces")
    assert status == 403, status


def test_watch_is_a_stream_of_lines(cluster):
    _, status, body = curl(cluster, "-A", "tester", cluster.url + "/api/v1/namespaces?watch=1&timeoutSeconds=1")
    assert status == 200 and len(body.splitlines()) >= 4 and body.startswith('{"type":"ADDED"'), body[:300]


def test_unknown_paths_and_methods(cluster):
    _, status, body = curl(cluster, cluster.url + "/api/v1/gadgets")
    assert status == 404 and '"Status"' in body, body
    _, status, body = curl(cluster, "-X", "DELETE", cluster.url + "/api/v1/namespaces")
    assert status == 405 and "MethodNotAllowed" in body, body
