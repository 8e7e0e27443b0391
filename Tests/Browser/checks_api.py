"""The API page: the schema as the server publishes it, walked, searched, and the same as kubectl's; and the clock."""

import re
import shutil
import subprocess
from datetime import datetime

from playwright.sync_api import expect


def check_explain_walks_the_schema(ui):
    ui.go("/explain")
    ui.page.locator("main").get_by_role("link", name="Pod", exact=True).click()
    ui.page.get_by_role("list", name="Fields").get_by_role("link", name="spec", exact=True).click()
    fields = ui.page.get_by_role("list", name="Fields")
    for name in ("containers", "nodeName", "tolerations", "restartPolicy"):
        expect(fields).to_contain_text(name)
    expect(fields.locator("> li").filter(has_text="containers").first).to_contain_text("required")
    expect(fields.locator("> li").filter(has_text="restartPolicy").first).to_contain_text("Always")
    fields.get_by_role("link", name="containers", exact=True).click()
    expect(ui.page.get_by_role("list", name="Fields")).to_contain_text("imagePullPolicy")


def check_explain_links_kinds(ui):
    ui.go("/explain/core.v1.Pod/spec")
    ui.page.get_by_role("list", name="Fields").get_by_role("link", name="ServiceAccount", exact=True).first.click()
    expect(ui.page.get_by_role("heading", name="ServiceAccount", level=1)).to_be_visible()


def check_explain_searches_every_kind(ui):
    ui.page.get_by_label("Search fields").fill("toleration seconds")
    found = ui.page.get_by_role("list", name="Fields found")
    first = found.locator("> li").first
    expect(first).to_contain_text("Pod.spec.tolerations.tolerationSeconds")
    expect(first.locator(".also")).to_contain_text("Deployment")
    assert "q=toleration" in ui.page.url, ui.page.url
    first.get_by_role("link").first.click()
    expect(ui.page.get_by_role("heading", name="tolerations", level=1)).to_be_visible()


def check_explain_equals_kubectl(ui):
    kubectl = shutil.which("kubectl")
    if not kubectl or not ui.kubeconfig:
        return print("      without kubectl and --kubeconfig this is not compared")
    for path, route in (("pod.spec", "core.v1.Pod/spec"), ("service.spec.ports", "core.v1.Service/spec/ports"),
                        ("deployment.spec.strategy", "apps.v1.Deployment/spec/strategy"),
                        ("pod.spec.containers.resources", "core.v1.Pod/spec/containers/resources")):
        said = subprocess.run([kubectl, "explain", path, "--kubeconfig", ui.kubeconfig], capture_output=True, text=True,
                              timeout=30, check=True).stdout
        wanted = set(re.findall(r"^  (\w+)\t<([^>]+)>( -required-)?", said, re.M))
        ui.go(f"/explain/{route}")
        expect(ui.page.get_by_role("heading", name=route.split("/")[-1], exact=True, level=1)).to_be_visible()
        lines = ui.page.get_by_role("list", name="Fields").locator("> li")
        shown = lines.evaluate_all("""items => items.map(item => [
            item.querySelector('.field-head > :first-child').textContent, item.querySelector('.type').textContent,
            item.querySelector('.required') ? ' -required-' : ''])""")
        assert wanted and {tuple(field) for field in shown} == wanted, {tuple(field) for field in shown} ^ wanted


def check_clock_lets_time_pass(ui):
    ui.go("/list/core/nodes")
    ui.page.get_by_role("button", name="Clock of the cluster").click()
    before = ui.api("GET", "/swiftlet/v1/clock")
    panel = ui.page.get_by_role("dialog", name="Clock")
    panel.get_by_role("button", name="1 minute").click()
    expect(ui.page.locator("button.clock")).not_to_have_class(re.compile("busy"))
    expect(ui.page.locator(".clock-time")).to_contain_text("+")
    after = ui.api("GET", "/swiftlet/v1/clock")
    passed = datetime.fromisoformat(after["time"]) - datetime.fromisoformat(before["time"])
    assert passed.total_seconds() >= 60, passed
    panel.get_by_label("Speed").select_option("a minute in a second")
    expect(ui.page.locator(".clock-time")).to_contain_text("×60")
    panel.get_by_label("Speed").select_option("as on the wall")
    expect(ui.page.locator(".clock-time")).not_to_contain_text("×")
    ui.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
