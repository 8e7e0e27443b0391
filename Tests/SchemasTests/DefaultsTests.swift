import JSONCore
import Testing

@testable import Schemas

@Suite struct DefaultsTests {
  private func decode(_ resource: String, _ text: String) throws -> JSON {
    let kind = try #require(Catalog.builtIn.kinds.last { $0.resource.description == resource })
    var unknown: [String] = []
    let json = try kind.decode(try JSON.parse(text), unknown: &unknown)
    #expect(unknown.isEmpty)
    return json
  }

  @Test(arguments: [
    ("img", "Always"), ("nginx:1.27", "IfNotPresent"), ("nginx@sha256:aaaa", "IfNotPresent"), ("x:latest", "Always"),
    ("localhost:5000/x", "Always"), ("localhost:5000/x:1", "IfNotPresent"), ("x:latest@sha256:aa", "Always"),
  ]) func pullPolicyFollowsTheTag(image: String, policy: String) {
    #expect(ConditionalDefaults.pullPolicy(image: image) == policy)
  }

  @Test func fillsAPod() throws {
    let pod = try decode(
      "pods", #"{"spec":{"containers":[{"name":"c","image":"i:1","resources":{"limits":{"cpu":"1"}}}]}}"#)
    let expected = try JSON.parse(
      #"""
      {"metadata":{},"spec":{"containers":[{"name":"c","image":"i:1","imagePullPolicy":"IfNotPresent",
        "resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1"}},
        "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],
        "dnsPolicy":"ClusterFirst","enableServiceLinks":true,"restartPolicy":"Always","schedulerName":"default-scheduler",
        "securityContext":{},"terminationGracePeriodSeconds":30},"status":{}}
      """#)
    #expect(pod == expected)
  }

  @Test func templatesAreNoPods() throws {
    let set = try decode(
      "replicasets.apps",
      #"{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:1","resources":{"limits":{"cpu":"1"}}}]}}}}"#)
    let spec = set.at("spec", "template", "spec")
    #expect(spec?["enableServiceLinks"] == nil)
    #expect(spec?["containers"]?[0]?.at("resources", "requests") == nil)
    #expect(set["status"] == ["replicas": 0])
  }

  @Test func strategyDecidesAboutRollingUpdate() throws {
    let rolling = try decode("deployments.apps", #"{"spec":{"strategy":{"rollingUpdate":{"maxSurge":1}}}}"#)
    #expect(
      rolling.at("spec", "strategy")
        == ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": "25%"]])
    let recreate = try decode("deployments.apps", #"{"spec":{"strategy":{"type":"Recreate"}}}"#)
    #expect(recreate.at("spec", "strategy") == ["type": "Recreate"])
  }

  @Test func probesOfZeroAreUnset() throws {
    let pod = try decode(
      "pods", #"{"spec":{"containers":[{"livenessProbe":{"periodSeconds":0,"httpGet":{"port":80}}}]}}"#)
    let probe = pod.at("spec", "containers")?[0]?["livenessProbe"]
    #expect(
      probe == [
        "failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1,
        "httpGet": ["path": "/", "port": 80, "scheme": "HTTP"],
      ])
  }

  @Test func eventsShowTheirEmptyTimes() throws {
    let event = try decode("events", #"{"involvedObject":{"kind":"Pod"},"type":"Normal"}"#)
    #expect(event["eventTime"] == .null)
    #expect(event["source"] == .emptyObject)
    #expect(event["reportingComponent"] == "")
  }

  @Test func claimsInTemplatesSayWhatTheyAre() throws {
    let set = try decode("statefulsets.apps", #"{"spec":{"volumeClaimTemplates":[{"metadata":{"name":"d"}}]}}"#)
    #expect(
      set.at("spec", "volumeClaimTemplates")?[0] == [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": ["name": "d"],
        "spec": ["resources": .emptyObject, "volumeMode": "Filesystem"], "status": ["phase": "Pending"],
      ])
  }

  @Test func workQueuesHaveNoCompletions() throws {
    let queue = try decode("jobs.batch", #"{"spec":{"parallelism":3}}"#)
    #expect(queue.at("spec", "completions") == nil)
    let single = try decode("jobs.batch", #"{"spec":{}}"#)
    #expect(single.at("spec", "completions") == 1)
  }

  @Test func decodingTwiceChangesNothing() throws {
    for kind in Catalog.builtIn.kinds {
      var unknown: [String] = []
      let once = try kind.decode(.emptyObject, unknown: &unknown)
      #expect(try kind.decode(once, unknown: &unknown) == once, "\(kind.name)")
      #expect(unknown.isEmpty, "\(kind.name)")
    }
  }
}
