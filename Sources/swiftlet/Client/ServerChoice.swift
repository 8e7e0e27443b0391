import ArgumentParser
import Foundation

/// Which cluster a command is for, said as kubectl takes it.
struct ServerChoice: ParsableArguments {
  @Option(help: "The kubeconfig; by default $KUBECONFIG, ~/.kube/config or that in ~/.swiftlet, as with kubectl.")
  var kubeconfig: String?

  @Option(help: "The kubeconfig's context to use instead of the current one.")
  var context: String?

  @Option(help: "The cluster's URL, http://HOST:PORT or https://HOST:PORT, instead of the kubeconfig's.")
  var server: String?

  @Option(help: "A bearer token instead of the kubeconfig's.")
  var token: String?

  @Option(help: "The data directory of the cluster, instead of a kubeconfig.")
  var data: String?

  func access() throws -> ServerAccess {
    var access = try found() ?? .usual
    if let server { access.url = server }
    if let token { access.token = token }
    return access
  }

  private func found() throws -> ServerAccess? {
    if let kubeconfig {
      let file = URL(fileURLWithPath: kubeconfig.expandingHome)
      guard FileManager.default.fileExists(atPath: file.path) else {
        throw UsageError(description: "\(file.path) is not there")
      }
      guard let access = try ServerAccess(kubeconfigs: [file], context: context) else {
        throw UsageError(description: "\(file.path) has no current context: choose one by --context")
      }
      return access
    }
    guard let data else {
      // Who says all of it needs no file, and no trouble with one.
      if server != nil, token != nil { return nil }
      return try ServerAccess(kubeconfigs: ServerAccess.kubeconfigs(), context: context)
    }
    var directory = DataDirectory()
    directory.path = data
    if let access = try ServerAccess(
      kubeconfigs: [directory.url.appendingPathComponent("kubeconfig")], context: context)
    {
      return access
    }
    // Its kubeconfig was written elsewhere.
    var access = ServerAccess.usual
    access.token = try directory.read("admin.token").trimmingCharacters(in: .whitespacesAndNewlines)
    return access
  }
}
