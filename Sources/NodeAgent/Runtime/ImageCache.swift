import Synchronization

/// The images on each node, up to a limit.
final class ImageCache: Sendable {
  private let limit: Int
  private let images = Mutex<[String: [String: Image]]>([:])

  init(limit: Int) { self.limit = limit }

  subscript(node: String, name: String) -> Image? { images.withLock { $0[node]?[name] } }

  /// The images of a node, the largest first.
  func all(on node: String) -> [Image] {
    images.withLock { Array(($0[node] ?? [:]).values) }
      .sorted { $0.sizeBytes == $1.sizeBytes ? $0.name < $1.name : $0.sizeBytes > $1.sizeBytes }
  }

  func forget(_ node: String) { images.withLock { $0[node] = nil } }

  func add(_ image: Image, on node: String) {
    images.withLock { images in
      if let count = images[node]?.count, count >= limit, let any = images[node]?.keys.first {
        images[node]?[any] = nil
      }
      images[node, default: [:]][image.name] = image
    }
  }
}
