/// How a shell asks for the next command: each image has its own way.
struct Prompt: Sendable {
  enum Style: Sendable {
    /// `/ # `, with `~` for home: busybox.
    case folder
    /// `# `: dash.
    case plain
    /// `root@web-0:/# `: bash.
    case full
  }

  let style: Style

  init(image: String, program: String) {
    let isSmall = ["busybox", "alpine"].contains(ImageReference(image).short) || image.contains("alpine")
    style = program == "bash" ? .full : isSmall ? .folder : .plain
  }

  /// - Parameter begun: what is there of a command that is not complete.
  func text(_ shell: Shell, hostname: String, begun: String) -> String {
    if !begun.isEmpty { return "> " }
    let home = shell.variables["HOME"].map { $0.split(separator: "/").joined(separator: "/") } ?? "root"
    let place = !home.isEmpty && shell.folder == home ? "~" : "/" + shell.folder
    switch style {
    case .folder: return "\(place) # "
    case .plain: return "# "
    case .full: return "root@\(hostname):\(place)# "
    }
  }
}
