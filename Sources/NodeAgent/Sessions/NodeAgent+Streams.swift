import EventLoops
import Objects
import Reconciling
import Values

/// Finds the containers that others want to talk with.
extension NodeAgent: ContainerStreams {
  public func execute(
    _ place: ContainerPlace, _ command: [String], _ wishes: StreamWishes
  ) async throws(StreamFailure) -> any StreamSession {
    runtime.execute(try await running(place), command, wishes)
  }

  public func attach(
    _ place: ContainerPlace, _ wishes: StreamWishes
  ) async throws(StreamFailure) -> any StreamSession {
    runtime.attach(try await running(place), wishes)
  }

  public func ports(_ place: ContainerPlace) async throws(StreamFailure) -> any PodPorts {
    let failure: StreamFailure? = await withCheckedContinuation { continuation in
      loop.run { [self] in continuation.resume(returning: problem(place)) }
    }
    if let failure { throw failure }
    return runtime.ports(pod: place.podUID)
  }

  /// The id of a container that runs.
  private func running(_ place: ContainerPlace) async throws(StreamFailure) -> String {
    let found: Result<String, StreamFailure> = await withCheckedContinuation { continuation in
      loop.run { [self] in continuation.resume(returning: find(place)) }
    }
    return try found.get()
  }

  /// Why nobody can reach a pod on its node; nil when one can.
  private func problem(_ place: ContainerPlace) -> StreamFailure? {
    guard let worker = state.value.workers[place.podUID] else {
      return StreamFailure(code: 404, message: "pod does not exist")
    }
    return silence(of: worker.node).map { StreamFailure(code: 500, message: "error dialing backend: \($0)") }
  }

  /// What comes of dialing a node; nil when it answers. On the loop.
  private func silence(of node: String) -> String? {
    guard let node = state.value.nodes[node], node.isLost else { return nil }
    return "dial tcp \(node.address):10250: connect: connection timed out"
  }

  /// Why nobody can read from a page of the node of a pod; nil when one can.
  /// - Parameter page: path and query: `containerLogs/default/web/nginx?follow=true`
  public func problem(podUID: String, page: String) async -> String? {
    guard let pod = peer.snapshot.object(uid: podUID) else { return nil }
    let name = PodFacts(pod).nodeName
    return await withCheckedContinuation { continuation in
      loop.run { [self] in
        let address = state.value.nodes[name]?.address ?? name
        continuation.resume(returning: silence(of: name).map { "Get \"https://\(address):10250/\(page)\": \($0)" })
      }
    }
  }

  private func find(_ place: ContainerPlace) -> Result<String, StreamFailure> {
    if let problem = problem(place) { return .failure(problem) }
    let worker = state.value.workers[place.podUID]
    guard let container = worker?.machine.containers[place.container], container.isRunning,
      !container.containerID.isEmpty
    else {
      return .failure(StreamFailure(code: 500, message: "container not found (\"\(place.container)\")"))
    }
    return .success(container.containerID)
  }
}
