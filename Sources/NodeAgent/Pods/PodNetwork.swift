import JSONCore
import Objects
import Reconciling
import Values

/// The cluster's names and ports as a process in a pod finds them.
///
/// Services have their addresses and answer where a ready pod stands behind them; every host outside of the cluster exists
/// and answers, but for those in `.invalid`, `.test` and `.local`.
struct PodNetwork: SimulatedNetwork {
  /// The one address of all hosts outside of the cluster.
  static let outside = "203.0.113.10"

  let pod: Key
  let hostname: String
  let address: String
  /// Where the work of those who answer is written down; nil where nobody counts.
  var traffic: Traffic?
  /// The pod's `/etc/hosts` and `/etc/resolv.conf`; "" for the usual ones.
  var hosts = ""
  var resolver = ""
  /// How the API is reached.
  var api: APIDoor?
  let snapshot: @Sendable () -> Snapshot

  func addresses(of host: String) -> [String] {
    if Self.isAddress(host) { return [host] }
    if host == "localhost" { return ["127.0.0.1"] }
    if host == hostname || host == pod.name { return [address] }
    if let known = known(host) { return [known] }
    return records(host, .address, searches: true).filter { $0.kind == .address }.map(\.value)
  }

  private static func isAddress(_ host: String) -> Bool {
    host.contains(":") || host.contains(".") && host.allSatisfy { $0.isNumber || $0 == "." } && !host.hasSuffix(".")
  }

  /// What the file of hosts says.
  private func known(_ host: String) -> String? {
    for line in hosts.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.dropFirst().contains(where: { $0 == host }) { return words.first.map(String.init) }
    }
    return nil
  }

  func records(_ name: String, _ kind: NameRecord.Kind, searches: Bool) -> [NameRecord] {
    guard searches, !name.hasSuffix(".") else { return follow(name, kind, depth: 0) }
    for end in searched where kind != .pointer {
      let found = follow("\(name).\(end)", kind, depth: 0)
      if !found.isEmpty { return found }
    }
    return follow(name, kind, depth: 0)
  }

  /// Where names are looked for that may not be whole.
  private var searched: [String] {
    if resolver.isEmpty { return PodSystemFiles.searches(pod.namespace) }
    let line = resolver.split(separator: "\n").first { $0.hasPrefix("search ") } ?? ""
    return line.split(separator: " ").dropFirst().map(String.init)
  }

  private var asksCluster: Bool { resolver.isEmpty || resolver.contains("nameserver \(PodSystemFiles.nameServer)\n") }

  /// The records of a whole name, and of those that it stands for.
  private func follow(_ name: String, _ kind: NameRecord.Kind, depth: Int) -> [NameRecord] {
    let plain = name.hasSuffix(".") ? String(name.dropLast()) : name
    guard depth < 8, asksCluster, let found = NameServer(snapshot: snapshot()).records(plain, kind) else {
      return outside(plain, kind)
    }
    guard let alias = found.first(where: { $0.kind == .alias }), kind != .alias else { return found }
    return found + follow(alias.value, kind, depth: depth + 1)
  }

  private func outside(_ name: String, _ kind: NameRecord.Kind) -> [NameRecord] {
    let isNowhere =
      !name.contains(".") || [".local", ".svc", ".invalid", ".test", ".arpa"].contains { name.hasSuffix($0) }
    if isNowhere || kind != .address || isOfNamespace(name) { return [] }
    return [NameRecord(name: name, kind: .address, value: Self.outside)]
  }

  /// `web.shop` where there is a namespace `shop`: it was meant to be a Service.
  private func isOfNamespace(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    return parts.count == 2 && snapshot()[Key(.namespaces, name: String(parts[1]))] != nil
  }

  func noteAnswer(of server: ContainerRequest, uid: String, at now: Instant) {
    traffic?.note(ImageAnswers.answer(server.container.image)?.cpu ?? .milliseconds(1), of: uid, at: now)
  }
}
