"""A swiftlet process under test, and the ways to talk to it."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

READY_SECONDS = 30


class Skip(Exception):
    """A client that this machine does not have."""


class Cluster:
    """`swiftlet up` on free ports with a data directory of its own."""

    def __init__(self, binary, *flags, data=None, keep=False):
        self.binary, self.flags, self.keep = binary, list(flags), keep
        self.home = data or tempfile.mkdtemp(prefix="swiftlet-")
        self.kubeconfig = os.path.join(self.home, "kubeconfig")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if not self.keep:
            shutil.rmtree(self.home, ignore_errors=True)

    def start(self):
        command = [self.binary, "up", "--data", self.home, "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", *self.flags]
        self.log = open(os.path.join(self.home, "log"), "a+")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.output = ""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"swiftlet ended with {self.process.wait()}: {self.output}{open(self.log.name).read()[-2000:]}")
            self.output += line
            if line.startswith("kubeconfig"):
                break
        self.url = re.search(r"http://[\w.:]+", self.output)[0].rstrip("/")
        self.secure_url = re.search(r"https://[\w.:]+", self.output)[0].rstrip("/")
        token = re.search(r"#token=(\S+)", self.output)
        self.token = token[1] if token else ""
        return self

    def stop(self, how=signal.SIGTERM, timeout=10):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout)
        if self.process:
            self.process.stdout.close()
            self.log.close()

    def request(self, method, path, body=None, headers=None, expect=None):
        """-> (status, decoded body); `expect` fails on any other status."""
        data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
        headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if data else {}), **(headers or {})}
        if self.token:
            headers.setdefault("Authorization", "Bearer " + self.token)
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, raw, kind = answer.status, answer.read(), answer.headers.get_content_type()
        except urllib.error.HTTPError as error:
            status, raw, kind = error.code, error.read(), error.headers.get_content_type()
        # A list of checks begins like a list of JSON.
        value = json.loads(raw) if raw[:1] == b"{" or raw and kind.endswith("json") else raw.decode()
        if expect is not None:
            assert status == expect, f"{method} {path}: {status} {value}"
        return status, value

    def kubectl(self, *args, binary="kubectl", stdin=None, check=True, timeout=60):
        """-> standard output."""
        env = {**os.environ, "KUBECONFIG": self.kubeconfig, "KUBECACHEDIR": os.path.join(self.home, "cache"), "HOME": self.home}
        result = subprocess.run([tool(binary), *args], input=stdin, capture_output=True, text=True, env=env, timeout=timeout)
        if check and result.returncode:
            raise AssertionError(f"kubectl {' '.join(args)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout if check else result


def tool(name):
    found = shutil.which(name) or shutil.which(name, path="/usr/lib/google-cloud-sdk/bin:/usr/local/bin")
    if not found:
        raise Skip(f"{name} is not installed")
    return found


def eventually(check, seconds=30, every=0.1):
    """The first true value of `check()`."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still not true after {seconds} s: {value!r}")
        time.sleep(every)
