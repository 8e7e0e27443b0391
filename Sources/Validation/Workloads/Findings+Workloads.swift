import JSONCore
import Objects

extension Findings {
  /// `selector` and `template` of a workload: both have to be there, and the one has to select the other.
  /// - Parameter judge: what the kind asks of its template.
  mutating func selectorAndTemplate(
    _ spec: JSON, _ path: Path, emptySelector: String = "empty selector is invalid for deployment",
    badSelector: String = "invalid label selector", template judge: (inout Findings, JSON?, Path) -> Void
  ) {
    let selectorPath = path.child("selector")
    if let selector = spec["selector"] {
      labelSelector(selector, selectorPath)
      if Self.isEmpty(selector) { invalid(selectorPath, selector, as: .labelSelector, emptySelector) }
    } else {
      required(selectorPath)
    }
    do {
      let selector = try LabelSelector(json: spec["selector"])
      let isEmpty = spec["selector"].map(Self.isEmpty) ?? false
      let labels = spec.at("template", "metadata", "labels")
      if spec["selector"] == nil || !isEmpty && !selector.matches(Labels(labels)) { mismatch(labels, path) }
      judge(&self, spec["template"], path.child("template"))
    } catch {
      let shown = GoShape.labelSelector.text(spec["selector"])
      let detail = badSelector.isEmpty ? "" : ": \(badSelector)"
      add(
        FieldError(
          reason: .invalid, field: selectorPath.description, message: "Invalid value: \(shown)\(detail)"))
    }
  }

  mutating func mismatch(_ labels: JSON?, _ path: Path) {
    invalid(
      path.child("template").child("metadata").child("labels"), labels, "`selector` does not match template `labels`")
  }

  static func isEmpty(_ selector: JSON) -> Bool {
    selector["matchLabels"]?.object?.isEmpty != false && selector.list("matchExpressions").isEmpty
  }

  /// - Parameter kind: of a workload whose pods run for ever.
  mutating func template(_ template: JSON?, _ path: Path, runningFor kind: String? = nil) {
    templateMetadata(template, path)
    podSpec(template?["spec"], path.child("spec"), use: .template)
    if let template { profileAnnotations(template, path.child("spec")) }
    if let kind { endless(template?["spec"] ?? .emptyObject, path.child("spec"), kind) }
  }

  mutating func templateMetadata(_ template: JSON?, _ path: Path) {
    let metadata = template?["metadata"]
    labels(metadata?["labels"], path.child("labels"))
    annotations(metadata?["annotations"], path.child("annotations"))
    if let template { podAnnotations(template, path.child("annotations")) }
  }

  /// The pods of some workloads never end.
  mutating func endless(_ spec: JSON, _ path: Path, _ kind: String) {
    supported(path.child("restartPolicy"), spec.text("restartPolicy"), ["Always"])
    if spec["activeDeadlineSeconds"] != nil {
      forbidden(path.child("activeDeadlineSeconds"), "activeDeadlineSeconds in \(kind) is not Supported")
    }
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
