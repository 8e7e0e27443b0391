import EventLoops
import JSONCore
import Objects
import Schemas
import Storage
import Values

/// What a cluster is told from outside.
public struct ClusterConfiguration: Sendable {
  /// Makes names and uids repeatable; nil in production.
  public var seed: UInt64?
  /// Where the addresses of services come from (IPv4).
  public var serviceRange = AddressRange(base: 0x0A60_0000, prefixLength: 16)
  public var nodePorts = 30000...32767
  /// What the `kubernetes` endpoints point to.
  public var serverAddress = "127.0.0.1"
  public var serverPort = 6443
  /// The PEM text of `kube-root-ca.crt`; "" leaves the objects that carry it out.
  public var authority = ""
  /// The cluster has a default storage class, whose volumes this process makes.
  public var hasStorageClass = false
  /// CoreDNS runs in it, on nodes that there are.
  public var hasNameServer = false
  /// The use of nodes and pods is served as `metrics.k8s.io`.
  public var hasMetrics = false
  /// Carries calls to webhooks; nil where nobody does, and they all fail.
  public var webhooks: (any WebhookCaller)?
  /// Signs the tokens of service accounts; nil where there is no key.
  public var signToken: TokenSigner?

  public init() {}
}

/// The verbs over the store: the one way in which anybody reads or changes the cluster.
///
/// API, controllers, scheduler and node agent call the same functions, so defaulting, admission, validation and quota are
/// the same for all of them. Permission is asked for at the door (`authorize`), not here.
public final class Cluster: Sendable {
  public let store: Store
  public let clock: any Clock
  public let configuration: ClusterConfiguration
  public let names: NameSource
  let authorizer: Authorizer
  let quotas = QuotaLedger()
  private let customKinds: CustomKinds
  private let extensionTable = ExtensionTable()

  /// - Parameter catalog: the kinds that are there without any definition.
  public init(catalog: Catalog, store: Store, clock: any Clock, configuration: ClusterConfiguration) {
    self.customKinds = CustomKinds(base: catalog)
    self.store = store
    self.clock = clock
    self.configuration = configuration
    self.names = NameSource(seed: configuration.seed)
    self.authorizer = Authorizer(store: store)
  }

  /// The newest state.
  public var snapshot: Snapshot { store.snapshot }

  public var now: Instant { clock.now }

  /// Every kind there is at the moment: the built-in ones, and those of the snapshot's CustomResourceDefinitions.
  public var catalog: Catalog { customKinds.catalog(of: snapshot) }

  /// Who extends admission of an operation; nil where nobody does.
  func extenders(_ kind: Kind, _ operation: WriteContext.Operation, _ snapshot: Snapshot) -> Extenders? {
    guard let extensions = extensionTable.extensions(of: snapshot) else { return nil }
    return extensions.extenders(of: kind, operation) { equivalents(of: kind) }
  }

  /// The kind that the objects of a resource are stored as. Traps when there is none: for resources that the program itself names.
  public func storedKind(_ resource: GroupResource) -> Kind {
    guard let kind = catalog.kind(resource) else { preconditionFailure("no kind for \(resource)") }
    return kind
  }
}
