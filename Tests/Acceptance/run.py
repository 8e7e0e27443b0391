#!/usr/bin/env python3
"""Use a real swiftlet binary as people do: kubectl, curl, the Python client, generated clients and a browser.

  run.py --binary .build/release/swiftlet [--only NAME]... [--list]

A name is an area (kubectl, conformance.apps), all areas of a folder (conformance), or a check (kubectl.core_path).

Every check starts from a running cluster of its own kind (shared where it can be), prints one line, and the last line
is `N passed, N failed, N skipped`. A client that is not on this machine is named and skipped, never passed.
"""
import argparse
import importlib
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from harness import Cluster, Skip  # noqa: E402

AREAS = [
    "command_line", "clock", "protocols", "kubectl", "python_client", "streaming", "more_clients", "generated_client",
    "openapi", "observability", "bad_input", "browser",
    *(f"conformance.{sig}" for sig in [
        "apps", "apps_jobs", "apps_sets", "node", "node_pods", "node_resize", "node_time", "network", "network_api",
        "storage", "storage_api", "machinery", "machinery_custom", "machinery_published", "machinery_lifecycle",
        "admission", "auth", "scheduling", "cli",
    ]),
]


def selected(area, name, only):
    """Whether `--only` asks for the check: by its own name, its area's, or that of the folder of areas."""
    return not only or any(asked in (area, f"{area}.{name}", area.split(".")[0]) for asked in only)


def attempt(check, cluster):
    """-> outcome, seconds, why it was skipped; a failure's trace is printed."""
    start = time.monotonic()
    try:
        check(cluster)
        return "ok  ", time.monotonic() - start, ""
    except Skip as reason:
        return "SKIP", time.monotonic() - start, f": {reason}"
    except Exception:
        traceback.print_exc()
        return "FAIL", time.monotonic() - start, ""


def run(area, module, checks, binary):
    """-> the outcomes. An area whose checks keep to namespaces of their own says how many may run at once: WORKERS."""
    outcomes = []
    with Cluster(binary, *getattr(module, "FLAGS", [])) as cluster:
        with ThreadPoolExecutor(getattr(module, "WORKERS", 1)) as pool:
            attempts = {pool.submit(attempt, check, cluster): name for name, check in checks}
            for done in as_completed(attempts):
                outcome, seconds, reason = done.result()
                print(f"{outcome} {area}.{attempts[done]}{reason} ({seconds:.1f} s)", flush=True)
                outcomes.append(outcome)
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--only", action="append", default=[], help="area or area.check (may be repeated)")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    outcomes = []
    for area in AREAS:
        module = importlib.import_module(area)
        checks = [(n[5:], f) for n, f in vars(module).items() if n.startswith("test_") and callable(f)]
        checks = [(n, f) for n, f in checks if selected(area, n, args.only)]
        if args.list:
            for name, _ in checks:
                print(f"{area}.{name}")
        elif checks:
            outcomes += run(area, module, checks, os.path.abspath(args.binary))
    passed, failed, skipped = (outcomes.count(outcome) for outcome in ["ok  ", "FAIL", "SKIP"])
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
