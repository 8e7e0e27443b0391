import JSONCore
import Objects
import Reconciling
import Values

/// One look at one autoscaler.
struct ScalingLook {
  let object: Object
  let json: JSON
  let usage: (any UsageSource)?
  let snapshot: Snapshot
  let now: Instant
  var history: ScalingHistory

  private var conditions: Conditions
  private var events: [EventNote] = []
  /// `status.currentMetrics`; nil while they are not known.
  private var metricStatuses: [JSON]?

  init(
    object: Object, json: JSON, usage: (any UsageSource)?, snapshot: Snapshot, now: Instant, history: ScalingHistory
  ) {
    self.object = object
    self.json = json
    self.usage = usage
    self.snapshot = snapshot
    self.now = now
    self.history = history
    conditions = Conditions(json["status"])
  }

  private var spec: JSON { json["spec"] ?? .emptyObject }
  private var least: Int { spec["minReplicas"]?.int ?? 1 }
  private var most: Int { spec["maxReplicas"]?.int ?? least }
  private var involved: JSON { Reference(object, json).asInvolved }

  mutating func plan() -> Plan {
    history.forget(before: now - ScalingHistory.memory)
    let target: ScaleTarget
    do throws(ScaleTarget.Missing) {
      target = try ScaleTarget(spec["scaleTargetRef"] ?? .emptyObject, namespace: object.namespace, snapshot)
    } catch {
      events.append(EventNote(involved, .warning, "FailedGetScale", error.message))
      set(
        "AbleToScale", "False", "FailedGetScale",
        "the HPA controller was unable to get the target's current scale: \(error.message)")
      return finished(current: nil, desired: nil)
    }
    set("AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale")
    let current = target.replicas
    if history.recommendations.isEmpty { history.recommendations = [.init(replicas: current, time: now)] }
    var desired = current
    var reason = ""
    if current == 0 && least != 0 {
      set(
        "ScalingActive", "False", "ScalingDisabled",
        "scaling is disabled since the replica count of the target is zero")
    } else if current > most {
      (desired, reason) = (most, "Current number of replicas above Spec.MaxReplicas")
    } else if current < least {
      (desired, reason) = (least, "Current number of replicas below Spec.MinReplicas")
    } else {
      guard let wanted = measured(target) else { return finished(current: current, desired: nil) }
      if wanted.replicas > current { reason = "\(wanted.metric) above target" }
      if wanted.replicas < current { reason = "All metrics below target" }
      desired = limited(wanted.replicas, current)
    }
    return finished(current: current, desired: desired, rescale(target, to: desired, because: reason))
  }

  private mutating func rescale(_ target: ScaleTarget, to desired: Int, because reason: String) -> Action? {
    if desired == target.replicas { return nil }
    set(
      "AbleToScale", "True", "SucceededRescale",
      "the HPA controller was able to update the target scale to \(desired)")
    if spec["behavior"] != nil { history.note(from: target.replicas, to: desired, at: now) }
    return .patch(
      target.key, subresource: "scale", ["spec": ["replicas": JSON(desired)]],
      event: EventNote(involved, "SuccessfulRescale", "New size: \(desired); reason: \(reason)"))
  }

  private mutating func finished(current: Int?, desired: Int?, _ rescale: Action? = nil) -> Plan {
    var status = json["status"] ?? .emptyObject
    if let current { status["currentReplicas"] = JSON(current) }
    if desired != nil || status["desiredReplicas"] == nil { status["desiredReplicas"] = JSON(desired ?? 0) }
    if current != nil { status["currentMetrics"] = metricStatuses.map { .array($0) } ?? .null }
    if rescale != nil { status["lastScaleTime"] = .string(now.rfc3339) }
    conditions.write(to: &status)
    var plan = Plan([], requeueAfter: HorizontalController.interval)
    plan.then(events.map { .record($0) })
    plan.then(rescale)
    plan.then(Action.status(object, from: json["status"], to: status))
    return plan
  }

  private mutating func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
    conditions.set(type, status, reason: reason, message: message, at: now)
  }

  // MARK: Metrics

  /// The largest size that any metric asks for; nil when no size can be told, the reason for which is noted.
  private mutating func measured(_ target: ScaleTarget) -> (replicas: Int, metric: String)? {
    guard let selector = usableSelector(target) else { return nil }
    let pods = snapshot.objects(.pods, namespace: object.namespace, matching: selector)
    let calculator = ReplicaCalculator(
      pods: pods, usage: usage, snapshot: snapshot, now: now, current: target.replicas,
      tolerance: ScalingTolerance(spec["behavior"]))
    var best: (replicas: Int, metric: String)?
    var failures: [MetricFailure] = []
    var statuses: [JSON] = []
    let metrics = spec.list("metrics")
    for metric in metrics {
      do throws(MetricFailure) {
        let proposal = try calculator.proposal(metric, namespace: object.namespace)
        statuses.append(proposal.status)
        if best.map({ proposal.replicas > $0.replicas }) ?? true { best = (proposal.replicas, proposal.metric) }
      } catch {
        events.append(EventNote(involved, .warning, error.reason, error.message))
        statuses.append(["type": ""])
        failures.append(error)
      }
    }
    metricStatuses = statuses.isEmpty ? nil : statuses
    if let first = failures.first {
      // What one metric cannot tell might have asked for more: growing is safe, shrinking is not.
      guard let best, best.replicas >= target.replicas else {
        set(
          "ScalingActive", "False", first.reason, "the HPA was unable to compute the replica count: \(first.message)")
        let message =
          "invalid metrics (\(failures.count) invalid out of \(metrics.count)), first error is: \(first.summary)"
        events.append(EventNote(involved, .warning, "FailedComputeMetricsReplicas", message))
        return nil
      }
    }
    guard let best else { return nil }
    set(
      "ScalingActive", "True", "ValidMetricFound",
      "the HPA was able to successfully calculate a replica count from \(best.metric)")
    return best
  }

  private mutating func usableSelector(_ target: ScaleTarget) -> LabelSelector? {
    guard let selector = target.selector, !selector.isEmpty else {
      events.append(EventNote(involved, .warning, "SelectorRequired", "selector is required"))
      set("ScalingActive", "False", "InvalidSelector", "the HPA target's scale is missing a selector")
      return nil
    }
    let rivals = rivals(selector)
    if rivals.isEmpty { return selector }
    let names = (rivals + [object]).map { "\($0.namespace)/\($0.name)" }.sorted().joined(separator: " ")
    let message = "pods by selector \(selector) are controlled by multiple HPAs: [\(names)]"
    events.append(EventNote(involved, .warning, "AmbiguousSelector", message))
    set("ScalingActive", "False", "AmbiguousSelector", message)
    return nil
  }

  /// Other autoscalers that scale the same pods.
  private func rivals(_ selector: LabelSelector) -> [Object] {
    let others = snapshot.objects(.horizontalPodAutoscalers, namespace: object.namespace).filter {
      $0.key != object.key
    }
    if others.isEmpty { return [] }
    let pods = snapshot.objects(.pods, namespace: object.namespace, matching: selector)
    return others.filter { other in
      let reference = other.json.at("spec", "scaleTargetRef") ?? .emptyObject
      let theirs = (try? ScaleTarget(reference, namespace: object.namespace, snapshot))?.selector
      return theirs.map { theirs in pods.contains { theirs.matches($0.labels) } } ?? false
    }
  }

  // MARK: Limits

  private mutating func limited(_ wanted: Int, _ current: Int) -> Int {
    let limits = ScalingLimits(
      behavior: spec["behavior"], least: least, most: most, current: current, history: history, now: now)
    let stable = limits.stabilized(wanted)
    history.recommendations.append(.init(replicas: wanted, time: now))
    if stable.replicas == wanted {
      set("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size")
    } else {
      set("AbleToScale", "True", stable.reason, stable.message)
    }
    let result = limits.bounded(stable.replicas)
    set("ScalingLimited", result.replicas == stable.replicas ? "False" : "True", result.reason, result.message)
    return result.replicas
  }
}
