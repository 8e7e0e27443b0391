import JSONCore
import Objects
import Reconciling
import Values

/// One pod on each node that shall have one, and none elsewhere.
extension DaemonSetRun {
  /// What is to be done to the pods.
  struct Work {
    var deletions: [PodFacts] = []
    var creations: [Action] = []
    var notes: [EventNote] = []
    /// When to look again at a pod that has failed.
    var delay: Duration?

    var isEmpty: Bool { deletions.isEmpty && creations.isEmpty }
  }

  /// How long a failed pod stays before it is replaced: not at all the first time, then 1 s, 2 s, …
  private static let failureBackoff = Backoff(first: .seconds(1), limit: .seconds(900))
  /// A pod that lived this long starts anew with its failures.
  private static let memory = Duration.seconds(1800)
  /// On a pod that replaces a failed one: how many in a row have failed before it.
  private static let failuresAnnotation = "daemonset.swiftlet.dev/failures"

  func keep(_ spot: Spot, _ work: inout Work) {
    let present = spot.pods.filter { !$0.isBeingDeleted }
    if !spot.stays {
      work.deletions += present
    } else if spot.pods.isEmpty {
      if spot.runs { work.creations.append(creation(on: spot.node.name)) }
    } else {
      for pod in present where pod.phase == "Succeeded" {
        work.deletions.append(pod)
        work.notes.append(workload.note("SucceededDaemonPod", found("succeeded", pod, spot, "delete")))
      }
      for pod in present where pod.phase == "Failed" { replace(pod, spot, &work) }
      work.deletions += surplus(present.filter { !$0.isTerminal })
    }
  }

  private func replace(_ pod: PodFacts, _ spot: Spot, _ work: inout Work) {
    let age = workload.now - pod.createdAt
    let failures = age > Self.memory ? 0 : pod.object.json.count(inAnnotation: Self.failuresAnnotation)
    let wait = failures == 0 ? Duration.zero : Self.failureBackoff.delay(after: failures - 1)
    if age < wait {
      work.delay = min(work.delay ?? wait, wait - age)
      return
    }
    work.deletions.append(pod)
    work.notes.append(workload.warning("FailedDaemonPod", found("failed", pod, spot, "kill")))
    // The next one is made at once, for it must know how many have failed before it.
    if spot.runs, spot.pods.count == 1 {
      work.creations.append(creation(on: spot.node.name, failures: failures + 1))
    }
  }

  private func found(_ state: String, _ pod: PodFacts, _ spot: Spot, _ remedy: String) -> String {
    "Found \(state) daemon pod \(workload.namespace)/\(pod.name) on node \(spot.node.name), will try to \(remedy) it"
  }

  /// The pods that are too many on a node. With a surge a new one may stand beside an old one until it is available.
  private func surplus(_ running: [PodFacts]) -> [PodFacts] {
    guard running.count > 1 else { return [] }
    if surge == 0 { return Array(running.dropFirst()) }
    let new = running.first(where: isCurrent)
    let old = running.first { !isCurrent($0) }
    var result = running.filter { $0.uid != new?.uid && $0.uid != old?.uid }
    if let new, let old, !old.isReady || isAvailable(new) { result.append(old) }
    return result
  }

  // MARK: Pods

  /// The node that a pod is on, or is meant for.
  static func target(of pod: PodFacts) -> String {
    if !pod.nodeName.isEmpty { return pod.nodeName }
    let terms =
      pod.object.json.at(
        "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")?
      .list("nodeSelectorTerms") ?? []
    for expression in terms.flatMap({ $0.list("matchFields") }) where expression.text("key") == "metadata.name" {
      return expression.list("values").first?.string ?? ""
    }
    return ""
  }

  func creation(on node: String, failures: Int = 0) -> Action {
    var pod = PodTemplate.pod(workload.template, owner: workload.reference)
    var metadata = pod["metadata"] ?? .emptyObject
    let generation =
      workload.json.annotation("deprecated.daemonset.template.generation") ?? String(workload.json.generation)
    metadata["labels", default: .emptyObject][DaemonSetController.hashLabel] = .string(hash)
    metadata["labels", default: .emptyObject]["pod-template-generation"] = .string(generation)
    if failures > 0 {
      metadata["annotations", default: .emptyObject][Self.failuresAnnotation] = .string(String(failures))
    }
    pod["metadata"] = metadata
    var spec = pod["spec"] ?? .emptyObject
    let present = spec.list("tolerations")
    spec["tolerations"] = .array(present + NodeDemands.tolerations(spec).filter { !present.contains($0) })
    // The node's name takes the place of whatever the template asks of nodes: this one has been found to suit it.
    let term: JSON = ["matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(node)]]]]
    spec["affinity", default: .emptyObject]["nodeAffinity", default: .emptyObject][
      "requiredDuringSchedulingIgnoredDuringExecution"] = ["nodeSelectorTerms": [term]]
    pod["spec"] = spec
    return workload.creation(of: pod)
  }
}
