import Glibc

/// A process of this same program whose output we read.
struct Child: ~Copyable {
  private let id: pid_t
  private let output: Int32

  init(arguments: [String]) throws {
    var pipe: (read: Int32, write: Int32) = (0, 0)
    try withUnsafeMutableBytes(of: &pipe) { bytes in
      guard Glibc.pipe(bytes.assumingMemoryBound(to: Int32.self).baseAddress!) == 0 else { throw Finding("no pipe") }
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipe.write, STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, pipe.read)
    var strings = (["/proc/self/exe"] + arguments).map { strdup($0) } + [nil]
    defer { for string in strings { free(string) } }
    var id: pid_t = 0
    let code = posix_spawn(&id, "/proc/self/exe", &actions, nil, &strings, environ)
    close(pipe.write)
    guard code == 0 else { throw Finding("cannot start the writer: \(code)") }
    self.id = id
    self.output = pipe.read
  }

  func kill() { Glibc.kill(id, SIGKILL) }

  /// Waits for output.
  /// - Returns: the bytes read, none at the end of the output, nil when nothing came in time.
  func read(milliseconds: Int32) -> [UInt8]? {
    var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    if poll(&descriptor, 1, milliseconds) <= 0 { return nil }
    return [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      count = max(0, Glibc.read(output, buffer.baseAddress, buffer.count))
    }
  }

  /// Reads the rest and waits for the end of the process.
  consuming func finish() -> [UInt8] {
    var rest: [UInt8] = []
    while let bytes = read(milliseconds: 10_000), !bytes.isEmpty { rest += bytes }
    var status: Int32 = 0
    waitpid(id, &status, 0)
    close(output)
    return rest
  }
}
