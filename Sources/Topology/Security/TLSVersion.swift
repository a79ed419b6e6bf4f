/// The oldest version of TLS that is spoken; what is older (RFC 8996) is never spoken.
public enum TLSVersion: String, Sendable, CaseIterable {
  case v12 = "1.2"
  case v13 = "1.3"
}
