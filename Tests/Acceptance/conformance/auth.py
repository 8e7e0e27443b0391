"""Who may do what: what the suite's tests of SIG Auth ask for, those of SIG Architecture, and the events of SIG
Instrumentation.

Walked: all 9 of SIG Auth, the one of SIG Architecture, all 4 of SIG Instrumentation. The helper image's program that looks at
its own token (`test-service-account-issuer-discovery`) is not simulated: what it asks is asked from outside.
"""
import base64
import datetime
import hashlib
import json
import subprocess
import tempfile
from urllib.parse import quote

from conformance import pod_of, run_to_end, space, watch
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8

AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.59"
MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
MERGE = {"Content-Type": "application/merge-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_token_is_mounted(cluster):
    """ServiceAccounts should mount an API token into pods"""
    with space(cluster, "mount") as ns:
        core = f"/api/v1/namespaces/{ns}"
        cluster.request("POST", f"{core}/serviceaccounts", {"metadata": {"name": "mount-test"}}, expect=201)
        pod = pod_of("reader", "busybox:1.36", command=["sleep", "100000"], serviceAccountName="mount-test",
                     terminationGracePeriodSeconds=0, restartPolicy="Never")
        cluster.request("POST", f"{core}/pods", pod, expect=201)
        cluster.kubectl("-n", ns, "wait", "--for=condition=Ready", "pod/reader", "--timeout=30s")

        def read(file):
            return cluster.kubectl("-n", ns, "exec", "reader", "-c", "reader", "--", "cat", f"{MOUNT}/{file}")

        root = cluster.request("GET", f"{core}/configmaps/kube-root-ca.crt", expect=200)[1]["data"]["ca.crt"]
        assert read("ca.crt") == root
        assert read("namespace") == ns
        review = {"spec": {"token": read("token")}}
        status = cluster.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review, expect=201)[1]["status"]
        assert status["authenticated"] and not status.get("error"), status
        user = status["user"]
        assert user["username"] == f"system:serviceaccount:{ns}:mount-test"
        wanted = {"system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{ns}"}
        assert wanted <= set(user["groups"]), user
        extra = user["extra"]
        assert extra["authentication.kubernetes.io/pod-name"] == ["reader"]
        assert extra["authentication.kubernetes.io/node-name"] and extra["authentication.kubernetes.io/credential-id"]


def test_automount_opt_out(cluster):
    """ServiceAccounts should allow opting out of API token automount"""
    with space(cluster, "automount") as ns:
        core = f"/api/v1/namespaces/{ns}"
        for name, wish in {"mount": True, "nomount": False}.items():
            account = {"metadata": {"name": name}, "automountServiceAccountToken": wish}
            cluster.request("POST", f"{core}/serviceaccounts", account, expect=201)
        eventually(lambda: cluster.request("GET", f"{core}/serviceaccounts/default")[0] == 200)
        # What the pod says is what counts; else what the account says; else yes.
        cases = [(account, wish, wish if wish is not None else account != "nomount")
                 for wish in [None, True, False] for account in ["default", "mount", "nomount"]]
        for number, (account, wish, mounted) in enumerate(cases):
            pod = pod_of(f"pod-{number}", AGNHOST, serviceAccountName=account, restartPolicy="Never")
            if wish is not None:
                pod["spec"]["automountServiceAccountToken"] = wish
            made = cluster.request("POST", f"{core}/pods", pod, expect=201)[1]
            mounts = [mount["mountPath"] for mount in made["spec"]["containers"][0].get("volumeMounts", [])]
            assert (MOUNT in mounts) == mounted, (account, wish, mounts)


def test_projected_token(cluster):
    """ServiceAccounts should mount projected service account token
    ServiceAccounts should set ownership and permission when RunAsUser or FsGroup is present (not of the suite)"""
    with space(cluster, "projected") as ns:
        token = {"name": "tokens", "projected": {"sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}]}}
        # user, group of files -> what its file looks like
        for number, (user, group, mode) in enumerate([
            (None, None, "-rw-r--r--"), (1000, None, "-rw-------"), (None, 10000, "-rw-r-----"), (1000, 10000, "-rw-r-----")
        ]):
            pod = pod_of(f"reader-{number}", AGNHOST, restartPolicy="Never", volumes=[token], args=[
                "mounttest", "--file_perm=/test-volume/token", "--file_owner=/test-volume/token",
                "--file_content=/test-volume/token"])
            pod["spec"]["containers"][0]["volumeMounts"] = [
                {"name": "tokens", "mountPath": "/test-volume", "readOnly": True}]
            security = {"runAsUser": user, "fsGroup": group}
            pod["spec"]["securityContext"] = {key: value for key, value in security.items() if value is not None}
            log = run_to_end(cluster, ns, pod)
            assert 'content of file "/test-volume/token": ey' in log, log
            assert f'perms of file "/test-volume/token": {mode}' in log, (user, group, log)
            assert f'owner UID of "/test-volume/token": {user or 0}' in log, log
            assert f'owner GID of "/test-volume/token": {group or 0}' in log, log


def test_issuer_discovery(cluster):
    """ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer"""
    with space(cluster, "oidc") as ns:
        role = "system:service-account-issuer-discovery"
        binding = {"metadata": {"name": f"{ns}-{role}"}, "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": ns}]}
        cluster.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding, expect=201)
        # What the program does, with the token of an account that has just what it has.
        asked = {"spec": {"audiences": ["oidc-discovery-test"], "expirationSeconds": 600}}
        token = cluster.request("POST", f"/api/v1/namespaces/{ns}/serviceaccounts/default/token", asked,
                                expect=201)[1]["status"]["token"]
        api = cluster.request("POST", f"/api/v1/namespaces/{ns}/serviceaccounts/default/token", {},
                              expect=201)[1]["status"]["token"]
        own = {"Authorization": f"Bearer {api}"}
        issuer = claims(token)["iss"]
        document = cluster.request("GET", "/.well-known/openid-configuration", headers=own, expect=200)[1]
        assert document["issuer"] == issuer
        assert document["id_token_signing_alg_values_supported"] == ["RS256"], document
        assert document["jwks_uri"].endswith("/openid/v1/jwks")
        keys = cluster.request("GET", "/openid/v1/jwks", headers=own, expect=200)[1]["keys"]
        verify_rs256(token, keys)
        assert claims(token)["aud"] == ["oidc-discovery-test"]


def verify_rs256(token, keys):
    """The signature of RFC 7518, section 3.3, by arithmetic alone."""
    def number(text):
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")

    head, body, signature = token.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert header["alg"] == "RS256", header
    key = next(key for key in keys if key["kid"] == header["kid"])
    assert key["kty"] == "RSA" and key["alg"] == "RS256" and key["use"] == "sig", key
    modulus = number(key["n"])
    size = (modulus.bit_length() + 7) // 8
    opened = pow(number(signature), number(key["e"]), modulus).to_bytes(size, "big")
    digest = hashlib.sha256(f"{head}.{body}".encode()).digest()
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    assert opened == b"\0\1" + b"\xff" * (size - len(prefix) - 35) + b"\0" + prefix + digest


def test_account_lifecycle(cluster):
    """ServiceAccounts should run through the lifecycle of a ServiceAccount"""
    with space(cluster, "account") as ns:
        path, label = f"/api/v1/namespaces/{ns}/serviceaccounts", f"test-serviceaccount-static={ns}"
        account = {"metadata": {"name": "testserviceaccount", "labels": {"test-serviceaccount-static": ns}}}
        uid = cluster.request("POST", path, account, expect=201)[1]["metadata"]["uid"]
        got = cluster.request("GET", f"{path}/testserviceaccount", expect=200)[1]
        assert got["metadata"]["uid"] == uid
        with watch(cluster, f"{path}?labelSelector={quote(label)}&timeoutSeconds=180") as events:
            events.until("ADDED")
            cluster.request("PATCH", f"{path}/testserviceaccount", {"automountServiceAccountToken": False},
                            headers=STRATEGIC, expect=200)
            events.until("MODIFIED")
            found = cluster.request("GET", f"/api/v1/serviceaccounts?labelSelector={quote(label)}", expect=200)[1]["items"]
            assert [item["automountServiceAccountToken"] for item in found] == [False]
            cluster.request("DELETE", path, expect=200)
            events.until("DELETED")


def test_account_update(cluster):
    """ServiceAccounts should update a ServiceAccount"""
    with space(cluster, "account") as ns:
        path = f"/api/v1/namespaces/{ns}/serviceaccounts"
        account = {"metadata": {"name": "e2e-sa"}, "automountServiceAccountToken": False}
        made = cluster.request("POST", path, account, expect=201)[1]
        assert made["automountServiceAccountToken"] is False
        made["automountServiceAccountToken"] = True
        assert cluster.request("PUT", f"{path}/e2e-sa", made, expect=200)[1]["automountServiceAccountToken"] is True


def test_root_certificate(cluster):
    """ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace"""
    with space(cluster, "root") as ns:
        path = f"/api/v1/namespaces/{ns}/configmaps"
        name = "kube-root-ca.crt"
        eventually(lambda: cluster.request("GET", f"{path}/{name}")[0] == 200)
        cluster.request("DELETE", f"{path}/{name}", {"gracePeriodSeconds": 0}, expect=200)
        eventually(lambda: cluster.request("GET", f"{path}/{name}")[0] == 200)
        cluster.request("PUT", f"{path}/{name}", {"metadata": {"name": name}, "data": {"ca.crt": ""}}, expect=200)
        eventually(lambda: cluster.request("GET", f"{path}/{name}")[1].get("data", {}).get("ca.crt"))


def request_of(name, usages="server auth"):
    """-> a PEM request for a certificate."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                   "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", f"{folder}/key"]
        return subprocess.run(command, capture_output=True, check=True).stdout


def test_certificate_requests(cluster):
    """Certificates API [Privileged:ClusterAdmin] should support CSR API operations"""
    group = "/apis/certificates.k8s.io"
    path, signer = f"{group}/v1/certificatesigningrequests", "example.com/e2e-certificates"
    groups = cluster.request("GET", "/apis", expect=200)[1]["groups"]
    assert any(g["name"] == "certificates.k8s.io" and g["versions"][0]["version"] == "v1" for g in groups)
    assert cluster.request("GET", group, expect=200)[1]["versions"][0]["version"] == "v1"
    served = {r["name"] for r in cluster.request("GET", f"{group}/v1", expect=200)[1]["resources"]}
    assert {"certificatesigningrequests", "certificatesigningrequests/approval",
            "certificatesigningrequests/status"} <= served
    template = {"metadata": {"generateName": "e2e-example-csr-"}, "spec": {
        "request": base64.b64encode(request_of("e2e.example.com")).decode(), "signerName": signer,
        "expirationSeconds": 3600, "usages": ["digital signature", "key encipherment", "server auth"]}}
    made = [cluster.request("POST", path, template, expect=201)[1] for _ in range(3)][-1]
    own = f"{path}/{made['metadata']['name']}"
    got = cluster.request("GET", own, expect=200)[1]
    assert got["metadata"]["uid"] == made["metadata"]["uid"] and got["spec"]["expirationSeconds"] == 3600
    chosen = f"{path}?fieldSelector={quote('spec.signerName=' + signer)}"
    listed = cluster.request("GET", chosen, expect=200)[1]
    assert len(listed["items"]) == 3
    since = listed["metadata"]["resourceVersion"]
    with watch(cluster, f"{path}?fieldSelector=metadata.name={made['metadata']['name']}&resourceVersion={since}") as events:
        patched = cluster.request("PATCH", own, {"metadata": {"annotations": {"patched": "true"}}}, MERGE, 200)[1]
        patched["metadata"]["annotations"]["updated"] = "true"
        updated = cluster.request("PUT", own, patched, expect=200)[1]
        assert updated["metadata"]["annotations"] == {"patched": "true", "updated": "true"}
        assert events.until("MODIFIED")["metadata"]["annotations"]["patched"] == "true"
    certificate_request_parts(cluster, made, own)
    cluster.request("DELETE", own, expect=200)
    assert cluster.request("GET", own)[0] == 404
    assert len(cluster.request("GET", chosen)[1]["items"]) == 2
    cluster.request("DELETE", chosen, expect=200)
    assert cluster.request("GET", chosen)[1]["items"] == []


def certificate_request_parts(cluster, made, own):
    """What approval and status of a request take."""
    got = cluster.request("GET", f"{own}/approval", expect=200)[1]
    assert got["kind"] == "CertificateSigningRequest" and got["metadata"]["uid"] == made["metadata"]["uid"]
    patch = {"metadata": {"annotations": {"patchedapproval": "true"}},
             "status": {"conditions": [{"type": "ApprovalPatch", "status": "True", "reason": "e2e"}]}}
    approval = cluster.request("PATCH", f"{own}/approval", patch, MERGE, 200)[1]
    assert [c["type"] for c in approval["status"]["conditions"]] == ["ApprovalPatch"]
    assert approval["metadata"]["annotations"]["patchedapproval"] == "true"
    approval["status"]["conditions"].append(
        {"type": "Approved", "status": "True", "reason": "E2E", "message": "Set from a test"})
    approval = cluster.request("PUT", f"{own}/approval", approval, expect=200)[1]
    assert [c["type"] for c in approval["status"]["conditions"]] == ["ApprovalPatch", "Approved"]
    got = cluster.request("GET", f"{own}/status", expect=200)[1]
    assert got["kind"] == "CertificateSigningRequest" and got["metadata"]["uid"] == made["metadata"]["uid"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=e2e.example.com", "-keyout", "/dev/null"]
    certificate = base64.b64encode(subprocess.run(command, capture_output=True, check=True).stdout).decode()
    patch = {"metadata": {"annotations": {"patchedstatus": "true"}}, "status": {"certificate": certificate}}
    status = cluster.request("PATCH", f"{own}/status", patch, MERGE, 200)[1]
    assert status["status"]["certificate"] == certificate
    assert status["metadata"]["annotations"]["patchedstatus"] == "true"
    status["status"]["conditions"].append(
        {"type": "StatusUpdate", "status": "True", "reason": "E2E", "message": "Set from a test"})
    status = cluster.request("PUT", f"{own}/status", status, expect=200)[1]
    assert [c["type"] for c in status["status"]["conditions"]] == ["ApprovalPatch", "Approved", "StatusUpdate"]


def test_subject_reviews(cluster):
    """SubjectReview should support SubjectReview API operations"""
    with space(cluster, "reviews") as ns:
        core, reviews = f"/api/v1/namespaces/{ns}", "/apis/authorization.k8s.io/v1"
        account = cluster.request("POST", f"{core}/serviceaccounts", {"metadata": {"name": "e2e"}}, expect=201)[1]
        name, uid = f"system:serviceaccount:{ns}:e2e", account["metadata"]["uid"]
        groups = ["system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{ns}"]
        attributes = {"verb": "list", "resource": "configmaps", "namespace": ns, "version": "v1"}
        spec = {"resourceAttributes": attributes, "user": name, "groups": groups, "uid": uid}

        def allowed():
            answer = cluster.request("POST", f"{reviews}/subjectaccessreviews", {"spec": spec}, expect=201)[1]
            return answer["status"]["allowed"]

        def reached():
            headers = {"Impersonate-User": name, "Impersonate-Uid": uid}
            return cluster.request("GET", f"{core}/configmaps", headers=headers)[0] == 200

        assert allowed() is False and reached() is False
        local = {"metadata": {"namespace": ns}, "spec": {**spec, "user": "e2e"}}
        answer = cluster.request("POST", f"{reviews}/namespaces/{ns}/localsubjectaccessreviews", local, expect=201)[1]
        assert answer["status"]["allowed"] is False
        cluster.kubectl("-n", ns, "create", "rolebinding", "e2e", "--clusterrole=view", f"--serviceaccount={ns}:e2e")
        assert allowed() is True and reached() is True


def test_two_nodes(cluster):
    """Conformance Tests should have at least two untainted nodes"""
    nodes = cluster.request("GET", "/api/v1/nodes", expect=200)[1]["items"]
    free = [node for node in nodes if not node["spec"].get("taints") and not node["spec"].get("unschedulable")]
    assert len(free) >= 2


def new_event(name, ns, label, **fields):
    return {"metadata": {"name": name, "labels": {label: "true"}}, "regarding": {"namespace": ns},
            "eventTime": "2017-09-19T13:49:16.000000Z", "note": f"This is {name}", "action": "Do", "reason": "Test",
            "type": "Normal", "reportingController": "test-controller", "reportingInstance": "test-node", **fields}


def test_new_events(cluster):
    """Events API should ensure that an event can be fetched, patched, deleted, and listed"""
    with space(cluster, "events") as ns:
        every = "/apis/events.k8s.io/v1/events"
        path, core = f"/apis/events.k8s.io/v1/namespaces/{ns}/events", f"/api/v1/namespaces/{ns}/events"

        def named(where):
            items = cluster.request("GET", where, expect=200)[1]["items"]
            return [item for item in items if item["metadata"]["namespace"] == ns and item["metadata"]["name"] == "event-test"]

        cluster.request("POST", path, new_event("event-test", ns, "testevent-constant"), expect=201)
        assert named(every) and named(path)
        assert named(f"{path}?fieldSelector=reportingController%3Dtest-controller")
        assert named(f"{core}?fieldSelector=reportingComponent%3Dtest-controller")
        got = cluster.request("GET", f"{path}/event-test", expect=200)[1]
        changed = {**got, "series": {"count": 2, "lastObservedTime": "2014-09-19T13:49:16.000000Z"}}
        patch = {"series": changed["series"]}
        patched = cluster.request("PATCH", f"{path}/event-test", patch, STRATEGIC, 200)[1]
        assert patched["series"] == patch["series"], patched
        patched["series"] = {"count": 100, "lastObservedTime": "2014-09-19T13:49:16.000000Z"}
        cluster.request("PUT", f"{path}/event-test", patched, expect=200)
        got = cluster.request("GET", f"{path}/event-test", expect=200)[1]
        assert got["series"]["count"] == 100
        assert got["eventTime"] == "2017-09-19T13:49:16.000000Z"
        cluster.request("DELETE", f"{path}/event-test", expect=200)
        assert not named(path) and not named(every)


def test_new_events_collection(cluster):
    """Events API should delete a collection of events"""
    with space(cluster, "events") as ns:
        path = f"/apis/events.k8s.io/v1/namespaces/{ns}/events"
        for number in range(3):
            cluster.request("POST", path, new_event(f"test-event-{number}", ns, "testevent-set"), expect=201)
        chosen = f"{path}?labelSelector=testevent-set%3Dtrue"
        assert len(cluster.request("GET", chosen, expect=200)[1]["items"]) == 3
        cluster.request("DELETE", chosen, expect=200)
        assert cluster.request("GET", chosen, expect=200)[1]["items"] == []


def core_event(name, ns, label):
    return {"metadata": {"name": name, "labels": {label: "true"}}, "message": f"This is {name}", "reason": "Test",
            "type": "Normal", "count": 1, "involvedObject": {"namespace": ns}}


def test_core_events(cluster):
    """Events should manage the lifecycle of an event"""
    with space(cluster, "events") as ns:
        path, label = f"/api/v1/namespaces/{ns}/events", f"testevent-{ns}"
        cluster.request("POST", path, core_event("event-test", ns, label), expect=201)
        found = cluster.request("GET", f"/api/v1/events?labelSelector={label}%3Dtrue", expect=200)[1]["items"]
        assert [item["metadata"]["name"] for item in found] == ["event-test"]
        cluster.request("PATCH", f"{path}/event-test", {"message": "This is a test event - patched"}, STRATEGIC, 200)
        got = cluster.request("GET", f"{path}/event-test", expect=200)[1]
        assert got["message"] == "This is a test event - patched"
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        got["series"] = {"count": 100, "lastObservedTime": now}
        got["eventTime"] = got.get("eventTime")
        cluster.request("PUT", f"{path}/event-test", got, expect=200)
        assert cluster.request("GET", f"{path}/event-test", expect=200)[1]["series"]["count"] == 100
        cluster.request("DELETE", f"{path}/event-test", expect=200)
        assert cluster.request("GET", f"/api/v1/events?labelSelector={label}%3Dtrue", expect=200)[1]["items"] == []


def test_core_events_collection(cluster):
    """Events should delete a collection of events"""
    with space(cluster, "events") as ns:
        path, label = f"/api/v1/namespaces/{ns}/events", "testevent-set"
        for number in range(3):
            cluster.request("POST", path, core_event(f"test-event-{number}", ns, label), expect=201)
        chosen = f"{path}?labelSelector={label}%3Dtrue"
        assert len(cluster.request("GET", chosen, expect=200)[1]["items"]) == 3
        cluster.request("DELETE", chosen, expect=200)
        eventually(lambda: cluster.request("GET", chosen, expect=200)[1]["items"] == [])
