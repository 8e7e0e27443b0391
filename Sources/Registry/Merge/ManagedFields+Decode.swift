import JSONCore
import Objects

extension ManagedFields {
  /// Reads managedFields that a client sent.
  /// - Parameter known: those of the stored object; most that a client sends is what it got.
  /// - Throws: `FieldSetError` in the words of apimachinery.
  public init(decoding json: JSON?, known: ManagedFields = ManagedFields()) throws(FieldSetError) {
    entries = []
    for (index, json) in (json?.array ?? []).enumerated() {
      let operation = json.text("operation")
      guard operation == "Apply" || operation == "Update" else {
        throw FieldSetError(message: "operation must be `Apply` or `Update`")
      }
      if json.text("apiVersion").isEmpty { throw FieldSetError(message: "apiVersion must not be empty") }
      switch json.text("fieldsType") {
      case "FieldsV1": break
      case "": throw FieldSetError(message: "missing fieldsType in managed fields entry \(index)")
      case let type:
        throw FieldSetError(message: "invalid fieldsType \(Status.quoted(type)) in managed fields entry \(index)")
      }
      let text = json.object?.unread("fieldsV1")
      let fields: FieldSet
      if let text, let same = known.entries.first(where: { $0.fields.text == text }) {
        fields = same.fields
      } else if let text, let sound = FieldSet(checking: text) {
        fields = sound
      } else {
        fields = try FieldSet(decoding: json["fieldsV1"] ?? .emptyObject)
      }
      let entry = Entry(json, isApplied: operation == "Apply", fields: fields)
      entries.removeAll { $0.isSameManager(as: entry) }
      entries.append(entry)
    }
  }

  /// What a write starts from: the managedFields that came with the new object, where a client may set them and they are
  /// sound, else those of the stored object. Clients that know nothing of them cannot lose them this way, and
  /// `[]` or `[{}]` empties them.
  init(live: JSON?, new: JSON, subresource: String) {
    let sent = new["metadata"]?["managedFields"]
    guard subresource.isEmpty, let list = sent?.array else {
      self.init(of: live)
      return
    }
    if list.isEmpty || list == [.emptyObject] {
      self.init()
    } else if sent == live?["metadata"]?["managedFields"] {
      self.init(of: live)
    } else if let decoded = try? ManagedFields(decoding: sent, known: ManagedFields(of: live)) {
      self = decoded
    } else {
      self.init(of: live)
    }
  }
}
