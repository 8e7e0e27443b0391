import JSONCore
import Objects
import Reconciling

/// Old pods give way to new ones, within the bounds of `maxUnavailable` and `maxSurge`.
extension DaemonSetRun {
  private var rolling: JSON? { workload.spec.at("updateStrategy", "rollingUpdate") }

  var isRolling: Bool { workload.spec["updateStrategy"]?.text("type") != "OnDelete" }

  /// How many nodes may have an old and a new pod at a time.
  var surge: Int { rolling?["maxSurge"]?.resolved(of: desired, roundingUp: true) ?? 0 }

  private var maxUnavailable: Int {
    let limit = rolling?["maxUnavailable"]?.resolved(of: desired, roundingUp: true) ?? 1
    return surge == 0 ? max(1, limit) : limit
  }

  /// The new and the old pod of a node; nil where there are more than these, which the upkeep puts right first.
  private func pair(_ spot: Spot) -> (new: PodFacts?, old: PodFacts?)? {
    let present = spot.pods.filter { !$0.isBeingDeleted }
    let new = present.filter(isCurrent)
    let old = present.filter { !isCurrent($0) }
    return new.count > 1 || old.count > 1 ? nil : (new.first, old.first)
  }

  func roll(_ work: inout Work) {
    let occupied = spots.filter { !$0.pods.isEmpty }
    if surge > 0 { rollSurging(occupied, &work) } else { rollReplacing(occupied, &work) }
  }

  /// Old pods go first and new ones come after them. Those that do not work anyway go at no cost.
  private func rollReplacing(_ occupied: [Spot], _ work: inout Work) {
    var unavailable = 0
    var candidates: [PodFacts] = []
    for spot in occupied {
      switch pair(spot) {
      case (let new?, nil)?: if !isAvailable(new) { unavailable += 1 }
      case (nil, let old?)? where isAvailable(old): candidates.append(old)
      case (nil, let old?)?:
        unavailable += 1
        work.deletions.append(old)
      default: unavailable += 1
      }
    }
    work.deletions += candidates.prefix(max(0, maxUnavailable - unavailable))
  }

  /// New pods come first, and old ones go when these are available. Those that do not work anyway give way at no cost.
  private func rollSurging(_ occupied: [Spot], _ work: inout Work) {
    var surging = 0
    var candidates: [Spot] = []
    for spot in occupied {
      guard let (new, old) = pair(spot) else {
        surging += 1
        continue
      }
      guard let old else { continue }
      if let new {
        if isAvailable(new) { work.deletions.append(old) } else { surging += 1 }
      } else if spot.runs {
        if isAvailable(old) {
          candidates.append(spot)
        } else {
          work.creations.append(creation(on: spot.node.name))
        }
      }
    }
    work.creations += candidates.prefix(max(0, surge - surging)).map { creation(on: $0.node.name) }
  }
}
