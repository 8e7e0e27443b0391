import JSONCore
import Objects
import Testing

@testable import Validation

/// Parts of a pod's spec or of its container, and what the stock server says of them.
@Suite struct PodRulesTests {
  typealias Example = (part: String, faults: [String])

  static let specs: [Example] = [
    // A volume with a fault cannot be mounted, either.
    (
      #""volumes":[{"name":"v","hostPath":{"path":""}}],"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]"#,
      [
        "spec.volumes[0].hostPath.path: Required value",
        #"spec.containers[0].volumeMounts[0].name: Not found: "v""#,
      ]
    ),
    // The order of kinds is the stock server's, not that of the body.
    (
      #""volumes":[{"name":"v","hostPath":{"path":"/h","type":""},"emptyDir":{}}]"#,
      ["spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"]
    ),
    (#""volumes":[{"name":"v"}]"#, ["spec.volumes[0]: Required value: must specify a volume type"]),
    (
      #""volumes":[{"name":"v","downwardAPI":{"items":[{"path":"a"}]}}]"#,
      ["spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"]
    ),
    (
      #""volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"","expirationSeconds":60}}]}}]"#,
      [
        "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: "
          + "may not specify a duration less than 10 minutes",
        "spec.volumes[0].projected.path: Required value",
      ]
    ),
    (
      #""volumes":[{"name":"v","projected":{"sources":[{"secret":{"name":"s","items":[{"key":"k","path":"p"}]}},{"configMap":{"name":"m","items":[{"key":"k","path":"p"}]}}]}}]"#,
      [#"spec.volumes[0].projected: Invalid value: "m": conflicting duplicate paths"#]
    ),
    (
      #""volumes":[{"name":"v","gcePersistentDisk":{"pdName":""}}]"#,
      ["spec.volumes[0].persistentDisk.pdName: Required value"]
    ),
    (
      #""volumes":[{"name":"v","iscsi":{"targetPortal":"p","iqn":"x","lun":0}}]"#,
      [
        #"spec.volumes[0].iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa"#
      ]
    ),
    (
      #""volumes":[{"name":"v","csi":{"driver":""}}]"#,
      ["spec.volumes[0].csi.driver: Required value"]
        + Names.subdomain("").map { #"spec.volumes[0].csi.driver: Invalid value: "": "# + $0 }
    ),
    (
      #""hostNetwork":true,"containers":[{"name":"c","image":"i","ports":[{"containerPort":80,"hostPort":81,"protocol":"TCP"}]}]"#,
      [
        "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true"
      ]
    ),
    (
      #""hostUsers":false,"hostPID":true,"hostNetwork":true"#,
      [
        "spec.hostNetwork: Forbidden: when `hostUsers` is false", "spec.HostPID: Forbidden: when `hostUsers` is false",
      ]
    ),
    (
      #""dnsPolicy":"None","dnsConfig":{"nameservers":[],"options":[{}]}"#,
      [
        "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"
      ]
    ),
    (
      #""tolerations":[{"key":"k","operator":"Equal","value":"-x"}]"#,
      Names.labelValue("-x").map { #"spec.tolerations[0].operator: Invalid value: "-x": "# + $0 }
    ),
    (
      #""topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"},{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"}]"#,
      [
        #"spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{z, DoNotSchedule}""#
      ]
    ),
    (
      #""topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"","whenUnsatisfiable":"Maybe","matchLabelKeys":["a"]}]"#,
      [
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
        #"spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway""#,
        "spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set",
      ]
    ),
    (
      #""resourceClaims":[{"name":"r"}]"#,
      [
        #"spec.resourceClaims[0]: Invalid value: {"Name":"r","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"#
      ]
    ),
    (
      #""os":{"name":"windows"},"hostPID":true,"securityContext":{"fsGroup":1}"#,
      [
        "spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod",
        "spec.hostPID: Forbidden: cannot be set for a windows pod",
      ]
    ),
    (
      #""shareProcessNamespace":true,"hostPID":true,"securityContext":{}"#,
      [
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"
      ]
    ),
    (
      #""schedulingGates":[{"name":"a.io/g"}],"nodeName":"n""#,
      ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"]
    ),
    (
      #""overhead":{"cpu":"-1"}"#,
      [#"spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0"#]
    ),
    (
      #""initContainers":[{"name":"c","image":"i"}]"#,
      [#"spec.initContainers[0].name: Duplicate value: "c""#]
    ),
  ]

  static let containers: [Example] = [
    (#""image":" i""#, [#"image: Invalid value: " i": must not have leading or trailing whitespace"#]),
    (
      #""securityContext":{"allowPrivilegeEscalation":false,"privileged":true}"#,
      [
        #"securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true"#
      ]
    ),
    (
      #""securityContext":{"seccompProfile":{"type":"Unconfined","localhostProfile":"a"}}"#,
      [
        #"securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost"#
      ]
    ),
    (
      #""resources":{"limits":{"foo":"1"}}"#,
      [
        #"resources.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified"#,
        #"resources.limits[foo]: Invalid value: "foo": must be a standard resource for containers"#,
      ]
    ),
    (
      #""resources":{"limits":{"hugepages-2Mi":"3Mi","cpu":"1"},"requests":{"hugepages-2Mi":"3Mi"}}"#,
      [
        #"resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi"#,
        #"resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi"#,
      ]
    ),
    (
      #""resources":{"claims":[{"name":"x"}]}"#,
      [
        #"resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty"#
      ]
    ),
    (
      #""env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"","key":"k"}}}]"#,
      Names.subdomain("").map { #"env[0].valueFrom.secretKeyRef.name: Invalid value: "": "# + $0 }
    ),
    (
      #""env":[{"name":"E","valueFrom":{"fileKeyRef":{"volumeName":"v","path":"p","key":"k"}}}]"#,
      [#"env[0].valueFrom.fileKeyRef.volumeName: Not found: "v""#]
    ),
    (
      #""restartPolicyRules":[{"action":"Stop"}]"#,
      [
        "restartPolicy: Required value: must specify restartPolicy when restart rules are used",
        #"restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers""#,
        "restartPolicyRules[0].exitCodes: Required value: must be specified",
      ]
    ),
    (
      #""lifecycle":{"preStop":{"sleep":{"seconds":40}}}"#,
      [
        "lifecycle.preStop.sleep: Invalid value: 40: must be non-negative and less than terminationGracePeriodSeconds (30)"
      ]
    ),
  ]

  private static let container = #"{"name":"c","image":"i"}"#

  @Test(arguments: specs.indices) func spec(_ index: Int) throws {
    let example = Self.specs[index]
    let faults = try Self.faults(of: "{\(example.part)}")
    #expect(faults.sorted() == example.faults.sorted())
  }

  @Test(arguments: containers.indices) func container(_ index: Int) throws {
    let example = Self.containers[index]
    let image = example.part.contains("image") ? "" : #""image":"i","#
    let faults = try Self.faults(of: #"{"containers":[{"name":"c",\#(image)\#(example.part)}]}"#)
    #expect(faults.sorted() == example.faults.map { "spec.containers[0]." + $0 }.sorted())
  }

  /// Of a pod with such a spec, after what defaults would have filled in.
  private static func faults(of part: String) throws -> [String] {
    var spec = try JSON.parse(part)
    let common: JSON = [
      "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "containers": [try JSON.parse(container)],
    ]
    for (field, value) in common.object ?? Members() where spec[field] == nil { spec[field] = value }
    for list in ["containers", "initContainers"] where spec[list] != nil {
      spec[list] = .array(
        spec.list(list).map { container in
          var container = container
          container["imagePullPolicy"] = "Always"
          container["terminationMessagePolicy"] = "File"
          return container
        })
    }
    let pod: JSON = ["metadata": ["name": "p", "namespace": "n"], "spec": spec]
    return Validation.create(GroupResource("", "pods"), pod, isNamespaced: true).map(\.description)
  }
}
