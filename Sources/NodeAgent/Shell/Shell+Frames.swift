/// The course of a program: what each kind of command does next.
extension Shell {
  mutating func perform(_ frame: Frame, _ world: inout ShellWorld) {
    switch frame {
    case .run(let command): begin(command, &world)
    case .sequence(let commands, let index):
      if index + 1 < commands.count { frames.append(.sequence(commands, from: index + 1)) }
      if index < commands.count { frames.append(.run(commands[index])) }
    case .next(let command, let ifGood):
      if (status == 0) == ifGood { frames.append(.run(command)) }
    case .invert: status = status == 0 ? 1 : 0
    case .branch(let then, let otherwise):
      if status == 0 { return frames.append(.run(then)) }
      status = 0
      if let otherwise { frames.append(.run(otherwise)) }
    case .loopTest(let loop):
      if (status == 0) == loop.isUntil {
        status = 0
        return
      }
      frames.append(.loop(loop))
      frames.append(.run(loop.body))
    case .loop(let loop):
      frames.append(.loopTest(loop))
      condition(loop.condition)
    case .each(let variable, let words, let body):
      guard let word = words.first else { return }
      variables[variable] = word
      frames.append(.each(variable: variable, words: Array(words.dropFirst()), body: body))
      frames.append(.run(body))
    case .streams(let old): streams = old
    case .arguments(let old): arguments = old
    case .tolerant(let old): isTolerant = old
    case .scope(let variables, let folder): (self.variables, self.folder) = (variables, folder)
    case .commands(let begun): readCommand(begun, &world)
    case .copyInput: copyInput(&world)
    case .failure(let code):
      if status == 0 { status = code }
      check()
    // What it watched over has ended by itself.
    case .deadline: break
    }
  }

  /// Runs a command whose failure is an answer and no accident.
  private mutating func condition(_ command: ShellCommand) {
    frames.append(.tolerant(isTolerant))
    isTolerant = true
    frames.append(.run(command))
  }

  private mutating func begin(_ command: ShellCommand, _ world: inout ShellWorld) {
    if frames.count > Self.frameLimit { return end(2, "sh: too deep", &world) }
    switch command {
    case .simple(let simple): run(simple, &world)
    case .sequence(let commands): if !commands.isEmpty { frames.append(.sequence(commands, from: 0)) }
    case .and(let left, let right):
      frames.append(.next(right, ifGood: true))
      condition(left)
    case .or(let left, let right):
      frames.append(.next(right, ifGood: false))
      condition(left)
    case .not(let inner):
      frames.append(.invert)
      condition(inner)
    case .pipeline(let stages): pipe(stages, &world)
    case .background(let inner): spawn(inner)
    case .branch(let condition, let then, let otherwise):
      frames.append(.branch(then: then, otherwise: otherwise))
      self.condition(condition)
    case .loop(let loop):
      frames.append(.loopTest(loop))
      condition(loop.condition)
    case .each(let variable, let words, let body):
      let items = words.map { $0.flatMap { expand($0, &world) } } ?? arguments
      frames.append(.each(variable: variable, words: items, body: body))
    case .choice(let subject, let arms): choose(subject, arms, &world)
    case .function(let name, let body):
      functions[name] = body
      status = 0
    case .subshell(let inner):
      frames.append(.scope(variables: variables, folder: folder))
      frames.append(.run(inner))
    case .redirected(let inner, let redirections):
      frames.append(.streams(streams))
      if redirect(redirections, &world) { frames.append(.run(inner)) }
    }
  }

  private mutating func choose(_ subject: ShellWord, _ arms: [ShellArm], _ world: inout ShellWorld) {
    let text = expandText(subject, &world)
    status = 0
    for arm in arms where arm.patterns.contains(where: { Glob.matches(expandText($0, &world), text) }) {
      return frames.append(.run(arm.body))
    }
  }

  private mutating func spawn(_ command: ShellCommand) {
    var child = self
    child.frames = [.run(command)]
    (child.spawned, child.pending, child.traps, child.stdin) = ([], [], [:], ShellInput())
    // Numbers go on from where the processes of one shell began.
    child.number = (lastSpawned ?? number + 5) + 1
    lastSpawned = child.number
    spawned.append(child)
    status = 0
  }
}
