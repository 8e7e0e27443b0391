import JSONCore
import Objects
import Reconciling
import Values

/// How many pods a metric asks for. All amounts are in thousandths.
struct ReplicaCalculator {
  let pods: [Object]
  let usage: (any UsageSource)?
  let snapshot: Snapshot
  let now: Instant
  let current: Int
  let tolerance: ScalingTolerance

  struct Proposal {
    let replicas: Int
    /// `cpu resource utilization (percentage of request)`
    let metric: String
    /// An element of `status.currentMetrics`.
    let status: JSON
  }

  /// A pod's CPU in its first minutes says little about what it will need.
  private static let initialization = Duration.seconds(300)
  /// A pod that was never ready after this long is not just starting.
  private static let readinessDelay = Duration.seconds(30)

  private struct Problem: Error { let message: String }

  func proposal(_ metric: JSON, namespace: String) throws(MetricFailure) -> Proposal {
    let type = metric.text("type")
    let field = type == "Resource" ? "resource" : "containerResource"
    guard type == "Resource" || type == "ContainerResource", let source = metric[field] else {
      throw .unserved(metric, namespace: namespace)
    }
    let resource = source.text("name")
    do throws(Problem) {
      return try proposal(resource, source, type: type, field: field)
    } catch {
      let what = type == "Resource" ? "resource" : "container"
      throw MetricFailure(
        reason: "FailedGet\(type)Metric", message: error.message,
        summary: "failed to get \(resource) \(what) metric value: \(error.message)")
    }
  }

  private func proposal(
    _ resource: String, _ source: JSON, type: String, field: String
  ) throws(Problem) -> Proposal {
    let target = source["target"] ?? .emptyObject
    let container = source.text("container")
    let isUtilization = target["averageUtilization"] != nil
    let what = isUtilization ? "utilization" : "usage"
    var sample: Sample
    do throws(Problem) {
      sample = try self.sample(resource, container)
      if isUtilization { sample.requests = try requests(resource, container) }
    } catch {
      throw Problem(message: "failed to get \(resource) \(what): \(error.message)")
    }
    let goal: Int
    if isUtilization {
      goal = target["averageUtilization"]?.int ?? 0
    } else if let value = Quantity(target["averageValue"]) {
      goal = Int(value.milliValue)
    } else {
      throw Problem(
        message: "invalid resource metric source: neither an average utilization target nor an average value (usage) "
          + "target was set")
    }
    let result: (replicas: Int, ratio: Ratio)
    do throws(Problem) { result = try replicas(sample, goal: goal) } catch {
      throw Problem(message: "failed to get \(resource) \(what): \(error.message)")
    }
    var amount: JSON = ["averageValue": .string(Quantity(milli: Int64(result.ratio.average)).description)]
    if isUtilization { amount["averageUtilization"] = JSON(result.ratio.utilization) }
    var status: JSON = ["name": .string(resource), "current": amount]
    if !container.isEmpty { status["container"] = .string(container) }
    let metric = isUtilization ? "\(resource) resource utilization (percentage of request)" : "\(resource) resource"
    return Proposal(replicas: result.replicas, metric: metric, status: ["type": .string(type), field: status])
  }

  // MARK: Samples

  /// What is known of the pods, and which of them count.
  private struct Sample {
    /// By the pod's name.
    var amounts: [String: Int] = [:]
    /// nil where the target is an amount rather than a share.
    var requests: [String: Int]?
    var readyCount = 0
    var unready: [String] = []
    var missing: [String] = []
  }

  private func sample(_ resource: String, _ container: String) throws(Problem) -> Sample {
    let prefix = "unable to get metrics for resource \(resource): "
    guard let usage else {
      throw Problem(
        message: prefix + "unable to fetch metrics from resource metrics API: the server could not find the requested "
          + "resource (get pods.metrics.k8s.io)")
    }
    let measured = usage.usage(of: pods, in: snapshot, at: now)
    if measured.isEmpty { throw Problem(message: prefix + "no metrics returned from resource metrics API") }
    var known: [String: (amount: Int, time: Instant, window: Duration)] = [:]
    for pod in measured {
      let part: Usage
      if container.isEmpty {
        part = pod.total
      } else if let found = pod[container] {
        part = found
      } else {
        throw Problem(
          message: prefix
            + "container \(container) not present in metrics for pod \(pod.pod.namespace)/\(pod.pod.name)")
      }
      let amount: Quantity
      switch resource {
      case "cpu": amount = part.cpu
      case "memory": amount = part.memory
      default: continue
      }
      known[pod.pod.name] = (Int(amount.milliValue), pod.time, pod.window)
    }
    if pods.isEmpty { throw Problem(message: "no pods returned by selector while calculating replica count") }
    var sample = Sample()
    for object in pods {
      let pod = PodFacts(object)
      if pod.isBeingDeleted || pod.phase == "Failed" { continue }
      if pod.phase == "Pending" || pod.phase.isEmpty {
        sample.unready.append(pod.name)
        continue
      }
      guard let metric = known[pod.name] else {
        sample.missing.append(pod.name)
        continue
      }
      if resource == "cpu", isStarting(pod, metric.time, metric.window) {
        sample.unready.append(pod.name)
        continue
      }
      sample.readyCount += 1
      sample.amounts[pod.name] = metric.amount
    }
    if sample.amounts.isEmpty {
      throw Problem(message: "did not receive metrics for targeted pods (pods might be unready)")
    }
    return sample
  }

  /// The pod's CPU does not tell yet what it will be.
  private func isStarting(_ pod: PodFacts, _ time: Instant, _ window: Duration) -> Bool {
    let started = pod.object.status?.member("startTime")?.string
    guard let start = Instant(rfc3339: started ?? ""), let since = pod.readySince else { return true }
    if start + Self.initialization > now { return !pod.isReady || time < since + window }
    return !pod.isReady && start + Self.readinessDelay > since
  }

  private func requests(_ resource: String, _ container: String) throws(Problem) -> [String: Int] {
    var result: [String: Int] = [:]
    for pod in pods {
      let spec = pod.json["spec"] ?? .emptyObject
      if container.isEmpty, let whole = Quantity(spec.at("resources", "requests")?[resource]) {
        result[pod.name] = Int(whole.milliValue)
        continue
      }
      var sum = Quantity.zero
      let sidecars = spec.list("initContainers").filter { $0.text("restartPolicy") == "Always" }
      for part in spec.list("containers") + sidecars where container.isEmpty || part.text("name") == container {
        guard let request = Quantity(part.at("resources", "requests")?[resource]) else {
          throw Problem(
            message: "missing request for \(resource) in container \(part.text("name")) of Pod \(pod.name)")
        }
        sum += request
      }
      result[pod.name] = Int(sum.milliValue)
    }
    return result
  }

  // MARK: Arithmetic

  private struct Ratio {
    var value: Double
    /// In percent of the requests; 0 where the target is an amount.
    var utilization: Int
    /// Of one pod.
    var average: Int
  }

  private func ratio(_ sample: Sample, goal: Int) throws(Problem) -> Ratio {
    var total = 0.0
    var requested = 0.0
    var count = 0
    for (name, amount) in sample.amounts {
      if let requests = sample.requests {
        guard let request = requests[name] else { continue }
        requested += Double(request)
      }
      total += Double(amount)
      count += 1
    }
    let average = count == 0 ? 0 : total / Double(count)
    if sample.requests == nil {
      return Ratio(value: average / Double(max(goal, 1)), utilization: 0, average: Self.whole(average))
    }
    if requested == 0 { throw Problem(message: "no metrics returned matched known pods") }
    let utilization = Self.whole(total * 100 / requested)
    return Ratio(
      value: Double(utilization) / Double(max(goal, 1)), utilization: utilization, average: Self.whole(average))
  }

  private static func whole(_ value: Double) -> Int { Int(min(max(value, 0), 1e18)) }

  /// Pods of which nothing is known are given what speaks against a change.
  private func replicas(_ sample: Sample, goal: Int) throws(Problem) -> (replicas: Int, ratio: Ratio) {
    let first = try ratio(sample, goal: goal)
    let countsUnready = !sample.unready.isEmpty && first.value > 1
    if !countsUnready && sample.missing.isEmpty {
      if tolerance.covers(first.value) { return (current, first) }
      return (Self.rounded(first.value * Double(sample.readyCount)), first)
    }
    var filled = sample
    for name in sample.missing where first.value != 1 {
      filled.amounts[name] = first.value > 1 ? 0 : expectation(name, sample, goal: goal)
    }
    if countsUnready { for name in sample.unready { filled.amounts[name] = 0 } }
    let second = try ratio(filled, goal: goal).value
    if tolerance.covers(second) || first.value < 1 && second > 1 || first.value > 1 && second < 1 {
      return (current, first)
    }
    let count = Self.rounded(second * Double(filled.amounts.count))
    if second < 1 && count > current || second > 1 && count < current { return (current, first) }
    return (count, first)
  }

  /// What a pod without metrics is taken to use when the others use little: all that it may, or what is aimed at.
  private func expectation(_ pod: String, _ sample: Sample, goal: Int) -> Int {
    guard let requests = sample.requests else { return goal }
    return Self.whole(Double(requests[pod] ?? 0) * Double(max(100, goal)) / 100)
  }

  private static func rounded(_ value: Double) -> Int { Int(min(max(value.rounded(.up), 0), Double(Int32.max))) }
}
