import Configuration
import Primitives
import Supervision

/// How the replicas of a service are started: all of a `ReplicaSpec` but its name.
struct ReplicaTemplate: Sendable, Equatable {
  /// Equal programs have equal fingerprints, also over engines; what only matters when a replica
  /// stops is left out.
  let fingerprint: String
  private let prototype: ReplicaSpec

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
    }
    let bytes = AdminJSON.encode(spec) ?? []
    fingerprint = Self.hash(bytes)
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

  func spec(name: String, logFile: String, stop: StopSettings) -> ReplicaSpec {
    var spec = prototype
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
    return ReplicaTemplate(adopting: spec)
  }

  /// To be kept: it starts the same program again.
  var kept: ReplicaSpec { prototype }

  var version: String? { prototype.version }
  var kind: ReplicaKind { prototype.container == nil ? .process : .container }

  /// FNV-1a, 64 bits (Fowler, Noll, Vo).
  private static func hash(_ bytes: [UInt8]) -> String {
    let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }
}
