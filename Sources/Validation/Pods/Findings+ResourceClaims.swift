import JSONCore
import Objects

/// Devices that a pod claims.
extension Findings {
  /// `resourceClaims` of a pod.
  mutating func resourceClaims(_ claims: JSON?, _ path: Path) {
    var names = Set<String>()
    for (path, claim) in elements(claims, path) {
      let name = claim.text("name")
      if name.isEmpty {
        required(path.child("name"))
      } else if names.insert(name).inserted {
        invalid(path.child("name"), name, messages: Names.label(name))
      } else {
        duplicate(path.child("name"), .string(name))
      }
      let sources = ["resourceClaimName", "resourceClaimTemplateName"].filter { claim[$0] != nil }
      if sources.count > 1 {
        invalid(
          path, claim, as: .podResourceClaim,
          "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified")
      } else if sources.isEmpty {
        invalid(
          path, claim, as: .podResourceClaim,
          "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
      }
      for field in sources {
        invalid(path.child(field), claim.text(field), messages: Names.subdomain(claim.text(field)))
      }
    }
  }

  /// `resources.claims` of a container.
  mutating func claimNames(_ claims: JSON?, _ path: Path, _ known: Set<String>) {
    var names = Set<String>()
    for (path, claim) in elements(claims, path) {
      let name = claim.text("name")
      let request = claim.text("request")
      if name.isEmpty {
        required(path)
        continue
      }
      if names.contains(name) {
        duplicate(path, .string(name))
      } else {
        let key = request.isEmpty ? name : "\(name)/\(request)"
        if !request.isEmpty { invalid(path.child("request"), request, messages: Names.label(request)) }
        if names.contains(key) {
          duplicate(path, .string(key))
        } else if request.isEmpty, names.contains(where: { $0.hasPrefix("\(name)/") }) {
          duplicate(path, .string(name))
        }
        names.insert(key)
      }
      if known.contains(name) { continue }
      let rest = known.isEmpty ? " which is empty" : ": \(known.sorted().joined(separator: ", "))"
      add(
        FieldError(
          reason: .notFound, field: path.description,
          message: "Not found: \(Status.quoted(name)): must be one of the names in pod.spec.resourceClaims\(rest)"))
    }
  }
}
