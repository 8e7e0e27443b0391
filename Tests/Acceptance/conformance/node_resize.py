"""Pods that get other resources while they run: what the suite's tests of SIG Node ask of the resize of pods."""
from conformance import space
from conformance.node_pods import STRATEGIC
from conformance.pods import (container, BUSYBOX, create, delete, execute, get, gone, is_ready, path, pod, run, statuses, wait)

FLAGS = ["--nodes", "3"]
WORKERS = 8
CPU, CPU_LESS, CPU_MORE, CPU_LIMIT_MORE = "20m", "15m", "25m", "35m"
MEMORY, MEMORY_LESS, MEMORY_MORE, MEMORY_LIMIT_MORE = "35Mi", "30Mi", "40Mi", "50Mi"


def resources(cpu=None, memory=None, cpu_limit=None, memory_limit=None):
    amounts = {"requests": {"cpu": cpu, "memory": memory}, "limits": {"cpu": cpu_limit, "memory": memory_limit}}
    amounts = {kind: {name: amount for name, amount in list.items() if amount} for kind, list in amounts.items()}
    return {kind: list for kind, list in amounts.items() if list}


def guaranteed(cpu, memory):
    return resources(cpu, memory, cpu, memory)


def amount(text):
    for unit, factor in [("m", 0.001), ("Mi", 1 << 20), ("Ki", 1 << 10)]:
        if text.endswith(unit):
            return float(text[:-len(unit)]) * factor
    return float(text)


def amounts(resources):
    return {kind: {name: amount(text) for name, text in list.items()} for kind, list in resources.items()}


def made_of(given, **fields):
    script = "grep Cpus_allowed_list /proc/self/status | cut -f2 && sleep 1d"
    return pod(*(container(BUSYBOX, f"c{index + 1}", command=["/bin/sh"], args=["-c", script], resources=own)
                 for index, own in enumerate(given)), restartPolicy="OnFailure", terminationGracePeriodSeconds=0, **fields)


def cgroups(given):
    """The files of a container's group of processes, as they must be for its resources."""
    cpu, limit = (amount(given.get(kind, {}).get("cpu", "0")) for kind in ["requests", "limits"])
    shares = min(max(2, int(round((cpu or limit) * 1000) * 1024 / 1000)), 262144)
    # A version of the runtime that is still about converts shares by an older rule.
    weights = {str(1 + (shares - 2) * 9999 // 262142), str(weight(shares))}
    quota = int(round(limit * 1000) * 100)
    maxima = {f"{max(quota, 1000)} 100000", f"{max((quota + 999) // 1000 * 1000, 1000)} 100000"} if limit else {"max 100000"}
    memory = given.get("limits", {}).get("memory")
    return {"cpu.weight": weights, "cpu.max": maxima, "memory.max": {str(int(amount(memory))) if memory else "max"}}


def weight(shares):
    import math
    exponent = math.log2(shares)
    return math.ceil(10 ** ((exponent * exponent + 125 * exponent) / 612 - 7 / 34))


def check_files(cluster, ns, name, given):
    assert execute(cluster, ns, name, "mount", "-t", "cgroup2", of="c1").strip()
    for index, own in enumerate(given):
        for file, expected in cgroups(own).items():
            found = execute(cluster, ns, name, "/bin/sh", "-c", f"head -n 1 /sys/fs/cgroup/{file}", of=f"c{index + 1}").strip()
            assert found in expected, (index, file, found, expected)


def is_resized(given):
    def check(body):
        own = statuses(body)
        kinds = {c["type"] for c in body["status"]["conditions"]}
        return (all(amounts(own[f"c{index + 1}"].get("resources", {})) == amounts(wanted) for index, wanted in enumerate(given))
                and not kinds & {"PodResizePending", "PodResizeInProgress"} and is_ready(body))
    return check


def resize(cluster, ns, name, given):
    patch = {"spec": {"containers": [{"name": f"c{index + 1}", "resources": own} for index, own in enumerate(given)]}}
    return cluster.request("PATCH", path(ns, name) + "/resize", patch, STRATEGIC)


def there_and_back(cluster, before, after, back=True):
    with space(cluster, "resize") as ns:
        made = run(cluster, ns, made_of(before))
        name = made["metadata"]["name"]
        check_files(cluster, ns, name, before)
        for wanted in [after] + ([before] if back else []):
            status, answer = resize(cluster, ns, name, wanted)
            assert status == 200, answer
            assert all(amounts(c["resources"]) == amounts(own) for c, own in zip(answer["spec"]["containers"], wanted)), answer
            made = wait(cluster, ns, name, is_resized(wanted))
            assert all(s["restartCount"] == 0 for s in statuses(made).values())
            check_files(cluster, ns, name, wanted)
        delete(cluster, ns, name)
        gone(cluster, ns, name)


def test_guaranteed_pods(cluster):
    """Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase cpu & mem on c1, c2,
    decrease cpu & mem on c3 - net increase; increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease; increase:
    CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2)."""
    def three(*pairs):
        plus = [(amount(cpu) * 1000 + 2 * i, amount(memory) / (1 << 20) + 2 * i) for i, (cpu, memory) in enumerate(pairs)]
        return [guaranteed(f"{round(cpu)}m", f"{round(memory)}Mi") for cpu, memory in plus]
    same, more, less = (CPU, MEMORY), (CPU_MORE, MEMORY_MORE), (CPU_LESS, MEMORY_LESS)
    before = three(same, same, same)
    there_and_back(cluster, before, three(more, more, less))
    there_and_back(cluster, before, three(more, less, less))
    there_and_back(cluster, before, three((CPU_MORE, MEMORY), (CPU_LESS, MEMORY_MORE), more))


def test_burstable_pods(cluster):
    """Pod InPlace Resize Container burstable pods - extended 6 containers - various operations performed (including adding
    limits and requests); resize with equivalents."""
    before = [resources(CPU), resources(None, MEMORY), resources(CPU, MEMORY), resources(CPU), resources(None, MEMORY)]
    after = [resources(CPU_MORE, cpu_limit=CPU_LIMIT_MORE), resources(None, MEMORY_LESS, memory_limit=MEMORY_LIMIT_MORE),
             resources(CPU, MEMORY_LESS), resources(CPU_LESS, MEMORY), resources(CPU, MEMORY_MORE)]
    there_and_back(cluster, before, after, back=False)
    there_and_back(cluster, [resources("2m", cpu_limit="10m")], [resources("1m", cpu_limit="5m")])


def test_replace(cluster):
    """Pod InPlace Resize Container resize pod via the replace endpoint."""
    before, after = [guaranteed(CPU, MEMORY)], [guaranteed(CPU_MORE, MEMORY_MORE)]
    with space(cluster, "resize") as ns:
        name = run(cluster, ns, made_of(before))["metadata"]["name"]
        body = cluster.request("GET", path(ns, name) + "/resize", expect=200)[1]
        assert body == get(cluster, ns, name)
        body["spec"]["containers"][0]["resources"] = after[0]
        cluster.request("PUT", path(ns, name) + "/resize", body, expect=200)
        wait(cluster, ns, name, is_resized(after))
        assert cluster.request("GET", path(ns, name) + "/resize")[1] == get(cluster, ns, name)


def test_refusals(cluster):
    """Pod InPlace Resize Container apply invalid resize patch requests: the class of service may not change, limits and
    requests may not be removed, containers may not be renamed, other resources may not be changed."""
    kept = "Pod QOS Class may not change as a result of resizing"
    limits, requests = "resource limits cannot be removed", "resource requests cannot be removed"
    cases = [
        ([{}], [resources(None, MEMORY)], kept), ([{}], [resources(CPU)], kept),
        ([guaranteed(CPU, MEMORY)], [resources(CPU, MEMORY)], limits),
        ([resources(CPU, MEMORY, CPU_LIMIT_MORE, MEMORY_LIMIT_MORE)], [resources(CPU_MORE, MEMORY_MORE)], limits),
        ([resources(None, MEMORY)], [{}], requests), ([resources(CPU)], [{}], requests),
        ([resources(CPU, MEMORY, CPU_LIMIT_MORE, MEMORY_LIMIT_MORE)], [guaranteed(CPU_LIMIT_MORE, MEMORY_LIMIT_MORE)], kept)]
    with space(cluster, "resize") as ns:
        for before, after, words in cases:
            name = run(cluster, ns, made_of(before))["metadata"]["name"]
            body = get(cluster, ns, name)
            for index, own in enumerate(after):
                body["spec"]["containers"][index]["resources"] = own
            status, answer = cluster.request("PUT", path(ns, name) + "/resize", body)
            assert status == 422 and words in answer["message"], (before, after, answer)
        name = run(cluster, ns, made_of([resources(CPU), resources(CPU)]))["metadata"]["name"]
        body = get(cluster, ns, name)
        body["spec"]["containers"].reverse()
        status, answer = cluster.request("PUT", path(ns, name) + "/resize", body)
        for index in range(2):
            words = f"spec.containers[{index}].name: Forbidden: containers may not be renamed or reordered on resize"
            assert status == 422 and words in answer["message"], answer
        body = get(cluster, ns, name)
        body["spec"]["containers"][0]["resources"]["requests"]["ephemeral-storage"] = "3"
        status, answer = cluster.request("PUT", path(ns, name) + "/resize", body)
        assert status == 422 and "only cpu and memory resources are mutable" in answer["message"], answer
