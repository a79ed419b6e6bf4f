import Configuration
import Primitives
import Supervision

/// How the replicas of a service are started: all of a `ReplicaSpec` but its name.
struct ReplicaTemplate: Sendable, Equatable {
  /// Equal programs have equal fingerprints, also over engines; what only matters when a replica
  /// stops is left out.
  let fingerprint: String
  private let prototype: ReplicaSpec
  /// How the folder is made that it runs from; nil where it needs none, and of one that was adopted.
  private(set) var release: ReleaseOrder?

  init(_ service: String, _ run: RunSettings) {
    let run = run.filled
    let environment = run.environment.map { ReplicaSpec.Variable(name: $0.name, value: $0.value) }
    var spec = ReplicaSpec(
      name: "", service: service, command: [], directory: "/", logFile: "", version: run.version)
    if let container = run.container {
      spec.container = Self.container(container, run, environment)
    } else {
      (spec.command, spec.directory, spec.environment) = (run.command, run.directory, environment)
      (spec.cpu, spec.memory) = (run.resources.cpu, run.resources.memory)
      if !run.secrets.isEmpty { spec.secrets = run.secrets.map(SecretSpec.init) }
    }
    var bytes = AdminJSON.encode(spec) ?? []
    // Another text or another program that prepares is another version.
    if let release = run.release { bytes += ReleaseOrder.identity(of: release) }
    let revision = Self.hash(bytes)
    fingerprint = revision
    release = run.release.map {
      ReleaseOrder(settings: $0, service: service, version: run.version, revision: revision)
    }
    spec.template = fingerprint
    // How it comes by its image makes no other program of it.
    if let pull = run.container?.pull {
      spec.container?.pull = ContainerSpec.PullPolicy(rawValue: pull.rawValue) ?? .missing
      spec.container?.credentials = run.container?.credentials
    }
    prototype = spec
  }

  private static func container(
    _ settings: ContainerSettings, _ run: RunSettings, _ environment: [ReplicaSpec.Variable]
  ) -> ContainerSpec {
    ContainerSpec(
      socket: settings.socket, image: settings.image, command: run.command,
      environment: environment, directory: settings.directory, user: settings.user,
      network: settings.network, port: settings.port, volumes: settings.volumes,
      cpu: run.resources.cpu, memory: run.resources.memory)
  }

  /// Of a replica that an engine before this one started, or of a revision that was kept.
  init(adopting spec: ReplicaSpec) {
    fingerprint = spec.template
    prototype = spec
  }

  /// - Parameter state: the folder of what is kept.
  func spec(
    name: String, logFile: String, stop: StopSettings, state: String
  ) -> ReplicaSpec {
    var spec = prototype
    if let release { spec.release = release.folder(in: state) }
    spec.name = name
    spec.logFile = logFile
    spec.port = 0
    spec.stopSignal = ProcessSignal(rawValue: stop.signal.rawValue) ?? .term
    spec.stopTimeoutMilliseconds = stop.timeout.milliseconds
    return spec
  }

  /// The same program as another revision.
  func named(_ revision: String) -> ReplicaTemplate {
    var spec = prototype
    spec.template = revision
    var template = ReplicaTemplate(adopting: spec)
    template.release = release
    return template
  }

  /// To be kept: it starts the same program again, from a release that is there by then.
  /// - Parameter state: the folder of what is kept.
  func kept(in state: String) -> ReplicaSpec {
    var spec = prototype
    if let release { spec.release = release.folder(in: state) }
    return spec
  }

  var version: String? { prototype.version }
  var kind: ReplicaKind { prototype.container == nil ? .process : .container }

  /// FNV-1a, 64 bits (Fowler, Noll, Vo).
  private static func hash(_ bytes: [UInt8]) -> String {
    let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }
}

extension SecretSpec {
  init(_ settings: SecretSettings) {
    switch settings.source {
    case .file(let path):
      self.init(name: settings.name, file: path, isVariable: settings.isVariable)
    case .environment(let variable):
      self.init(name: settings.name, variable: variable, isVariable: settings.isVariable)
    }
  }
}
