import JSONCore

/// A column of the table that `kubectl get` shows.
public struct Column: Sendable, Hashable {
  /// Where the cell of an object comes from.
  public enum Source: Sendable, Hashable {
    /// The value that these keys lead to in the object.
    case path([String])
    /// How many elements or entries the list or map has to which these keys lead.
    case count([String])
    /// How long ago the time is to which these keys lead.
    case age([String])
    /// A function known by this name.
    case computed(String)
    /// The first value that a path of a CustomResourceDefinition leads to.
    case jsonPath(JSONPath)
  }

  public var name: String
  /// string, integer, boolean, number or date.
  public var type: String
  /// "name" or "".
  public var format: String
  public var description: String
  /// Whether it is shown with `-o wide` only.
  public var isWide: Bool
  public var source: Source
  /// The cell where the path leads to nothing or to an empty string; for paths without one it is the zero value of the
  /// field's type: "", 0 or false.
  public var fallback: JSON

  public init(
    name: String, type: String, format: String = "", description: String = "", isWide: Bool = false, source: Source,
    fallback: JSON = ""
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.description = description
    self.isWide = isWide
    self.source = source
    self.fallback = fallback
  }
}
