"""The first page, signing in, and finding one's way."""

from playwright.sync_api import expect

FIRST_PAGE_BYTES = 120_000


def check_sign_in_without_token(ui):
    ui.page.goto(f"{ui.server}/#/")
    expect(ui.page.get_by_label("Token", exact=True)).to_be_visible()
    expect(ui.page.get_by_role("alert")).to_contain_text("Sign in to see this cluster")
    expect(ui.page.get_by_role("alert")).not_to_contain_text("system:anonymous")


def check_sign_in_with_few_rights(ui):
    ui.make("serviceaccounts", "ServiceAccount", "viewer")
    ui.make("rbac.authorization.k8s.io/rolebindings", "RoleBinding", "viewers",
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            subjects=[{"kind": "ServiceAccount", "name": "viewer", "namespace": ui.namespace}])
    token = ui.api("POST", ui.path("serviceaccounts", "viewer") + "/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]
    context = ui.context.browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{ui.server}/#token={token}")
    expect(page.get_by_role("alert")).to_contain_text("You may not see or do this")
    page.get_by_label("Namespace").select_option("Another…")
    page.get_by_label("Its name").fill(ui.namespace)
    page.keyboard.press("Enter")
    expect(page.locator(".problems, .calm").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    context.close()


def check_start_is_small_and_keeps_no_token_in_the_address(ui):
    ui.start()
    expect(ui.page.get_by_role("heading", name="Overview")).to_be_visible()
    ui.page.wait_for_load_state("load")
    assert "token" not in ui.page.url, ui.page.url
    size = ui.page.evaluate(
        "() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".filter(e => !/\\/(api|apis|version|openapi|swiftlet)/.test(e.name))"
        ".reduce((sum, e) => sum + e.decodedBodySize, 0)")
    assert 0 < size < FIRST_PAGE_BYTES, f"the first page takes {size} bytes"


def check_nothing_comes_from_elsewhere(ui):
    hosts = ui.page.evaluate(
        "() => [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).host))]")
    assert hosts == [ui.page.evaluate("() => location.host")], hosts


def check_overview_tells_problems_first(ui):
    ui.make_pod("broken", {"sim.swiftlet.dev/pull-error": "manifest unknown"})
    ui.go("/")
    expect(ui.page.locator(".light")).to_have_attribute("data-state", "live")
    problems = ui.page.locator(".problems li", has_text="pod/broken").filter(has_text=ui.namespace)
    expect(problems).to_contain_text("manifest unknown")
    headings = ui.page.locator("main .card h2").all_text_contents()
    assert [text.split(" ")[0] for text in headings] == ["Problems", "Workloads", "Pods", "Nodes", "Latest"], headings
    expect(ui.page.locator(".square").first).to_be_visible()
    ui.api("DELETE", ui.path("pods", "broken"))
    expect(problems).to_have_count(0)


def check_side_bar_reaches_every_kind(ui):
    nav = ui.page.locator("#nav")
    for section in ("Workloads", "Network", "Config", "Storage", "Access", "Cluster", "More"):
        expect(nav.locator("summary", has_text=section)).to_be_visible()
    names = nav.locator("details a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(names) == len(set(names)), "a kind stands twice"
    served = ui.page.evaluate("""async () => (await import('/app/discovery.js')).kinds
        .filter(kind => kind.verbs.includes('list')).map(kind => `#/list/${kind.group || 'core'}/${kind.resource}`)""")
    assert sorted(served) == sorted(names), set(served) ^ set(names)
    nav.get_by_role("link", name="NetworkPolicies").click()
    expect(ui.page.get_by_role("heading", name="NetworkPolicies")).to_be_visible()
    expect(nav.locator("[aria-current=page]")).to_have_text("NetworkPolicies")


def check_sections_fold_and_stay_folded(ui):
    summary = ui.page.locator("#nav summary", has_text="Storage")
    summary.click()
    ui.page.reload()
    section = ui.page.locator("#nav details", has=ui.page.locator("summary", has_text="Storage"))
    expect(section).not_to_have_attribute("open", "")
    ui.page.locator("#nav summary", has_text="Storage").click()


def check_search_finds_objects_and_kinds(ui):
    ui.make("configmaps", "ConfigMap", "needle-in-the-hay", data={})
    ui.page.locator("main").click(position={"x": 5, "y": 5})
    ui.page.keyboard.press("/")
    ui.page.keyboard.type("needle")
    option = ui.page.get_by_role("option", name="needle-in-the-hay")
    expect(option).to_contain_text(f"ConfigMap in {ui.namespace}")
    ui.page.keyboard.press("Enter")
    expect(ui.page.get_by_role("heading", name="needle-in-the-hay")).to_be_visible()
    ui.page.keyboard.press("Control+k")
    ui.page.keyboard.type("svc")
    ui.page.keyboard.press("Enter")
    expect(ui.page.get_by_role("heading", name="Services")).to_be_visible()


def check_keys_go_places(ui):
    ui.page.keyboard.press("?")
    expect(ui.page.get_by_role("dialog", name="Keys")).to_be_visible()
    ui.page.keyboard.press("Escape")
    for key, heading in (("p", "Pods"), ("e", "Events"), ("a", "Apply YAML"), ("o", "Overview")):
        ui.page.keyboard.press(key)
        expect(ui.page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()


def check_every_kind_is_found_by_discovery(ui):
    ui.go("/kinds")
    for name in ("Pods", "Deployments", "PriorityClasses", "CustomResourceDefinitions"):
        expect(ui.page.locator("main").get_by_role("link", name=name, exact=True)).to_be_visible()
