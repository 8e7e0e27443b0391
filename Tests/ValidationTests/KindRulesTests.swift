import JSONCore
import Objects
import Testing

@testable import Validation

/// Parts of objects of many kinds, and what the stock server says of them.
@Suite struct KindRulesTests {
  struct Example: Sendable {
    var group: String
    var resource: String
    var body: String
    var faults: [String]

    init(_ group: String, _ resource: String, _ body: String, _ faults: [String]) {
      self.group = group
      self.resource = resource
      self.body = body
      self.faults = faults
    }
  }

  private static let template =
    #"{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Always","dnsPolicy":"ClusterFirst","containers":[{"name":"c","image":"i","imagePullPolicy":"Always","terminationMessagePolicy":"File"}]}}"#
  private static let selector = #"{"matchLabels":{"a":"b"}}"#

  static let examples = [
    Example(
      "resource.k8s.io", "resourceclaims",
      #""spec":{"devices":{"requests":[{"name":"r"},{"name":"r","exactly":{"deviceClassName":"","allocationMode":"X"}},{"name":"s","exactly":{"deviceClassName":"gpu","allocationMode":"All","count":2}}],"constraints":[{"requests":["t"]}]}}"#,
      [
        "spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required",
        #"spec.devices.requests[1].name: Duplicate value: "r""#,
        "spec.devices.requests[1].exactly.deviceClassName: Required value",
        #"spec.devices.requests[1].exactly.allocationMode: Unsupported value: "X": supported values: "All", "ExactCount""#,
        "spec.devices.requests[2].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
        #"spec.devices.constraints[0].requests[0]: Invalid value: "t": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"#,
        "spec.devices.constraints[0].matchAttribute: Required value",
      ]),
    Example(
      "resource.k8s.io", "resourceslices",
      #""spec":{"driver":"gpu.example.com","pool":{"name":"p","resourceSliceCount":0},"nodeName":"n","allNodes":true}"#,
      [
        "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero",
        #"spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set"#,
      ]),
    Example(
      "apiregistration.k8s.io", "apiservices",
      #""spec":{"group":"example.com","version":"v1","groupPriorityMinimum":0,"versionPriority":2000}"#,
      [
        #"metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.example.com""#,
        "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000",
        "spec.versionPriority: Invalid value: 2000: must be positive and less than 1000",
      ]),
    Example(
      "", "events",
      #""eventTime":"2026-01-31T09:05:00.000000Z","involvedObject":{"namespace":"other"},"reportingComponent":"a","reportingInstance":"b","action":"c""#,
      ["reason: Required value"]),
    Example(
      "apps", "deployments",
      #""spec":{"selector":\#(selector),"template":\#(template),"strategy":{"type":"Foo"}}"#,
      [
        #"spec.strategy: Unsupported value: {"Type":"Foo","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate""#
      ]),
    Example(
      "apps", "statefulsets",
      #""spec":{"podManagementPolicy":"Foo","updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}},"selector":{},"template":{"spec":{"restartPolicy":"Never","activeDeadlineSeconds":5}}}"#,
      [
        #"spec.podManagementPolicy: Invalid value: "Foo": must be 'OrderedReady' or 'Parallel'"#,
        #"spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'"#,
        "spec.selector: Invalid value: {}: empty selector is invalid for statefulset",
        #"spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always""#,
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported",
      ]),
    Example(
      "apps", "daemonsets", #""spec":{"template":\#(template),"updateStrategy":{"type":"OnDelete"}}"#,
      [
        #"spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`"#
      ]),
    Example(
      "", "nodes", #""spec":{"taints":[{"key":"a","effect":"NoSchedule"},{"key":"a","effect":"NoSchedule"}]}"#,
      [
        #"metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair"#
      ]),
    Example(
      "", "resourcequotas", #""spec":{"hard":{"foo":"1","pods":"1500m"}}"#,
      [
        #"spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified"#,
        #"spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota"#,
        #"spec.hard[pods]: Invalid value: "1500m": must be an integer"#,
      ]),
    Example(
      "", "resourcequotas", #""spec":{"hard":{"cpu":"1"},"scopes":["BestEffort"]}"#,
      [#"spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource"#]),
    Example(
      "", "limitranges",
      #""spec":{"limits":[{"type":"Container","min":{"cpu":"1"},"max":{"cpu":"2"},"maxLimitRequestRatio":{"cpu":"4"}}]}"#,
      [
        #"spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 2.000000"#
      ]),
    Example(
      "", "persistentvolumes",
      #""spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"csi":{"driver":"d","volumeHandle":""}}"#,
      ["spec.csi.volumeHandle: Required value"]),
    Example(
      "", "persistentvolumeclaims",
      #""spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSourceRef":{"kind":"K","name":"n"}}"#,
      [
        #"spec.dataSourceRef: Invalid value: "K": must be 'PersistentVolumeClaim' when referencing the default apiGroup"#
      ]),
    Example(
      "networking.k8s.io", "ingresses", #""spec":{"defaultBackend":{}}"#,
      [#"spec.defaultBackend: Invalid value: "": resource or service backend is required"#]),
    Example(
      "networking.k8s.io", "ingresses",
      #""spec":{"defaultBackend":{"resource":{"kind":"","name":""}},"tls":[{"hosts":["A"]}]}"#,
      [
        "spec.defaultBackend.resource.kind: Required value: kind is required",
        "spec.defaultBackend.resource.name: Required value: name is required",
      ] + Names.subdomain("A").map { #"spec.tls[0].hosts[0]: Invalid value: "A": "# + $0 }),
    Example(
      "autoscaling", "horizontalpodautoscalers",
      #""spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"K","name":"n"},"metrics":[{"type":"Pods","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":5}}}]}"#,
      [
        "spec.metrics[0].pods: Required value: must populate information for the given metric source"
      ]),
    Example(
      "autoscaling", "horizontalpodautoscalers",
      #""spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"K","name":"n"},"metrics":[{"type":"External","external":{"metric":{"name":""},"target":{"type":"Value","value":"-1"}}}],"behavior":{"scaleUp":{"policies":[]}}}"#,
      [
        "spec.metrics[0].external.metric.name: Required value: must specify a metric name",
        #"spec.metrics[0].external.target.value: Invalid value: "-1": must be positive"#,
        "spec.behavior.scaleUp.policies: Required value: must specify at least one Policy",
      ]),
    Example(
      "networking.k8s.io", "servicecidrs", #""spec":{"cidrs":["10.0.0.0/24","10.1.0.0/24"]}"#,
      [
        #"spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.1.0.0/24"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"#
      ]),
    Example(
      "storage.k8s.io", "volumeattributesclasses", #""driverName":"d""#,
      ["parameters: Required value: must contain at least one key/value pair"]),
    Example(
      "certificates.k8s.io", "certificatesigningrequests",
      #""spec":{"request":"YQ==","signerName":"a","usages":["fly"]}"#,
      [
        #"spec.request: Invalid value: "YQ==": PEM block type must be CERTIFICATE REQUEST"#,
        #"spec.signerName: Invalid value: "a": must be a fully qualified domain and path of the form 'example.com/signer-name'"#,
      ]),
  ]

  @Test(arguments: examples.indices) func create(_ index: Int) throws {
    let example = Self.examples[index]
    let object = try JSON.parse(#"{"metadata":{"name":"x"},\#(example.body)}"#)
    var faults = Validation.create(GroupResource(example.group, example.resource), object, isNamespaced: false)
      .map(\.description)
    // The list of all usages is long.
    faults.removeAll { $0.hasPrefix("spec.usages[0]: Unsupported value: \"fly\"") }
    #expect(faults.sorted() == example.faults.sorted())
  }

  @Test func bindingsKeepTheirRole() throws {
    let old = try JSON.parse(
      #"{"metadata":{"name":"x","resourceVersion":"1"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"a"}}"#
    )
    var new = old
    new["roleRef"]?["name"] = "b"
    let faults = Validation.update(
      GroupResource("rbac.authorization.k8s.io", "clusterrolebindings"), new: new, old: old, isNamespaced: false)
    #expect(
      faults.map(\.description) == [
        #"roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"b"}: cannot change roleRef"#
      ])
  }

  @Test func sourcesOfVolumesStay() throws {
    let old = try JSON.parse(
      #"{"metadata":{"name":"x","resourceVersion":"1"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a","type":""}}}"#
    )
    var new = old
    new["spec"]?["hostPath"]?["path"] = "/b"
    let faults = Validation.update(GroupResource("", "persistentvolumes"), new: new, old: old, isNamespaced: false)
    let difference = """
      @@ -2,7 +2,7 @@
        "GCEPersistentDisk": null,
        "AWSElasticBlockStore": null,
        "HostPath": {
      -  "Path": "/a",
      +  "Path": "/b",
         "Type": ""
        },
        "Glusterfs": null,

      """
    #expect(
      faults.map(\.description) == [
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n" + difference
      ])
  }
}
