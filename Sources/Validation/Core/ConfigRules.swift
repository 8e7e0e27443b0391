import JSONCore
import Objects
import Values

/// Rules of `configmaps` and `secrets`.
enum ConfigRules {
  /// All values together.
  static let maximumBytes = 1024 * 1024

  static let configMap = Rule(
    object: { object, findings in
      var size = 0
      for (key, value) in object["data"]?.object ?? Members() {
        findings.invalid(Path("data").key(key), key, messages: Names.configKey(key))
        if object["binaryData"]?[key] != nil {
          findings.invalid(Path("data").key(key), .string(key), "duplicate of key present in binaryData")
        }
        size += value.string?.utf8.count ?? 0
      }
      for (key, value) in object["binaryData"]?.object ?? Members() {
        findings.invalid(Path("binaryData").key(key), key, messages: Names.configKey(key))
        size += (value.string?.utf8.count ?? 0) / 4 * 3
      }
      if size > maximumBytes { findings.add(.tooLong("", limit: maximumBytes)) }
    },
    update: { new, old, findings in
      frozen(new, old, ["data", "binaryData"], &findings)
    })

  static let secret = Rule(
    object: { object, findings in
      var size = 0
      for (key, value) in object["data"]?.object ?? Members() {
        findings.invalid(Path("data").key(key), key, messages: Names.configKey(key))
        size += (value.string?.utf8.count ?? 0) / 4 * 3
      }
      if size > maximumBytes { findings.add(.tooLong("data", limit: maximumBytes)) }
      contents(object, &findings)
    },
    update: { new, old, findings in
      findings.immutable("type", new: new["type"], old: old["type"])
      frozen(new, old, ["data"], &findings)
    })

  private static func frozen(_ new: JSON, _ old: JSON, _ fields: [String], _ findings: inout Findings) {
    guard old["immutable"]?.bool == true else { return }
    if new["immutable"]?.bool != true {
      findings.forbidden("immutable", "field is immutable when `immutable` is set")
    }
    for field in fields where (new[field] ?? .emptyObject) != (old[field] ?? .emptyObject) {
      findings.forbidden(Path(field), "field is immutable when `immutable` is set")
    }
  }

  /// What each type of secret has to hold.
  private static func contents(_ secret: JSON, _ findings: inout Findings) {
    func need(_ key: String) {
      if secret["data"]?[key] == nil { findings.required(Path("data").key(key)) }
    }
    switch secret.text("type") {
    case "kubernetes.io/service-account-token":
      let annotation = "kubernetes.io/service-account.name"
      if secret.at("metadata", "annotations")?.text(annotation).isEmpty != false {
        findings.required(Path("metadata.annotations").key(annotation))
      }
    case "kubernetes.io/dockercfg": dockerConfig(secret, ".dockercfg", &findings)
    case "kubernetes.io/dockerconfigjson": dockerConfig(secret, ".dockerconfigjson", &findings)
    case "kubernetes.io/basic-auth":
      if secret["data"]?["username"] == nil, secret["data"]?["password"] == nil {
        need("username")
        need("password")
      }
    case "kubernetes.io/ssh-auth":
      if secret["data"]?.text("ssh-privatekey").isEmpty != false {
        findings.required(Path("data").key("ssh-privatekey"))
      }
    case "kubernetes.io/tls":
      need("tls.crt")
      need("tls.key")
    default: break
    }
  }

  private static func dockerConfig(_ secret: JSON, _ key: String, _ findings: inout Findings) {
    let path = Path("data").key(key)
    guard let encoded = secret["data"]?[key]?.string else { return findings.required(path) }
    guard let bytes = Base64.decode(encoded) else {
      return findings.invalid(path, "<secret contents redacted>", "not base64")
    }
    do {
      guard try JSON.parse(bytes).object != nil else {
        return findings.invalid(path, "<secret contents redacted>", "must be a JSON object")
      }
    } catch {
      findings.invalid(path, "<secret contents redacted>", error.message)
    }
  }
}
