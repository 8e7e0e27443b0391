import APIServer
import CResources
import Credentials
import EventLoops
import Foundation
import HTTPServer
import NodeAgent
import Objects
import Reconciling
import Registry
import Scheduling
import Schemas
import Storage
import Values

/// Everything that runs in the process, put together. The order is that of the layers: secrets, ports, store, verbs, API,
/// and then the peers that make the cluster alive.
struct RunningCluster: Sendable {
  let greeting: [String]
  private let server: Server
  private let store: Store
  private let peers: Peers
  private let audit: Audit?
  private let clock: KeptClock
  private let lock: DirectoryLock?

  static func start(_ options: ClusterOptions) async throws -> RunningCluster {
    // Peers outside live in real time; the cluster has its own.
    let wall = SystemClock()
    let directory = options.ephemeral ? nil : options.data.url
    let lock = try directory.map(DirectoryLock.init)
    let kept = try KeptClock(
      directory: directory, isSeeded: options.seed != nil, start: options.startTime, wall: wall.now)
    let clock = kept.clock
    let audit = try audit(options, clock: clock)
    let scheduling = try SchedulerConfiguration(file: options.schedulerConfig)
    // Reading the schemas and making keys take about as long, and neither needs the other.
    async let catalog = options.nodes > 0 ? Catalog.withMetrics : Catalog.builtIn
    let identity = try Identity(directory: directory, hosts: hosts(options), now: wall.now)

    let gate = Gate()
    let server = try Server(configuration: serverConfiguration(options, identity), handler: gate, clock: wall)
    let addresses = try server.start()
    let clear = Address(host: options.clear.host, port: addresses[0].port).reachable
    let secure = Address(host: options.secure.host, port: addresses[1].port).reachable

    let store = try Store(
      journal: try directory.map { try SQLiteJournal(path: $0.appendingPathComponent("cluster.db").path) }
        ?? MemoryJournal(),
      clock: wall, pool: clock.pool, fieldValue: Cluster.fieldValue)
    var configuration = ClusterConfiguration()
    // What is already there was named with the first part of the seed's numbers.
    configuration.seed = options.seed.map { $0 &+ UInt64(store.snapshot.revision) &* 0x9e37_79b9_7f4a_7c15 }
    configuration.serverPort = secure.port
    configuration.authority = identity.credentials.authority.identity.certificatePEM
    configuration.signToken = identity.signer
    configuration.hasStorageClass = options.nodes > 0
    configuration.hasNameServer = options.nodes > 0
    configuration.hasMetrics = options.nodes > 0
    let webhooks = WebhookRouter()
    configuration.webhooks = webhooks
    let cluster = Cluster(catalog: await catalog, store: store, clock: clock, configuration: configuration)
    try await cluster.bootstrap()

    let claims = cluster.snapshot.objects(.persistentVolumeClaims).map { (namespace: $0.namespace, uid: $0.uid) }
    let volumes = directory.map { VolumeDirectory(data: $0, claims: claims) }
    let door = APIDoor(pool: clock.pool)
    let peers = await clock.pool.run {
      await Peers.start(
        cluster, nodes: options.nodes, controllers: options.controllers, scheduling: scheduling,
        identity: identity, logKeeper: directory.map(LogFiles.init), volumes: volumes, door: door,
        failures: FailureLog { FileHandle.standardError.write(Data(($0 + "\n").utf8)) })
    }
    webhooks.open(cluster, peers.streams)
    var api = apiConfiguration(options, identity, peers)
    api.audit = audit
    api.clock = kept.control
    api.metrics.add { [started = wall.now] in ProcessMetrics(startedAt: started).write(to: &$0) }
    api.metrics.add { peers.writeMetrics(to: &$0) }
    let handler = API(cluster, api)
    let inner = InnerDoor(handler: handler)
    door.open { inner.answer($0, from: $1) }
    // Who waits for readiness may use the kubeconfig from then on.
    let kubeconfig = try writeKubeconfig(options, identity, server: "https://\(secure)")
    gate.open(to: options.seed == nil ? handler : Turnstile(handler, pool: clock.pool))
    return RunningCluster(
      greeting: greeting(
        clear: clear, secure: secure, token: options.noAuth ? nil : identity.credentials.adminToken, kubeconfig),
      server: server, store: store, peers: peers, audit: audit, clock: kept, lock: lock)
  }

  func stop() async {
    await server.stop()
    await audit?.log.flush()
    await peers.stop()
    await store.close()
    clock.noteEnd()
    withExtendedLifetime(lock) {}
  }

  private static func audit(_ options: ClusterOptions, clock: any Clock) throws -> Audit? {
    guard let policy = options.auditPolicy, let log = options.auditLog else { return nil }
    let text = try Data(contentsOf: URL(fileURLWithPath: policy.expandingHome))
    do throws(Status) {
      return Audit(
        policy: try AuditPolicy(yaml: Array(text)),
        log: try AuditLog(path: log.expandingHome), clock: clock)
    } catch {
      throw UsageError(description: "audit: \(error.message)")
    }
  }

  private static func serverConfiguration(_ options: ClusterOptions, _ identity: Identity) -> HTTPServer.Configuration {
    let authority = identity.credentials.authority.identity.certificatePEM
    var tls = TLSConfiguration(
      certificateChainPEM: Array(identity.credentials.server.certificatePEM.utf8),
      privateKeyPEM: Array(identity.credentials.server.keyPEM.utf8), clientAuthoritiesPEM: Array(authority.utf8))
    // The API judges them by the cluster's time.
    tls.checksClientTimes = false
    var configuration = HTTPServer.Configuration(listeners: [
      Listener(host: options.clear.host, port: options.clear.port),
      Listener(host: options.secure.host, port: options.secure.port, tls: tls),
    ])
    configuration.hosts = HostPolicy(allowedHosts: hosts(options))
    configuration.errorBody = API.failure
    return configuration
  }

  private static func apiConfiguration(_ options: ClusterOptions, _ identity: Identity, _ peers: Peers)
    -> APIConfiguration
  {
    var configuration = APIConfiguration()
    configuration.authentication = identity.authentication(noAuth: options.noAuth)
    configuration.issuer = Identity.issuer
    configuration.keys = identity.publicKeys
    configuration.files = options.dashboard.map { StaticFiles(directory: $0) } ?? StaticFiles.dashboard
    configuration.logs = peers.logs
    configuration.streams = peers.streams
    configuration.usage = peers.usage
    configuration.schedulingVerdict = peers.schedulingVerdict
    return configuration
  }

  /// The names and addresses that the server's certificate covers and that a browser may use.
  private static func hosts(_ options: ClusterOptions) -> [String] {
    let own = [options.clear.host, options.secure.host].filter { $0 != "0.0.0.0" && $0 != "::" }
    let inside = [
      "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "10.96.0.1",
    ]
    var seen = Set<String>()
    return (["localhost", "127.0.0.1", "::1", machineName] + own + inside).filter {
      !$0.isEmpty && seen.insert($0).inserted
    }
  }

  /// The name of this machine as it calls itself; Foundation would ask the name server, which may take seconds.
  private static var machineName: String {
    var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func writeKubeconfig(_ options: ClusterOptions, _ identity: Identity, server: String) throws -> String?
  {
    let chosen = options.kubeconfig.map { URL(fileURLWithPath: $0.expandingHome) }
    guard let url = chosen ?? (options.ephemeral ? nil : options.data.url.appendingPathComponent("kubeconfig")) else {
      return nil
    }
    let kubeconfig = Kubeconfig(
      server: server, caPEM: identity.credentials.authority.identity.certificatePEM,
      token: identity.credentials.adminToken)
    // A file that was chosen may hold other clusters; that of the data directory is ours alone.
    if chosen == nil { try PrivateFile.write(kubeconfig.yaml, to: url) } else { try kubeconfig.merge(into: url) }
    return url.path
  }

  private static func greeting(clear: Address, secure: Address, token: String?, _ kubeconfig: String?) -> [String] {
    [
      "dashboard   http://\(clear)/\(token.map { "#token=\($0)" } ?? "")",
      "api         http://\(clear)",
      "api (TLS)   https://\(secure)",
      "kubeconfig  \(kubeconfig ?? "none: the cluster keeps nothing; choose a file with --kubeconfig")",
    ]
  }
}

extension StaticFiles {
  /// The dashboard in the binary.
  static var dashboard: StaticFiles {
    var count = 0
    let files = UnsafeBufferPointer(start: embeddedPublicFiles(&count), count: count)
    return StaticFiles(
      files: files.map { file in
        ("/" + String(cString: file.name), Blob(UnsafeBufferPointer(start: file.bytes, count: file.length)))
      })
  }
}
