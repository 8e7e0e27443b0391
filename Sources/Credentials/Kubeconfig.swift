import Foundation

/// A kubeconfig with one cluster, one user and one context, all named `swiftlet`.
public struct Kubeconfig: Sendable {
  public var server: String
  public var caPEM: String
  public var token: String

  public init(server: String, caPEM: String, token: String) {
    self.server = server
    self.caPEM = caPEM
    self.token = token
  }

  public var yaml: String {
    """
    apiVersion: v1
    kind: Config
    current-context: swiftlet
    clusters:
    - name: swiftlet
      cluster:
        server: \(server)
        certificate-authority-data: \(Data(caPEM.utf8).base64EncodedString())
    users:
    - name: swiftlet
      user:
        token: \(token)
    contexts:
    - name: swiftlet
      context:
        cluster: swiftlet
        user: swiftlet

    """
  }
}
