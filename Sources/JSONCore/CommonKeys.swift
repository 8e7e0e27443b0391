/// The long keys that most objects of a cluster have, kept once for all: a key of more than fifteen bytes would otherwise
/// cost a piece of memory each time it is read. They are literals, which nobody counts references to.
enum CommonKeys {
  private static let shortest = 16
  private static let longest = 32
  private static let mask = 511

  private static let names: [String] = [
    "allowPrivilegeEscalation", "automountServiceAccountToken", "availableReplicas", "blockOwnerDeletion",
    "concurrencyPolicy", "conditionStatus", "containerStatuses", "creationTimestamp", "currentReplicas",
    "deletionGracePeriodSeconds", "deletionTimestamp", "enableServiceLinks", "ephemeralContainers", "expirationSeconds",
    "externalTrafficPolicy", "failedJobsHistoryLimit", "failureThreshold", "fullyLabeledReplicas",
    "initContainerStatuses", "initialDelaySeconds", "internalTrafficPolicy", "kubernetes.io/hostname",
    "kubernetes.io/metadata.name", "lastHeartbeatTime", "lastScheduleTime", "lastTransitionTime", "lastUpdateTime",
    "loadBalancerIP", "minReadySeconds", "nodeSelectorTerms", "observedGeneration", "pod-template-hash",
    "podManagementPolicy", "preemptionPolicy", "priorityClassName", "progressDeadlineSeconds",
    "publishNotReadyAddresses",
    "readOnlyRootFilesystem", "remainingItemCount", "revisionHistoryLimit", "runtimeClassName", "serviceAccountName",
    "serviceAccountToken", "startingDeadlineSeconds", "successThreshold", "successfulJobsHistoryLimit",
    "terminationGracePeriodSeconds", "terminationMessagePath", "terminationMessagePolicy", "tolerationSeconds",
    "topologySpreadConstraints", "unavailableReplicas", "volumeClaimTemplates", "volumeDevices", "whenUnsatisfiable",
    "f:allowPrivilegeEscalation", "f:automountServiceAccountToken", "f:availableReplicas", "f:blockOwnerDeletion",
    "f:containerStatuses", "f:deletionTimestamp", "f:enableServiceLinks", "f:expirationSeconds", "f:failureThreshold",
    "f:fullyLabeledReplicas", "f:imagePullPolicy", "f:initialDelaySeconds", "f:internalTrafficPolicy",
    "f:lastHeartbeatTime", "f:lastProbeTime", "f:lastTransitionTime", "f:livenessProbe", "f:observedGeneration",
    "f:ownerReferences", "f:pod-template-hash", "f:preemptionPolicy", "f:progressDeadlineSeconds", "f:readinessProbe",
    "f:revisionHistoryLimit", "f:rollingUpdate", "f:schedulerName", "f:securityContext", "f:serviceAccount",
    "f:serviceAccountName", "f:serviceAccountToken", "f:successThreshold", "f:terminationGracePeriodSeconds",
    "f:terminationMessagePath", "f:terminationMessagePolicy", "f:timeoutSeconds", "f:tolerationSeconds",
    "k:{\"ip\":\"127.0.0.1\"}", "k:{\"type\":\"Available\"}", "k:{\"type\":\"ContainersReady\"}",
    "k:{\"type\":\"Initialized\"}", "k:{\"type\":\"MemoryPressure\"}", "k:{\"type\":\"PodScheduled\"}",
    "k:{\"type\":\"Progressing\"}", "k:{\"type\":\"Ready\"}",
  ]

  private struct Slot {
    var bytes: UnsafePointer<UInt8>
    var count: Int
    var text: String
  }

  /// Open addressing; most slots are empty, so that a search seldom looks at more than one.
  nonisolated(unsafe) private static let slots: UnsafePointer<Slot?> = {
    let slots = UnsafeMutablePointer<Slot?>.allocate(capacity: mask + 1)
    slots.initialize(repeating: nil, count: mask + 1)
    for name in names where (shortest...longest).contains(name.utf8.count) {
      let count = name.utf8.count
      let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
      _ = UnsafeMutableBufferPointer(start: bytes, count: count).initialize(from: name.utf8)
      var position = hash(bytes, count)
      while slots[position] != nil { position = (position + 1) & mask }
      slots[position] = Slot(bytes: bytes, count: count, text: name)
    }
    return UnsafePointer(slots)
  }()

  @inline(__always)
  static func find(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> String? {
    if count < shortest || count > longest { return nil }
    var position = hash(bytes, count)
    while let slot = slots[position] {
      if slot.count == count, isEqual(slot.bytes, bytes, count) { return slot.text }
      position = (position + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private static func isEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    for offset in 0..<count where left[offset] != right[offset] { return false }
    return true
  }

  /// Of bytes that are there in every key of the table.
  @inline(__always)
  private static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let sum =
      UInt(bytes[2]) &* 131 &+ UInt(bytes[6]) &* 31 &+ UInt(bytes[count - 1]) &* 7 &+ UInt(bytes[count - 4]) &* 61
      &+ UInt(bytes[11]) &* 17 &+ UInt(count) &* 257
    return Int(sum & UInt(mask))
  }
}
