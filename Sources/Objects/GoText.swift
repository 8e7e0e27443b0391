import JSONCore

/// Values as Go prints them, which is how the stock server and controllers put them into messages and cells.
public enum GoText {
  /// `&LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}`
  public static func selector(_ json: JSON?) -> String {
    guard let json else { return "nil" }
    let labels = json.strings("matchLabels").sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)," }.joined()
    let expressions = json.list("matchExpressions").map { expression in
      let values = expression.list("values").compactMap(\.string).joined(separator: " ")
      return "LabelSelectorRequirement{Key:\(expression.text("key")),Operator:\(expression.text("operator")),"
        + "Values:[\(values)],},"
    }.joined()
    return "&LabelSelector{MatchLabels:map[string]string{\(labels)},"
      + "MatchExpressions:[]LabelSelectorRequirement{\(expressions)},}"
  }
}
