/// A version of the PROXY header, which tells a server who its client is.
public enum ProxyHeaderVersion: String, Sendable, CaseIterable {
  /// A line of text · binary.
  case v1, v2
}
