extension Collection<UInt8> {
  /// Compares ASCII; `lowerCase` is in lower case.
  func equalsIgnoringCase(_ lowerCase: some Collection<UInt8>) -> Bool {
    count == lowerCase.count && zip(self, lowerCase).allSatisfy { $0.asciiLowercased == $1 }
  }
}

extension BidirectionalCollection<UInt8> {
  /// Without spaces and tabs at both ends.
  var trimmed: SubSequence {
    guard let first = firstIndex(where: { $0 != 32 && $0 != 9 }),
      let last = lastIndex(where: { $0 != 32 && $0 != 9 })
    else { return self[endIndex..<endIndex] }
    return self[first...last]
  }
}

extension UInt8 {
  @inline(__always) var asciiLowercased: UInt8 { self >= 65 && self <= 90 ? self | 0x20 : self }
}
