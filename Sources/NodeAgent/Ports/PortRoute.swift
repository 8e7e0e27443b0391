import Objects

/// Where a connection to a host and a port leads.
enum PortRoute: Sendable {
  /// The name is nobody's.
  case unknownHost
  /// Somebody is there, but does not listen.
  case refused
  /// Packets get lost on the way: an address of the cluster that nobody has.
  case lost
  /// A host outside of the cluster, all of which exist and answer.
  case outside
  /// The cluster's API.
  case api
  /// One of these pods; the same one for all connections of one client, where it is to be so.
  case pods([PortTarget], isSticky: Bool)
}

/// A port of a pod.
struct PortTarget: Sendable, Equatable {
  var uid: String
  /// The ids of its running containers, any of which may listen.
  var containers: [String]
  var port: Int
}

enum Transport: String, Sendable {
  case tcp = "TCP"
  case udp = "UDP"
}

/// A container that runs, as others meet it over the network.
struct RunningPeer: Sendable {
  var request: ContainerRequest
  var root: FileTree
  var log: ContainerLog
}
