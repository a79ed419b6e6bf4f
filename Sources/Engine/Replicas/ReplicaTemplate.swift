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
    var spec = ReplicaSpec(
      name: "", service: service, command: run.command, directory: run.directory,
      environment: run.environment.map { .init(name: $0.name, value: $0.value) },
      cpu: run.resources.cpu, memory: run.resources.memory, logFile: "", version: run.version)
    let bytes = AdminJSON.encode(spec) ?? []
    fingerprint = Self.hash(bytes)
    spec.template = fingerprint
    prototype = spec
  }

  /// Of a replica that an engine before this one started.
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

  var version: String? { prototype.version }

  /// FNV-1a, 64 bits (Fowler, Noll, Vo).
  private static func hash(_ bytes: [UInt8]) -> String {
    let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }
}
