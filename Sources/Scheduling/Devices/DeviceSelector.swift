import Expressions
import Objects

/// A test of a device in CEL: `device.driver == "gpu.example.com" &&
/// device.capacity["gpu.example.com"].memory.isGreaterThan(quantity("10Gi"))`.
struct DeviceSelector: Sendable {
  /// Steps that one test of one device may take, as the API says.
  private static let budget = 1_000_000

  /// What a selector may name. The values of attributes have the types that their drivers gave them.
  private static let variables: [String: ValueType] = {
    let fields: [String: ValueType] = [
      "driver": .string,
      "attributes": .map(.string, .map(.string, .dynamic)),
      "capacity": .map(.string, .map(.string, .named("Quantity"))),
      "allowMultipleAllocations": .bool,
    ]
    let device = ObjectType(
      name: "kubernetes.DRADevice",
      fields: Dictionary(uniqueKeysWithValues: fields.map { ($0.key, ObjectType.Field(key: $0.key, type: $0.value)) }))
    return ["device": .object(device)]
  }()

  private let program: Program

  /// - Throws: where the text is not an expression of CEL whose value is a truth.
  init(_ text: String) throws(DeviceProblem) {
    do throws(CompileError) {
      program = try Program(text, variables: Self.variables)
    } catch {
      throw DeviceProblem(error.description(in: text))
    }
    switch program.type {
    case .bool, .dynamic: break
    case let type: throw DeviceProblem("must evaluate to bool, not \(type.name)")
    }
  }

  /// Whether a device passes. A test that cannot be answered (an attribute that is not there) is not passed.
  func matches(_ device: Device) -> Bool {
    var budget = Self.budget
    do throws(EvaluationError) {
      guard case .bool(let passes) = try program.value(["device": device.value], budget: &budget) else { return false }
      return passes
    } catch {
      return false
    }
  }
}

/// Why a pod cannot have the devices that it claims, whatever the node.
struct DeviceProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
