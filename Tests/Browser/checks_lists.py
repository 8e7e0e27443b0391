"""Lists: live, filtered, sorted, and fast with thousands of rows."""

import time

from playwright.sync_api import expect

MANY = 5000
# Far above what a free machine takes, since tests run beside others.
FIRST_PAINT_SECONDS = 5
SCROLL_MILLISECONDS = 500


def check_pods_appear_and_run_without_reload(ui):
    ui.go(f"/list/core/pods?ns={ui.namespace}")
    ui.page.evaluate("() => { window.sameDocument = true; }")
    expect(ui.page.locator(".empty")).to_contain_text("kubectl run")
    expect(ui.page.locator(".light")).to_have_attribute("data-state", "live")
    ui.make_deployment("web", 2)
    expect(ui.rows()).to_have_count(2)
    expect(ui.page.locator("td .badge", has_text="Running")).to_have_count(2)
    assert ui.page.evaluate("() => window.sameDocument"), "the page was loaded again"


def check_ages_tick(ui):
    age = ui.page.locator("td[data-column=Age]").first
    before = age.text_content()
    expect(age).not_to_have_text(before, timeout=5000)


def check_list_copies_its_command(ui):
    expect(ui.page.locator(".toolbar .command")).to_contain_text(f"kubectl get pods -n {ui.namespace}")
    ui.page.locator(".toolbar .command button").click()
    expect(ui.page.locator(".toast")).to_contain_text("Copied")
    assert ui.page.evaluate("() => navigator.clipboard.readText()") == f"kubectl get pods -n {ui.namespace}"


def check_filter_sort_and_labels(ui):
    ui.page.locator("main").click(position={"x": 5, "y": 5})
    ui.page.keyboard.press("f")
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
    ui.page.get_by_role("button", name="All columns").click()


def check_rows_are_reached_by_keyboard(ui):
    ui.page.locator("main").click(position={"x": 5, "y": 5})
    ui.page.keyboard.press("j")
    first = ui.page.evaluate("() => document.activeElement.closest('tr').rowIndex")
    ui.page.keyboard.press("ArrowDown")
    assert ui.page.evaluate("() => document.activeElement.closest('tr').rowIndex") == first + 1


def check_chips_narrow_events(ui):
    ui.make_pod("no-image", {"sim.swiftlet.dev/pull-error": "manifest unknown"})
    ui.go(f"/list/core/events?ns={ui.namespace}")
    ui.page.get_by_role("group", name="Type").get_by_role("button", name="Warning").click()
    expect(ui.page.locator("td[data-column=Type]", has_text="Normal")).to_have_count(0)
    expect(ui.rows().first).to_contain_text("no-image")
    ui.page.get_by_role("group", name="Type").get_by_role("button", name="Warning").click()
    ui.page.get_by_role("group", name="Reason").get_by_role("button", name="Scheduled").click()
    expect(ui.rows().filter(has_text="Scheduled")).not_to_have_count(0)
    expect(ui.rows().filter(has_text="Failed")).to_have_count(0)
    ui.api("DELETE", ui.path("pods", "no-image"))


def check_completed_pods_have_one_colour(ui):
    ui.make("batch/jobs", "Job", "done", spec={"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox", "args": ["echo", "hi"]}]}}})
    ui.go(f"/list/core/pods?ns={ui.namespace}")
    row = ui.rows().filter(has_text="done-")
    expect(row).to_contain_text("Completed")
    tones = row.locator(".badge").evaluate_all("badges => badges.map(badge => badge.dataset.tone)")
    assert tones == ["done", "done"], tones
    ui.api("DELETE", ui.path("batch/jobs", "done"), {"propagationPolicy": "Background"})


def check_thousands_of_rows_stay_fast(ui):
    """The rows come from a stand-in for the server, so that the time is that of the page."""
    def answer(route):
        if "watch=1" in route.request.url:
            return route.fulfill(status=200, body="")
        return route.fulfill(json={
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1"},
            "columnDefinitions": [
                {"name": name, "type": "string", "format": "name" if name == "Name" else "", "priority": 0}
                for name in ("Name", "Ready", "Status", "Restarts", "Age")],
            "rows": [{"cells": [f"pod-{number:05}", "1/1", "Running", 0, "5m"], "object": {
                "kind": "PartialObjectMetadata", "metadata": {
                    "name": f"pod-{number:05}", "namespace": "many", "uid": str(number),
                    "creationTimestamp": "2026-01-01T00:00:00Z"}}} for number in range(MANY)]})

    pattern = f"{ui.server}/api/v1/pods?*"
    ui.go("/kinds")
    ui.page.route(pattern, answer)
    try:
        began = time.monotonic()
        ui.go("/list/core/pods?ns=")
        expect(ui.page.locator("main .count").first).to_have_text(str(MANY))
        expect(ui.rows().first).to_contain_text("pod-00000")
        took = time.monotonic() - began
        assert ui.rows().count() < 200, "all rows stand in the page"
        usual = ui.page.evaluate("""async () => {
            const took = [];
            for (let step = 1; step <= 40; step += 1) {
                const before = performance.now();
                scrollTo(0, step * document.documentElement.scrollHeight / 40);
                await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                took.push(performance.now() - before);
            }
            return took.sort((a, b) => a - b)[20];
        }""")
        expect(ui.rows().last).to_contain_text(f"pod-{MANY - 1:05}")
        print(f"      {MANY} rows: {took * 1000:.0f} ms to paint, {usual:.0f} ms to scroll by {MANY // 40} rows")
    finally:
        ui.page.unroute(pattern)
        ui.go(f"/list/core/pods?ns={ui.namespace}")
    assert took < FIRST_PAINT_SECONDS, f"{took:.1f} s to the first paint"
    assert usual < SCROLL_MILLISECONDS, f"{usual:.0f} ms for a step of scrolling"
