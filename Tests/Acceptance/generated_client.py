"""Clients made from the committed documents: generated, checked by their language's compiler, and used."""
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

from harness import Skip, tool
from openapi import ROOT, script

FLAGS = ["--nodes", "1", "--no-auth"]

SWAGGER = os.path.join(ROOT, "openapi", "swagger.json")
OPENAPI = os.path.join(ROOT, "openapi", "openapi.json")
METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}


def run(*command, timeout=300, **options):
    """-> what it said; fails when it does."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)
    said = result.stdout + result.stderr
    assert result.returncode == 0, f"{' '.join(command[:4])}:\n{said[-4000:]}"
    return said


# Language to document and options. The generator's Swift encoders call a variable of their own `container`, as one field of
# autoscaling/v2 is called.
LANGUAGES = {
    "swift6": (OPENAPI, "--additional-properties=projectName=SwiftletClient", "--name-mappings", "container=containerName"),
    "typescript-fetch": (OPENAPI,),
    "python": (SWAGGER, "--package-name", "my_client"),
    "java": (OPENAPI, "--library", "native"),
}
generated = {}


def generate(cluster, language):
    """-> the directory of a client in this language; the first call sets out to generate all of them, two at a time"""
    if not generated:
        tool("java")
        generator, pool = script("openapi-generator-cli"), ThreadPoolExecutor(2)

        def work(language, document, *options):
            out = os.path.join(cluster.home, language)
            run(generator, "generate", "-g", language, "-i", document, "-o", out,
                "--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false", *options)
            if language == "swift6" and shutil.which("swiftc"):
                check_swift(out)
            return out

        generated.update({language: pool.submit(work, language, *rest) for language, rest in LANGUAGES.items()})
    return generated[language].result()


def operations(document):
    paths = json.load(open(document))["paths"]
    return [operation["operationId"] for item in paths.values() for method, operation in item.items() if method in METHODS]


PYTHON = """
import json, sys
import my_client as c
api = c.AppsV1Api(c.ApiClient(c.Configuration(host=sys.argv[1])))
labels = {"app": "made"}
body = c.IoK8sApiAppsV1Deployment.from_dict({
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "made"},
    "spec": {"replicas": 1, "selector": {"matchLabels": labels},
             "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}}})
created = api.create_apps_v1_namespaced_deployment(namespace="default", body=body)
assert created.metadata.uid
assert [d.metadata.name for d in api.list_apps_v1_namespaced_deployment(namespace="default").items] == ["made"]
raw = api.list_apps_v1_namespaced_deployment_without_preload_content(namespace="default", watch=True, timeout_seconds=1)
events = [json.loads(line) for line in raw.read().splitlines()]
assert events[0]["type"] == "ADDED" and events[0]["object"]["metadata"]["name"] == "made", events
api.delete_apps_v1_namespaced_deployment(namespace="default", name="made")
"""


def test_python(cluster):
    """The way of the guide: generate, pip install, import."""
    out = generate(cluster, "python")
    site = os.path.join(cluster.home, "site")
    installed = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", site, out],
                               capture_output=True, text=True, timeout=300)
    if installed.returncode and re.search("No matching distribution|Connection|ConnectTimeout", installed.stderr):
        raise Skip("what the generated client needs cannot be had here")
    assert installed.returncode == 0, installed.stderr[-3000:]
    program = os.path.join(cluster.home, "program.py")
    open(program, "w").write(textwrap.dedent(PYTHON))
    run(sys.executable, program, cluster.url, env={**os.environ, "PYTHONPATH": site})


TYPESCRIPT = """
import { AppsV1Api, Configuration, CoreV1Api } from './index';

async function main(basePath: string): Promise<void> {
  const configuration = new Configuration({ basePath });
  const labels = { app: 'typed' };
  const created = await new AppsV1Api(configuration).createAppsV1NamespacedDeployment({
    namespace: 'default',
    ioK8sApiAppsV1Deployment: {
      metadata: { name: 'typed' },
      spec: {
        replicas: 1, selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
      },
    },
  });
  if (!created.metadata?.uid) throw new Error('no uid');
  const list = await new CoreV1Api(configuration).listCoreV1Node();
  if (list.items.length !== 1) throw new Error(`${list.items.length} nodes`);
  await new AppsV1Api(configuration).deleteAppsV1NamespacedDeployment({ namespace: 'default', name: 'typed' });
  console.log(created.metadata.name);
}

main((globalThis as any).process.argv[2]);
"""


def test_typescript(cluster):
    compiler, node = tool("tsc"), tool("node")
    out = generate(cluster, "typescript-fetch")
    open(os.path.join(out, "example.ts"), "w").write(TYPESCRIPT)
    # TypeScript before 4.9 does not narrow `'key' in value`, which the generator's own guards rely on: one code is let pass.
    older = tuple(map(int, re.search(r"(\d+)\.(\d+)", run(compiler, "--version")).groups())) < (4, 9)
    run(compiler, "--strict", *(["--suppressImplicitAnyIndexErrors"] if older else []), "--target", "es2020", "--lib", "es2020,dom",
        "--module", "commonjs", "--moduleResolution", "node", "--outDir", os.path.join(out, "built"), "example.ts", cwd=out)
    assert run(node, os.path.join(out, "built", "example.js"), cluster.url).strip() == "typed"


SWIFT = """
import Foundation

func example(base: String) async throws -> String? {
  let configuration = SwiftletClientAPIConfiguration.shared
  configuration.basePath = base
  let made = try await CoreV1API.createCoreV1NamespacedConfigMap(
    namespace: "default",
    ioK8sApiCoreV1ConfigMap: IoK8sApiCoreV1ConfigMap(
      data: ["a": "b"], metadata: IoK8sApimachineryPkgApisMetaV1ObjectMeta(name: "typed")))
  return made.metadata?.uid
}
"""


def check_swift(out):
    open(os.path.join(out, "Sources", "Example.swift"), "w").write(SWIFT)
    sources = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(out, "Sources")) for name in names
               if name.endswith(".swift")]
    assert len(sources) > 600, len(sources)
    run(tool("swiftc"), "-typecheck", "-wmo", "-swift-version", "6", "-parse-as-library", "-module-name", "SwiftletClient",
        *sources, timeout=600)


def test_java(cluster):
    """Generated; compiled where Jackson with its time module is at hand (Debian has not got the latter)."""
    out = generate(cluster, "java")
    sources = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(out, "src", "main")) for name in names
               if name.endswith(".java")]
    text = open(next(path for path in sources if path.endswith("/AppsV1Api.java"))).read()
    assert len(sources) > 590 and "createAppsV1NamespacedDeployment(" in text, len(sources)
    jars = os.environ.get("SWIFTLET_JAVA_CLASSPATH")
    if not jars:
        raise Skip("generated, not compiled: SWIFTLET_JAVA_CLASSPATH names no Jackson")
    run(tool("javac"), "-proc:none", "-cp", jars, "-d", os.path.join(out, "classes"), *sources)


def test_openapi_python_client(cluster):
    """Not one endpoint or schema is dropped."""
    out = os.path.join(cluster.home, "opc")
    said = run(script("openapi-python-client"), "generate", "--path", OPENAPI, "--output-path", out, "--meta", "none")
    assert not any(word in said for word in ("WARNING", "Unable to", "will not be generated")), said[-3000:]
    endpoints = [name for folder, _, names in os.walk(os.path.join(out, "api")) for name in names if name != "__init__.py"]
    wanted = len(operations(OPENAPI))
    assert len(endpoints) == wanted > 700, f"{len(endpoints)} of {wanted} endpoints"
    shutil.rmtree(out)


def test_swift(cluster):
    """Type-checked with an example, all of it."""
    tool("swiftc")
    generate(cluster, "swift6")
