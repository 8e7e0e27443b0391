import Values

/// Reading and changing files.
extension ShellWorld {
  /// What new files and folders lose of the mode that they are asked for.
  private static let mask: UInt16 = 0o022

  func status(_ path: String, follows: Bool = true) -> FileEntry? { entry(place(path, follows: follows)) }

  func exists(_ path: String) -> Bool { status(path) != nil }

  func isDirectory(_ path: String) -> Bool { status(path)?.isFolder == true }

  func read(_ path: String) throws(Failure) -> String {
    guard let entry = status(path) else { throw .missing }
    guard let text = entry.text else { throw .isDirectory }
    if !user.may(.read, entry) { throw .denied }
    return text
  }

  func names(in path: String) -> [String] {
    let place = place(path)
    var names = Set(place.tree.names(in: place.path))
    let prefix = path.isEmpty ? "" : path + "/"
    for other in mounts.map(\.path) + (place.mount == nil ? Self.usualFolders : [])
    where other.hasPrefix(prefix) && other != path {
      if let name = other.dropFirst(prefix.count).split(separator: "/").first { names.insert(String(name)) }
    }
    return names.sorted()
  }

  // MARK: Changing

  /// - Parameter mode: of a file that is not there yet; nil: the usual one.
  mutating func write(
    _ path: String, _ text: String, appends: Bool = false, mode: FileMode? = nil
  ) throws(Failure) {
    if let device = Device(path: path) {
      if device == .full, !text.isEmpty { throw .full }
      return
    }
    let place = place(path)
    if isReadOnly(place) { throw .readOnly }
    let old = entry(place)
    if old?.isFolder == true { throw .isDirectory }
    var owner = user.owner
    if let old {
      if !user.may(.write, old) { throw .denied }
    } else {
      let folder = try openFolder(of: path)
      if folder.mode.has(FileMode.setGroup) { owner.group = folder.owner.group }
    }
    let count = RawText.count(text)
    if count > room { throw .full }
    room -= count
    var isWritten = false
    let wanted = mode ?? FileMode(0o666 & ~Self.mask)
    let now = now
    change(place) { isWritten = $0.write(place.path, text, appends: appends, mode: wanted, owner: owner, at: now) }
    if !isWritten { throw .full }
  }

  mutating func makeDirectory(_ path: String, mode: FileMode? = nil) throws(Failure) {
    let place = place(path)
    if entry(place)?.isFolder == true { return }
    if isReadOnly(place) { throw .readOnly }
    var owner = user.owner
    var bits = mode ?? FileMode(0o777 & ~Self.mask)
    // Folders above it need not be there: they come with it.
    if let folder = status(Self.folder(of: path)) {
      if !user.may(.write, folder) { throw .denied }
      if folder.mode.has(FileMode.setGroup) {
        owner.group = folder.owner.group
        bits = FileMode(bits.rawValue | FileMode.setGroup)
      }
    }
    let now = now
    change(place) { $0.makeDirectory(place.path, mode: bits, owner: owner, at: now) }
  }

  mutating func remove(_ path: String) throws(Failure) {
    let place = place(path, follows: false)
    if entry(place) == nil { throw .missing }
    if isReadOnly(place) { throw .readOnly }
    if place.isMount { throw .busy }
    _ = try openFolder(of: path)
    change(place) { $0.remove(place.path) }
  }

  mutating func link(_ path: String, to target: String) throws(Failure) {
    let place = place(path, follows: false)
    if entry(place) != nil { throw .exists }
    if isReadOnly(place) { throw .readOnly }
    _ = try openFolder(of: path)
    let entry = FileEntry(content: .link(to: target), mode: 0o777, owner: user.owner, modified: now)
    var isMade = false
    change(place) { isMade = $0.put(place.path, entry) }
    if !isMade { throw .full }
  }

  /// Changes what is said of a file: its mode, its owner.
  mutating func alter(_ path: String, _ work: (inout FileEntry) -> Void) throws(Failure) {
    let place = place(path)
    guard var entry = entry(place) else { throw .missing }
    if isReadOnly(place) { throw .readOnly }
    if user.id != 0, user.id != entry.owner.user { throw .notPermitted }
    work(&entry)
    change(place) { $0.put(place.path, entry) }
  }

  /// The folder of a path, in which names may be made and removed.
  private func openFolder(of path: String) throws(Failure) -> FileEntry {
    guard let folder = status(Self.folder(of: path)), folder.isFolder else { throw .missing }
    if !user.may(.write, folder) { throw .denied }
    return folder
  }

  private mutating func change(_ place: Place, _ change: (inout FileTree) -> Void) {
    switch place.mount?.volume {
    case nil:
      hasOwnFiles = true
      change(&root)
    case .stored(let id):
      if volumes[id] == nil, volumes.count >= Self.volumeLimit { return }
      change(&volumes[id, default: VolumeFiles.fresh(id)])
    case .fixed, .live, .system: break
    }
  }
}
