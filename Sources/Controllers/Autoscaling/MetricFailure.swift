import JSONCore
import Objects

/// Why a metric could not be had, in the stock controller's words.
struct MetricFailure: Error {
  /// `FailedGetResourceMetric`
  let reason: String
  /// What the event says.
  let message: String
  /// What the summary over all metrics says of this one.
  let summary: String
}

extension MetricFailure {
  private static let noCustomAPI =
    "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
  private static let noExternalAPI =
    "unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered"

  /// Metrics that come from adapters, of which there are none here.
  static func unserved(_ metric: JSON, namespace: String) -> MetricFailure {
    switch metric.text("type") {
    case "Pods":
      let name = metric.at("pods", "metric")?.text("name") ?? ""
      return failure("Pods", "unable to get metric \(name): \(noCustomAPI)", "failed to get pods metric value")
    case "Object":
      let name = metric.at("object", "metric")?.text("name") ?? ""
      let described = metric.at("object", "describedObject") ?? .emptyObject
      return failure(
        "Object",
        "unable to get metric \(name): \(described.text("kind")) on \(namespace) \(described.text("name"))/\(noCustomAPI)",
        "failed to get object metric value")
    case "External":
      let source = metric.at("external", "metric") ?? .emptyObject
      let name = source.text("name")
      return failure(
        "External",
        "unable to get external metric \(namespace)/\(name)/\(GoText.selector(source["selector"])): \(noExternalAPI)",
        "failed to get \(name) external metric value")
    default:
      let message = "unknown metric source type \"\(metric.text("type"))\""
      return MetricFailure(reason: "InvalidMetricSourceType", message: message, summary: message)
    }
  }

  private static func failure(_ type: String, _ message: String, _ what: String) -> MetricFailure {
    MetricFailure(reason: "FailedGet\(type)Metric", message: message, summary: "\(what): \(message)")
  }
}
