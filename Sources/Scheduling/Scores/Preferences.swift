/// Scores by what a pod would like of a node itself: few unwelcome taints, preferred labels, images that are there.
enum Preferences {
  static func taints(_ pod: PodNeeds, _ slots: [Int], _ nodes: NodeTable) -> [Int64]? {
    if nodes.softTaints == 0 { return nil }
    let counts = slots.map { slot in
      Int64(nodes.taints[slot].count { !$0.isHard && !pod.tolerates($0) })
    }
    return Scores.normalized(counts, isReversed: true)
  }

  static func nodes(_ pod: PodNeeds, _ profile: Profile, _ slots: [Int], _ nodes: NodeTable) -> [Int64]? {
    let preferences = pod.preferences + profile.addedPreferences
    if preferences.isEmpty { return nil }
    let sums = slots.map { slot in
      preferences.reduce(0) { sum, preference in
        preference.term.matches(nodes.labels[slot], name: nodes.names[slot]) ? sum + preference.weight : sum
      }
    }
    return Scores.normalized(sums, isReversed: false)
  }

  /// Sizes between which an image's presence counts more and more; for each container.
  private static let smallImage: Int64 = 23 << 20
  private static let largeImage: Int64 = 1000 << 20

  /// An image that few nodes have counts less, so that pods do not pile up on those.
  static func images(_ pod: PodNeeds, _ slots: [Int], _ view: inout ClusterView) -> [Int64]? {
    let spread = view.nodes.imageSpread
    if !pod.images.contains(where: { spread[$0] != nil }) { return nil }
    let all = Double(max(1, view.order().count))
    let most = largeImage * Int64(max(1, pod.containerCount))
    return slots.map { slot in
      let present = view.nodes.images[slot]
      if present.isEmpty { return 0 }
      var sum: Int64 = 0
      for image in pod.images {
        if let size = present[image] { sum += Int64(Double(size) * Double(spread[image] ?? 0) / all) }
      }
      return Scores.most * (min(max(sum, smallImage), most) - smallImage) / (most - smallImage)
    }
  }
}
