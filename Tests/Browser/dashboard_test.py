#!/usr/bin/env python3
"""Drives the dashboard in a headless Chromium against a running Swiftlet.

    dashboard_test.py --server http://127.0.0.1:8080 [--token T] [--kubeconfig FILE] [--only WORD]

Needs Chromium (found on PATH or named by CHROMIUM) and `pip install playwright`; without them it says SKIP and
succeeds. The server needs a node that runs pods. Everything is made in a namespace of its own, deleted at the end.
"""

import argparse
import os
import shutil
import sys

try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:
    sync_playwright = None


def checks():
    """Every check in the order it is written: later ones use what earlier ones made."""
    import checks_api, checks_lists, checks_looks, checks_objects, checks_start, checks_writing
    for module in (checks_start, checks_lists, checks_objects, checks_writing, checks_api, checks_looks):
        for name, check in vars(module).items():
            if name.startswith("check_"):
                yield name[6:].replace("_", " "), check


def run(options, chromium):
    from driver import LIVE_SECONDS, Dashboard
    ran = failed = 0
    expect.set_options(timeout=LIVE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        ui = Dashboard(browser, options.server, options.token, options.kubeconfig)
        try:
            for name, check in checks():
                if options.only and options.only not in name:
                    continue
                if name.startswith("sign in") and not options.token:
                    print(f"skip  {name}: the server asks for no token")
                    continue
                ran += 1
                try:
                    check(ui)
                    print(f"ok    {name}", flush=True)
                except Exception as error:  # One failing check must not hide the others.
                    failed += 1
                    print(f"FAIL  {name}\n      {str(error)[:1200]}", flush=True)
                    ui.page.keyboard.press("Escape")
        finally:
            try:
                ui.close()
            except Exception as error:
                print(f"note  the namespace {ui.namespace} stays: {str(error)[:200]}")
            browser.close()
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default=os.environ.get("SWIFTLET_SERVER"), help="URL of a running server")
    parser.add_argument("--token", default=os.environ.get("SWIFTLET_TOKEN"), help="bearer token, if it asks for one")
    parser.add_argument("--kubeconfig", help="what kubectl reaches the same server with, to compare with it")
    parser.add_argument("--only", help="run only the checks with this in their name")
    options = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") \
        or shutil.which("google-chrome")
    if sync_playwright is None or chromium is None:
        missing = "playwright (pip install playwright)" if sync_playwright is None else "chromium"
        print(f"SKIP  the dashboard test needs {missing}")
        return 0
    if not options.server:
        parser.error("--server is missing")
    return run(options, chromium)


if __name__ == "__main__":
    sys.exit(main())
