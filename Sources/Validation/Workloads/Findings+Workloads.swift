import JSONCore
import Objects

extension Findings {
  /// `selector` and `template` of a workload: both have to be there, and the one has to select the other.
  mutating func selectorAndTemplate(
    _ spec: JSON, _ path: Path, restartPolicies: [String] = ["Always"], claims: Set<String> = []
  ) {
    let selectorPath = path.child("selector")
    if let selector = spec["selector"] {
      labelSelector(selector, selectorPath)
      if selector["matchLabels"]?.object?.isEmpty != false, selector.list("matchExpressions").isEmpty {
        invalid(selectorPath, selector, "empty selector is invalid for deployment")
      }
    } else {
      required(selectorPath)
    }
    var selector: LabelSelector?
    do { selector = try LabelSelector(json: spec["selector"]) } catch {
      invalid(selectorPath, spec["selector"], "invalid label selector")
    }
    if let selector {
      let labels = spec.at("template", "metadata", "labels")
      if !selector.matches(Labels(labels)) || spec["selector"] == nil {
        invalid(
          path.child("template").child("metadata").child("labels"), labels,
          "`selector` does not match template `labels`")
      }
    }
    template(spec["template"], path.child("template"), restartPolicies: restartPolicies, claims: claims)
  }

  mutating func template(
    _ template: JSON?, _ path: Path, restartPolicies: [String], claims: Set<String> = []
  ) {
    let metadata = template?["metadata"]
    labels(metadata?["labels"], path.child("labels"))
    annotations(metadata?["annotations"], path.child("annotations"))
    podSpec(template?["spec"], path.child("spec"), use: .template(restartPolicies: restartPolicies), claims: claims)
  }

  /// An absolute number or a percentage.
  mutating func countOrPercent(_ value: JSON?, _ path: Path) {
    if let text = value?.string {
      let digits = text.dropLast()
      if !text.hasSuffix("%") || digits.isEmpty || !digits.utf8.allSatisfy({ (48...57).contains($0) }) {
        invalid(
          path, value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
            + "regex used for validation is '[0-9]+%')")
      }
    } else {
      nonNegative(path, value)
    }
  }

  mutating func atMostHundredPercent(_ value: JSON?, _ path: Path) {
    if let text = value?.string, text.hasSuffix("%"), let percent = Int(text.dropLast()), percent > 100 {
      invalid(path, value, "must not be greater than 100%")
    }
  }

  static func isZero(_ value: JSON?) -> Bool { value?.int == 0 || value?.string == "0%" }
}
