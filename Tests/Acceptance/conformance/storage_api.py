"""The objects of storage, as clients make, read, change and delete them: what the suite's tests of this SIG ask for."""
from conformance import space
from conformance.lifecycles import MERGE, discovered, walk
from conformance.pods import create, get, path, pod
from harness import eventually

FLAGS = ["--nodes", "3"]
WORKERS = 8
STORAGE = "/apis/storage.k8s.io/v1"
VOLUMES = "/api/v1/persistentvolumes"


def volume(name, labels, claim=None):
    return {"metadata": {"name": name, "labels": labels}, "spec": {
        "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": labels["class"], "csi": {"driver": "e2e-driver", "volumeHandle": "e2e-status-conformance"}}}


def claim(name, labels):
    return {"metadata": {"name": name, "labels": labels}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": labels["class"]}}


def pair(cluster, ns, labels):
    """A volume and a claim, which find one another; -> their paths."""
    name = f"pv-{ns}-{len(cluster.request('GET', VOLUMES, expect=200)[1]['items'])}"
    cluster.request("POST", VOLUMES, volume(name, labels), expect=201)
    create(cluster, ns, claim(f"pvc-{name}", labels), "persistentvolumeclaims")
    return f"{VOLUMES}/{name}", path(ns, f"pvc-{name}", "persistentvolumeclaims")


def gone(cluster, *places):
    for place in places:
        eventually(lambda: cluster.request("GET", place)[0] == 404)


def test_volume_lifecycle(cluster):
    """PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC"""
    with space(cluster, "pv") as ns:
        labels = {"e2e": ns, "class": ns}
        selector = f"?labelSelector=e2e={ns}"
        places = pair(cluster, ns, labels)
        assert len(cluster.request("GET", VOLUMES + selector, expect=200)[1]["items"]) == 1
        assert len(cluster.request("GET", path(ns, of="persistentvolumeclaims"), expect=200)[1]["items"]) == 1
        for place in places:
            made = cluster.request("PATCH", place, {"metadata": {"labels": {"patched": "yes"}}}, MERGE, expect=200)[1]
            assert made["metadata"]["labels"]["patched"] == "yes" and made["metadata"]["uid"]
        for place in reversed(places):
            cluster.request("DELETE", place, expect=200)
            gone(cluster, place)
        places = pair(cluster, ns, labels)

        def update(place):
            body = cluster.request("GET", place, expect=200)[1]
            body["metadata"]["labels"]["updated"] = "yes"
            return cluster.request("PUT", place, body)[0] == 200
        for place in places:
            eventually(lambda: update(place))
        cluster.request("DELETE", path(ns, of="persistentvolumeclaims") + selector + ",updated=yes", expect=200)
        gone(cluster, places[1])
        cluster.request("DELETE", VOLUMES + selector + ",updated=yes", expect=200)
        gone(cluster, places[0])


def test_volume_status(cluster):
    """PersistentVolumes CSI Conformance should apply changes to a pv/pvc status"""
    with space(cluster, "pv-status") as ns:
        volume_place, claim_place = pair(cluster, ns, {"e2e": ns, "class": ns})
        status = lambda place: cluster.request("GET", place + "/status", expect=200)[1]["status"]
        assert status(claim_place)["phase"] and status(volume_place)["phase"]
        for how in ["Patched", "Updated"]:
            condition = {"type": f"Status{how}", "status": "True", "reason": "E2E", "message": how}
            answer = cluster.request("PATCH", claim_place + "/status", {"status": {"conditions": [condition]}}, MERGE, expect=200)[1]
            assert any(c["type"] == f"Status{how}" for c in answer["status"]["conditions"])
            answer = cluster.request("PATCH", volume_place + "/status", {"status": {"reason": how, "message": how}}, MERGE,
                                     expect=200)[1]
            assert answer["status"]["reason"] == how

        def update(place, fields):
            body = cluster.request("GET", place, expect=200)[1]
            body["status"].update(fields)
            return cluster.request("PUT", place + "/status", body)[0] == 200
        eventually(lambda: update(claim_place, {"conditions": [{"type": "Put", "status": "True"}]}))
        eventually(lambda: update(volume_place, {"reason": "Put", "message": "Put"}))
        assert status(claim_place)["conditions"][0]["type"] == "Put" and status(volume_place)["reason"] == "Put"
        for place in [claim_place, volume_place]:
            cluster.request("DELETE", place, expect=200)
            gone(cluster, place)


def test_classes(cluster):
    """StorageClasses CSI Conformance should run through the lifecycle of a StorageClass"""
    template = lambda n: {"metadata": {"generateName": "e2e-", "labels": {"e2e-sc": "it"}}, "provisioner": "e2e-fake-provisioner"}
    walk(cluster, f"{STORAGE}/storageclasses", template, "e2e-sc=it")


def test_attributes_classes(cluster):
    """VolumeAttributesClass should run through the lifecycle of a VolumeAttributesClass"""
    discovered(cluster, "storage.k8s.io", "v1", "volumeattributesclasses")
    template = lambda n: {"metadata": {"generateName": "e2e-vac-", "labels": {"e2e-vac": "it"}}, "driverName": "e2e-fake-driver",
                          "parameters": {"iops": "100"}}
    walk(cluster, f"{STORAGE}/volumeattributesclasses", template, "e2e-vac=it")


def test_attachments(cluster):
    """VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment; should apply changes to a volumeattachment
    status"""
    template = lambda n: {"metadata": {"generateName": "va-e2e-", "labels": {"va-e2e": "it"}}, "spec": {
        "attacher": "e2e-fake-attacher", "nodeName": f"e2e-va-node-{n}", "source": {"persistentVolumeName": f"e2e-va-{n}"}}}
    walk(cluster, f"{STORAGE}/volumeattachments", template, "va-e2e=it",
         has_status=({"status": {"attached": True}}, lambda o: o["status"]["attached"] is True))


def test_drivers(cluster):
    """CSIInlineVolumes should support ephemeral VolumeLifecycleMode in CSIDriver API; should support CSIVolumeSource in Pod API"""
    discovered(cluster, "storage.k8s.io", "v1", "csidrivers")
    template = lambda n: {"metadata": {"generateName": "inline-driver-", "labels": {"inline": "it"}},
                          "spec": {"volumeLifecycleModes": ["Ephemeral"]}}
    walk(cluster, f"{STORAGE}/csidrivers", template, "inline=it")
    driver = cluster.request("POST", f"{STORAGE}/csidrivers", template(0), expect=201)[1]["metadata"]["name"]
    with space(cluster, "inline") as ns:
        body = pod(volumes=[{"name": "v", "csi": {"driver": driver, "readOnly": True, "fsType": "nfs"}}])
        made = create(cluster, ns, body)
        name = made["metadata"]["name"]
        assert made["spec"]["volumes"][0]["csi"]["driver"] == driver
        assert len(cluster.request("GET", path(ns), expect=200)[1]["items"]) == 1
        patched = cluster.request("PATCH", path(ns, name), {"metadata": {"labels": {"patched": "yes"}}}, MERGE, expect=200)[1]
        assert patched["metadata"]["labels"]["patched"] == "yes"
        cluster.request("DELETE", path(ns, name), {"gracePeriodSeconds": 0}, expect=200)
        gone(cluster, path(ns, name))
    cluster.request("DELETE", f"{STORAGE}/csidrivers/{driver}", expect=200)


def test_nodes(cluster):
    """CSINodes CSI Conformance should run through the lifecycle of a csinode"""
    template = lambda n: {"metadata": {"generateName": "e2e-csinode-", "labels": {"e2e-csinode": "it"}}, "spec": {
        "drivers": [{"name": "e2e-driver", "nodeID": f"node-{n}", "topologyKeys": ["here"]}]}}
    walk(cluster, f"{STORAGE}/csinodes", template, "e2e-csinode=it")


def test_capacities(cluster):
    """CSIStorageCapacity should support CSIStorageCapacities API operations"""
    discovered(cluster, "storage.k8s.io", "v1", "csistoragecapacities")
    with space(cluster, "capacity") as ns:
        template = lambda n: {"metadata": {"generateName": "e2e-capacity-", "labels": {"capacity": ns}},
                              "storageClassName": "it", "nodeTopology": {"matchLabels": {"here": "yes"}}, "capacity": "100Gi"}
        walk(cluster, f"{STORAGE}/namespaces/{ns}/csistoragecapacities", template, f"capacity={ns}", f"{STORAGE}/csistoragecapacities")
