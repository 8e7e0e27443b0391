import JSONCore
import Objects

/// The nodes as columns: a node is a slot, the same in every column, for as long as it or its pods exist.
///
/// A slot may have pods and no node: those of a node that is gone, or not seen yet. Such a slot is not in `order`.
struct NodeTable: Sendable {
  /// An amount that nodes have, and what the pods on them have taken of it.
  struct Column: Sendable {
    var allocatable: [Int64]
    var requested: [Int64]

    init(count: Int) {
      allocatable = Array(repeating: 0, count: count)
      requested = Array(repeating: 0, count: count)
    }

    mutating func grow() {
      allocatable.append(0)
      requested.append(0)
    }
  }

  private(set) var names: [String] = []
  private(set) var labels: [Labels] = []
  private(set) var taints: [[Taint]] = []
  private(set) var isUnschedulable: [Bool] = []
  private(set) var isPresent: [Bool] = []
  /// In thousandths.
  private(set) var cpu = Column(count: 0)
  /// In bytes, as is `storage`.
  private(set) var memory = Column(count: 0)
  private(set) var storage = Column(count: 0)
  /// All other resources, by name.
  private(set) var extended: [String: Column] = [:]
  private(set) var scoredCPU: [Int64] = []
  private(set) var scoredMemory: [Int64] = []
  private(set) var podCount: [Int] = []
  private(set) var podLimit: [Int] = []
  private(set) var ports: [[HostPort: Int]] = []
  /// Image name to size in bytes.
  private(set) var images: [[String: Int64]] = []
  /// On how many nodes each image is.
  private(set) var imageSpread: [String: Int] = [:]
  /// How many taints there are that only make a node less welcome.
  private(set) var softTaints = 0

  private var slots: [String: Int] = [:]
  private var free: [Int] = []
  private var ordered: [Int] = []
  private var isOrderStale = false

  /// How many slots there are, free ones included.
  var count: Int { names.count }

  func slot(of name: String) -> Int? { slots[name] }

  /// The slot of a name, made when there is none.
  mutating func makeSlot(_ name: String) -> Int {
    if let slot = slots[name] { return slot }
    let slot = free.popLast() ?? grow()
    names[slot] = name
    slots[name] = slot
    return slot
  }

  /// The nodes that exist, zone by turns, by name within a zone: so that any stretch of them lies in many zones.
  mutating func order() -> [Int] {
    if isOrderStale {
      ordered = interleaved()
      isOrderStale = false
    }
    return ordered
  }

  private func interleaved() -> [Int] {
    var zones: [String: [Int]] = [:]
    for slot in names.indices where isPresent[slot] {
      let zone = "\(labels[slot]["topology.kubernetes.io/region"] ?? "")\u{0}\(labels[slot][DefaultSpread.zone] ?? "")"
      zones[zone, default: []].append(slot)
    }
    let lists = zones.sorted { $0.key < $1.key }.map { $0.value.sorted { names[$0] < names[$1] } }
    var result: [Int] = []
    for index in 0..<(lists.map(\.count).max() ?? 0) {
      for list in lists where index < list.count { result.append(list[index]) }
    }
    return result
  }

  private mutating func grow() -> Int {
    names.append("")
    labels.append(Labels([]))
    taints.append([])
    isUnschedulable.append(false)
    isPresent.append(false)
    cpu.grow()
    memory.grow()
    storage.grow()
    for name in extended.keys { extended[name]?.grow() }
    scoredCPU.append(0)
    scoredMemory.append(0)
    podCount.append(0)
    podLimit.append(0)
    ports.append([:])
    images.append([:])
    return names.count - 1
  }
}

// MARK: Nodes

extension NodeTable {
  /// What changed of a node, as far as it matters for finding one.
  struct NodeChange: OptionSet, Sendable {
    let rawValue: Int
    static let labels = NodeChange(rawValue: 1)
    static let taints = NodeChange(rawValue: 2)
    static let capacity = NodeChange(rawValue: 4)
    static let appeared = NodeChange(rawValue: 8)
  }

  /// Takes over the state of a node.
  mutating func update(_ slot: Int, _ object: Object) -> NodeChange {
    let (spec, status) = (object.spec, object.status)
    var change: NodeChange = []
    if !isPresent[slot] {
      isPresent[slot] = true
      change.insert(.appeared)
      isOrderStale = true
    }
    if labels[slot] != object.labels {
      labels[slot] = object.labels
      change.insert(.labels)
      isOrderStale = true
    }
    let newTaints = (spec?.member("taints")?.decoded()?.array ?? []).map(Taint.init)
    let isClosed = spec?.member("unschedulable")?.isTrue ?? false
    if taints[slot] != newTaints || isUnschedulable[slot] != isClosed { change.insert(.taints) }
    softTaints += newTaints.count { !$0.isHard } - taints[slot].count { !$0.isHard }
    taints[slot] = newTaints
    isUnschedulable[slot] = isClosed
    if updateCapacity(slot, status?.member("allocatable")?.decoded()) { change.insert(.capacity) }
    updateImages(slot, status?.member("images")?.decoded())
    return change
  }

  private mutating func updateCapacity(_ slot: Int, _ list: JSON?) -> Bool {
    let amounts = Amounts(list)
    let pods = Int(min(max(Quantity(list?["pods"])?.value ?? 0, 0), 1 << 40))
    var isChanged = podLimit[slot] != pods
    podLimit[slot] = pods
    func set(_ column: inout Column, _ amount: Int64) {
      isChanged = isChanged || column.allocatable[slot] != amount
      column.allocatable[slot] = amount
    }
    set(&cpu, amounts.milliCPU)
    set(&memory, amounts.memory)
    set(&storage, amounts.ephemeralStorage)
    for name in Set(extended.keys).union(amounts.extended.keys) {
      set(&extended[name, default: Column(count: names.count)], amounts.extended[name] ?? 0)
    }
    return isChanged
  }

  private mutating func updateImages(_ slot: Int, _ list: JSON?) {
    var new: [String: Int64] = [:]
    for image in list?.array ?? [] {
      for name in image.list("names").compactMap(\.string) {
        new[name] = Int64(min(max(image["sizeBytes"]?.int ?? 0, 0), 1 << 50))
      }
    }
    if new == images[slot] { return }
    for name in images[slot].keys { imageSpread[name, default: 0] -= 1 }
    for name in new.keys { imageSpread[name, default: 0] += 1 }
    for name in images[slot].keys where imageSpread[name] == 0 { imageSpread[name] = nil }
    images[slot] = new
  }

  /// The node is gone; its slot stays while it has pods.
  mutating func vacate(_ slot: Int) {
    isPresent[slot] = false
    isOrderStale = true
    softTaints -= taints[slot].count { !$0.isHard }
    labels[slot] = Labels([])
    taints[slot] = []
    isUnschedulable[slot] = false
    _ = updateCapacity(slot, nil)
    updateImages(slot, nil)
    releaseIfEmpty(slot)
  }

  /// Gives a slot back that has neither a node nor pods.
  mutating func releaseIfEmpty(_ slot: Int) {
    if isPresent[slot] || podCount[slot] > 0 { return }
    slots[names[slot]] = nil
    names[slot] = ""
    free.append(slot)
  }
}

// MARK: Pods

extension NodeTable {
  /// Takes (`sign` 1) or gives back (-1) what a pod asks for. Amounts wrap rather than trap: see `Amounts`.
  mutating func add(_ pod: PodNeeds, times sign: Int64, at slot: Int) {
    cpu.requested[slot] &+= sign &* pod.requests.milliCPU
    memory.requested[slot] &+= sign &* pod.requests.memory
    storage.requested[slot] &+= sign &* pod.requests.ephemeralStorage
    scoredCPU[slot] &+= sign &* pod.scoredCPU
    scoredMemory[slot] &+= sign &* pod.scoredMemory
    podCount[slot] += Int(sign)
    for (name, amount) in pod.requests.extended {
      extended[name, default: Column(count: names.count)].requested[slot] &+= sign &* amount
    }
    for port in pod.hostPorts {
      let count = ports[slot][port, default: 0] + Int(sign)
      ports[slot][port] = count == 0 ? nil : count
    }
  }
}
