"""The official Python client: typed calls, watch, patch, errors, and logs."""
from harness import Skip

FLAGS = ["--nodes", "2"]


def client(cluster):
    try:
        import kubernetes
    except ImportError:
        raise Skip("the Python client is not installed")
    kubernetes.config.load_kube_config(cluster.kubeconfig)
    return kubernetes


def test_deployment_to_running_pods(cluster):
    kubernetes = client(cluster)
    apps, core = kubernetes.client.AppsV1Api(), kubernetes.client.CoreV1Api()
    c = kubernetes.client
    labels = {"app": "py"}
    apps.create_namespaced_deployment("default", c.V1Deployment(
        metadata=c.V1ObjectMeta(name="py"),
        spec=c.V1DeploymentSpec(replicas=2, selector=c.V1LabelSelector(match_labels=labels), template=c.V1PodTemplateSpec(
            metadata=c.V1ObjectMeta(labels=labels), spec=c.V1PodSpec(containers=[c.V1Container(name="web", image="nginx")])))))
    ready = set()
    for event in kubernetes.watch.Watch().stream(core.list_namespaced_pod, "default", label_selector="app=py", timeout_seconds=30):
        pod = event["object"]
        if any(x.type == "Ready" and x.status == "True" for x in pod.status.conditions or []):
            ready.add(pod.metadata.name)
        if len(ready) == 2:
            break
    assert len(ready) == 2
    core.read_namespaced_pod_log(sorted(ready)[0], "default")
    apps.patch_namespaced_deployment_scale("py", "default", {"spec": {"replicas": 0}})
    assert apps.read_namespaced_deployment("py", "default").spec.replicas == 0
    apps.delete_namespaced_deployment("py", "default")


def test_errors_are_statuses(cluster):
    kubernetes = client(cluster)
    try:
        kubernetes.client.CoreV1Api().read_namespaced_pod("nope", "default")
        raise AssertionError("found")
    except kubernetes.client.ApiException as error:
        assert error.status == 404 and '"reason":"NotFound"' in error.body.replace(" ", ""), error.body


def test_dynamic_client(cluster):
    kubernetes = client(cluster)
    dynamic = kubernetes.dynamic.DynamicClient(kubernetes.client.ApiClient())
    maps = dynamic.resources.get(api_version="v1", kind="ConfigMap")
    maps.create(namespace="default", body={"metadata": {"name": "dyn"}, "data": {"a": "b"}})
    assert maps.get(namespace="default", name="dyn").data.a == "b"
    maps.delete(namespace="default", name="dyn")
