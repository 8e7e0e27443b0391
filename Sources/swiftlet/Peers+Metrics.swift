import APIServer
import Reconciling
import Scheduling
import Values

extension Peers {
  /// What controllers and scheduler have done, under the stock names.
  func writeMetrics(to text: inout MetricsText) {
    writeQueues(to: &text)
    writeCosts(to: &text)
    if let scheduler { Self.write(scheduler.statistics, to: &text) }
    text.family("swiftlet_failures_total", .counter, "What controllers, scheduler and nodes could not do.")
    for (name, count) in recorder.failures.counts { text.sample("swiftlet_failures_total", [("name", name)], count) }
  }

  private func writeQueues(to text: inout MetricsText) {
    let queues = reconcileLoop.queues.map { (labels: [(name: "name", value: $0.name)], state: $0.queue.statistics) }
    text.family("workqueue_depth", .gauge, "Keys that wait for a worker.")
    for queue in queues { text.sample("workqueue_depth", queue.labels, queue.state.depth) }
    text.family("workqueue_adds_total", .counter, "Keys that came to wait.")
    for queue in queues { text.sample("workqueue_adds_total", queue.labels, queue.state.adds) }
    text.family("workqueue_retries_total", .counter, "Keys that were to come again after a delay.")
    for queue in queues { text.sample("workqueue_retries_total", queue.labels, queue.state.retries) }
    text.family("workqueue_queue_duration_seconds", .histogram, "How long keys waited for a worker.")
    for queue in queues { text.histogram("workqueue_queue_duration_seconds", queue.labels, queue.state.waited) }
    text.family("workqueue_work_duration_seconds", .histogram, "How long workers had their keys.")
    for queue in queues { text.histogram("workqueue_work_duration_seconds", queue.labels, queue.state.worked) }
    text.family("workqueue_unfinished_work_seconds", .gauge, "How long the work under way has taken, together.")
    for queue in queues { text.sample("workqueue_unfinished_work_seconds", queue.labels, queue.state.unfinished) }
    text.family("workqueue_longest_running_processor_seconds", .gauge, "How long the oldest work under way has taken.")
    for queue in queues {
      text.sample("workqueue_longest_running_processor_seconds", queue.labels, queue.state.longest)
    }
  }

  private func writeCosts(to text: inout MetricsText) {
    let costs = reconcileLoop.costs
    text.family("swiftlet_reconcile_cpu_seconds_total", .counter, "CPU of the reconciliations that were sampled.")
    for cost in costs { text.sample("swiftlet_reconcile_cpu_seconds_total", [("name", cost.name)], cost.seconds) }
    text.family("swiftlet_reconcile_sampled_total", .counter, "Reconciliations whose CPU was counted.")
    for cost in costs { text.sample("swiftlet_reconcile_sampled_total", [("name", cost.name)], cost.count) }
  }

  private static func write(_ state: SchedulingStatistics, to text: inout MetricsText) {
    let attempts = state.attempts.map { series, seconds in
      (labels: [(name: "profile", value: series.profile), (name: "result", value: series.result)], seconds: seconds)
    }.sorted { $0.labels.map(\.value).lexicographicallyPrecedes($1.labels.map(\.value)) }
    text.family("scheduler_schedule_attempts_total", .counter, "Attempts to schedule pods, by the result.")
    for attempt in attempts {
      text.sample("scheduler_schedule_attempts_total", attempt.labels, attempt.seconds.count)
    }
    text.family("scheduler_scheduling_attempt_duration_seconds", .histogram, "Time of an attempt, binding included.")
    for attempt in attempts {
      text.histogram("scheduler_scheduling_attempt_duration_seconds", attempt.labels, attempt.seconds)
    }
    func single(_ name: String, _ help: String, _ histogram: Histogram) {
      text.family(name, .histogram, help)
      text.histogram(name, [], histogram)
    }
    single("scheduler_scheduling_algorithm_duration_seconds", "Time to decide about a pod.", state.decisions)
    single("scheduler_pod_scheduling_attempts", "Attempts until a pod had its node.", state.tries)
    single("scheduler_preemption_victims", "Pods that had to go for another one.", state.victims)
    text.single(
      "scheduler_preemption_attempts_total", .counter, "How often pods had to go for another one.", state.victims.count)
    text.family("scheduler_pending_pods", .gauge, "Pods without a node, by what they wait for.")
    for (queue, count) in state.pending { text.sample("scheduler_pending_pods", [("queue", queue)], count) }
  }
}
