"""Pages of objects: what they show, and what can be done from them."""

import re

from playwright.sync_api import expect


def check_deployment_page_shows_pods_and_facts(ui):
    ui.show("apps/deployments", "web")
    expect(ui.page.locator(".facts").first).to_contain_text("2 of 2 ready")
    expect(ui.card("Pods").locator("tbody tr:not(.spacer)")).to_have_count(2)
    expect(ui.page.locator(".tab-row .command")).to_contain_text(f"kubectl describe deployment web -n {ui.namespace}")
    ui.tab("YAML")
    expect(ui.page.locator(".yaml")).to_contain_text("apiVersion: apps/v1")
    expect(ui.page.locator(".yaml")).not_to_contain_text("managedFields")
    expect(ui.page.locator(".tab-row .command")).to_contain_text("-o yaml")
    ui.press("Managed fields")
    expect(ui.page.locator(".yaml")).to_contain_text("managedFields")
    ui.tab("Events")
    expect(ui.page.locator(".panel")).to_contain_text("ScalingReplicaSet")
    ui.tab("Relatives")
    expect(ui.page.locator(".tree .badge", has_text="Running")).to_have_count(2)
    ui.tab("Overview")


def check_scale_from_the_page(ui):
    ui.press("Scale")
    ui.page.get_by_label("Replicas", exact=True).fill("3")
    expect(ui.page.get_by_role("dialog")).to_contain_text(
        f"kubectl scale deployment/web -n {ui.namespace} --replicas=3")
    ui.confirm("Scale")
    expect(ui.page.locator(".facts").first).to_contain_text("3 of 3 ready")


def check_restart_makes_a_revision_and_roll_back_returns(ui):
    history = ui.card("Rollout history").locator("tbody tr")
    expect(history).to_have_count(1)
    ui.press("Restart")
    ui.confirm("Restart")
    expect(history).to_have_count(2)
    expect(history.first).to_contain_text("current")
    ui.page.get_by_role("button", name="Roll back to revision 1").click()
    expect(ui.page.get_by_role("dialog")).to_contain_text("kubectl rollout undo")
    ui.confirm("Roll back")
    expect(history.first.locator("th")).to_have_text("3")
    annotations = ui.api("GET", ui.path("apps/deployments", "web"))["spec"]["template"]["metadata"].get("annotations")
    assert not annotations, annotations


def check_pause_and_resume(ui):
    ui.press("Pause")
    expect(ui.page.locator(".facts").first).to_contain_text("paused")
    assert ui.api("GET", ui.path("apps/deployments", "web"))["spec"]["paused"]
    ui.press("Resume")
    expect(ui.page.locator("main").get_by_role("button", name="Pause", exact=True)).to_be_visible()


def check_pod_page_has_containers_and_logs(ui):
    ui.make("configmaps", "ConfigMap", "settings", data={"colour": "teal"})
    ui.make("pods", "Pod", "two", metadata={"annotations": {"sim.swiftlet.dev/log": "hello from the pod"}}, spec={
        "volumes": [{"name": "settings", "configMap": {"name": "settings"}}],
        "containers": [
            {"name": "main", "image": "nginx:1.29", "readinessProbe": {"httpGet": {"path": "/", "port": 80}},
             "env": [{"name": "COLOUR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "colour"}}}],
             "volumeMounts": [{"name": "settings", "mountPath": "/etc/settings"}]},
            {"name": "helper", "image": "busybox", "command": ["sleep", "9999"]}]})
    ui.show("core/pods", "two")
    main = ui.page.get_by_role("article", name="Container main")
    for text in ("nginx:1.29", "Ready", "GET / :80", "COLOUR", "configmap/settings", "/etc/settings"):
        expect(main).to_contain_text(text)
    expect(ui.card("Conditions")).to_contain_text("ContainersReady")
    expect(ui.card("Latest events")).to_contain_text("Started")
    ui.tab("Logs")
    expect(ui.page.get_by_role("log")).to_contain_text("hello from the pod")
    expect(ui.page.get_by_label("Container", exact=True).locator("option")).to_have_count(2)
    ui.page.get_by_label("Container", exact=True).select_option("helper")
    expect(ui.page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "true")
    expect(ui.page.get_by_role("alert")).to_have_count(0)


def check_workload_page_has_the_logs_of_its_pods(ui):
    note = {"sim.swiftlet.dev/log": "one of many"}
    container = {"name": "main", "image": "nginx"}
    ui.make("apps/deployments", "Deployment", "chatty", spec={
        "replicas": 2, "selector": {"matchLabels": {"app": "chatty"}},
        "template": {"metadata": {"labels": {"app": "chatty"}, "annotations": note},
                     "spec": {"containers": [container]}}})
    ui.show("apps/deployments", "chatty", "logs")
    log = ui.page.get_by_role("log")
    expect(log.locator("b[data-hue='0']", has_text="-").first).to_be_visible()
    expect(log.locator("b[data-hue='1']").first).to_be_visible()
    expect(log).to_contain_text("one of many")
    expect(ui.page.locator(".tab-row .command")).to_contain_text("--all-pods")
    ui.api("DELETE", ui.path("apps/deployments", "chatty"))


def check_config_map_knows_its_pods(ui):
    ui.show("core/configmaps", "settings")
    expect(ui.card("Used by pods")).to_contain_text("two")
    ui.api("DELETE", ui.path("pods", "two"))


def check_pending_pod_says_why_of_each_node(ui):
    ui.make_pod("too-big", resources={"requests": {"cpu": "100000"}})
    ui.show("core/pods", "too-big")
    expect(ui.page.locator(".why")).to_contain_text("Insufficient cpu")
    nodes = ui.api("GET", "/api/v1/nodes")["items"]
    verdict = ui.card("What the scheduler says").locator("tbody tr")
    expect(verdict).to_have_count(len(nodes))
    expect(verdict.first).to_contain_text("more CPU")
    said = ui.page.locator(".why").text_content().count("Insufficient cpu")
    assert said == 1, "the same is said twice"
    ui.api("DELETE", ui.path("pods", "too-big"))


def check_placed_pod_says_why_it_is_there(ui):
    pod = next(pod for pod in ui.api("GET", ui.path("pods"))["items"] if pod["metadata"]["name"].startswith("web-"))
    ui.show("core/pods", pod["metadata"]["name"])
    why = ui.card(f"Why it is on {pod['spec']['nodeName']}").locator("tbody tr")
    expect(why.first).to_contain_text("chosen")
    expect(why.first).to_contain_text("NodeResources")


def check_usage_stands_beside_requests(ui):
    pod = next(pod for pod in ui.api("GET", ui.path("pods"))["items"] if pod["metadata"]["name"].startswith("web-"))
    ui.show("core/pods", pod["metadata"]["name"])
    expect(ui.card("What it uses").get_by_role("meter", name="CPU of web")).to_be_visible()
    ui.go(f"/show/core/nodes/-/{pod['spec']['nodeName']}")
    expect(ui.card("Capacity").get_by_role("columnheader", name="Used")).to_be_visible()


def check_node_page_has_pods_and_is_cordoned(ui):
    pod = next(pod for pod in ui.api("GET", ui.path("pods"))["items"] if pod["metadata"]["name"].startswith("web-"))
    node = pod["spec"]["nodeName"]
    ui.go(f"/show/core/nodes/-/{node}")
    expect(ui.card("Pods")).to_contain_text(pod["metadata"]["name"])
    expect(ui.card("Capacity").get_by_role("meter", name=f"CPU requested on {node}")).to_be_visible()
    expect(ui.card("Capacity")).not_to_contain_text("0 of 110")
    ui.press("Cordon")
    expect(ui.page.locator(".facts").first).to_contain_text("SchedulingDisabled")
    ui.press("Uncordon")
    expect(ui.page.locator(".facts").first).not_to_contain_text("SchedulingDisabled")


def check_cron_job_runs_now_and_is_suspended(ui):
    ui.make("batch/cronjobs", "CronJob", "tick", spec={"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {
        "template": {"spec": {"restartPolicy": "Never", "containers": [
            {"name": "main", "image": "busybox", "args": ["echo", "tick"]}]}}}}})
    ui.show("batch/cronjobs", "tick")
    expect(ui.card("Jobs")).to_contain_text("It has started no job yet.")
    ui.press("Run now")
    ui.confirm("Run")
    expect(ui.card("Jobs").locator("tbody tr:not(.spacer)")).to_have_count(1)
    ui.press("Suspend")
    expect(ui.page.locator(".facts").first).to_contain_text("suspended")
    ui.card("Jobs").get_by_role("link", name=re.compile("tick-manual")).click()
    expect(ui.page.locator(".facts").first).to_contain_text("1 of 1 done")
    expect(ui.card("Pods").locator("tbody tr:not(.spacer)")).to_have_count(1)


def check_service_page_has_endpoints(ui):
    ui.make("services", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    ui.show("core/services", "web")
    expect(ui.card("Pods").locator("tbody tr:not(.spacer)")).to_have_count(3)
    endpoints = ui.card("Endpoints").locator("tbody tr")
    expect(endpoints).to_have_count(3)
    expect(endpoints.first).to_contain_text("ready")
    expect(endpoints.first).to_contain_text("pod/web-")


def check_claim_page(ui):
    ui.make("persistentvolumeclaims", "PersistentVolumeClaim", "data", spec={
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}})
    ui.show("core/persistentvolumeclaims", "data")
    expect(ui.page.locator(".facts").first).to_contain_text("1Gi")
    expect(ui.card("Used by pods")).to_contain_text("No pod uses it.")


def check_secret_values_are_masked(ui):
    ui.make("secrets", "Secret", "login", data={"word": "c3dpZnQtbmVzdA=="})
    ui.show("core/secrets", "login")
    expect(ui.page.locator(".masked")).to_be_visible()
    assert "swift-nest" not in ui.page.content()
    ui.page.get_by_role("button", name="Reveal word").click()
    expect(ui.page.locator(".data")).to_contain_text("swift-nest")


def check_role_page_tells_rights_and_who_has_them(ui):
    ui.make("rbac.authorization.k8s.io/roles", "Role", "reader", rules=[
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}])
    ui.make("rbac.authorization.k8s.io/rolebindings", "RoleBinding", "readers",
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            subjects=[{"kind": "ServiceAccount", "name": "default", "namespace": ui.namespace}])
    ui.show("rbac.authorization.k8s.io/roles", "reader")
    expect(ui.card("Rights")).to_contain_text("get, list")
    expect(ui.card("Given by")).to_contain_text("readers")


def check_delete_with_confirmation(ui):
    ui.show("apps/deployments", "web")
    ui.press("Delete")
    expect(ui.page.get_by_role("dialog")).to_contain_text(f"kubectl delete deployment/web -n {ui.namespace}")
    ui.confirm("Delete")
    expect(ui.page.locator(".banner")).to_contain_text("gone")
    ui.go(f"/list/core/pods?ns={ui.namespace}")
    expect(ui.rows().filter(has_text="web-")).to_have_count(0)
