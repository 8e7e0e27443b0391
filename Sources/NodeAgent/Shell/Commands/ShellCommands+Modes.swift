/// Who may do what with files, whom they belong to, and links between them.
extension ShellCommands {
  static let modes: [String: SimulatedCommand] = [
    "chmod": { shell, arguments, world in
      guard let wanted = arguments.first(where: { !isOption($0) }) else {
        return shell.fail("chmod: missing operand", &world)
      }
      return alter(arguments, dropping: wanted, "chmod", &shell, &world) { entry in
        guard let mode = entry.mode.changed(by: wanted, isFolder: entry.isFolder) else { return false }
        entry.mode = mode
        return true
      }
    },
    "chown": { shell, arguments, world in
      guard let wanted = arguments.first(where: { !isOption($0) }) else {
        return shell.fail("chown: missing operand", &world)
      }
      let parts = wanted.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return alter(arguments, dropping: wanted, "chown", &shell, &world) { entry in
        if let user = parts.first, !user.isEmpty { entry.owner.user = number(user) }
        if let group = parts[safelyAt: 1], !group.isEmpty { entry.owner.group = number(group) }
        return true
      }
    },
    "chgrp": { shell, arguments, world in
      guard let wanted = arguments.first(where: { !isOption($0) }) else {
        return shell.fail("chgrp: missing operand", &world)
      }
      return alter(arguments, dropping: wanted, "chgrp", &shell, &world) { entry in
        entry.owner.group = number(wanted)
        return true
      }
    },
    "ln": link,
    "readlink": { shell, arguments, world in
      let (letters, names) = options(arguments)
      return names.reduce(0) { status, name in
        let path = shell.path(name)
        if letters.contains("f") {
          shell.print(real(path, world), &world)
        } else if let target = world.status(path, follows: false)?.target {
          shell.print(target, &world)
        } else {
          return 1
        }
        return status
      }
    },
    "realpath": { shell, arguments, world in
      for name in options(arguments).rest { shell.print(real(shell.path(name), world), &world) }
      return 0
    },
    "id": { shell, arguments, world in
      let (letters, _) = options(arguments)
      let user = world.user
      let groups = ([user.group] + user.groups.filter { $0 != user.group })
      let isNamed = letters.contains("n")
      if letters.contains("u") {
        shell.print(userName(user.id, !isNamed), &world)
      } else if letters.contains("g") {
        shell.print(userName(user.group, !isNamed), &world)
      } else if letters.contains("G") {
        shell.print(groups.map { userName($0, !isNamed) }.joined(separator: " "), &world)
      } else {
        let named = { (id: Int) in id == 0 ? "0(root)" : String(id) }
        let shown = groups.map(named).joined(separator: ",")
        shell.print("uid=\(named(user.id)) gid=\(named(user.group)) groups=\(shown)", &world)
      }
      return 0
    },
    "whoami": { shell, _, world in
      if world.user.id != 0 { return shell.fail("whoami: unknown uid \(world.user.id)", &world) }
      shell.print("root", &world)
      return 0
    },
  ]

  private static func isOption(_ word: String) -> Bool {
    word.count > 1 && word.hasPrefix("-") && word.dropFirst().allSatisfy { "RvfchL-".contains($0) || $0.isLowercase }
      && !["-r", "-w", "-x", "-rw", "-wx", "-rx", "-rwx"].contains(word)
  }

  private static func number(_ name: String) -> Int {
    Int(name) ?? ["root": 0, "nobody": 65534, "www-data": 33, "nginx": 101][name] ?? 1000
  }

  private static func alter(
    _ arguments: [String], dropping mode: String, _ program: String, _ shell: inout Shell, _ world: inout ShellWorld,
    _ work: (inout FileEntry) -> Bool
  ) -> Int {
    let isDeep = arguments.contains { isOption($0) && $0.contains("R") }
    var names = arguments.filter { !isOption($0) }
    names.removeFirst()
    var status = 0
    for name in names {
      let path = shell.path(name)
      for each in isDeep ? world.entries(below: path) : [path] {
        do throws(ShellWorld.Failure) {
          var isGood = true
          try world.alter(each) { isGood = work(&$0) }
          if !isGood { return shell.fail("\(program): invalid mode '\(mode)'", &world) }
        } catch {
          status = shell.fail("\(program): \(name): \(error.text)", &world)
        }
      }
      if isDeep, !world.exists(path) {
        status = shell.fail("\(program): \(name): No such file or directory", &world)
      }
    }
    return status
  }

  /// `ln -s target name`; one without `-s` is a copy, for files here have one name each.
  private static let link: SimulatedCommand = { shell, arguments, world in
    let (letters, names) = options(arguments)
    guard let target = names.first else { return shell.fail("ln: missing file operand", &world) }
    let last = target.split(separator: "/").last.map(String.init) ?? target
    let name = names[safelyAt: 1] ?? last
    var path = shell.path(name)
    let isLink = world.status(path, follows: false)?.target != nil
    if world.isDirectory(path), !(isLink && letters.contains("n")) { path += "/" + last }
    do throws(ShellWorld.Failure) {
      if letters.contains("f"), world.status(path, follows: false) != nil { try world.remove(path) }
      if letters.contains("s") {
        try world.link(path, to: target)
      } else {
        try world.write(path, try world.read(shell.path(target)))
      }
    } catch {
      return shell.fail("ln: \(name): \(error.text)", &world)
    }
    return 0
  }

  private static func real(_ path: String, _ world: ShellWorld) -> String {
    let place = world.place(path)
    guard let mount = place.mount else { return "/" + place.path }
    let inside = place.path.dropFirst(mount.subPath.count).drop { $0 == "/" }
    return "/" + mount.path + (inside.isEmpty ? "" : "/" + inside)
  }
}
