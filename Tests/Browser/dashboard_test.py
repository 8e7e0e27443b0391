#!/usr/bin/env python3
"""Drives the dashboard in a headless Chromium against a running Swiftlet.

    dashboard_test.py --server http://127.0.0.1:8080 [--token T]

Needs Chromium (found on PATH or named by CHROMIUM) and `pip install playwright`; without them it says SKIP and
succeeds. The server needs a node that runs pods. Everything is made in a namespace of its own, deleted at the end.
"""

import argparse
import json
import os
import re
import shutil
import sys
import time

try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:
    sync_playwright = None

LIVE_SECONDS = 30
PAGE_LIMIT_BYTES = 100_000
# A request the test means to fail is reported by the browser too.
EXPECTED_STATUS = re.compile(r"Failed to load resource: .*\b(400|401|403|404|409|422)\b")


class Dashboard:
    """A browser page on the dashboard, and the API beside it."""

    def __init__(self, browser, server, token):
        self.server = server.rstrip("/")
        self.token = token
        self.context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 860},
                                           color_scheme="light")
        self.page = self.context.new_page()
        self.page.set_default_timeout(LIVE_SECONDS * 1000)
        self.errors = []
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.namespace = f"dashboard-test-{os.getpid()}-{int(time.time()) % 100_000}"

    def _note_console(self, message):
        if message.type in ("error", "warning") and not EXPECTED_STATUS.search(message.text):
            self.errors.append(message.text)

    def start(self):
        fragment = f"#token={self.token}" if self.token else "#/"
        self.page.goto(f"{self.server}/{fragment}")

    def go(self, route):
        self.page.evaluate("route => { location.hash = route; }", route)

    def api(self, method, path, body=None):
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body) if body is not None else None
        response = self.context.request.fetch(self.server + path, method=method, headers=headers, data=data)
        assert response.ok, f"{method} {path}: {response.status} {response.text()[:400]}"
        return response.json()

    def make_deployment(self, name, replicas):
        labels = {"app": name}
        container = {"name": "web", "image": "nginx", "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}
        return self.api("POST", f"/apis/apps/v1/namespaces/{self.namespace}/deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}},
        })

    def rows(self):
        return self.page.locator(".live-table tbody tr")

    def tab(self, name):
        self.page.get_by_role("tab", name=name).click()


def test_denied_without_token(ui):
    ui.page.goto(f"{ui.server}/#/")
    expect(ui.page.get_by_label("Token", exact=True)).to_be_visible()


def test_start_is_small_and_keeps_no_token_in_the_address(ui):
    ui.start()
    expect(ui.page.get_by_role("heading", name="Overview")).to_be_visible()
    ui.page.wait_for_load_state("load")
    assert "token" not in ui.page.url, ui.page.url
    size = ui.page.evaluate(
        "() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".filter(e => !/\\/(api|apis|version|openapi)/.test(e.name)).reduce((sum, e) => sum + e.decodedBodySize, 0)")
    assert 0 < size < PAGE_LIMIT_BYTES, f"the first page takes {size} bytes"


def test_overview_shows_the_cluster_live(ui):
    expect(ui.page.locator(".light")).to_have_attribute("data-state", "live")
    for heading in ("Workloads", "Pods", "Nodes", "Latest warnings"):
        expect(ui.page.locator("main").get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(ui.page.get_by_role("meter").first).to_be_visible()


def test_pods_appear_and_run_without_reload(ui):
    ui.api("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ui.namespace}})
    ui.page.evaluate("() => { window.sameDocument = true; }")
    ui.go(f"/list/core/pods?ns={ui.namespace}")
    expect(ui.page.locator(".empty")).to_contain_text("kubectl run")
    expect(ui.page.locator(".light")).to_have_attribute("data-state", "live")
    ui.make_deployment("web", 2)
    expect(ui.rows()).to_have_count(2)
    expect(ui.page.locator(".badge", has_text="Running")).to_have_count(2)
    assert ui.page.evaluate("() => window.sameDocument"), "the page was loaded again"


def test_ages_tick(ui):
    age = ui.page.locator("td[data-column=Age]").first
    before = age.text_content()
    expect(age).not_to_have_text(before, timeout=5000)


def test_filter_sort_and_labels(ui):
    ui.page.keyboard.press("/")
    ui.page.keyboard.type("no-such-pod")
    expect(ui.page.locator(".empty")).to_contain_text("Nothing matches")
    ui.page.get_by_label("Filter by text").fill("web")
    expect(ui.rows()).to_have_count(2)
    ui.page.get_by_role("button", name="Name").click()
    expect(ui.page.locator("th[aria-sort=ascending]")).to_have_text("Name")
    ui.page.get_by_label("Label selector").fill("app=other")
    expect(ui.page.locator(".empty")).to_be_visible()
    ui.page.get_by_label("Label selector").fill("app=web")
    expect(ui.rows()).to_have_count(2)
    ui.page.get_by_role("button", name="All columns").click()
    expect(ui.page.get_by_role("columnheader", name="Node", exact=True)).to_be_visible()


def test_pod_page_has_containers_and_logs(ui):
    ui.rows().first.get_by_role("link").first.click()
    expect(ui.page.locator(".container")).to_contain_text("nginx")
    ui.tab("Logs")
    expect(ui.page.get_by_role("log")).to_be_visible()
    expect(ui.page.get_by_role("alert")).to_have_count(0)


def test_deployment_page_tabs(ui):
    ui.go(f"/show/apps/deployments/{ui.namespace}/web")
    expect(ui.page.locator(".facts").first).to_contain_text("2 of 2 ready")
    ui.tab("YAML")
    expect(ui.page.locator(".yaml")).to_contain_text("apiVersion: apps/v1")
    expect(ui.page.locator(".yaml")).not_to_contain_text("managedFields")
    ui.page.get_by_role("button", name="Managed fields").click()
    expect(ui.page.locator(".yaml")).to_contain_text("managedFields")
    ui.tab("Events")
    expect(ui.page.locator(".panel")).to_contain_text("ScalingReplicaSet")
    ui.tab("Relatives")
    expect(ui.page.locator(".tree .badge", has_text="Running")).to_have_count(2)


def test_scale_from_the_page(ui):
    ui.page.get_by_role("button", name="Scale").click()
    ui.page.get_by_label("Replicas").fill("3")
    ui.page.get_by_role("dialog").get_by_role("button", name="Scale").click()
    expect(ui.page.locator(".tree .badge", has_text="Running")).to_have_count(3)
    ui.tab("Overview")
    expect(ui.page.locator(".facts").first).to_contain_text("3 of 3 ready")


def test_edit_shows_what_the_server_refuses(ui):
    ui.tab("YAML")
    ui.page.get_by_role("button", name="Edit").click()
    editor = ui.page.get_by_label("YAML or JSON")
    good = editor.input_value()
    editor.fill(good.replace("replicas: 3", "replicas: -1", 1))
    ui.page.get_by_role("button", name="Save").click()
    expect(ui.page.locator(".causes")).to_contain_text("spec.replicas")
    editor.fill(good.replace("replicas: 3", "replicas: 2", 1))
    ui.page.get_by_role("button", name="Save").click()
    ui.tab("Overview")
    expect(ui.page.locator(".facts").first).to_contain_text("2 of 2 ready")


def test_delete_with_confirmation(ui):
    ui.page.get_by_role("button", name="Delete").click()
    ui.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(ui.page.locator(".banner")).to_contain_text("gone")
    ui.go(f"/list/core/pods?ns={ui.namespace}")
    expect(ui.rows()).to_have_count(0)
    expect(ui.page.locator(".empty")).to_be_visible()


def test_pending_pod_says_why(ui):
    container = {"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "100000"}}}
    ui.api("POST", f"/api/v1/namespaces/{ui.namespace}/pods", {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "too-big"}, "spec": {"containers": [container]}})
    ui.go(f"/show/core/pods/{ui.namespace}/too-big")
    expect(ui.page.locator(".why")).to_contain_text("Insufficient cpu")


def test_secret_values_are_masked(ui):
    ui.api("POST", f"/api/v1/namespaces/{ui.namespace}/secrets", {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}, "data": {"word": "c3dpZnQtbmVzdA=="}})
    ui.go(f"/show/core/secrets/{ui.namespace}/login")
    expect(ui.page.locator(".masked")).to_be_visible()
    assert "swift-nest" not in ui.page.content()
    ui.page.get_by_role("button", name="Reveal word").click()
    expect(ui.page.locator(".data")).to_contain_text("swift-nest")


def test_new_object_from_the_page(ui):
    ui.go(f"/list/core/configmaps?ns={ui.namespace}")
    ui.page.get_by_role("link", name="New", exact=True).click()
    box = ui.page.get_by_label("YAML or JSON")
    box.fill(box.input_value().replace("name: example", "name: written-here"))
    ui.page.get_by_role("button", name="Check").click()
    expect(ui.page.locator(".banner")).to_contain_text("would accept")
    ui.page.get_by_role("button", name="Create").click()
    expect(ui.page.get_by_role("heading", name="written-here")).to_be_visible()
    expect(ui.page.locator(".data")).to_contain_text("value")


def test_explain_walks_the_schema(ui):
    ui.go("/explain/core.v1.Pod/spec")
    fields = ui.page.get_by_role("list", name="Fields")
    for name in ("containers", "nodeName", "tolerations", "restartPolicy"):
        expect(fields).to_contain_text(name)
    expect(fields.locator("> li").filter(has_text="containers").first).to_contain_text("required")
    fields.get_by_role("link", name="containers", exact=True).click()
    expect(ui.page.get_by_role("list", name="Fields")).to_contain_text("imagePullPolicy")
    ui.page.get_by_label("Search fields").fill("tolerationSeconds")
    expect(ui.page.get_by_role("list", name="Fields found")).to_contain_text("Pod.spec.tolerations.tolerationSeconds")


def test_yaml_survives_a_round_trip(ui):
    value = {"a": "yes", "b": "12", "c": "x: y", "d": "line\n  indented\n\n", 
             "e": ["- x", {"f": None, "g": []}, "500m"], "h": {"i.j/k": '{"l":1}', "8080": True},
             "m": "tab\there", "n": "it's", "o": 1.5, "p": "2026-01-02T03:04:05Z"}
    again = ui.page.evaluate("""async value => {
        const [{ yaml }, { readYaml }] = await Promise.all([import('/app/yaml.js'), import('/app/yaml-read.js')]);
        return readYaml(yaml(value));
    }""", value)
    assert again == value, again


def test_every_kind_is_found_by_discovery(ui):
    ui.go("/kinds")
    for name in ("Pods", "Deployments", "PriorityClasses", "CustomResourceDefinitions"):
        expect(ui.page.locator("main").get_by_role("link", name=name, exact=True)).to_be_visible()
    ui.page.locator("main").get_by_role("link", name="PriorityClasses", exact=True).click()
    expect(ui.page.get_by_role("heading", name="PriorityClasses")).to_be_visible()


def test_palette_goes_places_by_short_name(ui):
    ui.page.keyboard.press("Control+k")
    ui.page.keyboard.type("svc")
    ui.page.keyboard.press("Enter")
    expect(ui.page.get_by_role("heading", name="Services")).to_be_visible()


def test_theme_toggles_and_stays(ui):
    colour = "() => getComputedStyle(document.documentElement).backgroundColor"
    before = ui.page.evaluate(colour)
    ui.page.get_by_role("button", name="Use the dark theme").click()
    after = ui.page.evaluate(colour)
    assert before != after, before
    ui.page.reload()
    expect(ui.page.get_by_role("button", name="Use the light theme")).to_be_visible()
    assert ui.page.evaluate(colour) == after


def test_narrow_screen_has_no_sideways_scroll(ui):
    ui.page.set_viewport_size({"width": 390, "height": 800})
    for route in ("/", "/list/core/pods", "/list/core/events", "/explain/apps.v1.Deployment/spec"):
        ui.go(route)
        expect(ui.page.locator("main .page > :not(:empty)").nth(1)).to_be_visible()
        width = ui.page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= 390, f"{route} is {width} wide"
    ui.page.get_by_role("button", name="Resources").click()
    expect(ui.page.get_by_role("navigation", name="Resources")).to_be_visible()


def test_no_console_errors(ui):
    assert not ui.errors, "\n".join(ui.errors)


def run(server, token, chromium, only):
    tests = [(name[5:], test) for name, test in globals().items() if name.startswith("test_")]
    ran = failed = 0
    expect.set_options(timeout=LIVE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        ui = Dashboard(browser, server, token)
        try:
            for name, test in tests:
                if only and only not in name:
                    continue
                if name.startswith("denied") and not token:
                    print(f"skip  {name.replace('_', ' ')}: the server asks for no token")
                    continue
                ran += 1
                try:
                    test(ui)
                    print(f"ok    {name.replace('_', ' ')}")
                except Exception as error:  # One failing check must not hide the others.
                    failed += 1
                    print(f"FAIL  {name.replace('_', ' ')}\n      {str(error)[:1200]}")
        finally:
            try:
                ui.api("DELETE", f"/api/v1/namespaces/{ui.namespace}")
            except Exception as error:
                print(f"note  the namespace {ui.namespace} stays: {str(error)[:200]}")
            browser.close()
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default=os.environ.get("SWIFTLET_SERVER"), help="URL of a running server")
    parser.add_argument("--token", default=os.environ.get("SWIFTLET_TOKEN"), help="bearer token, if it asks for one")
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
    return run(options.server, options.token, chromium, options.only)


if __name__ == "__main__":
    sys.exit(main())
