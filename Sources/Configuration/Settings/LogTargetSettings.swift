public import Primitives

/// `journald: true`, or `journald: { socket, identifier }`: systemd's journal, by its own protocol.
public struct JournaldSettings: Sendable, Equatable {
  public static let usualSocket = "/run/systemd/journal/socket"

  /// The path of its socket, absolute.
  public var socket: String
  /// `SYSLOG_IDENTIFIER`, which `journalctl -t` looks for.
  public var identifier: String

  public init(socket: String = usualSocket, identifier: String = "ballast") {
    self.socket = socket
    self.identifier = identifier
  }
}

/// `syslog: { address, transport, facility, identifier }`: messages of RFC 5424.
public struct SyslogSettings: Sendable, Equatable {
  public enum Transport: String, Sendable, CaseIterable { case udp, tcp }

  /// RFC 5424 section 6.2.1.
  public enum Facility: String, Sendable, CaseIterable {
    case user, daemon, auth, syslog, authpriv, local0, local1, local2, local3, local4, local5,
      local6
    case local7

    public var code: Int {
      switch self {
      case .user: 1
      case .daemon: 3
      case .auth: 4
      case .syslog: 5
      case .authpriv: 10
      case .local0: 16
      case .local1: 17
      case .local2: 18
      case .local3: 19
      case .local4: 20
      case .local5: 21
      case .local6: 22
      case .local7: 23
      }
    }
  }

  /// A unix address is that of a socket that takes datagrams, as `/dev/log` is.
  public var address: SocketAddress
  /// Of an address that is no unix one.
  public var transport: Transport
  public var facility: Facility
  /// `APP-NAME`.
  public var identifier: String

  public init(
    address: SocketAddress, transport: Transport = .udp, facility: Facility = .daemon,
    identifier: String = "ballast"
  ) {
    self.address = address
    self.transport = transport
    self.facility = facility
    self.identifier = identifier
  }
}

/// `sample: { share, slow }`: which requests have a line in the access log. Errors always have.
public struct LogSampling: Sendable, Equatable {
  /// Of those that went well, 0 … 1.
  public var share: Double
  /// From here on a request always has its line; nil where latency doesn't matter.
  public var slow: TimeSpan?

  public init(share: Double, slow: TimeSpan? = nil) {
    self.share = share
    self.slow = slow
  }
}
