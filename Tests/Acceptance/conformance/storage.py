"""Volumes and what they are made of: what the suite's tests of this SIG ask for.

The objects alone are walked in `storage_api`. All of the SIG's tests that we know of are walked in one of the two; where a
check walks many of them, a table has their cases. Not as in the suite: the five rounds of fifty volumes (EmptyDir wrapper)
are one, and nobody crashes a kubelet.
"""
import base64
import os
import re
import shutil

from conformance import space
from conformance.pods import (
    AGNHOST, BUSYBOX, NGINX, container, create, execute, finish, get, is_ready, path, pod, run, shell, wait)
from harness import Cluster, eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8
PATCH = {"Content-Type": "application/merge-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


def config_map(cluster, ns, name, data, **fields):
    return create(cluster, ns, {"metadata": {"name": name}, "data": data, **fields}, "configmaps")


def secret(cluster, ns, name, data, **fields):
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return create(cluster, ns, {"metadata": {"name": name}, "data": encoded, **fields}, "secrets")


def mount_test(*arguments, mounts=("/etc/volume",), volumes=("volume",), name="main", **fields):
    return container(AGNHOST, name, args=["mounttest", *arguments], **fields,
                     volumeMounts=[{"name": v, "mountPath": m} for v, m in zip(volumes, mounts)])


def output(cluster, ns, body, *expected, of="main"):
    """Runs a pod to its good end; its log must hold the texts."""
    body["spec"].setdefault("restartPolicy", "Never")
    finish(cluster, ns, body)
    log = cluster.request("GET", path(ns, body["metadata"]["name"]) + f"/log?container={of}", expect=200)[1]
    for text in expected:
        assert text in log, (text, log)
    return log


def log_has(cluster, ns, name, text, of="main"):
    place = path(ns, name) + f"/log?container={of}"
    # A container that has yet to start has no log.
    eventually(lambda: text in str(cluster.request("GET", place)[1]), 60)


def source(kind, name, projected, **fields):
    """A volume of a ConfigMap or Secret, by itself or as a part of a projected one."""
    key = "secretName" if kind == "secret" and not projected else "name"
    mode = fields.pop("defaultMode", None)
    inner = {kind: {key: name, **fields}}
    if projected:
        return {"projected": {"sources": [inner], **({} if mode is None else {"defaultMode": mode})}}
    if mode is not None:
        inner[kind]["defaultMode"] = mode
    return inner


ITEMS = [{"key": "data-2", "path": "path/to/data-2"}]
VARIANTS = [
    # fields of the volume, of the pod, the file, its mode
    ({}, {}, "data-1", "-rw-r--r--"),
    ({"defaultMode": 0o400}, {}, "data-1", "-r--------"),
    ({}, {"runAsUser": 1000}, "data-1", "-rw-r--r--"),
    ({"defaultMode": 0o440}, {"runAsUser": 1000, "fsGroup": 1001}, "data-1", "-r--r-----"),
    ({"items": ITEMS}, {}, "path/to/data-2", "-rw-r--r--"),
    ({"items": [{**ITEMS[0], "mode": 0o400}]}, {}, "path/to/data-2", "-r--------"),
    ({"items": ITEMS}, {"runAsUser": 1000}, "path/to/data-2", "-rw-r--r--"),
]


def walk_modes(cluster, kind, make):
    with space(cluster, "modes") as ns:
        make(cluster, ns, "it", {"data-1": "value-1", "data-2": "value-2"})
        for projected in [False, True]:
            for fields, security, name, mode in VARIANTS:
                file = f"/etc/volume/{name}"
                body = pod(mount_test(f"--file_content={file}", f"--file_mode={file}"), securityContext=security,
                           volumes=[{"name": "volume", **source(kind, "it", projected, **fields)}])
                output(cluster, ns, body, f'content of file "{file}": value-{name[-1]}', f'mode of file "{file}": {mode}')


def test_config_map_modes(cluster):
    """ConfigMap, Projected configMap: should be consumable from pods in volume; with defaultMode set; as non-root; as non-root with
    defaultMode and fsGroup set; with mappings; with mappings and Item mode set; with mappings as non-root"""
    walk_modes(cluster, "configMap", config_map)


def test_secret_modes(cluster):
    """Secrets, Projected secret: should be consumable from pods in volume; with defaultMode set; as non-root with defaultMode and
    fsGroup set; with mappings; with mappings and Item Mode set"""
    walk_modes(cluster, "secret", secret)


def test_several_volumes_of_one_source(cluster):
    """ConfigMap, Secrets, Projected configMap, Projected secret: should be consumable in multiple volumes in (a|the same) pod; Secrets
    should be able to mount in a volume regardless of a different secret existing with same name in different namespace"""
    with space(cluster, "many") as ns, space(cluster, "other") as other:
        config_map(cluster, ns, "it", {"data-1": "value-1"})
        secret(cluster, ns, "it", {"data-1": "value-1"})
        secret(cluster, other, "it", {"data-1": "another"})
        for kind in ["configMap", "secret"]:
            for projected in [False, True]:
                volumes = [{"name": f"v{n}", **source(kind, "it", projected)} for n in (1, 2)]
                files = ["/etc/one/data-1", "/etc/two/data-1"]
                first = mount_test(f"--file_content={files[0]}", mounts=["/etc/one", "/etc/two"], volumes=["v1", "v2"])
                second = mount_test(f"--file_content={files[1]}", mounts=["/etc/one", "/etc/two"], volumes=["v1", "v2"],
                                    name="second")
                body = pod(first, second, volumes=volumes)
                output(cluster, ns, body, f'content of file "{files[0]}": value-1')
                log_has(cluster, ns, body["metadata"]["name"], f'content of file "{files[1]}": value-1', "second")


def walk_updates(cluster, kind, make, encoded, resource):
    """Three containers look at three sources, one of which is deleted, one updated, one created under their eyes."""
    with space(cluster, "updates") as ns:
        for projected in [False, True]:
            names = {what: f"{what}-{str(projected).lower()}" for what in ["del", "upd", "create"]}
            make(cluster, ns, names["del"], {"data-1": "value-1"})
            make(cluster, ns, names["upd"], {"data-1": "value-1"})
            loop = ["--break_on_expected_content=false", "--retry_time=120"]
            files = {"del": "data-1", "upd": "data-3", "create": "data-1"}
            containers = [mount_test(*loop, f"--file_content_in_loop=/etc/{what}/{file}", name=what, volumes=[what],
                                     mounts=[f"/etc/{what}"]) for what, file in files.items()]
            volumes = [{"name": what, **source(kind, names[what], projected, optional=True)} for what in files]
            name = run(cluster, ns, pod(*containers, volumes=volumes))["metadata"]["name"]
            log_has(cluster, ns, name, 'content of file "/etc/del/data-1": value-1', "del")
            for what in ["create", "upd"]:
                log_has(cluster, ns, name, f"Error reading file /etc/{what}/{files[what]}", what)
            cluster.request("DELETE", path(ns, names["del"], resource), expect=200)
            cluster.request("PATCH", path(ns, names["upd"], resource), {"data": {"data-1": None, "data-3": encoded("value-3")}},
                            PATCH, expect=200)
            make(cluster, ns, names["create"], {"data-1": "value-1"})
            log_has(cluster, ns, name, 'content of file "/etc/create/data-1": value-1', "create")
            log_has(cluster, ns, name, 'content of file "/etc/upd/data-3": value-3', "upd")
            log_has(cluster, ns, name, "Error reading file /etc/del/data-1", "del")


def test_config_map_updates(cluster):
    """ConfigMap, Projected configMap: optional updates should be reflected in volume; updates should be reflected in volume"""
    walk_updates(cluster, "configMap", config_map, str, "configmaps")


def test_secret_updates(cluster):
    """Secrets, Projected secret: optional updates should be reflected in volume"""
    walk_updates(cluster, "secret", secret, lambda text: base64.b64encode(text.encode()).decode(), "secrets")


def test_binary_data(cluster):
    """ConfigMap binary data should be reflected in volume"""
    with space(cluster, "binary") as ns:
        raw = base64.b64encode(bytes([0xDE, 0xCA, 0xFE, 0xBA, 0xD0, 0xFE, 0xFF])).decode()
        config_map(cluster, ns, "it", {"data-1": "value-1"}, binaryData={"dump.bin": raw})
        text = mount_test("--break_on_expected_content=false", "--retry_time=30", "--file_content_in_loop=/etc/volume/data-1")
        dump = container(AGNHOST, "dump", command=["hexdump", "-C", "/etc/volume/dump.bin"],
                         volumeMounts=[{"name": "volume", "mountPath": "/etc/volume"}])
        body = pod(text, dump, restartPolicy="Never", volumes=[{"name": "volume", "configMap": {"name": "it"}}])
        create(cluster, ns, body)
        log_has(cluster, ns, body["metadata"]["name"], 'content of file "/etc/volume/data-1": value-1')
        log_has(cluster, ns, body["metadata"]["name"], "de ca fe ba d0 fe ff", "dump")


def walk_immutable(cluster, make, resource, encoded):
    with space(cluster, "immutable") as ns:
        make(cluster, ns, "it", {"key": "a"})
        place = path(ns, "it", resource)
        change = lambda body, expect: cluster.request("PATCH", place, body, PATCH, expect=expect)
        change({"data": {"key": encoded("b")}}, 200)
        change({"immutable": True}, 200)
        change({"data": {"key": encoded("c")}}, 422)
        change({"immutable": False}, 422)
        change({"metadata": {"labels": {"now": "there"}}}, 200)
        cluster.request("DELETE", place, expect=200)


def test_immutable(cluster):
    """ConfigMap, Secrets: should be immutable if `immutable` field is set"""
    walk_immutable(cluster, config_map, "configmaps", str)
    walk_immutable(cluster, secret, "secrets", lambda text: base64.b64encode(text.encode()).decode())


# Fields of the pod and resources of its container.

RESOURCES = {"requests": {"cpu": "250m", "memory": "32Mi"}, "limits": {"cpu": "1250m", "memory": "64Mi"}}


def downward(projected, items, **fields):
    inner = {"downwardAPI": {"items": items, **({} if projected else fields)}}
    return {"name": "volume", **({"projected": {"sources": [inner], **fields}} if projected else inner)}


def test_downward_files(cluster):
    """Downward API volume, Projected downwardAPI: should provide podname only; should set DefaultMode on files; should set mode on item
    file; should provide container's (cpu|memory) (limit|request); should provide node allocatable (cpu|memory) as default
    (cpu|memory) limit if the limit is not set"""
    node = cluster.request("GET", "/api/v1/nodes", expect=200)[1]["items"][0]["status"]["allocatable"]
    name_item = {"path": "podname", "fieldRef": {"fieldPath": "metadata.name"}}
    with space(cluster, "downward") as ns:
        for projected in [False, True]:
            file = "/etc/volume/podname"
            for item, fields, mode in [({}, {}, "-rw-r--r--"), ({}, {"defaultMode": 0o400}, "-r--------"),
                                       ({"mode": 0o400}, {}, "-r--------")]:
                body = pod(mount_test(f"--file_content={file}", f"--file_mode={file}"),
                           volumes=[downward(projected, [{**name_item, **item}], **fields)])
                output(cluster, ns, body, f'content of file "{file}": {body["metadata"]["name"]}\n',
                       f'mode of file "{file}": {mode}')
            for field, value in [("limits.cpu", "2"), ("requests.cpu", "1"), ("limits.memory", str(64 << 20)),
                                 ("requests.memory", str(32 << 20))]:
                items = [{"path": "it", "resourceFieldRef": {"containerName": "main", "resource": field}}]
                body = pod(mount_test("--file_content=/etc/volume/it", resources=RESOURCES), volumes=[downward(projected, items)])
                output(cluster, ns, body, f'content of file "/etc/volume/it": {value}\n')
            for field, value in [("limits.cpu", node["cpu"]), ("limits.memory", str(32 << 30))]:
                items = [{"path": "it", "resourceFieldRef": {"containerName": "main", "resource": field}}]
                body = pod(mount_test("--file_content=/etc/volume/it"), volumes=[downward(projected, items)])
                output(cluster, ns, body, f'content of file "/etc/volume/it": {value}')


def test_downward_updates(cluster):
    """Downward API volume, Projected downwardAPI: should update labels on modification; should update annotations on modification"""
    with space(cluster, "downward-updates") as ns:
        for projected in [False, True]:
            for kind in ["labels", "annotations"]:
                body = pod(mount_test(f"--file_content_in_loop=/etc/volume/{kind}", "--break_on_expected_content=false",
                                      "--retry_time=120"),
                           volumes=[downward(projected, [{"path": kind, "fieldRef": {"fieldPath": f"metadata.{kind}"}}])])
                body["metadata"][kind] = {"key1": "value1", "builder": "bar"}
                name = run(cluster, ns, body)["metadata"]["name"]
                log_has(cluster, ns, name, 'key1="value1"\n')
                cluster.request("PATCH", path(ns, name), {"metadata": {kind: {"key3": "value3", "builder": "foo"}}}, PATCH,
                                expect=200)
                log_has(cluster, ns, name, 'key3="value3"\n')
                log_has(cluster, ns, name, 'builder="foo"\n')


def test_projected_all(cluster):
    """Projected combined should project all components that make up the projection API"""
    with space(cluster, "combined") as ns:
        config_map(cluster, ns, "map", {"configmap-data": "configmap-value-1"})
        secret(cluster, ns, "secret", {"secret-data": "secret-value-1"})
        sources = [
            {"downwardAPI": {"items": [{"path": "podname", "fieldRef": {"fieldPath": "metadata.name"}}]}},
            {"secret": {"name": "secret", "items": [{"key": "secret-data", "path": "secret-data"}]}},
            {"configMap": {"name": "map", "items": [{"key": "configmap-data", "path": "configmap-data"}]}},
        ]
        files = " ".join(f"/all/{name}" for name in ["podname", "secret-data", "configmap-data"])
        body = pod(shell(f"cat {files} && sleep 1", volumeMounts=[{"name": "all", "mountPath": "/all"}]),
                   volumes=[{"name": "all", "projected": {"sources": sources}}])
        output(cluster, ns, body, body["metadata"]["name"] + "secret-value-1configmap-value-1")


# Scratch volumes.

def test_empty_dir(cluster):
    """EmptyDir volumes: volume on tmpfs, on default medium should have the correct mode; should support
    ((root|non-root),(0644|0666|0777),(tmpfs|default))"""
    with space(cluster, "empty") as ns:
        for medium, kind in [("Memory", "tmpfs"), ("", "")]:
            volume = {"name": "volume", "emptyDir": {"medium": medium}}
            mounted = dict(mounts=["/test-volume"])
            body = pod(mount_test("--fs_type=/test-volume", "--file_perm=/test-volume", **mounted), volumes=[volume])
            kinds = [f'mount type of "/test-volume": {kind}'] if kind else []
            output(cluster, ns, body, 'perms of file "/test-volume": -rwxrwxrwx', *kinds)
            file = "/test-volume/test-file"
            for user in [0, 1001]:
                for mode, letters in [("0644", "-rw-r--r--"), ("0666", "-rw-rw-rw-"), ("0777", "-rwxrwxrwx")]:
                    body = pod(mount_test("--fs_type=/test-volume", f"--new_file_{mode}={file}", f"--file_perm={file}",
                                          **mounted), volumes=[volume], securityContext={"runAsUser": user})
                    output(cluster, ns, body, f'perms of file "{file}": {letters}', *kinds,
                           f'content of file "{file}": mount-tester new file')


def test_empty_dir_shared(cluster):
    """EmptyDir volumes pod should support shared volumes between containers"""
    with space(cluster, "shared") as ns:
        first = shell("trap exit TERM; while true; do sleep 1; done", name="reader",
                      volumeMounts=[{"name": "v", "mountPath": "/usr/share/volumeshare"}])
        second = shell("echo Hello from the busy-box sub-container > /pod-data/shareddata.txt", name="writer",
                       volumeMounts=[{"name": "v", "mountPath": "/pod-data"}])
        body = pod(first, second, restartPolicy="Never", terminationGracePeriodSeconds=0,
                   volumes=[{"name": "v", "emptyDir": {}}])
        create(cluster, ns, body)
        name = body["metadata"]["name"]
        eventually(lambda: get(cluster, ns, name)["status"]["phase"] == "Running")
        read = lambda: cluster.kubectl("exec", "-n", ns, name, "-c", "reader", "--", "sh", "-c",
                                       "cat /usr/share/volumeshare/shareddata.txt", check=False).stdout.strip()
        eventually(lambda: read() == "Hello from the busy-box sub-container")


def test_empty_dir_wrapper(cluster):
    """EmptyDir wrapper volumes should not conflict; should not cause race condition when used for configmaps"""
    with space(cluster, "wrapper") as ns:
        names = [f"racey-{n}" for n in range(50)]
        for name in names:
            config_map(cluster, ns, name, {"data-1": "value-1"})
        secret(cluster, ns, "it", {"data-1": "value-1"})
        both = pod(container(AGNHOST, volumeMounts=[{"name": "s", "mountPath": "/s"}, {"name": "c", "mountPath": "/c"}]),
                   volumes=[{"name": "s", "secret": {"secretName": "it"}}, {"name": "c", "configMap": {"name": names[0]}}])
        run(cluster, ns, both)
        many = pod(container(command=["sleep", "10000"], image=BUSYBOX,
                             volumeMounts=[{"name": n, "mountPath": f"/etc/config-{n}"} for n in names]),
                   volumes=[{"name": n, "configMap": {"name": n, "items": [{"key": "data-1", "path": "data-1"}]}} for n in names])
        labels = {"name": "wrapped"}
        controller = {"metadata": {"name": "wrapped"}, "spec": {"replicas": 5, "selector": labels, "template": {
            "metadata": {"labels": labels}, "spec": many["spec"]}}}
        create(cluster, ns, controller, "replicationcontrollers")
        eventually(lambda: get(cluster, ns, "wrapped", "replicationcontrollers")["status"].get("readyReplicas") == 5)


SUBPATHS = {
    "configmap": ({"configMap": {"name": "it"}}, "configmap-key", "configmap-value"),
    "secret": ({"secret": {"secretName": "it"}}, "secret-key", "secret-value"),
    "projected": ({"projected": {"sources": [{"configMap": {"name": "it", "items": [
        {"key": "configmap-key", "path": "projected-configmap-key"}]}}]}}, "projected-configmap-key", "configmap-value"),
    "downward": ({"downwardAPI": {"items": [{"path": "downward/podname", "fieldRef": {"fieldPath": "metadata.name"}}]}},
                 "downward/podname", "pod-of-downward"),
}


def test_subpaths(cluster):
    """Subpath Atomic writer volumes should support subpaths with (secret|configmap|downward|projected) pod; with configmap pod with
    mountPath of existing file"""
    with space(cluster, "subpath") as ns:
        config_map(cluster, ns, "it", {"configmap-key": "configmap-value"})
        secret(cluster, ns, "it", {"secret-key": "secret-value"})
        for kind, (volume, key, value) in SUBPATHS.items():
            places = [f"/test-volume/{kind}"] + (["/etc/resolv.conf"] if kind == "configmap" else [])
            for place in places:
                loop = mount_test(f"--file_content_in_loop={place}", "--retry_time=20")
                loop["volumeMounts"] = [{"name": "volume", "mountPath": place, "subPath": key}]
                body = pod(loop, name=f"pod-of-{kind}-{places.index(place)}" if kind != "downward" else "pod-of-downward",
                           volumes=[{"name": "volume", **volume}])
                create(cluster, ns, {**body, "spec": {**body["spec"], "restartPolicy": "Never"}})
                log_has(cluster, ns, body["metadata"]["name"], f'content of file "{place}": {value}')


# What users expect beyond the suite.

def test_atomic_layout(cluster):
    """The links of a ConfigMap's volume: ..data and the folder named by a time"""
    with space(cluster, "layout") as ns:
        config_map(cluster, ns, "it", {"key": "a"})
        body = pod(container(BUSYBOX, command=["sleep", "1000"], volumeMounts=[{"name": "v", "mountPath": "/v"}]),
                   volumes=[{"name": "v", "configMap": {"name": "it"}}])
        name = run(cluster, ns, body)["metadata"]["name"]
        assert execute(cluster, ns, name, "readlink", "/v/key") == "..data/key\n"
        before = execute(cluster, ns, name, "readlink", "/v/..data")
        assert re.match(r"\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+\n$", before), before
        cluster.request("PATCH", path(ns, "it", "configmaps"), {"data": {"key": "b"}}, PATCH, expect=200)
        eventually(lambda: execute(cluster, ns, name, "cat", "/v/key") == "b")
        assert execute(cluster, ns, name, "readlink", "/v/..data") != before


def test_written_pages(cluster):
    """nginx serves what was written into its folder"""
    with space(cluster, "pages") as ns:
        name = run(cluster, ns, pod(container(NGINX)))["metadata"]["name"]
        page = path(ns, name) + "/proxy/new.html"
        assert cluster.request("GET", page)[0] == 404
        execute(cluster, ns, name, "sh", "-c", "echo new > /usr/share/nginx/html/new.html")
        assert cluster.request("GET", page, expect=200)[1] == "new\n"
        assert "Welcome to nginx" in cluster.request("GET", path(ns, name) + "/proxy/", expect=200)[1]


def test_claims_outlive_the_server(cluster):
    """What was written into a claim is there when the server comes back"""
    with Cluster(cluster.binary, "--nodes", "1", keep=True) as first:
        body = {"metadata": {"name": "it"}, "spec": {"accessModes": ["ReadWriteOnce"],
                                                    "resources": {"requests": {"storage": "1Gi"}}}}
        create(first, "default", body, "persistentvolumeclaims")
        mounted = pod(container(BUSYBOX, command=["sleep", "100000"], volumeMounts=[{"name": "v", "mountPath": "/v"}]), name="it",
                      volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "it"}}])
        run(first, "default", mounted)
        execute(first, "default", "it", "sh", "-c", "mkdir /v/deep; echo kept > /v/deep/file; chmod 640 /v/deep/file")
    try:
        with Cluster(cluster.binary, "--nodes", "1", data=first.home, keep=True) as second:
            wait(second, "default", "it", is_ready)
            found = execute(second, "default", "it", "sh", "-c", "cat /v/deep/file; stat -c %a /v/deep/file")
            assert found == "kept\n640\n", found
            folder = os.path.join(second.home, "volumes")
            assert len(os.listdir(folder)) == 1
            second.request("DELETE", path("default", "it"), {"gracePeriodSeconds": 0}, expect=200)
            second.request("DELETE", path("default", "it", "persistentvolumeclaims"), expect=200)
            eventually(lambda: not os.listdir(folder))
    finally:
        shutil.rmtree(first.home, ignore_errors=True)
