/// Why the fields of a HEADERS frame make no message (RFC 9113 section 8): the stream is reset.
public enum HTTP2HeadError: UInt8, Error, Sendable {
  case badFieldName, badFieldValue, connectionField, badTE
  case unknownPseudoField, duplicatePseudoField, latePseudoField, missingPseudoField
  case emptyPseudoField, badPseudoField, authorityUnlikeHost
  case badStatus, bodyWithoutData

  /// For logs.
  public var reason: StaticString {
    switch self {
    case .badFieldName: "bad-field-name"
    case .badFieldValue: "bad-field-value"
    case .connectionField: "connection-field"
    case .badTE: "bad-te"
    case .unknownPseudoField: "unknown-pseudo-field"
    case .duplicatePseudoField: "duplicate-pseudo-field"
    case .latePseudoField: "late-pseudo-field"
    case .missingPseudoField: "missing-pseudo-field"
    case .emptyPseudoField: "empty-pseudo-field"
    case .badPseudoField: "bad-pseudo-field"
    case .authorityUnlikeHost: "authority-unlike-host"
    case .badStatus: "bad-status"
    case .bodyWithoutData: "body-without-data"
    }
  }
}
