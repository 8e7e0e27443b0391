import Values

/// `mounttest`: makes files, and says what it finds in volumes.
enum MountTest {
  private static let content = "mount-tester new file\n"
  private static let pause = Duration.seconds(2)

  static let program: [String: SimulatedCommand] = [
    "mounttest": { shell, arguments, world in
      var failures = 0
      func named(_ option: String) -> String? {
        Agnhost.value(option, in: arguments).flatMap { $0.isEmpty ? nil : $0 }
      }
      if let path = named("fs_type") {
        let kind = world.place(shell.path(path)).mount?.fileSystem ?? "overlay"
        let number = ["tmpfs": "tmpfs", "ext4": "61267"][kind] ?? "2035054128"
        shell.print("mount type of \"\(path)\": \(number)", &world)
      }
      for mode in [0o644, 0o666, 0o660, 0o777] as [UInt16] {
        guard let path = named("new_file_0\(String(mode, radix: 8))") else { continue }
        failures += make(path, FileMode(mode), &shell, &world)
      }
      for option in ["file_mode", "file_perm", "file_owner"] {
        if let path = named(option) { failures += describe(path, option, &shell, &world) }
      }
      if let path = named("file_content") { failures += read(path, &shell, &world) ? 0 : 1 }
      guard let path = named("file_content_in_loop") else { return failures > 0 ? 1 : 0 }
      let time = Duration.seconds(named("retry_time").flatMap { Int($0) } ?? 180)
      let breaks = Agnhost.value("break_on_expected_content", in: arguments) != "false"
      shell.queue([["agnhost", "mounttest-loop", path, String((world.now + time).nanoseconds), breaks ? "1" : ""]])
      return 0
    }
  ]

  /// Looks at a file until a moment has come.
  static let loop: [String: SimulatedCommand] = [
    "mounttest-loop": { shell, arguments, world in
      guard arguments.count == 3, let end = Int64(arguments[1]) else { return 2 }
      let isThere: Bool
      do throws(ShellWorld.Failure) {
        let text = try world.read(shell.path(arguments[0]))
        isThere = true
        shell.print("content of file \"\(arguments[0])\": \(text)", &world)
        if !arguments[2].isEmpty {
          if text == content { return 0 }
          shell.write("Unexpected content. Expected: \(content). Retrying", to: shell.streams.out, &world)
        }
      } catch {
        isThere = false
        shell.print("Error reading file \(arguments[0]): \(reason(error, arguments[0])), retrying", &world)
      }
      if world.now + pause >= Instant(nanoseconds: end) { return isThere ? 0 : 1 }
      shell.pending.append(.wait(pause))
      shell.queue([["agnhost", "mounttest-loop"] + arguments])
      return 0
    }
  ]

  private static func reason(_ failure: ShellWorld.Failure, _ path: String) -> String {
    "open \(path): \(failure.text.lowercased())"
  }

  private static func make(_ path: String, _ mode: FileMode, _ shell: inout Shell, _ world: inout ShellWorld) -> Int {
    do throws(ShellWorld.Failure) { try world.write(shell.path(path), content, mode: mode) } catch {
      shell.print("error writing new file \"\(path)\": \(reason(error, path))", &world)
      return 1
    }
    return read(path, &shell, &world) ? 0 : 1
  }

  private static func read(_ path: String, _ shell: inout Shell, _ world: inout ShellWorld) -> Bool {
    do throws(ShellWorld.Failure) {
      let text = try world.read(shell.path(path))
      shell.print("content of file \"\(path)\": \(text)", &world)
      return true
    } catch {
      shell.print("error reading file content for \"\(path)\": \(reason(error, path))", &world)
      return false
    }
  }

  private static func describe(_ path: String, _ option: String, _ shell: inout Shell, _ world: inout ShellWorld) -> Int
  {
    guard let entry = world.status(shell.path(path)) else {
      shell.print(
        "error gathering \(option.dropFirst(5)) of \"\(path)\": stat \(path): no such file or directory", &world)
      return 1
    }
    switch option {
    case "file_mode": shell.print("mode of file \"\(path)\": \(mode(of: entry))", &world)
    case "file_perm": shell.print("perms of file \"\(path)\": -\(entry.mode.plainLetters)", &world)
    default:
      shell.print("owner UID of \"\(path)\": \(entry.owner.user)", &world)
      shell.print("owner GID of \"\(path)\": \(entry.owner.group)", &world)
    }
    return 0
  }

  /// As programs in Go show it: `-rw-r--r--`, `dtrwxrwxrwx`.
  private static func mode(of entry: FileEntry) -> String {
    var kinds = entry.isFolder ? "d" : entry.target != nil ? "L" : ""
    for (bit, letter) in [(FileMode.setUser, "u"), (FileMode.setGroup, "g"), (FileMode.sticky, "t")]
    where entry.mode.has(bit) { kinds += letter }
    return (kinds.isEmpty ? "-" : kinds) + entry.mode.plainLetters
  }
}
