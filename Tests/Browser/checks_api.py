"""The API page: the schema as the server publishes it."""

from playwright.sync_api import expect


def check_explain_walks_the_schema(ui):
    ui.go("/explain/core.v1.Pod/spec")
    fields = ui.page.get_by_role("list", name="Fields")
    for name in ("containers", "nodeName", "tolerations", "restartPolicy"):
        expect(fields).to_contain_text(name)
    expect(fields.locator("> li").filter(has_text="containers").first).to_contain_text("required")
    fields.get_by_role("link", name="containers", exact=True).click()
    expect(ui.page.get_by_role("list", name="Fields")).to_contain_text("imagePullPolicy")
