import JSONCore
import Objects

/// Volumes of files that the cluster itself writes.
extension Findings {
  /// One file of the downward API; the stock server does not say which.
  mutating func downwardFile(_ file: JSON, _ path: Path) {
    if file.text("path").isEmpty { required(path.child("path")) }
    relativePath(file.text("path"), path.child("path"))
    fileMode(file["mode"], path.child("mode"))
    if let field = file["fieldRef"] {
      fieldReference(field, path.child("fieldRef"), allowed: Self.volumeFields)
      if file["resourceFieldRef"] != nil {
        invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
      }
    } else if let resource = file["resourceFieldRef"] {
      resourceReference(resource, path.child("resourceFieldRef"), needsContainer: true)
    } else {
      required(path, "one of fieldRef and resourceFieldRef is required")
    }
  }

  mutating func projected(_ source: JSON, _ path: Path) {
    fileMode(source["defaultMode"], path.child("defaultMode"))
    let kinds = ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"]
    var paths = Set<String>()
    for (place, entry) in elements(source["sources"], path.child("sources")) {
      var count = 0
      for kind in kinds {
        guard let value = entry[kind] else { continue }
        count += 1
        projection(kind, value, place.child(kind), volume: path, &paths)
      }
      if count > 1 { forbidden(place, "may not specify more than 1 volume type per source") }
    }
  }

  private mutating func projection(
    _ kind: String, _ value: JSON, _ path: Path, volume: Path, _ paths: inout Set<String>
  ) {
    switch kind {
    case "secret", "configMap":
      if value.text("name").isEmpty { required(path.child("name")) }
      keyPaths(value["items"], path.child("items"))
      for item in value.list("items") where !item.text("path").isEmpty {
        if !paths.insert(item.text("path")).inserted {
          invalid(volume, .string(value.text("name")), "conflicting duplicate paths")
        }
      }
    case "downwardAPI":
      for file in value.list("items") {
        downwardFile(file, path)
        if !file.text("path").isEmpty { own(file.text("path"), volume, &paths) }
      }
    case "serviceAccountToken": token(value, path, volume: volume)
    case "clusterTrustBundle":
      trustBundle(value, path)
      if value.text("path").isEmpty { required(path.child("path")) }
      relativePath(value.text("path"), path.child("path"))
      own(value.text("path"), volume, &paths)
    default: certificate(value, path, volume: volume, &paths)
    }
  }

  /// Two sources cannot write the same file.
  private mutating func own(_ file: String, _ volume: Path, _ paths: inout Set<String>) {
    if !paths.insert(file).inserted { invalid(volume, .string(file), "conflicting duplicate paths") }
  }

  private mutating func token(_ value: JSON, _ path: Path, volume: Path) {
    if let seconds = value["expirationSeconds"]?.int {
      let place = path.child("expirationSeconds")
      if seconds < 600 { invalid(place, JSON(seconds), "may not specify a duration less than 10 minutes") }
      if seconds > 1 << 32 {
        invalid(place, JSON(seconds), "may not specify a duration larger than 2^32 seconds")
      }
    }
    if value.text("path").isEmpty {
      required(volume.child("path"))
    } else {
      relativePath(value.text("path"), volume.child("path"))
    }
  }

  private mutating func trustBundle(_ value: JSON, _ path: Path) {
    switch (value["name"]?.string, value["signerName"]?.string) {
    case (_?, _?): invalid(path, value, "only one of name and signerName may be used")
    case (let name?, nil):
      if name.isEmpty { required(path.child("name"), "must be a valid object name") }
      for message in Names.subdomain(name.split(separator: ":").last.map(String.init) ?? "") {
        invalid(path.child("name"), .string(name), "not a valid clustertrustbundlename: \(message)")
      }
      if let selector = value["labelSelector"] {
        invalid(path.child("labelSelector"), selector, "labelSelector must be unset if name is specified")
      }
    case (nil, let signer?):
      if signer.isEmpty { required(path.child("signerName"), "must be a valid signer name") }
      signerName(signer, path.child("signerName"))
      labelSelector(value["labelSelector"], path.child("labelSelector"))
    case (nil, nil): required(path, "either name or signerName must be specified")
    }
  }

  private static let keyTypes = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"]

  private mutating func certificate(_ value: JSON, _ path: Path, volume: Path, _ paths: inout Set<String>) {
    let signer = value.text("signerName")
    signerName(signer, path.child("signerName"))
    supported(path.child("keyType"), value.text("keyType"), Self.keyTypes)
    if let seconds = value["maxExpirationSeconds"]?.int {
      let place = path.child("maxExpirationSeconds")
      let longest = signer.split(separator: "/").first == "kubernetes.io" ? 86400 : 7_862_400
      if seconds < 3600 { invalid(place, JSON(seconds), "if provided, maxExpirationSeconds must be >= 3600") }
      if seconds > longest { invalid(place, JSON(seconds), "if provided, maxExpirationSeconds must be <= \(longest)") }
    }
    var count = 0
    for field in ["credentialBundlePath", "keyPath", "certificateChainPath"] {
      let file = value.text(field)
      if file.isEmpty { continue }
      count += 1
      relativePath(file, path.child(field))
      own(file, volume, &paths)
    }
    if count == 0 {
      required(path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath")
    }
  }

  /// The name of who signs certificates: a domain and a path (`ValidateSignerName`).
  mutating func signerName(_ name: String, _ path: Path) {
    if name.isEmpty { required(path) }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      return invalid(
        path, .string(name), "must be a fully qualified domain and path of the form 'example.com/signer-name'")
    }
    if parts[0].utf8.count > Names.subdomainMaximum { add(.tooLong(path, limit: Names.subdomainMaximum)) }
    let domain = segments(of: parts[0], path, Names.label)
    if domain < 2 {
      invalid(path, .string(parts[0]), "should be a domain with at least two segments separated by dots")
    }
    _ = segments(of: parts[1], path, Names.subdomain)
  }

  /// Tells of the first bad one of the parts between dots.
  /// - Returns: how many there are.
  private mutating func segments(of name: String, _ path: Path, _ grammar: (String) -> [String]) -> Int {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if let bad = labels.first(where: { !grammar($0).isEmpty }) {
      for message in grammar(bad) {
        invalid(path, .string(name), "validating label \(Status.quoted(bad)): \(message)")
      }
    }
    return labels.count
  }
}
