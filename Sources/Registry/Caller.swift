/// Who asks for something: `user.Info` of Kubernetes.
public struct Caller: Sendable, Hashable {
  public var name: String
  public var uid: String
  public var groups: [String]
  /// What the authenticator found beside it, such as the pod that a token is bound to.
  public var extra: [String: [String]]

  public init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
    self.name = name
    self.uid = uid
    self.groups = groups
    self.extra = extra
  }

  /// A peer inside the process. It is not asked for permission, and may write whatever its rules allow.
  /// - Parameter component: `deployment-controller`, `kube-scheduler`, …
  public static func system(_ component: String) -> Caller {
    Caller(name: "system:\(component)", groups: [Self.mastersGroup, "system:authenticated"])
  }

  public static let anonymous = Caller(name: "system:anonymous", groups: ["system:unauthenticated"])

  /// The group that may do everything, whatever the roles say.
  public static let mastersGroup = "system:masters"

  public var isMaster: Bool { groups.contains(Self.mastersGroup) }
}
