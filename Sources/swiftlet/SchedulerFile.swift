import APIServer
import Foundation
import Objects
import Scheduling

extension SchedulerConfiguration {
  /// From a YAML file; nil for the stock configuration.
  init(file: String?) throws {
    guard let file else {
      self = .stock
      return
    }
    let path = file.expandingHome
    let text = try Data(contentsOf: URL(fileURLWithPath: path))
    do {
      self = try SchedulerConfiguration(json: try YAML.read(Array(text)).json)
    } catch {
      throw UsageError(description: "scheduler configuration: \((error as? Status)?.message ?? "\(error)")")
    }
  }
}
