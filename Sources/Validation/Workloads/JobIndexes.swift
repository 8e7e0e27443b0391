import Objects

/// Indexes of the pods of a job, as people write them: `1,3-5,7`.
enum JobIndexes {
  struct Problem: Error { var words: String }

  /// - Returns: how many there are.
  static func count(_ text: String, completions: Int) -> Result<Int, Problem> {
    if text.isEmpty { return .success(0) }
    var count = 0
    var last: Int?
    for interval in text.split(separator: ",", omittingEmptySubsequences: false) {
      let limits = interval.split(separator: "-", omittingEmptySubsequences: false)
      if limits.count > 2 {
        return .failure(
          Problem(
            words: "the fragment \(Status.quoted(String(interval))) violates the requirement that an index interval "
              + "can have at most two parts separated by '-'"))
      }
      var numbers: [Int] = []
      for limit in limits {
        guard let number = Int32(limit) else {
          return .failure(
            Problem(words: "cannot convert string to integer for index: \(Status.quoted(String(limit)))"))
        }
        if number >= completions {
          return .failure(Problem(words: "too large index: \(Status.quoted(String(limit)))"))
        }
        numbers.append(Int(number))
      }
      if let last, last >= numbers[0] {
        return .failure(
          Problem(words: "non-increasing order, previous: \(last), current: \(numbers[0])"))
      }
      if numbers.count == 2, numbers[0] >= numbers[1] {
        return .failure(
          Problem(words: "non-increasing order, previous: \(numbers[0]), current: \(numbers[1])"))
      }
      let end = numbers[numbers.count - 1]
      count += end - numbers[0] + 1
      last = end
    }
    return .success(count)
  }
}
