internal import CSSL
private import Synchronization

// What OpenSSL asks while a server's handshake goes on. Each is handed the session, whose context
// and whose `TLSSession` hang on it.

private func context(of session: OpaquePointer?) -> TLSServerContext? {
  guard let session = unsafe session, let handle = unsafe SSL_get_SSL_CTX(session),
    let pointer = unsafe cssl_pointer(handle)
  else { return nil }
  return unsafe Unmanaged<TLSServerContext>.fromOpaque(pointer).takeUnretainedValue()
}

/// A ClientHello came: its server name chooses the certificates, and what a session is bound to.
func chooseByName(
  _ session: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let session = unsafe session, let context = unsafe context(of: session),
    let pointer = unsafe cssl_session_pointer(session)
  else { return SSL_CLIENT_HELLO_ERROR }
  let owner = unsafe Unmanaged<TLSSession>.fromOpaque(pointer).takeUnretainedValue()
  var bytes: UnsafePointer<UInt8>?
  var count = 0
  let isNamed =
    unsafe SSL_client_hello_get0_ext(
      session, UInt32(TLSEXT_TYPE_server_name), &bytes, &count) == 1
  if isNamed {
    let field = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
    owner.serverName = unsafe serverName(Span<UInt8>(_unsafeBytes: field))
  }
  let chosen = context.context(for: owner.serverName)
  if unsafe chosen.handle != SSL_get_SSL_CTX(session) {
    _ = unsafe SSL_set_SSL_CTX(session, chosen.handle)
  }
  let binding = context.binding(for: owner.serverName)
  let isBound = unsafe SSL_set_session_id_context(session, binding, UInt32(binding.count)) == 1
  return isBound && !binding.isEmpty ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR
}

/// The host name of the extension (RFC 6066 section 3), in lower case and without the dot of the
/// root; empty for what is none. OpenSSL refuses a damaged one later on.
private func serverName(_ field: Span<UInt8>) -> [UInt8] {
  // Two bytes of the list's size, one of the kind, two of the name's size.
  guard field.count > 5, field[2] == 0 else { return [] }
  let size = Int(field[3]) << 8 | Int(field[4])
  guard size <= 255, 5 + size <= field.count else { return [] }
  var name: [UInt8] = []
  name.reserveCapacity(size)
  for index in 5..<5 + size {
    let byte = field[index]
    guard byte > 0x20, byte < 0x7F else { return [] }
    name.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
  }
  if name.last == UInt8(ascii: ".") { name.removeLast() }
  return name
}

/// A client is told that its server name was heard.
func acknowledgeName(
  _ session: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 { SSL_TLSEXT_ERR_OK }

func chooseProtocol(
  _ session: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?,
  _ offeredCount: UInt32, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let context = unsafe context(of: session), let chosen = unsafe chosen,
    let chosenCount = unsafe chosenCount, let offered = unsafe offered
  else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  let own = unsafe context.protocols.bytes
  var found: UnsafeMutablePointer<UInt8>?
  let result = unsafe SSL_select_next_proto(
    &found, chosenCount, own.baseAddress, UInt32(own.count), offered, offeredCount)
  guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  unsafe chosen.pointee = UnsafePointer(found)
  return SSL_TLSEXT_ERR_OK
}

/// A client asks for the status of the certificate that it is shown.
func staple(_ session: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
  guard let session = unsafe session, let context = unsafe context(of: session),
    let leaf = unsafe SSL_get_certificate(session),
    let answer = unsafe context.identity(with: leaf)?.staple.withLock({ $0 }), !answer.isEmpty,
    let copy = unsafe CRYPTO_memdup(answer, answer.count, "", 0)
  else { return SSL_TLSEXT_ERR_NOACK }
  let bytes = unsafe copy.assumingMemoryBound(to: UInt8.self)
  _ = unsafe cssl_set_status(session, bytes, Int32(answer.count))
  return SSL_TLSEXT_ERR_OK
}

/// A ticket is made (`isSealing`), or one that came is opened.
/// - Returns: 1 for done, 2 for done but give the client a new one, 0 for a key that isn't known, and
///   a number below for a failure.
func sealTicket(
  _ session: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?,
  _ vector: UnsafeMutablePointer<UInt8>?, _ cipher: OpaquePointer?, _ code: OpaquePointer?,
  _ isSealing: Int32
) -> Int32 {
  guard let keys = unsafe context(of: session)?.tickets, let name = unsafe name,
    let vector = unsafe vector
  else { return -1 }
  let result = unsafe keys.prepare(name, vector, cipher, code, isSealing: isSealing != 0)
  // A client uses a ticket of TLS 1.3 once (RFC 8446 appendix C.4), and so needs the next one.
  let isOpened = isSealing == 0 && result == 1
  return unsafe isOpened && SSL_version(session) == TLS1_3_VERSION ? 2 : result
}
