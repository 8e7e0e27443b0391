import JSONCore
import Objects

extension Findings {
  mutating func probes(of container: JSON, _ path: Path) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
      guard let probe = container[name] else { continue }
      self.probe(probe, path.child(name))
      if name != "readinessProbe", let threshold = probe["successThreshold"]?.int, threshold != 1 {
        invalid(path.child(name).child("successThreshold"), JSON(threshold), "must be 1")
      }
      if name == "readinessProbe", probe["terminationGracePeriodSeconds"] != nil {
        invalid(
          path.child(name).child("terminationGracePeriodSeconds"), probe["terminationGracePeriodSeconds"],
          "must not be set for readinessProbes")
      }
    }
  }

  private mutating func probe(_ probe: JSON, _ path: Path) {
    handler(probe, path, kinds: ["exec", "httpGet", "tcpSocket", "grpc"])
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
      nonNegative(path.child(field), probe[field])
    }
    if let seconds = probe["terminationGracePeriodSeconds"]?.int, seconds <= 0 {
      invalid(path.child("terminationGracePeriodSeconds"), JSON(seconds), "must be greater than 0")
    }
  }

  /// What a probe or a hook does: exactly one of several kinds.
  /// - Parameter grace: seconds that a hook may sleep.
  mutating func handler(_ handler: JSON, _ path: Path, kinds: [String], grace: Int = 0) {
    var count = 0
    for kind in kinds {
      guard let action = handler[kind] else { continue }
      count += 1
      if count > 1 {
        forbidden(path.child(kind), "may not specify more than 1 handler type")
        continue
      }
      switch kind {
      case "exec":
        if action.list("command").isEmpty { required(path.child("exec").child("command")) }
      case "httpGet": httpGet(action, path.child("httpGet"))
      case "tcpSocket": portOrName(action["port"], path.child("tcpSocket").child("port"))
      case "grpc": portOrName(action["port"], path.child("grpc").child("port"))
      default:
        if let seconds = action["seconds"]?.int, seconds < 0 || seconds > grace {
          invalid(
            path.child("sleep"), JSON(seconds),
            "must be non-negative and less than terminationGracePeriodSeconds (\(grace))")
        }
      }
    }
    if count == 0 { required(path, "must specify a handler type") }
  }

  private mutating func httpGet(_ action: JSON, _ path: Path) {
    if action.text("path").isEmpty { required(path.child("path")) }
    portOrName(action["port"], path.child("port"))
    supported(path.child("scheme"), action.text("scheme"), ["HTTP", "HTTPS"])
    let headers = path.child("httpHeaders")
    for header in action.list("httpHeaders") {
      let name = header.text("name")
      let isToken = !name.isEmpty && name.utf8.allSatisfy { Names.isAlphanumeric($0) || $0 == 45 }
      if !isToken {
        invalid(
          headers, .string(name),
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', "
            + "regex used for validation is '[-A-Za-z0-9]+')")
      }
    }
  }

  /// A port by number or by name.
  mutating func portOrName(_ port: JSON?, _ path: Path) {
    if let name = port?.string {
      invalid(path, name, messages: Names.portName(name))
    } else if let number = port?.int, !(1...65535).contains(number) {
      invalid(path, port, "must be between 1 and 65535, inclusive")
    } else if port == nil {
      invalid(path, 0, "must be between 1 and 65535, inclusive")
    }
  }
}
