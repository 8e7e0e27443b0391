import JSONCore
import Objects
import Reconciling
import Values

/// Gives every namespace its service account `default`.
public struct ServiceAccountController: Controller {
  public let name = "service-account-controller"

  public init() {}

  public var watches: [Watch] { namespaceWatches(of: .serviceAccounts, named: "default") }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let namespace = snapshot[key], !NamespaceController.isBeingDeleted(namespace),
      snapshot[Key(.serviceAccounts, namespace: key.name, name: "default")] == nil
    else { return .nothing }
    return Plan([
      .create(
        .serviceAccounts,
        [
          "apiVersion": "v1", "kind": "ServiceAccount",
          "metadata": ["name": "default", "namespace": .string(key.name)],
        ])
    ])
  }
}

/// Puts the certificate authority of the API server into every namespace, as ConfigMap `kube-root-ca.crt`.
public struct RootCAController: Controller {
  public let name = "root-ca-certificate-publisher"
  private let bundle: String

  static let configMapName = "kube-root-ca.crt"
  private static let annotation = "kubernetes.io/description"
  private static let description =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    + "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    + "clusters."

  /// - Parameter bundle: certificates in PEM.
  public init(bundle: String) { self.bundle = bundle }

  public var watches: [Watch] { namespaceWatches(of: .configMaps, named: Self.configMapName) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let namespace = snapshot[key], !NamespaceController.isBeingDeleted(namespace) else { return .nothing }
    let data: JSON = ["ca.crt": .string(bundle)]
    let configMapKey = Key(.configMaps, namespace: key.name, name: Self.configMapName)
    guard let present = snapshot[configMapKey] else {
      return Plan([
        .create(
          .configMaps,
          [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
              "name": .string(Self.configMapName), "namespace": .string(key.name),
              "annotations": [Self.annotation: .string(Self.description)],
            ],
            "data": data,
          ])
      ])
    }
    let json = present.json
    if json["data"] == data, json.annotation(Self.annotation) != nil { return .nothing }
    var wanted = json
    wanted["data"] = data
    wanted["metadata", default: .emptyObject]["annotations", default: .emptyObject][Self.annotation] =
      .string(Self.description)
    return Plan(JSON.mergeDifference(from: json, to: wanted).map { [.patch(configMapKey, $0)] } ?? [])
  }
}

/// Namespaces, and the object of a fixed name that each of them shall have.
private func namespaceWatches(of resource: GroupResource, named name: String) -> [Watch] {
  [
    .each(.namespaces),
    Watch(resource) { change, _ in
      change.object.name == name && change.kind != .added ? [Key(.namespaces, name: change.object.namespace)] : []
    },
  ]
}
