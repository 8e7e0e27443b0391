// swift-tools-version: 6.1
import PackageDescription

/// Targets in layers: a target imports only what stands above it in this list. ARCHITECTURE.md draws the picture.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .unsafeFlags(["-warnings-as-errors"]),
  // Tests and debug builds watch for overlapping accesses; a release need not pay for it at each access to a property.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

let package = Package(
  name: "swiftlet",
  products: [.executable(name: "swiftlet", targets: ["swiftlet"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  // A target names all that it imports: what it names it is built anew for, and a class that changes its shape changes it for
  // everybody who sees it.
  targets: [
    // 0: system libraries and shims
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "CSystem"),
    .target(name: "CScan"),
    .target(name: "CResources", exclude: ["Bootstrap"]),

    // 1: values and loops
    .target(name: "Values", swiftSettings: strict),
    .target(name: "JSONCore", dependencies: ["Values", "CScan"], swiftSettings: strict),
    .target(name: "EventLoops", dependencies: ["Values", "CSystem"], swiftSettings: strict),

    // 2: what a cluster is made of
    .target(
      name: "Objects",
      dependencies: ["JSONCore", "Values", .product(name: "HashTreeCollections", package: "swift-collections")],
      swiftSettings: strict),

    .target(name: "Expressions", dependencies: ["Objects", "JSONCore", "Values"], swiftSettings: strict),
    .target(name: "Validation", dependencies: ["Objects", "Expressions", "JSONCore", "Values"], swiftSettings: strict),

    // 3: meaning, memory, wire
    .target(
      name: "Schemas", dependencies: ["Objects", "Expressions", "Validation", "JSONCore", "Values", "CResources"],
      swiftSettings: strict),
    .target(
      name: "Storage", dependencies: ["Objects", "EventLoops", "JSONCore", "Values", "CSQLite"], swiftSettings: strict),
    .target(
      name: "HTTPServer", dependencies: ["EventLoops", "Values", "CNghttp2", "CZlib", "COpenSSL", "CSystem"],
      swiftSettings: strict),

    .target(
      name: "HTTPClient", dependencies: ["EventLoops", "Values", "COpenSSL", "CSystem"], swiftSettings: strict),

    // 4: the verbs
    .target(
      name: "Registry",
      dependencies: [
        "Schemas", "Storage", "Validation", "Expressions", "Objects", "EventLoops", "JSONCore", "Values", "CResources",
      ],
      swiftSettings: strict),

    // 5: peers around the verbs
    .target(
      name: "APIServer",
      dependencies: [
        "HTTPServer", "Registry", "Schemas", "Objects", "EventLoops", "JSONCore", "Values", "COpenSSL",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(
      name: "Reconciling", dependencies: ["Registry", "Schemas", "Objects", "EventLoops", "JSONCore", "Values"],
      swiftSettings: strict),

    // 6: what makes a cluster alive
    .target(
      name: "Controllers",
      dependencies: ["Reconciling", "Schemas", "Validation", "Expressions", "Objects", "JSONCore", "Values"],
      swiftSettings: strict),
    .target(
      name: "Scheduling", dependencies: ["Reconciling", "Expressions", "Objects", "EventLoops", "JSONCore", "Values"],
      swiftSettings: strict),
    .target(
      name: "NodeAgent", dependencies: ["Reconciling", "Objects", "EventLoops", "JSONCore", "Values"],
      exclude: ["README.md"], swiftSettings: strict),

    .target(
      name: "Credentials",
      dependencies: [
        "Values", .product(name: "X509", package: "swift-certificates"),
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
      ], swiftSettings: strict),

    // 7: the binary
    .executableTarget(
      name: "swiftlet",
      dependencies: [
        "APIServer", "Controllers", "Scheduling", "NodeAgent", "Credentials", "Reconciling", "Registry", "Schemas",
        "Storage", "HTTPClient", "HTTPServer", "Objects", "EventLoops", "JSONCore", "Values", "COpenSSL", "CResources",
        "CSystem", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ], swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(name: "JSONCoreTests", dependencies: ["JSONCore", "TestSupport", "Values"], swiftSettings: strict),
    .testTarget(
      name: "RegistryTests",
      dependencies: ["Registry", "Schemas", "Storage", "Objects", "EventLoops", "JSONCore", "Values"],
      swiftSettings: strict),
    .executableTarget(
      name: "CrashTest", dependencies: ["Storage", "Objects", "EventLoops", "JSONCore", "Values"],
      path: "Tests/CrashTest", swiftSettings: strict),
    .testTarget(
      name: "StorageTests", dependencies: ["Storage", "Objects", "EventLoops", "JSONCore", "Values"],
      swiftSettings: strict),
    .testTarget(
      name: "ObjectsTests", dependencies: ["Objects", "JSONCore", "Values", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "APIServerTests",
      dependencies: [
        "APIServer", "EventLoops", "HTTPServer", "Registry", "Schemas", "Storage", "Objects", "JSONCore", "Values",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SchemasTests", dependencies: ["Schemas", "Objects", "JSONCore", "Values", "CResources"],
      swiftSettings: strict),
    .testTarget(name: "EventLoopsTests", dependencies: ["EventLoops", "Values"], swiftSettings: strict),
    .testTarget(
      name: "HTTPServerTests",
      dependencies: ["HTTPServer", "EventLoops", "Values", "CNghttp2", "COpenSSL", "CSystem"], swiftSettings: strict),

    .testTarget(
      name: "ReconcilingTests", dependencies: ["Reconciling", "Objects", "EventLoops", "JSONCore", "Values"],
      swiftSettings: strict),
    .testTarget(
      name: "ControllersTests",
      dependencies: [
        "Controllers", "Scheduling", "NodeAgent", "Reconciling", "Objects", "JSONCore", "Values",
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Cases", "README.md"], swiftSettings: strict),
    .testTarget(
      name: "ScenarioTests",
      dependencies: [
        "Controllers", "Scheduling", "NodeAgent", "Reconciling", "Registry", "Schemas", "Storage", "Objects",
        "EventLoops", "JSONCore", "Values", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SchedulingTests",
      dependencies: ["Scheduling", "Reconciling", "Objects", "EventLoops", "JSONCore", "Values"], swiftSettings: strict),
    .testTarget(
      name: "NodeAgentTests",
      dependencies: ["NodeAgent", "Reconciling", "Objects", "EventLoops", "JSONCore", "Values"], swiftSettings: strict),

    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "CNghttp2", "CSQLite", "Scheduling", "Reconciling", "Registry", "Schemas", "Storage", "EventLoops", "Objects",
        "Values", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["README.md"], swiftSettings: strict),

    // tests
    .testTarget(name: "ExpressionsTests", dependencies: ["Expressions", "JSONCore"], swiftSettings: strict),
    .testTarget(name: "ValidationTests", dependencies: ["Validation", "Objects", "JSONCore"], swiftSettings: strict),
    .testTarget(name: "CredentialsTests", dependencies: ["Credentials"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
