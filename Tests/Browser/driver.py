"""A browser page on the dashboard, and the API beside it."""

import json
import os
import re
import time

# A request the checks mean to fail is reported by the browser too.
EXPECTED_STATUS = re.compile(r"Failed to load resource: .*\b(400|401|403|404|409|422|429)\b")
LIVE_SECONDS = 20


class Dashboard:
    def __init__(self, browser, server, token, kubeconfig):
        self.server = server.rstrip("/")
        self.token = token
        self.kubeconfig = kubeconfig
        self.context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900},
                                           color_scheme="light")
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.set_default_timeout(LIVE_SECONDS * 1000)
        self.errors = []
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.namespace = f"dashboard-test-{os.getpid()}-{int(time.time()) % 100_000}"
        self.api("POST", "/api/v1/namespaces",
                 {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})

    def _note_console(self, message):
        if message.type in ("error", "warning") and not EXPECTED_STATUS.search(message.text):
            self.errors.append(message.text)

    def start(self):
        self.page.goto(f"{self.server}/{f'#token={self.token}' if self.token else '#/'}")

    def go(self, route):
        if self.page.url == "about:blank":
            self.start()
            self.page.locator("#nav a").first.wait_for()
        self.page.evaluate("route => { location.hash = route; }", route)

    def show(self, place, name, tab=None):
        """Opens the page of an object in the namespace of the checks; `place` is "apps/deployments"."""
        self.go(f"/show/{place}/{self.namespace}/{name}" + (f"/{tab}" if tab else ""))
        self.page.get_by_role("heading", name=name, exact=True).wait_for()

    def api(self, method, path, body=None):
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body) if body is not None else None
        response = self.context.request.fetch(self.server + path, method=method, headers=headers, data=data)
        assert response.ok, f"{method} {path}: {response.status} {response.text()[:400]}"
        return response.json()

    def path(self, resource, name=""):
        """The URL of a resource in the namespace of the checks: "pods", "apps/deployments"."""
        group, _, word = resource.rpartition("/")
        root = f"/apis/{group}/v1" if group else "/api/v1"
        return f"{root}/namespaces/{self.namespace}/{word}" + (f"/{name}" if name else "")

    def make(self, resource, kind, name, **fields):
        group = resource.rpartition("/")[0]
        metadata = {"name": name, **fields.pop("metadata", {})}
        return self.api("POST", self.path(resource), {
            "apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": metadata, **fields})

    def make_deployment(self, name, replicas, image="nginx"):
        labels = {"app": name}
        container = {"name": "web", "image": image, "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}
        return self.make("apps/deployments", "Deployment", name, metadata={"labels": labels}, spec={
            "replicas": replicas, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}})

    def make_pod(self, name, annotations=None, **container):
        return self.make("pods", "Pod", name, metadata={"annotations": annotations or {}}, spec={
            "containers": [{"name": "main", "image": "busybox", **container}]})

    def rows(self):
        return self.page.locator(".table-place tbody tr:not(.spacer)")

    def card(self, heading):
        """The card with this heading on an object's page."""
        return self.page.locator("section.card").filter(has=self.page.locator("h2", has_text=heading)).first

    def tab(self, name):
        self.page.get_by_role("tab", name=name).click()

    def press(self, name):
        self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()

    def confirm(self, name):
        self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
        self.page.get_by_role("dialog").wait_for(state="detached")

    def close(self):
        self.api("DELETE", f"/api/v1/namespaces/{self.namespace}")
