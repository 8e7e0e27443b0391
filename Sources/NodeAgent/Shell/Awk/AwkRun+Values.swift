/// Expressions and functions.
extension AwkRun {
  private static let arrayLimit = 10_000

  mutating func key(_ list: [AwkProgram.Expression]) -> String {
    list.map { value($0).text }.joined(separator: variables["SUBSEP"]?.text ?? "\u{1c}")
  }

  mutating func value(_ expression: AwkProgram.Expression) -> Value {
    steps += 1
    if steps > Self.stepLimit { return Value("") }
    switch expression {
    case .text(let text): return Value(text)
    case .number(let number): return Value(number)
    case .pattern(let pattern): return truth(matches(line, pattern))
    case .variable(let name): return variables[name] ?? .unset
    case .element(let name, let keys):
      let key = key(keys)
      return arrays[name]?[key] ?? .unset
    case .field(let index): return field(Int(value(index).number.clamped(to: -1...1e6)))
    case .assign(let place, let operation, let right):
      let operand = value(right)
      let sum = operation == "=" ? operand : calculate(String(operation.dropLast()), value(place), operand)
      set(place, sum)
      return sum
    case .step(let place, let amount, let isBefore):
      let old = value(place).number
      set(place, Value(old + amount))
      return Value(isBefore ? old + amount : old)
    case .choice(let test, let yes, let no): return value(value(test).isTrue ? yes : no)
    case .contains(let array, let wanted):
      let key = value(wanted).text
      return truth(arrays[array]?[key] != nil)
    case .unary(let sign, let inner):
      let operand = value(inner)
      return sign == "!" ? truth(!operand.isTrue) : Value(sign == "-" ? -operand.number : operand.number)
    case .binary("&&", let left, let right): return truth(value(left).isTrue && value(right).isTrue)
    case .binary("||", let left, let right): return truth(value(left).isTrue || value(right).isTrue)
    case .binary(let sign, let left, let right) where sign == "~" || sign == "!~":
      return truth(matches(value(left).text, patternText(right)) == (sign == "~"))
    case .binary(let sign, let left, let right): return calculate(sign, value(left), value(right))
    case .call(let name, let arguments): return call(name, arguments)
    }
  }

  private func truth(_ holds: Bool) -> Value { Value(holds ? 1 : 0) }

  private mutating func patternText(_ expression: AwkProgram.Expression) -> String {
    if case .pattern(let pattern) = expression { return pattern }
    return value(expression).text
  }

  private func matches(_ text: String, _ pattern: String) -> Bool {
    RegularExpression(pattern, isExtended: true)?.matches(text) ?? false
  }

  private func field(_ index: Int) -> Value {
    if index == 0 { return Value(line, isInput: true) }
    return Value(fields[safelyAt: index - 1] ?? "", isInput: true)
  }

  private mutating func set(_ place: AwkProgram.Expression, _ new: Value) {
    switch place {
    case .variable(let name):
      variables[name] = new
    case .element(let name, let keys):
      let key = key(keys)
      if arrays[name]?[key] != nil || (arrays[name]?.count ?? 0) < Self.arrayLimit {
        arrays[name, default: [:]][key] = new
      }
    case .field(let index):
      let number = Int(value(index).number.clamped(to: 0...1000))
      if number == 0 {
        line = new.text
        return split(line)
      }
      while fields.count < number { fields.append("") }
      fields[number - 1] = new.text
      variables["NF"] = Value(Double(fields.count))
      line = fields.joined(separator: variables["OFS"]?.text ?? " ")
    default: break
    }
  }

  private func calculate(_ sign: String, _ left: Value, _ right: Value) -> Value {
    switch sign {
    case " ": return Value(String((left.text + right.text).prefix(Shell.textLimit)))
    case "+": return Value(left.number + right.number)
    case "-": return Value(left.number - right.number)
    case "*": return Value(left.number * right.number)
    case "/": return Value(right.number == 0 ? 0 : left.number / right.number)
    case "%": return Value(right.number == 0 ? 0 : left.number.truncatingRemainder(dividingBy: right.number))
    case "^":
      let exponent = Int(right.number.clamped(to: 0...1000))
      return Value((0..<exponent).reduce(1.0) { power, _ in power * left.number })
    default: break
    }
    let order =
      left.isNumber && right.isNumber
      ? (left.number < right.number, left.number == right.number) : (left.text < right.text, left.text == right.text)
    switch sign {
    case "<": return truth(order.0)
    case "<=": return truth(order.0 || order.1)
    case "==": return truth(order.1)
    case "!=": return truth(!order.1)
    case ">": return truth(!order.0 && !order.1)
    default: return truth(!order.0)
    }
  }

  // MARK: Functions

  private mutating func call(_ name: String, _ arguments: [AwkProgram.Expression]) -> Value {
    switch name {
    case "length":
      if case .variable(let array)? = arguments.first, let found = arrays[array] { return Value(Double(found.count)) }
      return Value(Double((arguments.first.map { value($0).text } ?? line).count))
    case "split":
      guard arguments.count >= 2, case .variable(let array) = arguments[1] else { return Value(0) }
      let text = value(arguments[0]).text
      let separator = arguments.count > 2 ? patternText(arguments[2]) : variables["FS"]?.text ?? " "
      let pieces = pieces(of: text, by: separator).prefix(Self.arrayLimit)
      arrays[array] = Dictionary(
        uniqueKeysWithValues: pieces.enumerated().map { (String($0 + 1), Value($1, isInput: true)) })
      return Value(Double(pieces.count))
    case "sub", "gsub":
      guard arguments.count >= 2, let pattern = RegularExpression(patternText(arguments[0]), isExtended: true) else {
        return Value(0)
      }
      let place = arguments[safelyAt: 2] ?? .field(.number(0))
      let replacement = value(arguments[1]).text
      let old = value(place).text
      guard let new = SedProgram.substituted(old, pattern, replacement, name == "gsub") else { return Value(0) }
      set(place, Value(new))
      return Value(1)
    default: return plain(name, arguments.map { value($0) })
    }
  }

  private func plain(_ name: String, _ values: [Value]) -> Value {
    let text = values.first?.text ?? ""
    let number = values.first?.number ?? 0
    switch name {
    case "toupper": return Value(text.uppercased())
    case "tolower": return Value(text.lowercased())
    case "int": return Value(number.rounded(.towardZero))
    case "sqrt": return Value(number < 0 ? 0 : number.squareRoot())
    case "sprintf": return Value(ShellCommands.formatted(text, values.dropFirst().map(\.text), isOnce: true))
    case "index":
      let wanted = values[safelyAt: 1]?.text ?? ""
      guard !wanted.isEmpty, let range = text.firstRange(of: wanted) else { return Value(0) }
      return Value(Double(text.distance(from: text.startIndex, to: range.lowerBound) + 1))
    case "match":
      let match = RegularExpression(values[safelyAt: 1]?.text ?? "", isExtended: true)?.firstMatch(in: Array(text))
      return Value(Double(match.map { $0.range.lowerBound + 1 } ?? 0))
    case "substr":
      let start = (values[safelyAt: 1]?.number ?? 1).rounded().clamped(to: -1e6...1e6)
      let count = (values[safelyAt: 2]?.number ?? 1e6).rounded().clamped(to: 0...1e6)
      let first = max(1, Int(start))
      let end = Int(min(start + count, 2e6))
      return Value(String(text.dropFirst(first - 1).prefix(max(0, end - first))))
    default: return Value("")
    }
  }
}

extension Double {
  /// Within bounds; what is no number is the lower one.
  func clamped(to bounds: ClosedRange<Double>) -> Double {
    isNaN ? bounds.lowerBound : min(max(self, bounds.lowerBound), bounds.upperBound)
  }
}

extension String {
  /// `1.500000` as `1.5`
  var trimmedZeros: String {
    guard contains(".") else { return self }
    let text = self.reversed().drop { $0 == "0" }
    return String((text.first == "." ? text.dropFirst() : text[...]).reversed())
  }
}
