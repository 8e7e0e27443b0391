import Objects

/// Affinity between pods as a filter: required company, forbidden company, and the wishes of pods that are there already.
struct CompanyFilter {
  private struct Term {
    let key: String
    let column: TopologyTable.Column
    /// Pods by the number of the value of the label.
    let counts: [Int32]

    func count(_ slot: Int) -> Int {
      let number = column.values[slot]
      return number < 0 ? 0 : Int(counts[Int(number)])
    }
  }

  private var near: [Term] = []
  private var far: [Term] = []
  private var repelled: [Term] = []
  /// No pod is there yet to be near to, and the pod would be its own company.
  private var isFirstOfItsKind = false

  init(_ pod: PodNeeds, _ view: inout ClusterView) {
    if let scope = pod.affinity.requiredScope {
      let record = view.record(scope)
      near = pod.affinity.required.map { Self.term($0.topologyKey, record.pods, &view) }
      isFirstOfItsKind =
        near.allSatisfy { $0.counts.allSatisfy { $0 == 0 } } && view.census.matches(pod, scope)
    }
    far = pod.affinity.forbidden.map { Self.term($0.topologyKey, view.record($0.scope).pods, &view) }
    for record in view.heard(by: pod) {
      for (key, ties) in record.ties.sorted(by: { $0.key < $1.key }) where !ties.repelling.isEmpty {
        repelled.append(Self.term(key, ties.repelling, &view))
      }
    }
  }

  private static func term(_ key: String, _ pods: NodeCounts, _ view: inout ClusterView) -> Term {
    let column = view.column(key)
    return Term(key: key, column: column, counts: pods.sums(by: column.values, count: column.names.count))
  }

  var isEmpty: Bool { near.isEmpty && far.isEmpty && repelled.isEmpty }

  func refusal(_ slot: Int) -> Refusal? {
    for term in near where term.column.values[slot] < 0 {
      return Refusal(.interPodAffinity, "node(s) didn't match pod affinity rules", .missingLabel(term.key))
    }
    if !isFirstOfItsKind, let lonely = near.first(where: { $0.count(slot) == 0 }) {
      return Refusal(.interPodAffinity, "node(s) didn't match pod affinity rules", place(lonely, slot))
    }
    for term in far where term.count(slot) > 0 {
      return Refusal(
        .interPodAffinity, "node(s) didn't match pod anti-affinity rules", isCurable: true, place(term, slot))
    }
    for term in repelled where term.count(slot) > 0 {
      return Refusal(
        .interPodAffinity, "node(s) didn't satisfy existing pods anti-affinity rules", isCurable: true,
        place(term, slot))
    }
    return nil
  }

  private func place(_ term: Term, _ slot: Int) -> Refusal.Detail {
    .company(key: term.key, value: term.column.names[Int(term.column.values[slot])])
  }
}
