/// What expressions that make JSON patches need.
extension Functions {
  static let patches: Library = [
    "jsonpatch.escapeKey": [
      .plain([.string], .string) { .string($0[0].text.replacing("~", with: "~0").replacing("/", with: "~1")) }
    ]
  ]
}
