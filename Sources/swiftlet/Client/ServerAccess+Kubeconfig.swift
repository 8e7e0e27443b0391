import APIServer
import Foundation
import JSONCore
import Objects

extension ServerAccess {
  /// What kubeconfigs say of a context; of several files that name the same thing the first one counts.
  /// - Parameters:
  ///   - files: those that are not there are passed over.
  ///   - context: nil: the current one.
  /// - Returns: nil when no file has a context to go by.
  /// - Throws: `UsageError`
  init?(kubeconfigs files: [URL], context chosen: String?) throws {
    let all = try files.filter { FileManager.default.fileExists(atPath: $0.path) }.map(KubeconfigFile.init)
    guard let name = chosen ?? all.lazy.map({ $0.json.text("current-context") }).first(where: { !$0.isEmpty }) else {
      return nil
    }
    let shown = files.map(\.path).joined(separator: ":")
    func entry(_ list: String, _ name: String, _ field: String) throws -> (KubeconfigFile, JSON) {
      for file in all {
        if let found = file.json.list(list).first(where: { $0.text("name") == name }) {
          return (file, found[field] ?? .emptyObject)
        }
      }
      throw UsageError(description: "\(shown): there is no \(field) \"\(name)\"")
    }
    let (_, context) = try entry("contexts", name, "context")
    let (home, cluster) = try entry("clusters", context.text("cluster"), "cluster")
    url = cluster.text("server")
    authorityPEM = try home.pem("certificate-authority", of: cluster)
    serverName = cluster["tls-server-name"]?.string
    isUnchecked = cluster["insecure-skip-tls-verify"]?.bool == true
    source = "\(home.url.path), context \(name)"
    if context.text("user").isEmpty { return }
    let (owner, user) = try entry("users", context.text("user"), "user")
    if user["exec"] != nil || user["auth-provider"] != nil {
      throw UsageError(
        description: "\(source): its user logs in by a program, which only kubectl can do; use --token TOKEN")
    }
    token = user["token"].map { $0.string ?? $0.text }
    if token == nil, let path = user["tokenFile"]?.string {
      token = String(decoding: try owner.read(path), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    certificatePEM = try owner.pem("client-certificate", of: user)
    keyPEM = try owner.pem("client-key", of: user)
  }

  /// The files that kubectl would read, and then that of the usual data directory.
  static func kubeconfigs(environment: [String: String] = ProcessInfo.processInfo.environment) -> [URL] {
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      return list.split(separator: ":").map { URL(fileURLWithPath: String($0)) }
    }
    return ["~/.kube/config", "~/.swiftlet/kubeconfig"].map { path in
      URL(fileURLWithPath: path.expandingHome)
    }
  }
}

/// One file, whose paths are seen from its own directory.
private struct KubeconfigFile {
  let url: URL
  let json: JSON

  init(_ url: URL) throws {
    self.url = url
    do {
      json = try YAML.read([UInt8](try Data(contentsOf: url))).json
    } catch {
      throw UsageError(description: "\(url.path) cannot be read: \((error as? Status)?.message ?? "\(error)")")
    }
  }

  /// What `FIELD-data` holds, or the file that `FIELD` names.
  func pem(_ field: String, of entry: JSON) throws -> String? {
    if let text = entry["\(field)-data"]?.string, !text.isEmpty {
      guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
        throw UsageError(description: "\(url.path): \(field)-data is not base64")
      }
      return String(decoding: data, as: UTF8.self)
    }
    guard let path = entry[field]?.string, !path.isEmpty else { return nil }
    return String(decoding: try read(path), as: UTF8.self)
  }

  func read(_ path: String) throws -> Data {
    let file = URL(fileURLWithPath: path, relativeTo: url.deletingLastPathComponent())
    do {
      return try Data(contentsOf: file)
    } catch {
      throw UsageError(description: "\(url.path) names \(file.path), which cannot be read")
    }
  }
}
