/// Why a session was ended by us.
public enum HTTP2End: UInt8, Sendable, CaseIterable {
  /// Rows of streams that were reset, by the peer or by what it did.
  case rapidReset
  /// Streams beyond the number that it may have.
  case refusedStreams
  case settingsFlood, pingFlood, priorityFlood, emptyDataFlood, windowUpdateFlood, unknownFrameFlood
  case continuationFlood, headerListTooLarge, tooManyFields
  /// What it was sent was not taken.
  case stalled
  /// It was owed more answers than are held for a peer that doesn't read.
  case acknowledgementFlood
  /// RFC 9113 section 7.
  case protocolError, flowControlError, frameSizeError, compressionError, streamClosedError
  case badPreface
  /// It didn't answer a PING · a header block did not come to its end.
  case unanswered, headTimeout

  /// For metrics and logs.
  public var reason: StaticString {
    switch self {
    case .rapidReset: "rapid-reset"
    case .refusedStreams: "refused-streams"
    case .settingsFlood: "settings-flood"
    case .pingFlood: "ping-flood"
    case .priorityFlood: "priority-flood"
    case .emptyDataFlood: "empty-data-flood"
    case .windowUpdateFlood: "window-update-flood"
    case .unknownFrameFlood: "unknown-frame-flood"
    case .continuationFlood: "continuation-flood"
    case .headerListTooLarge: "header-list-too-large"
    case .tooManyFields: "too-many-fields"
    case .stalled: "stalled"
    case .acknowledgementFlood: "acknowledgement-flood"
    case .protocolError: "protocol-error"
    case .flowControlError: "flow-control-error"
    case .frameSizeError: "frame-size-error"
    case .compressionError: "compression-error"
    case .streamClosedError: "stream-closed-error"
    case .badPreface: "bad-preface"
    case .unanswered: "unanswered"
    case .headTimeout: "head-timeout"
    }
  }
}
