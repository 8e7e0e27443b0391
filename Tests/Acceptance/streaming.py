"""exec, attach, cp, port-forward, debug and the proxies, with kubectl old and new and the Python client."""
import http.client
import os
import pty
import select
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from harness import Skip, eventually, tool

FLAGS = ["--nodes", "2"]
# The first three speak SPDY, the others WebSocket.
KUBECTLS = ["kubectl.1.27", "kubectl.1.29", "kubectl.1.32"]


def pod(cluster, name, image="busybox", *args, flags=()):
    """A pod that runs."""
    if cluster.request("GET", f"/api/v1/namespaces/default/pods/{name}")[0] == 404:
        cluster.kubectl("run", name, f"--image={image}", *flags, *(["--command", "--", *args] if args else []))
    cluster.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=30s")
    return name


def box(cluster):
    return pod(cluster, "box", "busybox", "sleep", "infinity")


def each_kubectl(check):
    found = 0
    for binary in KUBECTLS:
        try:
            tool(binary)
        except Skip:
            continue
        found += 1
        check(binary)
    if not found:
        raise Skip("no kubectl is installed")


def environment(cluster):
    return {**os.environ, "KUBECONFIG": cluster.kubeconfig, "HOME": cluster.home, "TERM": "xterm"}


class Typist:
    """A command at a terminal of its own."""

    def __init__(self, cluster, *command):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, environment(cluster))
        self.seen = ""

    def expect(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            left = deadline - time.monotonic()
            assert left > 0, f"no {text!r} in {self.seen!r}"
            if select.select([self.terminal], [], [], left)[0]:
                try:
                    more = os.read(self.terminal, 65536)
                except OSError:
                    more = b""
                assert more, f"ended without {text!r}: {self.seen!r}"
                self.seen += more.decode(errors="replace")
        before, self.seen = self.seen.split(text, 1)
        return before

    def type(self, text):
        os.write(self.terminal, text.encode())

    def end(self):
        """-> exit code"""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if select.select([self.terminal], [], [], 0.1)[0]:
                try:
                    if not os.read(self.terminal, 65536):
                        break
                except OSError:
                    break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_exec(cluster):
    name = box(cluster)

    def check(binary):
        run = lambda *words, **more: cluster.kubectl("exec", name, *words, binary=binary, check=False, **more)
        assert run("--", "echo", "hello").stdout == "hello\n"
        both = run("--", "sh", "-c", "echo out; echo err >&2; exit 2")
        assert (both.stdout, both.returncode) == ("out\n", 2), both
        assert both.stderr == "err\ncommand terminated with exit code 2\n", both.stderr
        assert run("-i", "--", "cat", stdin="one\ntwo\n").stdout == "one\ntwo\n"
        assert run("-i", "--", "wc", "-l", stdin="one\ntwo\n").stdout.strip() == "2"
        assert run("-i", "--", "sh", stdin="cd /tmp\npwd\nexit 5\n").returncode == 5
        missing = run("--", "nosuch")
        assert missing.returncode == 127 and (
            'exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown'
        ) in missing.stderr, missing
        wrong = run("-c", "other", "--", "ls")
        assert "container other is not valid for pod box" in wrong.stderr and wrong.returncode == 1, wrong
        large = run("--", "sh", "-c", "seq 1 5000 > /tmp/n; cat /tmp/n /tmp/n /tmp/n; rm /tmp/n")
        assert large.stdout.count("\n") == 15000, len(large.stdout)

    each_kubectl(check)


def test_exec_at_a_terminal(cluster):
    name = box(cluster)

    def check(binary):
        shell = Typist(cluster, tool(binary), "exec", "-it", name, "--", "sh")
        shell.expect("/ # ")
        shell.type("echo one twx\x7fo\r")
        shell.expect("\r\none two\r\n/ # ")
        shell.type("cd /tmp\r")
        shell.expect("/tmp # ")
        shell.type("sleep 1000\r")
        shell.expect("sleep 1000\r\n")
        shell.type("\x03")
        shell.expect("^C\r\n/tmp # ")
        shell.type("exit 3\r")
        assert shell.end() == 3

    each_kubectl(check)


def test_exec_of_what_does_not_run(cluster):
    cluster.kubectl("run", "stuck", "--image=nosuch/image")
    eventually(lambda: cluster.kubectl("get", "pod", "stuck", "-o", "jsonpath={.spec.nodeName}"))
    result = cluster.kubectl("exec", "stuck", "--", "ls", check=False)
    assert result.returncode == 1 and 'container not found ("stuck")' in result.stderr, result.stderr
    cluster.kubectl("run", "nowhere", "--image=nginx", '--overrides={"spec":{"nodeSelector":{"no":"where"}}}')
    result = cluster.kubectl("exec", "nowhere", "--", "ls", check=False)
    assert "pod nowhere does not have a host assigned" in result.stderr, result.stderr
    status, body = cluster.request("GET", "/api/v1/namespaces/default/pods/box/exec?command=ls&stdout=1")
    assert status == 400 and body["message"] == "Upgrade request required", body


def test_exec_needs_create(cluster):
    name = box(cluster)
    cluster.kubectl("create", "role", "looker", "--verb=get", "--resource=pods,pods/exec")
    cluster.kubectl("create", "rolebinding", "looker", "--role=looker", "--user=ann")

    def check(binary):
        result = cluster.kubectl("exec", "--as=ann", name, "--", "ls", binary=binary, check=False)
        assert result.returncode == 1 and 'cannot create resource "pods/exec"' in result.stderr, result.stderr

    each_kubectl(check)


def test_python_exec(cluster):
    try:
        import kubernetes
        from kubernetes.stream import stream
    except ImportError:
        raise Skip("the Python client is not installed")
    name = box(cluster)
    kubernetes.config.load_kube_config(cluster.kubeconfig)
    core = kubernetes.client.CoreV1Api()
    text = stream(core.connect_get_namespaced_pod_exec, name, "default", command=["echo", "hello"],
                  stderr=True, stdin=False, stdout=True, tty=False)
    assert text == "hello\n", text
    talk = stream(core.connect_get_namespaced_pod_exec, name, "default", command=["sh"], stderr=True, stdin=True,
                  stdout=True, tty=False, _preload_content=False)
    talk.write_stdin("echo out; echo err >&2\n")
    talk.update(timeout=5)
    assert talk.readline_stdout(timeout=5) == "out" and talk.readline_stderr(timeout=5) == "err"
    talk.write_stdin("exit 4\n")
    talk.run_forever(timeout=10)
    assert talk.returncode == 4, talk.returncode
    talk.close()


def test_attach(cluster):
    def check(binary):
        name = "talk-" + binary.replace(".", "-")
        cluster.kubectl("run", name, "--image=busybox", "--stdin", "--attach=false", "--restart=Never", "--command", "--", "cat", binary=binary)
        cluster.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=30s")
        result = cluster.kubectl("attach", "-i", name, binary=binary, stdin="typed\n", check=False)
        assert "typed\n" in result.stdout, result
        cluster.kubectl("delete", "pod", name, "--now", "--wait=false")

    each_kubectl(check)


def test_run_and_remove(cluster):
    def check(binary):
        result = cluster.kubectl("run", "once", "--image=busybox", "-i", "--rm", "--restart=Never", "--quiet", "--", "cat",
                                 binary=binary, stdin="given\n", check=False)
        assert result.returncode == 0 and "given" in result.stdout, result
        shell = Typist(cluster, tool(binary), "run", "once", "--image=busybox", "-it", "--rm", "--restart=Never", "--", "sh")
        shell.expect("/ # ")
        shell.type("hostname\r")
        shell.expect("\r\nonce\r\n/ # ")
        shell.type("exit\r")
        shell.expect('pod "once" deleted')
        assert shell.end() == 0

    each_kubectl(check)


def test_copy(cluster):
    name = box(cluster)
    with tempfile.TemporaryDirectory() as folder:
        data = bytes(range(256)) * 40 + "häuser\r\n".encode()
        os.makedirs(os.path.join(folder, "tree", "deep"))
        for path in ("one.bin", "tree/two.bin", "tree/deep/three.bin"):
            with open(os.path.join(folder, path), "wb") as file:
                file.write(data)

        def check(binary):
            cluster.kubectl("cp", os.path.join(folder, "one.bin"), f"{name}:/tmp/one.bin", binary=binary)
            cluster.kubectl("cp", os.path.join(folder, "tree"), f"{name}:/tmp/tree", binary=binary)
            back = os.path.join(folder, "back-" + binary)
            cluster.kubectl("cp", f"{name}:/tmp/one.bin", back, binary=binary)
            assert open(back, "rb").read() == data
            cluster.kubectl("cp", f"{name}:/tmp/tree", back + "-tree", binary=binary)
            assert open(back + "-tree/deep/three.bin", "rb").read() == data
            cluster.kubectl("exec", name, "--", "rm", "-r", "/tmp/tree", "/tmp/one.bin")

        each_kubectl(check)


class Forwarding:
    """`kubectl port-forward` while it runs."""

    def __init__(self, cluster, binary, *words):
        self.process = subprocess.Popen([tool(binary), "port-forward", *words], env=environment(cluster), text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line.startswith("Forwarding from 127.0.0.1:"), line + self.process.stderr.read()
        self.port = int(line.split(":")[1].split()[0])

    def get(self, path="/", timeout=10):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def web(cluster):
    name = pod(cluster, "web", "nginx", flags=["--port=80", "--labels=app=web"])
    if cluster.request("GET", "/api/v1/namespaces/default/services/web")[0] == 404:
        cluster.kubectl("expose", "pod", "web", "--port=8080", "--target-port=80")
        eventually(lambda: cluster.kubectl("get", "endpoints", "web", "-o", "jsonpath={.subsets[*].addresses[*].ip}"))
    return name


def test_port_forward(cluster):
    name = web(cluster)

    def check(binary):
        with Forwarding(cluster, binary, f"pod/{name}", ":80") as forwarding:
            for _ in range(3):
                status, text = forwarding.get()
                assert status == 200 and "Welcome to nginx!" in text, text
            try:
                forwarding.get("/nope")
                raise AssertionError("found")
            except urllib.error.HTTPError as error:
                assert error.code == 404
        with Forwarding(cluster, binary, "service/web", ":8080") as forwarding:
            assert "Welcome to nginx!" in forwarding.get()[1]
        with Forwarding(cluster, binary, f"pod/{name}", ":81") as forwarding:
            try:
                forwarding.get()
                raise AssertionError("answered")
            except (OSError, http.client.HTTPException):
                pass
            assert "connection refused" in forwarding.process.stderr.readline()

    each_kubectl(check)


def test_python_port_forward(cluster):
    try:
        import kubernetes
        from kubernetes.stream import portforward
    except ImportError:
        raise Skip("the Python client is not installed")
    name = web(cluster)
    kubernetes.config.load_kube_config(cluster.kubeconfig)
    core = kubernetes.client.CoreV1Api()
    forward = portforward(core.connect_get_namespaced_pod_portforward, name, "default", ports="80")
    connection = forward.socket(80)
    connection.setblocking(True)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
    text = b""
    while b"</html>" not in text:
        more = connection.recv(4096)
        assert more, text
        text += more
    assert b"Welcome to nginx!" in text
    assert forward.error(80) is None


def test_proxies(cluster):
    name = web(cluster)
    base = "/api/v1/namespaces/default"
    for path in (f"{base}/pods/{name}/proxy/", f"{base}/pods/http:{name}:80/proxy/", f"{base}/services/web/proxy/",
                 f"{base}/services/web:8080/proxy/"):
        status, text = cluster.request("GET", path)
        assert status == 200 and "Welcome to nginx!" in text, (path, status, text)
    assert cluster.request("GET", f"{base}/pods/{name}/proxy/nope")[0] == 404
    assert cluster.request("POST", f"{base}/pods/{name}/proxy/", body={})[0] == 405
    status, body = cluster.request("GET", f"{base}/pods/{name}:81/proxy/")
    assert (status, body["reason"]) == (503, "ServiceUnavailable"), body
    assert body["message"].startswith("error trying to reach service: dial tcp 10."), body
    assert body["message"].endswith(":81: connect: connection refused"), body
    cluster.kubectl("create", "service", "clusterip", "empty", "--tcp=80")
    eventually(lambda: cluster.request("GET", f"{base}/endpoints/empty")[0] == 200)
    status, body = cluster.request("GET", f"{base}/services/empty:80/proxy/")
    assert (status, body["message"]) == (503, 'no endpoints available for service "empty"'), body
    assert cluster.request("GET", "/api/v1/nodes/node-1/proxy/healthz") == (200, "ok")
    assert "Welcome to nginx!" in cluster.kubectl("get", "--raw", f"{base}/pods/{name}/proxy/")


def test_answers_by_annotation(cluster):
    cluster.kubectl("run", "said", "--image=example/own", "--annotations=sim.swiftlet.dev/listen=9000",
                    '--annotations=sim.swiftlet.dev/response={"a": 1}', "--annotations=sim.swiftlet.dev/response-code=201")
    cluster.kubectl("wait", "--for=condition=Ready", "pod/said", "--timeout=30s")
    status, value = cluster.request("GET", "/api/v1/namespaces/default/pods/said:9000/proxy/x")
    assert (status, value) == (201, {"a": 1}), (status, value)
    web(cluster)
    name = box(cluster)
    ask = lambda command: cluster.kubectl("exec", name, "--", "sh", "-c", command, check=False)
    assert "Welcome to nginx!" in ask("wget -qO- web:8080").stdout
    code = cluster.kubectl("exec", pod(cluster, "curl", "curlimages/curl", "sleep", "infinity"), "--",
                           "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://web:8080/nope")
    assert code == "404", code
    refused = ask("wget -qO- web:81")
    assert refused.returncode == 1 and "Connection refused" in refused.stderr, refused


def test_debug(cluster):
    name = web(cluster)

    def check(binary):
        shell = Typist(cluster, tool(binary), "debug", "-it", name, "--image=busybox", "--", "sh")
        shell.expect("/ # ")
        shell.type("hostname; exit\r")
        shell.expect("\r\nweb\r\n")
        shell.end()

    each_kubectl(check)
