import JSONCore
import Objects

/// Gives a pod its service account, and its containers the account's token.
enum ServiceAccountAdmission {
  static let mountPath = "/var/run/secrets/kubernetes.io/serviceaccount"
  private static let volumePrefix = "kube-api-access-"
  /// How long a token lasts, in seconds: an hour and some slack for renewing it.
  private static let tokenSeconds = 3607

  static func admit(_ pod: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .pods) else { return }
    // Mirror pods stand for what a kubelet runs by itself; they have no account.
    if pod.at("metadata", "annotations", "kubernetes.io/config.mirror") != nil { return }
    var spec = pod["spec"] ?? .emptyObject
    if spec.text("serviceAccountName").isEmpty {
      let alias = spec.text("serviceAccount")
      spec["serviceAccountName"] = .string(alias.isEmpty ? "default" : alias)
    }
    let name = spec.text("serviceAccountName")
    spec["serviceAccount"] = .string(name)
    let account = context.snapshot[Key(.serviceAccounts, namespace: context.namespace, name: name)]?.json
    // A namespace gets its default account a moment after it was made; pods need not wait for it.
    if account == nil && name != "default" {
      throw context.forbidden(
        "error looking up service account \(context.namespace)/\(name): serviceaccount \(Status.quoted(name)) not found"
      )
    }
    let wantsToken =
      spec["automountServiceAccountToken"]?.bool ?? account?["automountServiceAccountToken"]?.bool ?? true
    if wantsToken { mountToken(&spec, context) }
    if spec.list("imagePullSecrets").isEmpty, let secrets = account?.list("imagePullSecrets"), !secrets.isEmpty {
      spec["imagePullSecrets"] = .array(secrets)
    }
    pod["spec"] = spec
  }

  private static func mountToken(_ spec: inout JSON, _ context: WriteContext) {
    let existing = spec.list("volumes").first { $0.text("name").hasPrefix(volumePrefix) }?.text("name")
    let name = existing ?? volumePrefix + context.names.suffix()
    var isNeeded = false
    for list in ["initContainers", "containers"] where spec[list] != nil {
      let containers = spec.list(list).map { container -> JSON in
        if container.list("volumeMounts").contains(where: { $0.text("mountPath") == mountPath }) { return container }
        isNeeded = true
        var result = container
        result.append(
          ["name": .string(name), "readOnly": true, "mountPath": .string(mountPath)], to: "volumeMounts")
        return result
      }
      spec[list] = .array(containers)
    }
    if isNeeded && existing == nil { spec.append(volume(name), to: "volumes") }
  }

  private static func volume(_ name: String) -> JSON { ["name": .string(name), "projected": projection] }

  /// What every token volume holds: the token, whom to trust, and where the pod is.
  private static let projection: JSON = {
    let token: JSON = ["serviceAccountToken": ["expirationSeconds": JSON(tokenSeconds), "path": "token"]]
    let authority: JSON = [
      "configMap": ["name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]]]
    ]
    let namespace: JSON = [
      "downwardAPI": [
        "items": [["path": "namespace", "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"]]]
      ]
    ]
    return ["defaultMode": 420, "sources": [token, authority, namespace]]
  }()
}
