public import Primitives

/// What was seen at one moment. What could not be seen is nil, which is not the same as none.
public struct AlertObservation: Sendable {
  public struct Service: Sendable {
    /// Since some start; a lower number than before means a new start.
    public var requests: UInt64
    public var failures: UInt64
    /// Requests that took longer than a rule's or an objective's limit, by the limit.
    public var slow: [TimeSpan: UInt64]
    /// Replicas that ended without being asked to; nil without replicas of ours.
    public var restarts: UInt64?
    /// Nil while a server has not been checked.
    public var healthyServers: Int?
    /// Nil without a limit.
    public var saturation: Double?

    public init(
      requests: UInt64 = 0, failures: UInt64 = 0, slow: [TimeSpan: UInt64] = [:],
      restarts: UInt64? = nil, healthyServers: Int? = nil, saturation: Double? = nil
    ) {
      self.requests = requests
      self.failures = failures
      self.slow = slow
      self.restarts = restarts
      self.healthyServers = healthyServers
      self.saturation = saturation
    }
  }

  public struct Fault: Sendable {
    public var id: Int64
    /// Of the fault that it hangs beneath.
    public var parent: Int64?
    public var type: String
    /// Empty for one of Ballast itself, or of a machine with several services.
    public var service: String
    public var server: String?
    /// What it is about when it is no server: a machine, a version.
    public var subject: String?
    public var cause: String
    /// Services that nobody serves while it lasts.
    public var outages: Set<String>

    public init(
      id: Int64, parent: Int64? = nil, type: String, service: String, server: String? = nil,
      subject: String? = nil, cause: String, outages: Set<String> = []
    ) {
      self.id = id
      self.parent = parent
      self.type = type
      self.service = service
      self.server = server
      self.subject = subject
      self.cause = cause
      self.outages = outages
    }
  }

  public struct Certificate: Sendable {
    public var name: String
    public var notAfter: WallTime

    public init(name: String, notAfter: WallTime) {
      self.name = name
      self.notAfter = notAfter
    }
  }

  /// By name; all that are configured, without traffic as well.
  public var services: [String: Service]
  /// The open ones.
  public var faults: [Fault]?
  public var certificates: [Certificate]?

  public init(
    services: [String: Service] = [:], faults: [Fault]? = nil, certificates: [Certificate]? = nil
  ) {
    self.services = services
    self.faults = faults
    self.certificates = certificates
  }
}
