import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct PodSecurityTests {
  private static func pod(_ spec: JSON = [:], container: JSON = [:], annotations: JSON = [:]) -> JSON {
    var containerJSON: JSON = ["name": "c", "image": "i"]
    for (key, value) in container.object ?? Members() { containerJSON[key] = value }
    var result = spec
    result["containers"] = [containerJSON]
    return ["metadata": ["name": "p", "annotations": annotations], "spec": result]
  }

  private static func secured(_ context: JSON) -> JSON { pod(container: ["securityContext": context]) }

  /// What nothing is to be said about.
  private static let hardened = pod(
    ["securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]]],
    container: ["securityContext": ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]]])

  struct Case: Sendable, CustomTestStringConvertible {
    var level: SecurityLevel.Name
    var minor: Int?
    var pod: JSON
    var details: String

    init(_ level: SecurityLevel.Name, minor: Int? = nil, _ pod: JSON, _ details: String) {
      self.level = level
      self.minor = minor
      self.pod = pod
      self.details = details
    }

    var testDescription: String { "\(level) \(details)" }
  }

  static let cases: [Case] = [
    Case(.privileged, pod(["hostNetwork": true]), ""),
    Case(.baseline, pod(), ""),
    Case(.restricted, hardened, ""),
    Case(
      .restricted, pod(),
      #"allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), "#
        + #"unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), "#
        + #"runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), "#
        + #"seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "#
        + #""Localhost")"#),
    Case(.baseline, pod(["hostNetwork": true, "hostPID": true]), "host namespaces (hostNetwork=true, hostPID=true)"),
    Case(
      .baseline, pod(["volumes": [["name": "v", "hostPath": ["path": "/"]]]]), #"hostPath volumes (volume "v")"#),
    Case(
      .baseline, pod(container: ["ports": [["hostPort": 80], ["hostPort": 443]]]),
      #"hostPorts (container "c" uses hostPorts 443, 80)"#),
    Case(
      .baseline, secured(["privileged": true]),
      #"privileged (container "c" must not set securityContext.privileged=true)"#),
    Case(
      .baseline, secured(["capabilities": ["add": ["NET_ADMIN", "CHOWN"]]]),
      #"non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)"#),
    Case(
      .baseline, secured(["procMount": "Unmasked"]),
      #"procMount (container "c" must not set securityContext.procMount to "Unmasked")"#),
    Case(
      .baseline, secured(["seLinuxOptions": ["type": "x", "user": "u"]]),
      #"seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "x"; user may not be set)"#),
    Case(
      .baseline, pod(["securityContext": ["seccompProfile": ["type": "Unconfined"]]]),
      #"seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")"#),
    Case(
      .baseline, pod(["securityContext": ["sysctls": [["name": "a"], ["name": "net.ipv4.tcp_rmem"]]]]),
      "forbidden sysctls (a)"),
    Case(
      .baseline, minor: 30, pod(["securityContext": ["sysctls": [["name": "net.ipv4.tcp_rmem"]]]]),
      "forbidden sysctls (net.ipv4.tcp_rmem)"),
    Case(
      .baseline, pod(["securityContext": ["windowsOptions": ["hostProcess": true]]]),
      "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)"),
    Case(
      .baseline, pod(annotations: ["container.apparmor.security.beta.kubernetes.io/c": "unconfined"]),
      #"forbidden AppArmor profile (annotation must not set AppArmor profile type to "#
        + #""container.apparmor.security.beta.kubernetes.io/c="unconfined"")"#),
    Case(
      .baseline, pod(container: ["livenessProbe": ["httpGet": ["host": "example.com"]]]),
      #"probe or lifecycle host (container "c" uses probe or lifecycle host "example.com")"#),
    Case(.baseline, minor: 33, pod(container: ["livenessProbe": ["httpGet": ["host": "example.com"]]]), ""),
  ]

  @Test(arguments: cases) func judgesPods(_ item: Case) {
    let level = SecurityLevel(name: item.level, minor: item.minor)
    #expect(SecurityChecks.violations(of: SecuritySubject(item.pod), level).details == item.details)
  }

  @Test func enforcesWarnsAndStaysSilent() async throws {
    let test = try await TestCluster()
    try await test.create(
      "namespaces", "",
      ["metadata": ["name": "strict", "labels": ["pod-security.kubernetes.io/enforce": "restricted"]]])
    let refusal = await #expect(throws: Status.self) { try await test.create("pods", "strict", TestCluster.pod("a")) }
    #expect(refusal?.code == 403)
    #expect(
      refusal?.message.hasPrefix(
        #"pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false ("#)
        == true)
    let workload = try await test.cluster.create(
      test.kind("deployments.apps"), namespace: "strict", TestCluster.deployment("web"), test.options)
    #expect(workload.warnings.count == 1)
    #expect(workload.warnings.first?.hasPrefix(#"would violate PodSecurity "restricted:latest": "#) == true)
    try await test.create("pods", "default", TestCluster.pod("a"))
  }

  @Test func tellsWhatIsThereWhenANamespaceGetsStricter() async throws {
    let test = try await TestCluster()
    for name in ["a", "b", "c"] { try await test.create("pods", "default", TestCluster.pod(name)) }
    let written = try await test.cluster.patch(
      test.kind("namespaces"), namespace: "", name: "default", subresource: nil,
      Patch(.merge, ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": "restricted"]]]), test.options)
    #expect(
      written.warnings == [
        #"existing pods in namespace "default" violate the new PodSecurity enforce level "restricted:latest""#,
        "a (and 2 other pods): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, "
          + "seccompProfile",
      ])
    let invalid = await #expect(throws: Status.self) {
      try await test.patch(
        "namespaces", "", "default", ["metadata": ["labels": ["pod-security.kubernetes.io/warn": "much"]]])
    }
    #expect(
      invalid?.message
        == #"Namespace "default" is invalid: metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "much": "#
        + "must be one of privileged, baseline, restricted")
  }
}
