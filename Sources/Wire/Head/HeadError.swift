/// Why a head was refused. The status is ours to the client for a request; a broken answer of a
/// server is always 502.
public enum HeadError: UInt8, Error, Sendable {
  case badRequestLine, badVersion, unsupportedVersion, badTarget, targetTooLong
  case badLineEnd, badFieldName, badFieldValue, foldedField, tooManyFields, headTooLarge
  case badHost, missingHost, severalHosts
  case badContentLength, severalContentLengths, badTransferEncoding, lengthAndEncoding
  case encodingOnOldVersion, badConnectionOption, unsupportedExpectation
  case connectRefused, traceRefused, badStatusLine

  public var status: Int {
    switch self {
    case .unsupportedVersion: 505
    case .targetTooLong: 414
    case .tooManyFields, .headTooLarge: 431
    case .unsupportedExpectation: 417
    case .connectRefused: 501
    case .traceRefused: 405
    default: 400
    }
  }

  /// For `X-Ballast-Reason` and the access log.
  public var reason: StaticString {
    switch self {
    case .badRequestLine: "bad-request-line"
    case .badVersion: "bad-version"
    case .unsupportedVersion: "unsupported-version"
    case .badTarget: "bad-target"
    case .targetTooLong: "target-too-long"
    case .badLineEnd: "bad-line-end"
    case .badFieldName: "bad-field-name"
    case .badFieldValue: "bad-field-value"
    case .foldedField: "folded-field"
    case .tooManyFields: "too-many-fields"
    case .headTooLarge: "head-too-large"
    case .badHost: "bad-host"
    case .missingHost: "missing-host"
    case .severalHosts: "several-hosts"
    case .badContentLength: "bad-content-length"
    case .severalContentLengths: "several-content-lengths"
    case .badTransferEncoding: "bad-transfer-encoding"
    case .lengthAndEncoding: "length-and-encoding"
    case .encodingOnOldVersion: "encoding-on-old-version"
    case .badConnectionOption: "bad-connection-option"
    case .unsupportedExpectation: "unsupported-expectation"
    case .connectRefused: "connect-refused"
    case .traceRefused: "trace-refused"
    case .badStatusLine: "bad-status-line"
    }
  }
}

/// What a head may have at the most, where that is less than `HeadLimits`.
public struct HeadAllowance: Sendable, Equatable {
  /// Bytes, line ends included.
  public var bytes: Int
  public var fields: Int

  /// More than `HeadLimits` is cut to it.
  public init(bytes: Int = HeadLimits.bytes, fields: Int = HeadLimits.fields) {
    self.bytes = min(bytes, HeadLimits.bytes)
    self.fields = min(fields, HeadLimits.fields)
  }
}

/// Limits of a head (`defaults.md` of the field: nginx 32 KiB, HAProxy 16 KiB, ours 64 KiB).
public enum HeadLimits {
  /// Bytes, line ends included; offsets into a head fit 16 bits.
  public static let bytes = 65_535
  public static let fields = 128
  public static let targetBytes = 32_768
  /// Bytes of all Connection fields together: every other field's name is looked for in them, so
  /// that a long list and many fields would cost milliseconds.
  public static let connectionBytes = 256
}
