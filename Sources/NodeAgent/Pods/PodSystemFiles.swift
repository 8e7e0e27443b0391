import JSONCore
import Objects
import Reconciling

/// `/etc/hosts` and `/etc/resolv.conf`, as a kubelet writes them.
struct PodSystemFiles {
  /// Where the cluster's names are known.
  static let nameServer = "10.96.0.10"
  private static let domain = "cluster.local"
  /// What names nodes ask.
  private static let nodeServer = "172.18.0.1"

  let pod: PodDetails
  let hostname: String
  let address: String

  private var isOnHostNetwork: Bool { pod.spec["hostNetwork"]?.bool == true }

  /// They are those of most pods, of which nobody need keep a copy.
  var hasUsualHosts: Bool {
    !isOnHostNetwork && pod.spec.text("subdomain").isEmpty && pod.spec.list("hostAliases").isEmpty
  }

  var hasUsualResolver: Bool {
    ["", "ClusterFirst"].contains(pod.spec.text("dnsPolicy")) && pod.spec["dnsConfig"] == nil && !isOnHostNetwork
  }

  static func usualHosts(_ hostname: String, _ address: String) -> String {
    lines(isOnHostNetwork: false).joined(separator: "\n") + (address.isEmpty ? "" : "\n\(address)\t\(hostname)") + "\n"
  }

  static func usualResolver(_ namespace: String) -> String {
    "search \(searches(namespace).joined(separator: " "))\nnameserver \(nameServer)\noptions ndots:5\n"
  }

  /// Where names are looked for that may not be whole.
  static func searches(_ namespace: String) -> [String] { ["\(namespace).svc.\(domain)", "svc.\(domain)", domain] }

  private static func lines(isOnHostNetwork: Bool) -> [String] {
    [
      isOnHostNetwork ? "# Kubernetes-managed hosts file (host network)." : "# Kubernetes-managed hosts file.",
      "127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", "fe00::0\tip6-localnet",
      "fe00::0\tip6-mcastprefix", "fe00::1\tip6-allnodes", "fe00::2\tip6-allrouters",
    ]
  }

  var hosts: String {
    var lines = Self.lines(isOnHostNetwork: isOnHostNetwork)
    let subdomain = pod.spec.text("subdomain")
    let full =
      subdomain.isEmpty ? "" : "\(hostname).\(subdomain).\(pod.key.namespace).svc.\(Self.domain)\t"
    if !address.isEmpty { lines.append("\(address)\t\(full)\(hostname)") }
    let aliases = pod.spec.list("hostAliases")
    if !aliases.isEmpty { lines += ["", "# Entries added by HostAliases."] }
    for alias in aliases {
      lines.append(([alias.text("ip")] + alias.list("hostnames").compactMap(\.string)).joined(separator: "\t"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  var resolver: String {
    let wishes = pod.spec["dnsConfig"] ?? .emptyObject
    let policy = pod.spec.text("dnsPolicy")
    let asksCluster =
      policy == "ClusterFirstWithHostNet" || (policy.isEmpty || policy == "ClusterFirst") && !isOnHostNetwork
    var (servers, searches, options): ([String], [String], [String]) = ([], [], [])
    if asksCluster {
      servers = [Self.nameServer]
      searches = Self.searches(pod.key.namespace)
      options = ["ndots:5"]
    } else if policy != "None" {
      servers = [Self.nodeServer]
    }
    for server in wishes.list("nameservers").compactMap(\.string) where !servers.contains(server) {
      servers.append(server)
    }
    for search in wishes.list("searches").compactMap(\.string) where !searches.contains(search) {
      searches.append(search)
    }
    for option in wishes.list("options") {
      let name = option.text("name")
      options.removeAll { $0 == name || $0.hasPrefix(name + ":") }
      options.append(option.text("value").isEmpty ? name : "\(name):\(option.text("value"))")
    }
    var lines = searches.isEmpty ? [] : ["search " + searches.joined(separator: " ")]
    lines += servers.map { "nameserver \($0)" }
    if !options.isEmpty { lines.append("options " + options.joined(separator: " ")) }
    return lines.joined(separator: "\n") + "\n"
  }
}
