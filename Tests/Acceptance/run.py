#!/usr/bin/env python3
"""Use a real swiftlet binary as people do: kubectl, curl, the Python client, generated clients and a browser.

  run.py --binary .build/release/swiftlet [--only NAME]... [--list]

Every check starts from a running cluster of its own kind (shared where it can be), prints one line, and the last line
is `N passed, N failed, N skipped`. A client that is not on this machine is named and skipped, never passed.
"""
import argparse
import importlib
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from harness import Cluster, Skip  # noqa: E402

AREAS = ["command_line", "clock", "protocols", "kubectl", "python_client", "streaming", "more_clients", "generated_client", "openapi", "observability", "bad_input", "browser"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--only", action="append", default=[], help="area or area.check (may be repeated)")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    passed = failed = skipped = 0
    for area in AREAS:
        module = importlib.import_module(area)
        checks = [(n[5:], f) for n, f in vars(module).items() if n.startswith("test_") and callable(f)]
        checks = [(n, f) for n, f in checks
                  if not args.only or area in args.only or f"{area}.{n}" in args.only]
        if args.list:
            print("\n".join(f"{area}.{n}" for n, _ in checks))
            continue
        if not checks:
            continue
        with Cluster(binary, *getattr(module, "FLAGS", [])) as cluster:
            for name, check in checks:
                start = time.monotonic()
                try:
                    check(cluster)
                    passed += 1
                    outcome = "ok  "
                except Skip as reason:
                    skipped += 1
                    outcome = "SKIP"
                    name += f": {reason}"
                except Exception:
                    failed += 1
                    outcome = "FAIL"
                    traceback.print_exc()
                print(f"{outcome} {area}.{name} ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
