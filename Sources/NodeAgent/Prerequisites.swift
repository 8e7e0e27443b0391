import JSONCore
import Objects
import Reconciling

/// What a pod refers to and cannot start without.
enum Prerequisites {
  /// Why the volumes cannot be mounted: the message of the event, "" where waiting is all there is to say; nil when they
  /// can.
  static func volumes(of pod: PodDetails, in snapshot: Snapshot) -> String? {
    for volume in pod.spec.list("volumes") {
      let sources = [volume] + (volume["projected"]?.list("sources") ?? [])
      for source in sources {
        if let missing = missing(source["configMap"], "name", .configMaps, pod, snapshot)
          ?? missing(
            source["secret"], source["secret"]?["secretName"] == nil ? "name" : "secretName", .secrets, pod, snapshot)
        {
          return "MountVolume.SetUp failed for volume \"\(volume.text("name"))\" : \(missing)"
        }
      }
      if let name = volume.at("persistentVolumeClaim", "claimName")?.string {
        let key = Key(.persistentVolumeClaims, namespace: pod.key.namespace, name: name)
        if snapshot[key]?.json["status"]?.text("phase") != "Bound" { return "" }
      }
    }
    return nil
  }

  /// The names of the secrets for pulling images that are not there.
  static func missingPullSecrets(of pod: PodDetails, in snapshot: Snapshot) -> [String] {
    pod.spec.list("imagePullSecrets").map { $0.text("name") }.filter { name in
      !name.isEmpty && snapshot[Key(.secrets, namespace: pod.key.namespace, name: name)] == nil
    }
  }

  /// Of a reference to a ConfigMap or Secret: the object, or the key in it, that is not there.
  private static func missing(
    _ reference: JSON?, _ field: String, _ resource: GroupResource, _ pod: PodDetails, _ snapshot: Snapshot
  ) -> String? {
    guard let reference, reference["optional"]?.bool != true else { return nil }
    let name = reference.text(field)
    let kind = resource == .secrets ? "secret" : "configmap"
    guard let object = snapshot[Key(resource, namespace: pod.key.namespace, name: name)] else {
      return "\(kind) \"\(name)\" not found"
    }
    // Of single keys that are named, each must be there.
    let texts = ConfigTexts.all(of: object)
    let absent = reference.list("items").map { $0.text("key") }.first { texts[$0] == nil }
    return absent.map { "references non-existent \(resource == .secrets ? "secret" : "config") key: \($0)" }
  }
}
