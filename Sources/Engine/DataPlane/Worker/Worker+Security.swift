import TLS

/// What TLS is spoken with.
extension Worker {
  mutating func secure(_ contexts: TLSContexts) { tlsContexts = contexts }
}
