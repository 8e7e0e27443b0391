import Values

/// Samples in the text format of Prometheus (version 0.0.4).
public struct MetricsText: Sendable {
  public enum Kind: String, Sendable { case counter, gauge, histogram }

  private(set) var buffer = ByteBuffer(capacity: 16 * 1024)

  /// Begins a family; its samples follow.
  public mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    buffer.append(text: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
  }

  public mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: Int) {
    begin(name, labels)
    buffer.append(decimal: Int64(value))
    buffer.append("\n")
  }

  public mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
    begin(name, labels)
    buffer.append(text: "\(value)\n")
  }

  public mutating func histogram(_ name: String, _ labels: [(name: String, value: String)], _ histogram: Histogram) {
    var total = 0
    for (index, count) in histogram.counts.enumerated() {
      total += count
      let bound = index < histogram.bounds.count ? "\(histogram.bounds[index])" : "+Inf"
      sample(name + "_bucket", labels + [("le", bound)], total)
    }
    sample(name + "_sum", labels, histogram.sum)
    sample(name + "_count", labels, total)
  }

  /// A family of one sample.
  public mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    family(name, kind, help)
    sample(name, [], value)
  }

  private mutating func begin(_ name: String, _ labels: [(name: String, value: String)]) {
    buffer.append(text: name)
    var separator: StaticString = "{"
    for label in labels {
      buffer.append(separator)
      buffer.append(text: label.name + "=\"" + Self.escaped(label.value) + "\"")
      separator = ","
    }
    buffer.append(labels.isEmpty ? " " : "} ")
  }

  private static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == 10 }) else {
      return value
    }
    return value.reduce(into: "") { text, character in
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
  }
}
