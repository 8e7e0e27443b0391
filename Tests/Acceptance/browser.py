"""The dashboard in a real headless Chromium."""
import os
import subprocess
import sys

from harness import Skip
from openapi import ROOT

FLAGS = ["--nodes", "2"]


def test_dashboard(cluster):
    script = os.path.join(ROOT, "Tests", "Browser", "dashboard_test.py")
    result = subprocess.run([sys.executable, script, "--server", cluster.url, "--token", cluster.token,
                             "--kubeconfig", cluster.kubeconfig], capture_output=True, text=True, timeout=600)
    print(result.stdout, end="", flush=True)
    if "SKIP" in result.stdout:
        raise Skip(result.stdout.strip().splitlines()[-1])
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
