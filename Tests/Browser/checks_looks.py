"""Themes, narrow screens, contrast, names and roles."""

from playwright.sync_api import expect

ROUTES = ("/", "/list/core/pods?ns=", "/list/core/events", "/explain/apps.v1.Deployment/spec", "/apply", "/kinds")
NARROW = 390
# Text whose contrast with what is behind it is below 4.5; large text and text that is switched off may be fainter.
FAINT_TEXT = """() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgb = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = rgb(getComputedStyle(at).backgroundColor);
            if (colour[3] > 200) return colour;
        }
        return [255, 255, 255, 255];
    };
    const faint = [];
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
        const box = element.getBoundingClientRect();
        if (!own || !box.width || !box.height || element.closest('[disabled], .leaving, tr.flash')) continue;
        if (getComputedStyle(element).visibility === 'hidden') continue;
        const a = light(rgb(getComputedStyle(element).color)), b = light(behind(element));
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) faint.push(`${element.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
    }
    return faint;
}"""
NAMELESS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea')]
    .filter(element => !element.closest('[aria-hidden=true]') && element.getClientRects().length)
    .filter(element => !(element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.length))
    .map(element => element.outerHTML.slice(0, 120))"""


def check_contrast_and_names_in_both_themes(ui):
    ui.make_deployment("looks", 2)
    for theme in ("light", "dark"):
        ui.page.evaluate("theme => localStorage.setItem('swiftlet.theme', theme)", theme)
        ui.page.reload()
        for route in (*ROUTES, f"/show/apps/deployments/{ui.namespace}/looks"):
            ui.go(route)
            expect(ui.page.locator("main .page")).to_be_visible()
            ui.page.wait_for_timeout(600)
            faint = ui.page.evaluate(FAINT_TEXT)
            assert not faint, f"{route} in {theme}: {faint[:6]}"
            nameless = ui.page.evaluate(NAMELESS)
            assert not nameless, f"{route}: {nameless[:3]}"


def check_theme_toggles_and_stays(ui):
    colour = "() => getComputedStyle(document.documentElement).backgroundColor"
    before = ui.page.evaluate(colour)
    ui.page.get_by_role("button", name="Use the light theme").click()
    after = ui.page.evaluate(colour)
    assert before != after, before
    ui.page.reload()
    expect(ui.page.get_by_role("button", name="Use the dark theme")).to_be_visible()
    assert ui.page.evaluate(colour) == after


def check_focus_is_seen(ui):
    ui.go("/list/core/nodes")
    ui.rows().first.wait_for()
    ui.page.keyboard.press("j")
    style = ui.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid", style


def check_narrow_screen_has_no_sideways_scroll(ui):
    ui.page.set_viewport_size({"width": NARROW, "height": 800})
    for route in (*ROUTES, f"/show/apps/deployments/{ui.namespace}/looks", "/show/core/nodes/-/node-1"):
        ui.go(route)
        expect(ui.page.locator("main .page > :not(:empty)").nth(1)).to_be_visible()
        ui.page.wait_for_timeout(300)
        width = ui.page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= NARROW, f"{route} is {width} wide"
    ui.page.get_by_role("button", name="Resources").click()
    expect(ui.page.get_by_role("navigation", name="Resources")).to_be_visible()
    ui.page.set_viewport_size({"width": 1440, "height": 900})


def check_no_console_errors(ui):
    assert not ui.errors, "\n".join(ui.errors)
