"""Containers: what the suite's tests of SIG Node ask of their commands, variables, files, users and ends.

With `node_pods`, `node_resize` and `node_time` these are all of its tests but those of devices.
"""
import re

from conformance import space
from conformance.pods import (AGNHOST, BUSYBOX, container, create, execute, finish, get, is_ready, logs, output, path, pod,
                              run, shell, statuses, update, wait)

FLAGS = ["--nodes", "3"]
WORKERS = 8


def config(cluster, namespace, name, data, of="configmaps"):
    field = "data" if of == "configmaps" else "stringData"
    return create(cluster, namespace, {"metadata": {"name": name}, field: data}, of)


def variable(name, **source):
    return {"name": name, "valueFrom": source}


def field(path):
    return {"fieldRef": {"fieldPath": path}}


# MARK: Variables

def test_config_maps_and_secrets_as_variables(cluster):
    """ConfigMap should be consumable via environment variable; via the environment; as environment variable names with
    various prefixes. Secrets should be consumable from pods in env vars; via the environment; with various prefixes."""
    for of, reference, single in [("configmaps", "configMapRef", "configMapKeyRef"), ("secrets", "secretRef", "secretKeyRef")]:
        with space(cluster, "env") as ns:
            config(cluster, ns, "data", {"data-1": "value-1", "data-2": "value-2", "data.3": "value-3"}, of)
            body = pod(shell("env", env=[variable("DATA", **{single: {"name": "data", "key": "data-1"}})],
                             envFrom=[{reference: {"name": "data"}}, {"prefix": "p-", reference: {"name": "data"}},
                                      {"prefix": "9$", reference: {"name": "data"}}]))
            output(cluster, ns, body, "DATA=value-1", "data-1=value-1", "data-2=value-2", "data.3=value-3",
                   "p-data-1=value-1", "p-data.3=value-3", "9$data-2=value-2")


def test_fields_as_variables(cluster):
    """Downward API should provide pod name, namespace and IP address; host IP; hostIPs; pod UID as env vars."""
    fields = {"NAME": "metadata.name", "SPACE": "metadata.namespace", "IP": "status.podIP", "HOST": "status.hostIP",
              "HOSTS": "status.hostIPs", "UID": "metadata.uid", "NODE": "spec.nodeName"}
    with space(cluster, "downward") as ns:
        body = pod(shell("env", env=[variable(name, **field(path)) for name, path in fields.items()]))
        text = output(cluster, ns, body)
        made = get(cluster, ns, body["metadata"]["name"])
        for line in [f"NAME={made['metadata']['name']}", f"SPACE={ns}", f"IP={made['status']['podIP']}",
                     f"HOST={made['status']['hostIP']}", f"HOSTS={made['status']['hostIP']}",
                     f"UID={made['metadata']['uid']}", f"NODE={made['spec']['nodeName']}"]:
            assert line in text.splitlines(), (line, text)


def test_resources_as_variables(cluster):
    """Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars; should provide
    default limits.cpu/memory from node allocatable."""
    names = {"CPU_LIMIT": "limits.cpu", "MEMORY_LIMIT": "limits.memory", "CPU_REQUEST": "requests.cpu",
             "MEMORY_REQUEST": "requests.memory"}
    env = [variable(name, resourceFieldRef={"resource": resource}) for name, resource in names.items()]
    with space(cluster, "downward") as ns:
        resources = {"requests": {"cpu": "250m", "memory": "32Mi"}, "limits": {"cpu": "1250m", "memory": "64Mi"}}
        output(cluster, ns, pod(shell("env", env=env, resources=resources)), "CPU_LIMIT=2\n", "MEMORY_LIMIT=67108864\n",
               "CPU_REQUEST=1\n", "MEMORY_REQUEST=33554432\n")
        text = output(cluster, ns, pod(shell("env", env=env[:2])))
        assert re.search(r"^CPU_LIMIT=[1-9]", text, re.M) and re.search(r"^MEMORY_LIMIT=[1-9]", text, re.M), text


def test_variables_of_variables(cluster):
    """Variable Expansion should allow composing env vars into new env vars; should allow substituting values in a
    container's command; in a container's args."""
    with space(cluster, "expansion") as ns:
        env = [{"name": "FOO", "value": "foo-value"}, {"name": "BAR", "value": "bar-value"},
               {"name": "FOOBAR", "value": "$(FOO);;$(BAR)"}]
        output(cluster, ns, pod(shell("env", env=env)), "FOO=foo-value", "BAR=bar-value", "FOOBAR=foo-value;;bar-value")
        value = [{"name": "TEST_VAR", "value": "test-value"}]
        script = 'TEST_VAR=wrong echo "$(TEST_VAR)"'
        output(cluster, ns, pod(shell(script, env=value)), "test-value")
        output(cluster, ns, pod(container(BUSYBOX, command=["sh", "-c"], args=[script], env=value)), "test-value")


def test_variables_in_sub_paths(cluster):
    """Variable Expansion should allow substituting values in a volume subpath; should fail substituting values in a volume
    subpath with backticks; with absolute path."""
    volumes = [{"name": "work", "emptyDir": {}}]
    with space(cluster, "sub-path") as ns:
        env = [{"name": "POD_NAME", "value": "foo"}]
        mounts = [{"name": "work", "mountPath": "/logs", "subPathExpr": "$(POD_NAME)"},
                  {"name": "work", "mountPath": "/test"}]
        output(cluster, ns, pod(shell("test -d /test/foo; echo $?", env=env, volumeMounts=mounts), volumes=volumes), "0")
        for value in ["..", "/tmp"]:
            env = [{"name": "POD_NAME", "value": value}]
            body = pod(shell("sleep 1000", env=env, volumeMounts=mounts[:1]), volumes=volumes)
            create(cluster, ns, body)
            wait(cluster, ns, body["metadata"]["name"], lambda p: statuses(p).get("main", {}).get("state", {}).get(
                "waiting", {}).get("reason") == "CreateContainerConfigError")


def test_sub_paths_that_change(cluster):
    """Variable Expansion should succeed in writing subpaths in container; should verify that a failing subpath expansion
    can be modified during the lifecycle of a container."""
    env = [{"name": "POD_NAME", "value": "foo"}, variable("ANNOTATION", **field("metadata.annotations['mysubpath']"))]
    mounts = [{"name": "work", "mountPath": "/sub", "subPathExpr": "$(ANNOTATION)/$(POD_NAME)"},
              {"name": "work", "mountPath": "/volume"}]

    def made(**annotations):
        return pod(shell("tail -f /dev/null", env=env, volumeMounts=mounts), annotations=annotations,
                   volumes=[{"name": "work", "emptyDir": {}}], restartPolicy="Never", terminationGracePeriodSeconds=1)
    with space(cluster, "sub-path") as ns:
        name = run(cluster, ns, made(mysubpath="mypath"))["metadata"]["name"]
        execute(cluster, ns, name, "sh", "-c", "touch /volume/mypath/foo/test.log")
        execute(cluster, ns, name, "sh", "-c", "test -f /sub/test.log")
        update(cluster, ns, name, lambda p: p["metadata"]["annotations"].update(mysubpath="mynewpath"))
        assert is_ready(get(cluster, ns, name))
        # An empty variable makes the path absolute, which it may not be.
        name = create(cluster, ns, made(notmysubpath="mypath"))["metadata"]["name"]
        wait(cluster, ns, name, lambda p: statuses(p).get("main", {}).get("state", {}).get(
            "waiting", {}).get("reason") == "CreateContainerConfigError")
        update(cluster, ns, name, lambda p: p["metadata"]["annotations"].update(mysubpath="mypath"))
        wait(cluster, ns, name, is_ready)


def test_variables_of_services(cluster):
    """Pods should contain environment variables for services."""
    with space(cluster, "links") as ns:
        run(cluster, ns, pod(container(AGNHOST, args=["serve-hostname"], ports=[{"containerPort": 9376}]), name="server"))
        made = create(cluster, ns, {"metadata": {"name": "fooservice"}, "spec": {
            "ports": [{"port": 8765, "targetPort": 8080}], "selector": {"name": "server"}}}, "services")
        address = made["spec"]["clusterIP"]
        output(cluster, ns, pod(shell("env")), f"FOOSERVICE_SERVICE_HOST={address}", "FOOSERVICE_SERVICE_PORT=8765",
               f"FOOSERVICE_PORT=tcp://{address}:8765", "FOOSERVICE_PORT_8765_TCP_PORT=8765",
               "FOOSERVICE_PORT_8765_TCP_PROTO=tcp", f"FOOSERVICE_PORT_8765_TCP=tcp://{address}:8765",
               f"FOOSERVICE_PORT_8765_TCP_ADDR={address}")


# MARK: Commands

def test_commands_and_arguments(cluster):
    """Containers should use the image defaults if command and args are blank; should be able to override the image's
    default arguments (container cmd); default command (container entrypoint); default command and arguments."""
    with space(cluster, "containers") as ns:
        name = run(cluster, ns, pod(container(AGNHOST)))["metadata"]["name"]
        assert "Paused" in logs(cluster, ns, name)
        tester = ["entrypoint-tester", "override", "arguments"]
        output(cluster, ns, pod(container(AGNHOST, args=tester)), "[/agnhost entrypoint-tester override arguments]")
        output(cluster, ns, pod(container(AGNHOST, command=["/agnhost-2", "entrypoint-tester"])),
               "[/agnhost-2 entrypoint-tester]")
        output(cluster, ns, pod(container(AGNHOST, command=["/agnhost-2"], args=tester)),
               "[/agnhost-2 entrypoint-tester override arguments]")


def test_ends_by_restart_policy(cluster):
    """Container Runtime blackbox test when starting a container that exits should run with the expected status."""
    # The first run of three fails, the second keeps running, or ends well.
    script = """
        f=/restart-count/count
        n=$(cat $f 2>/dev/null | wc -l)
        echo x >> $f
        if [ $n -lt %s ]; then exit 1; fi
        if [ %s = run ]; then while true; do sleep 1; done; fi
        exit 0"""
    with space(cluster, "runtime") as ns:
        for policy, failures, then, phase, restarts, ready in [
                ("Always", 1, "run", "Running", 1, True), ("OnFailure", 1, "end", "Succeeded", 1, False),
                ("Never", 1, "end", "Failed", 0, False)]:
            body = pod(shell(script % (failures, then), volumeMounts=[{"name": "v", "mountPath": "/restart-count"}]),
                       restartPolicy=policy, volumes=[{"name": "v", "emptyDir": {"medium": "Memory"}}])
            create(cluster, ns, body)
            made = wait(cluster, ns, body["metadata"]["name"], lambda p: p["status"].get("phase") == phase
                        and statuses(p)["main"]["restartCount"] == restarts and is_ready(p) == ready)
            state = statuses(made)["main"]["state"]
            assert list(state) == (["running"] if ready else ["terminated"]), state


def ended(cluster, ns, script, phase="Succeeded", **fields):
    made = finish(cluster, ns, pod(shell(script, **fields)), phase)
    return statuses(made)["main"]["state"]["terminated"]


def test_messages_of_ends(cluster):
    """Container Runtime blackbox test on terminated container should report termination message if TerminationMessagePath
    is set as non-root user and at a non-default path; from log output if TerminationMessagePolicy FallbackToLogsOnError is
    set; as empty when pod succeeds and it is set; from file when pod succeeds and it is set."""
    fallback = {"terminationMessagePolicy": "FallbackToLogsOnError", "terminationMessagePath": "/dev/termination-log"}
    with space(cluster, "message") as ns:
        end = ended(cluster, ns, "echo -n DONE > /dev/termination-custom-log", securityContext={"runAsUser": 1000},
                    terminationMessagePath="/dev/termination-custom-log")
        assert end["message"] == "DONE", end
        end = ended(cluster, ns, "echo -n DONE; /bin/false", "Failed", **fallback)
        assert end["message"] == "DONE" and end["exitCode"] == 1, end
        assert "message" not in ended(cluster, ns, "echo DONE; /bin/true", **fallback)
        end = ended(cluster, ns, "echo -n OK > /dev/termination-log; echo DONE; /bin/true", **fallback)
        assert end["message"] == "OK", end


def test_what_a_kubelet_runs(cluster):
    """Kubelet when scheduling a busybox command in a pod should print the output to logs; that always fails in a pod should
    have an terminated reason, should be possible to delete; a read only busybox container should not write to root
    filesystem; an agnhost Pod with hostAliases should write entries to /etc/hosts."""
    with space(cluster, "kubelet") as ns:
        output(cluster, ns, pod(shell("echo 'Hello World' ; sleep 1")), "Hello World\n")
        create(cluster, ns, pod(container(BUSYBOX, command=["/bin/false"]), name="fails"))
        made = wait(cluster, ns, "fails", lambda p: statuses(p).get("main", {}).get("state", {}).get("terminated", {}).get(
            "reason") or statuses(p).get("main", {}).get("lastState", {}).get("terminated"))
        assert made["status"]["containerStatuses"], made
        cluster.request("DELETE", path(ns, "fails"), expect=200)
        text = output(cluster, ns, pod(shell("echo test > /file; sleep 1; cat /file; ls /",
                                             securityContext={"readOnlyRootFilesystem": True})))
        assert "Read-only file system" in text and "test\n" not in text, text
        aliases = [{"ip": "123.45.67.89", "hostnames": ["foo", "bar"]}]
        output(cluster, ns, pod(container(AGNHOST, args=["etc-hosts"]), hostAliases=aliases),
               "# Entries added by HostAliases.", "123.45.67.89\tfoo\tbar")
        output(cluster, ns, pod(shell("cat /etc/hosts"), hostAliases=aliases), "123.45.67.89\tfoo\tbar")


def test_hosts_file(cluster):
    """KubeletManagedEtcHosts should test kubelet managed /etc/hosts file."""
    volume = {"name": "hosts", "hostPath": {"path": "/etc/hosts", "type": "FileOrCreate"}}
    original, over = ({"name": "hosts", "mountPath": at} for at in ["/etc/hosts-original", "/etc/hosts"])

    def read(name, of, file):
        text = execute(cluster, ns, name, "cat", file, of=of)
        assert text, (name, of, file)
        return text
    with space(cluster, "hosts") as ns:
        own = pod(*(container(AGNHOST, f"box-{i}", volumeMounts=mounts) for i, mounts in enumerate(
            [[original], [original], [original, over]])), name="own", volumes=[volume])
        shared = pod(container(AGNHOST, "box-0", volumeMounts=[original]), container(AGNHOST, "box-1", volumeMounts=[original]),
                     name="shared", hostNetwork=True, volumes=[volume])
        for body in [own, shared]:
            run(cluster, ns, body)
        for name, of, managed in [("own", "box-0", True), ("own", "box-1", True), ("own", "box-2", False),
                                  ("shared", "box-0", False), ("shared", "box-1", False)]:
            text = read(name, of, "/etc/hosts")
            is_managed = text.startswith("# Kubernetes-managed hosts file.") and text != read(name, of, "/etc/hosts-original")
            assert is_managed == managed, (name, of, text)


# MARK: Users

def test_users_and_groups(cluster):
    """Security Context When creating a container with runAsUser should run the container with uid 65534; should support
    container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup; pod.Spec.SecurityContext.RunAsUser And
    pod.Spec.SecurityContext.RunAsGroup; when creating containers with AllowPrivilegeEscalation should not allow privilege
    escalation when false."""
    with space(cluster, "users") as ns:
        finish(cluster, ns, pod(container(BUSYBOX, command=["sh", "-c", "test $(id -u) -eq 65534"],
                                          securityContext={"runAsUser": 65534})))
        output(cluster, ns, pod(shell("id", securityContext={"runAsUser": 1001, "runAsGroup": 2002})), "uid=1001", "gid=2002")
        output(cluster, ns, pod(shell("id"), securityContext={"runAsUser": 1001, "runAsGroup": 2002}), "uid=1001", "gid=2002")
        output(cluster, ns, pod(shell("id"), securityContext={"runAsUser": 1001, "supplementalGroups": [1234, 5678]}),
               "groups=0(root),1234,5678")
        output(cluster, ns, pod(container("registry.k8s.io/e2e-test-images/nonewprivs:1.4", securityContext={
            "runAsUser": 1000, "allowPrivilegeEscalation": False})), "Effective uid: 1000")


def test_what_containers_may(cluster):
    """Security Context When creating a pod with privileged should run the container as unprivileged when false; with
    readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false."""
    with space(cluster, "may") as ns:
        text = output(cluster, ns, pod(shell("ip link add dummy0 type dummy || true", securityContext={"privileged": False})))
        assert "Operation not permitted" in text, text
        finish(cluster, ns, pod(shell("touch checkfile", securityContext={"readOnlyRootFilesystem": False})))
        finish(cluster, ns, pod(shell("touch checkfile", securityContext={"readOnlyRootFilesystem": True})), "Failed")


def test_kernel_settings(cluster):
    """Sysctls should support sysctls; should reject invalid sysctls."""
    def with_settings(**settings):
        return pod(container(BUSYBOX, command=["/bin/sysctl", "kernel.shm_rmid_forced"]), securityContext={
            "sysctls": [{"name": name.replace("__", "."), "value": value} for name, value in settings.items()]})
    with space(cluster, "sysctls") as ns:
        output(cluster, ns, with_settings(kernel__shm_rmid_forced="1"), "kernel.shm_rmid_forced = 1")
        bad = {"foo-": "bar", "kernel.shmmax": "100000000", "safe-and-unsafe": "100000000", "bar..": "42"}
        body = with_settings(**bad)
        answer = create(cluster, ns, body, expect=422)
        for name in ["foo-", "bar.."]:
            assert f'Invalid value: "{name}"' in answer["message"], answer
        for name in ["safe-and-unsafe", "kernel.shmmax"]:
            assert f'Invalid value: "{name}"' not in answer["message"], answer
        body = with_settings(kernel__msgmax="10000000000")
        made = finish(cluster, ns, body, "Failed")
        assert made["status"]["reason"] == "SysctlForbidden", made["status"]
