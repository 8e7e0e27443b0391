import Values

/// The files of claims, which are kept while the server is away.
extension SimulatedRuntime {
  /// How long changes are gathered before they are kept.
  private static let keepingPause = Duration.seconds(1)

  /// What a container's claims held when the server ran last.
  func recall(_ mounts: [ContainerMount]) {
    guard let keeper else { return }
    for id in mounts.compactMap(\.volume.id) where VolumeID.isClaim(id) && state.value.volumes[id] == nil {
      if let tree = keeper.kept(id).flatMap({ FileTree(kept: $0) }) { state.value.volumes.restore(id, tree) }
    }
  }

  /// Sees to it that what has changed is kept soon.
  func noteChanges() {
    if keeper == nil {
      state.value.volumes.changed = []
    } else if !state.value.volumes.changed.isEmpty, !state.value.isKeepingSoon {
      state.value.isKeepingSoon = true
      _ = clock.schedule(after: Self.keepingPause, on: loop) { [weak self] in self?.keepChanges() }
    }
  }

  func keepChanges() {
    state.value.isKeepingSoon = false
    let changed = state.value.volumes.changed
    state.value.volumes.changed = []
    for id in changed.sorted() {
      guard let tree = state.value.volumes[id] else { continue }
      keeper?.keep(tree.kept, of: id)
    }
  }

  /// Keeps all that has changed, before the end.
  public func close() async {
    await withCheckedContinuation { continuation in
      loop.run { [self] in
        keepChanges()
        continuation.resume()
      }
    }
  }
}
