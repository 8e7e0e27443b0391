import Objects

/// Where the pods are that terms speak of, counted as pods come and go rather than when somebody asks.
///
/// Pods of one namespace with the same labels are a group; a scope is what a selector means. Which groups are in which
/// scopes is found out once, when either is first seen, so that placing a pod adds to a few counts.
struct Census: Sendable {
  struct Group: Sendable {
    let namespace: String
    let labels: Labels
    var pods = NodeCounts()
    /// Those of them that are being deleted.
    var leaving = NodeCounts()
    /// The scopes that its pods are in.
    var scopes: [Int] = []
  }

  /// The pods, by node, that have a term about a scope with a certain node label.
  struct Ties: Sendable {
    /// That keep the scope's pods away.
    var repelling = NodeCounts()
    /// That require them near.
    var attracting = NodeCounts()
    /// That would like them near: the sum of the weights.
    var pulling = NodeCounts()

    var isEmpty: Bool { repelling.isEmpty && attracting.isEmpty && pulling.isEmpty }
  }

  struct Record: Sendable {
    let scope: Scope
    var pods = NodeCounts()
    var leaving = NodeCounts()
    /// By the key of the node label.
    var ties: [String: Ties] = [:]
  }

  /// Scopes that no placed pod has a term about are forgotten when there are more than this.
  private static let idleScopeLimit = 2048
  /// Groups without pods, likewise.
  private static let emptyGroupLimit = 2048

  private(set) var groups: [Int: Group] = [:]
  private(set) var records: [Int: Record] = [:]
  private(set) var namespaces: [String: Labels] = [:]
  private var groupNumbers: [String: Int] = [:]
  /// How many of the groups have no pods.
  private(set) var emptyGroups = 0
  private var scopeNumbers: [Scope: Int] = [:]
  private var nextNumber = 0

  /// Whether any placed pod has terms about others.
  private(set) var tieCount = 0

  // MARK: Asking

  /// The record of a scope; the scope is counted from now on.
  mutating func record(_ scope: Scope) -> Record { records[number(of: scope)] ?? Record(scope: scope) }

  /// The scopes that a pod is in and that others have terms about.
  mutating func heard(by pod: PodNeeds) -> [Record] {
    if tieCount == 0 { return [] }
    return (groups[group(of: pod)]?.scopes ?? []).compactMap { number in
      records[number].flatMap { $0.ties.isEmpty ? nil : $0 }
    }
  }

  func matches(_ pod: PodNeeds, _ scope: Scope) -> Bool {
    scope.matches(pod.labels, namespace: pod.key.namespace, namespaces[pod.key.namespace])
  }

  // MARK: Counting

  /// Counts a pod in (`sign` 1) or out (-1).
  mutating func add(_ pod: PodNeeds, isLeaving: Bool, times sign: Int, at slot: Int) {
    let number = group(of: pod)
    let wasEmpty = groups[number]?.pods.isEmpty ?? true
    groups[number]?.pods.add(sign, at: slot)
    let isEmpty = groups[number]?.pods.isEmpty ?? true
    if wasEmpty != isEmpty { emptyGroups += isEmpty ? 1 : -1 }
    for scope in groups[number]?.scopes ?? [] { records[scope]?.pods.add(sign, at: slot) }
    if isLeaving { addLeaving(number, sign, at: slot) }
    if pod.affinity.isEmpty { return }
    tieCount += sign
    for term in pod.affinity.forbidden { tie(term, at: slot) { $0.repelling.add(sign, at: slot) } }
    for term in pod.affinity.required { tie(term, at: slot) { $0.attracting.add(sign, at: slot) } }
    for (weight, term) in pod.affinity.preferred { tie(term, at: slot) { $0.pulling.add(sign * weight, at: slot) } }
  }

  /// A counted pod is being deleted from now on.
  mutating func markLeaving(_ pod: PodNeeds, at slot: Int) { addLeaving(group(of: pod), 1, at: slot) }

  private mutating func addLeaving(_ number: Int, _ sign: Int, at slot: Int) {
    groups[number]?.leaving.add(sign, at: slot)
    for scope in groups[number]?.scopes ?? [] { records[scope]?.leaving.add(sign, at: slot) }
  }

  private mutating func tie(_ term: PodAffinity.Term, at slot: Int, _ change: (inout Ties) -> Void) {
    let number = number(of: term.scope)
    change(&records[number, default: Record(scope: term.scope)].ties[term.topologyKey, default: Ties()])
    if records[number]?.ties[term.topologyKey]?.isEmpty == true { records[number]?.ties[term.topologyKey] = nil }
  }

  // MARK: Who is in what

  private mutating func group(of pod: PodNeeds) -> Int {
    if let number = groupNumbers[pod.groupKey] { return number }
    if emptyGroups >= Self.emptyGroupLimit { forgetEmptyGroups() }
    nextNumber += 1
    groupNumbers[pod.groupKey] = nextNumber
    var group = Group(namespace: pod.key.namespace, labels: pod.labels)
    group.scopes = scopes(of: group)
    groups[nextNumber] = group
    emptyGroups += 1
    return nextNumber
  }

  private func scopes(of group: Group) -> [Int] {
    let labels = namespaces[group.namespace]
    return records.compactMap { number, record in
      record.scope.matches(group.labels, namespace: group.namespace, labels) ? number : nil
    }.sorted()
  }

  private mutating func number(of scope: Scope) -> Int {
    if let number = scopeNumbers[scope] { return number }
    if scopeNumbers.count >= 2 * Self.idleScopeLimit { forgetIdleScopes() }
    nextNumber += 1
    scopeNumbers[scope] = nextNumber
    var record = Record(scope: scope)
    for (number, group) in groups
    where scope.matches(group.labels, namespace: group.namespace, namespaces[group.namespace]) {
      groups[number]?.scopes.append(nextNumber)
      record.pods.add(group.pods)
      record.leaving.add(group.leaving)
    }
    records[nextNumber] = record
    return nextNumber
  }

  private mutating func forgetEmptyGroups() {
    groups = groups.filter { !$0.value.pods.isEmpty }
    groupNumbers = groupNumbers.filter { groups[$0.value] != nil }
    emptyGroups = 0
  }

  private mutating func forgetIdleScopes() {
    let idle = Set(records.filter { $0.value.ties.isEmpty }.keys)
    if idle.count < Self.idleScopeLimit { return }
    records = records.filter { !idle.contains($0.key) }
    scopeNumbers = scopeNumbers.filter { !idle.contains($0.value) }
    for number in groups.keys { groups[number]?.scopes.removeAll(where: idle.contains) }
  }

  /// Follows the labels of a namespace; nil when it is gone. True when that may change who is in what.
  mutating func setNamespace(_ name: String, _ labels: Labels?) -> Bool {
    if namespaces[name] == labels { return false }
    namespaces[name] = labels
    guard records.values.contains(where: { $0.scope.dependsOnNamespaceLabels }) else { return false }
    for (number, group) in groups where group.namespace == name {
      let (old, new) = (Set(group.scopes), scopes(of: group))
      groups[number]?.scopes = new
      for scope in old.symmetricDifference(new) {
        let sign = old.contains(scope) ? -1 : 1
        records[scope]?.pods.add(group.pods, times: sign)
        records[scope]?.leaving.add(group.leaving, times: sign)
      }
    }
    return true
  }
}
