import JSONCore
import Objects
import Reconciling

/// Pods made from the template of a workload.
enum PodTemplate {
  /// A pod of `template` that `owner` controls, named by the server from `<owner>-`.
  static func pod(_ template: JSON, owner: Reference) -> JSON {
    var metadata: JSON = [
      "generateName": .string(owner.name + "-"), "namespace": .string(owner.namespace),
      "ownerReferences": [owner.asController],
    ]
    for field in ["labels", "annotations", "finalizers"] {
      if let value = template.at("metadata", field) { metadata[field] = value }
    }
    return ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? .emptyObject]
  }

  /// The name of a template in labels and object names: FNV-1a of its canonical JSON, in letters that spell no words.
  /// - Parameter collisions: how often the hash met another template's before; changes the hash.
  static func hash(_ template: JSON, collisions: Int? = nil) -> String {
    var hash: UInt32 = 2_166_136_261
    func mix(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    for byte in template.text.utf8 { mix(byte) }
    if let collisions {
      for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: collisions >> shift)) }
    }
    return safe(String(hash))
  }

  /// Maps each byte into an alphabet without vowels and without digits that look like them.
  static func safe(_ text: String) -> String {
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
    return String(decoding: text.utf8.map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self)
  }
}
