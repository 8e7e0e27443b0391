import JSONCore
import Objects

/// Which pods a pod must, would like to, must not or would rather not be near.
struct PodAffinity: Sendable {
  struct Term: Sendable, Hashable {
    let topologyKey: String
    let scope: Scope

    init?(_ json: JSON, namespace: String, labels: Labels) {
      guard let scope = Scope(term: json, namespace: namespace, labels: labels) else { return nil }
      topologyKey = json.text("topologyKey")
      self.scope = scope
    }
  }

  let required: [Term]
  /// The pods that meet all required terms at once: those are the company that counts. nil without required terms.
  let requiredScope: Scope?
  let forbidden: [Term]
  /// With the weights of avoidance as negative numbers.
  let preferred: [(weight: Int, term: Term)]

  var isEmpty: Bool { required.isEmpty && forbidden.isEmpty && preferred.isEmpty }

  init(_ affinity: JSON?, namespace: String, labels: Labels) {
    func hard(_ kind: String) -> [Term] {
      (affinity?[kind]?.list("requiredDuringSchedulingIgnoredDuringExecution") ?? []).compactMap {
        Term($0, namespace: namespace, labels: labels)
      }
    }
    func soft(_ kind: String, _ sign: Int) -> [(weight: Int, term: Term)] {
      (affinity?[kind]?.list("preferredDuringSchedulingIgnoredDuringExecution") ?? []).compactMap { entry in
        Term(entry["podAffinityTerm"] ?? .emptyObject, namespace: namespace, labels: labels).map {
          (weight: sign * min(max(entry["weight"]?.int ?? 0, 0), 100), term: $0)
        }
      }
    }
    required = hard("podAffinity")
    requiredScope = required.isEmpty ? nil : Scope(all: required.map(\.scope))
    forbidden = hard("podAntiAffinity")
    preferred = soft("podAffinity", 1) + soft("podAntiAffinity", -1)
  }
}
