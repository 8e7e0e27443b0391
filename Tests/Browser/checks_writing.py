"""Writing YAML: new objects, edits, several documents at once, and what the server refuses."""

from playwright.sync_api import expect


def check_new_object_from_the_page(ui):
    ui.go(f"/list/core/configmaps?ns={ui.namespace}")
    ui.page.get_by_role("link", name="New", exact=True).click()
    box = ui.page.get_by_label("YAML or JSON")
    box.fill(box.input_value().replace("name: example", "name: written-here"))
    ui.press("Check")
    expect(ui.page.locator(".banner")).to_contain_text("would accept")
    ui.press("Create")
    expect(ui.page.get_by_role("heading", name="written-here")).to_be_visible()
    expect(ui.page.locator(".data")).to_contain_text("value")


def check_edit_shows_what_the_server_refuses_at_its_line(ui):
    ui.make_deployment("edited", 1)
    ui.show("apps/deployments", "edited", "yaml")
    ui.press("Edit")
    box = ui.page.get_by_label("YAML or JSON")
    good = box.input_value()
    bad = good.replace("replicas: 1", "replicas: -1", 1).replace("- image: nginx", "- image: ''", 1)
    box.fill(bad)
    ui.press("Save")
    expect(ui.page.locator(".causes")).to_contain_text("spec.replicas")
    marked = ui.page.locator(".line-mark").evaluate_all(
        "marks => marks.map(mark => Number(mark.style.getPropertyValue('--line')))")
    lines = bad.split("\n")
    assert [lines[line].strip() for line in marked] == ["replicas: -1", "- image: ''"], marked
    box.fill(good.replace("replicas: 1", "replicaz: 1", 1))
    ui.press("Check")
    expect(ui.page.locator(".line-mark")).to_contain_text("unknown field")
    box.fill(good.replace("replicas: 1", "replicas: 2", 1))
    ui.press("Save")
    ui.tab("Overview")
    expect(ui.page.locator(".facts").first).to_contain_text("2 of 2 ready")


def check_apply_takes_several_documents(ui):
    ui.go("/apply")
    box = ui.page.get_by_label("YAML or JSON")
    first = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n  namespace: {ui.namespace}\ndata:\n  a: b\n"
    second = (f"apiVersion: v1\nkind: Service\nmetadata:\n  name: two\n  namespace: {ui.namespace}\n"
              "spec:\n  ports:\n  - port: 0\n")
    box.fill(f"{first}---\n{second}")
    ui.press("Check")
    assert ui.page.locator(".line-mark").first.evaluate("mark => mark.style.getPropertyValue('--line')") == "15"
    box.fill(f"{first}---\n{second.replace('port: 0', 'port: 80')}")
    ui.press("Check")
    expect(ui.page.locator(".banner")).to_contain_text("would accept 2 objects")
    ui.press("Apply")
    expect(ui.page.locator(".applied")).to_contain_text("configmap/one created")
    ui.press("Apply")
    expect(ui.page.locator(".applied")).to_contain_text("configmap/one unchanged")
    assert ui.api("GET", ui.path("services", "two"))["spec"]["ports"][0]["port"] == 80


def check_malformed_yaml_is_marked(ui):
    ui.page.get_by_label("YAML or JSON").fill("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  oops\n")
    ui.press("Apply")
    expect(ui.page.locator(".line-mark")).to_contain_text("key: value")


def check_yaml_survives_a_round_trip(ui):
    value = {"a": "yes", "b": "12", "c": "x: y", "d": "line\n  indented\n\n",
             "e": ["- x", {"f": None, "g": []}, "500m"], "h": {"i.j/k": '{"l":1}', "8080": True},
             "m": "tab\there", "n": "it's", "o": 1.5, "p": "2026-01-02T03:04:05Z"}
    again = ui.page.evaluate("""async value => {
        const [{ yaml }, { readYaml }] = await Promise.all([import('/app/yaml.js'), import('/app/yaml-read.js')]);
        return readYaml(yaml(value));
    }""", value)
    assert again == value, again


def check_fields_are_found_on_their_lines(ui):
    ui.go("/apply")
    text = """# a comment
metadata:
  labels: {a: b}
  annotations:
    "x.y/z": 'quoted'
spec:
  containers:
  - name: one
    ports:
      - containerPort: 1
      - containerPort: 2
        protocol: TCP
  - image: two
    name: second

    env:
    -   name: A
        value: |
          name: not a field
    - name: B
  volumes: []
"""
    fields = {"metadata.labels[a]": 2, "metadata.annotations[x.y/z]": 4, "spec.containers[0].name": 7,
              "spec.containers[0].ports[1].protocol": 11, "spec.containers[1]": 12, "spec.containers[1].name": 13,
              "spec.containers[1].env[0].name": 16, "spec.containers[1].env[1].name": 19, "spec.volumes[0].name": 20,
              "spec.containers[1].image": 12, "spec.containers": 6, "status.phase": None}
    found = ui.page.evaluate("""async ([text, fields]) => {
        const { markLines } = await import('/app/yaml-lines.js');
        return Object.fromEntries(fields.map(field =>
            [field, markLines(text, { causes: [{ field, message: '' }] })[0]?.line ?? null]));
    }""", [text, list(fields)])
    assert found == fields, {field: (line, fields[field]) for field, line in found.items() if line != fields[field]}


def check_field_under_the_cursor_is_explained(ui):
    ui.go("/apply")
    box = ui.page.get_by_label("YAML or JSON")
    text = """apiVersion: v1
kind: Service
metadata:
  name: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
spec:
  strategi: {}
  template:
    spec:
      containers:
      - name: web
        imagePullPolicy: Always
"""
    box.fill(text)
    hint = ui.page.locator(".field-hint")
    for word, said in (("imagePullPolicy", "Deployment.spec.template.spec.containers.imagePullPolicy"),
                       ("IfNotPresent", "IfNotPresent"), ("app: web", "Deployment.metadata.labels"),
                       ("strategi", "There is no field strategi in Deployment.spec"),
                       ("name: web", "Service.metadata.name")):
        if word in text:
            at = text.index(word) + 1
            box.evaluate("(box, at) => { box.focus(); box.setSelectionRange(at, at); box.click(); }", at)
        expect(hint).to_contain_text(said)
