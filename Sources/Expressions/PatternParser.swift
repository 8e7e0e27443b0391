/// Makes a program out of a regular expression (RE2's syntax, but for classes of Unicode other than letters, digits and
/// marks of case).
struct PatternParser {
  /// The text is no regular expression, or too large a one.
  struct Fault: Error {}

  private indirect enum Node {
    case empty
    case scalar(ScalarSet)
    case assert(PatternProgram.Assertion)
    case sequence([Node])
    case choice([Node])
    case repeated(Node, least: Int, most: Int?, isLazy: Bool)
  }

  private struct Flags {
    var ignoresCase = false
    var hasLines = false
    var dotTakesAll = false
    var isUngreedy = false
  }

  /// As RE2: more repetitions than this are refused, and so are larger programs.
  private static let mostRepeats = 1000
  private static let mostSteps = 20_000
  private static let deepest = 200

  private let text: [Unicode.Scalar]
  private var index = 0
  private var depth = 0
  private var flags = Flags()

  static func program(_ text: String) throws(Fault) -> PatternProgram {
    var parser = PatternParser(text: Array(text.unicodeScalars))
    let node = try parser.choice()
    guard parser.index == parser.text.count else { throw Fault() }
    var program = PatternProgram()
    try emit(node, &program)
    program.steps.append(.match)
    return program
  }

  private init(text: [Unicode.Scalar]) { self.text = text }

  private var current: Unicode.Scalar? { index < text.count ? text[index] : nil }

  private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    index += 1
    return true
  }

  // MARK: - structure

  private mutating func choice() throws(Fault) -> Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw Fault() }
    let outer = flags
    defer { flags = outer }
    var ways = [try sequence()]
    while accept("|") { ways.append(try sequence()) }
    return ways.count == 1 ? ways[0] : .choice(ways)
  }

  private mutating func sequence() throws(Fault) -> Node {
    var parts: [Node] = []
    while let scalar = current, scalar != "|", scalar != ")" {
      parts.append(try repetition())
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func repetition() throws(Fault) -> Node {
    var node = try atom()
    var isFirst = true
    while let (least, most) = try quantifier() {
      // `a**` is an error there, and so here.
      guard isFirst else { throw Fault() }
      isFirst = false
      let isLazy = accept("?") != flags.isUngreedy
      node = .repeated(node, least: least, most: most, isLazy: isLazy)
    }
    return node
  }

  private mutating func quantifier() throws(Fault) -> (Int, Int?)? {
    if accept("*") { return (0, nil) }
    if accept("+") { return (1, nil) }
    if accept("?") { return (0, 1) }
    guard current == "{" else { return nil }
    let start = index
    index += 1
    guard let least = number() else {
      // A brace that counts nothing is a brace.
      index = start
      return nil
    }
    var most: Int? = least
    if accept(",") { most = current == "}" ? nil : number() ?? -1 }
    guard accept("}") else {
      index = start
      return nil
    }
    guard least <= Self.mostRepeats, most.map({ $0 <= Self.mostRepeats && $0 >= least }) ?? true else { throw Fault() }
    return (least, most)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = current, ("0"..."9").contains(scalar), (value ?? 0) < 100_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 48)
      index += 1
    }
    return value
  }

  // MARK: - atoms

  private mutating func atom() throws(Fault) -> Node {
    guard let scalar = current else { throw Fault() }
    index += 1
    switch scalar {
    case "(": return try group()
    case "[": return .scalar(try bracket())
    case ".": return .scalar(ScalarSet(ranges: flags.dotTakesAll ? [] : [10...10], isNegated: true))
    case "^": return .assert(flags.hasLines ? .lineStart : .textStart)
    case "$": return .assert(flags.hasLines ? .lineEnd : .textEnd)
    case "*", "+", "?": throw Fault()
    case "\\": return try escape()
    case "{":
      // Only one that could not be read as a count gets here.
      return literal(scalar)
    default: return literal(scalar)
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> Node { .scalar(folded([scalar.value...scalar.value])) }

  /// With both cases of letters, where case does not matter.
  private func folded(_ ranges: [ClosedRange<UInt32>]) -> ScalarSet {
    guard flags.ignoresCase else { return ScalarSet(ranges: ranges) }
    var all = ranges
    for range in ranges {
      for (letters, shift) in [(UInt32(65)...90, 32), (UInt32(97)...122, -32)] where range.overlaps(letters) {
        let part = range.clamped(to: letters)
        all.append(UInt32(Int(part.lowerBound) + shift)...UInt32(Int(part.upperBound) + shift))
      }
    }
    return ScalarSet(ranges: all)
  }

  private mutating func group() throws(Fault) -> Node {
    guard accept("?") else { return try closed() }
    if accept("P") {
      guard accept("<") else { throw Fault() }
      return try named()
    }
    if accept("<") { return try named() }
    let outer = flags
    var isOn = true
    while let scalar = current {
      index += 1
      switch scalar {
      case "i": flags.ignoresCase = isOn
      case "m": flags.hasLines = isOn
      case "s": flags.dotTakesAll = isOn
      case "U": flags.isUngreedy = isOn
      case "-" where isOn: isOn = false
      case ":":
        // They hold for the group alone.
        defer { flags = outer }
        return try closed()
      case ")": return .empty
      default: throw Fault()
      }
    }
    throw Fault()
  }

  private mutating func named() throws(Fault) -> Node {
    var length = 0
    while let scalar = current, scalar != ">" {
      guard ScalarSet.word.contains(scalar.value) else { throw Fault() }
      index += 1
      length += 1
    }
    guard length > 0, accept(">") else { throw Fault() }
    return try closed()
  }

  private mutating func closed() throws(Fault) -> Node {
    let node = try choice()
    guard accept(")") else { throw Fault() }
    return node
  }

  private mutating func escape() throws(Fault) -> Node {
    guard let scalar = current else { throw Fault() }
    switch scalar {
    case "b", "B", "A", "z":
      index += 1
      return .assert(scalar == "b" ? .wordEdge : scalar == "B" ? .noWordEdge : scalar == "A" ? .textStart : .textEnd)
    case "Q":
      index += 1
      return try quoted()
    default: return .scalar(try escapedSet())
    }
  }

  /// `\Q…\E`
  private mutating func quoted() throws(Fault) -> Node {
    var parts: [Node] = []
    while let scalar = current {
      if scalar == "\\", index + 1 < text.count, text[index + 1] == "E" {
        index += 2
        break
      }
      parts.append(literal(scalar))
      index += 1
    }
    return .sequence(parts)
  }

  /// What follows a backslash, inside or outside of brackets.
  private mutating func escapedSet() throws(Fault) -> ScalarSet {
    guard let scalar = current else { throw Fault() }
    index += 1
    switch scalar {
    case "d": return .digit
    case "D": return ScalarSet(ranges: ScalarSet.digit.ranges, isNegated: true)
    case "w": return .word
    case "W": return ScalarSet(ranges: ScalarSet.word.ranges, isNegated: true)
    case "s": return .space
    case "S": return ScalarSet(ranges: ScalarSet.space.ranges, isNegated: true)
    case "n": return ScalarSet(ranges: [10...10])
    case "r": return ScalarSet(ranges: [13...13])
    case "t": return ScalarSet(ranges: [9...9])
    case "f": return ScalarSet(ranges: [12...12])
    case "v": return ScalarSet(ranges: [11...11])
    case "a": return ScalarSet(ranges: [7...7])
    case "x": return try hexadecimal()
    case "p", "P": return try property(isNegated: scalar == "P")
    default:
      // Letters and digits with a backslash mean something, or nothing that is known.
      guard !ScalarSet.word.contains(scalar.value) || scalar == "_" else { throw Fault() }
      return folded([scalar.value...scalar.value])
    }
  }

  private mutating func hexadecimal() throws(Fault) -> ScalarSet {
    var digits = ""
    if accept("{") {
      while let scalar = current, scalar != "}", digits.count < 8 {
        digits.unicodeScalars.append(scalar)
        index += 1
      }
      guard accept("}") else { throw Fault() }
    } else {
      while let scalar = current, digits.count < 2 {
        digits.unicodeScalars.append(scalar)
        index += 1
      }
      guard digits.count == 2 else { throw Fault() }
    }
    guard let code = UInt32(digits, radix: 16), code <= 0x10FFFF else { throw Fault() }
    return folded([code...code])
  }

  /// The classes of Unicode that people use: letters, their cases, and numbers, in the scripts of the first planes.
  private mutating func property(isNegated: Bool) throws(Fault) -> ScalarSet {
    var name = ""
    if accept("{") {
      while let scalar = current, scalar != "}", name.count < 32 {
        name.unicodeScalars.append(scalar)
        index += 1
      }
      guard accept("}") else { throw Fault() }
    } else if let scalar = current {
      name.unicodeScalars.append(scalar)
      index += 1
    }
    guard let ranges = Self.properties[name] else { throw Fault() }
    return ScalarSet(ranges: ranges, isNegated: isNegated)
  }

  private static let properties: [String: [ClosedRange<UInt32>]] = {
    func all(_ holds: (Unicode.Scalar.Properties) -> Bool) -> [ClosedRange<UInt32>] {
      var ranges: [ClosedRange<UInt32>] = []
      for code in UInt32(0)...0xFFFF {
        guard let scalar = Unicode.Scalar(code), holds(scalar.properties) else { continue }
        if let last = ranges.last, last.upperBound + 1 == code {
          ranges[ranges.count - 1] = last.lowerBound...code
        } else {
          ranges.append(code...code)
        }
      }
      return ranges
    }
    return [
      "L": all { $0.isAlphabetic && $0.numericType == nil }, "Lu": all(\.isUppercase), "Ll": all(\.isLowercase),
      "N": all { $0.numericType != nil }, "Nd": all { $0.numericType == .decimal },
      "P": all { properties in
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
          .finalPunctuation, .otherPunctuation:
          true
        default: false
        }
      },
    ]
  }()

  // MARK: - brackets

  private mutating func bracket() throws(Fault) -> ScalarSet {
    let isNegated = accept("^")
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while let scalar = current, isFirst || scalar != "]" {
      isFirst = false
      if scalar == "[", index + 1 < text.count, text[index + 1] == ":" {
        ranges += try posixClass()
        continue
      }
      let low = try element()
      guard low.isNegated == false else {
        ranges += Self.complement(low.ranges)
        continue
      }
      guard low.ranges.count == 1, low.ranges[0].count == 1, current == "-", index + 1 < text.count,
        text[index + 1] != "]"
      else {
        ranges += low.ranges
        continue
      }
      index += 1
      let high = try element()
      guard high.ranges.count == 1, let start = low.ranges.first?.lowerBound, let end = high.ranges.first?.upperBound,
        start <= end
      else { throw Fault() }
      ranges.append(start...end)
    }
    guard accept("]") else { throw Fault() }
    var result = folded(ranges)
    result.isNegated = isNegated
    return result
  }

  /// One character of a bracket, or a class of them; case is folded by who puts them together.
  private mutating func element() throws(Fault) -> ScalarSet {
    guard let scalar = current else { throw Fault() }
    index += 1
    if scalar != "\\" { return ScalarSet(ranges: [scalar.value...scalar.value]) }
    let outer = flags
    flags.ignoresCase = false
    defer { flags = outer }
    return try escapedSet()
  }

  private static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return result
  }

  private static let classes: [String: [ClosedRange<UInt32>]] = [
    "alnum": [48...57, 65...90, 97...122], "alpha": [65...90, 97...122], "ascii": [0...127], "blank": [9...9, 32...32],
    "cntrl": [0...31, 127...127], "digit": [48...57], "graph": [33...126], "lower": [97...122], "print": [32...126],
    "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32], "upper": [65...90],
    "word": [48...57, 65...90, 95...95, 97...122], "xdigit": [48...57, 65...70, 97...102],
  ]

  /// `[:alpha:]`
  private mutating func posixClass() throws(Fault) -> [ClosedRange<UInt32>] {
    index += 2
    let isNegated = accept("^")
    var name = ""
    while let scalar = current, scalar != ":", name.count < 16 {
      name.unicodeScalars.append(scalar)
      index += 1
    }
    guard accept(":"), accept("]"), let ranges = Self.classes[name] else { throw Fault() }
    return isNegated ? Self.complement(ranges) : ranges
  }

  // MARK: - code

  private static func emit(_ node: Node, _ program: inout PatternProgram) throws(Fault) {
    guard program.steps.count < mostSteps else { throw Fault() }
    switch node {
    case .empty: break
    case .scalar(let set): program.steps.append(.scalar(set))
    case .assert(let assertion): program.steps.append(.assert(assertion))
    case .sequence(let parts): for part in parts { try emit(part, &program) }
    case .choice(let ways):
      var ends: [Int] = []
      for (number, way) in ways.enumerated() {
        guard number < ways.count - 1 else {
          try emit(way, &program)
          break
        }
        let split = program.steps.count
        program.steps.append(.match)
        try emit(way, &program)
        ends.append(program.steps.count)
        program.steps.append(.match)
        program.steps[split] = .split(split + 1, program.steps.count)
      }
      for end in ends { program.steps[end] = .jump(program.steps.count) }
    case .repeated(let inner, let least, let most, let isLazy):
      for _ in 0..<least { try emit(inner, &program) }
      if let most {
        try emitOptional(inner, most - least, isLazy, &program)
      } else {
        let start = program.steps.count
        program.steps.append(.match)
        try emit(inner, &program)
        program.steps.append(.jump(start))
        program.steps[start] = Self.split(start + 1, program.steps.count, isLazy)
      }
    }
  }

  private static func emitOptional(
    _ inner: Node, _ count: Int, _ isLazy: Bool, _ program: inout PatternProgram
  ) throws(Fault) {
    var splits: [Int] = []
    for _ in 0..<count {
      splits.append(program.steps.count)
      program.steps.append(.match)
      try emit(inner, &program)
    }
    for split in splits { program.steps[split] = Self.split(split + 1, program.steps.count, isLazy) }
  }

  private static func split(_ inside: Int, _ outside: Int, _ isLazy: Bool) -> PatternProgram.Step {
    isLazy ? .split(outside, inside) : .split(inside, outside)
  }
}
