internal import CSSL

/// Bytes of an established session.
extension TLSSession {
  /// - Returns: bytes read; 0 at the peer's end, announced or not (`isEndAnnounced`); -EAGAIN when
  ///   nothing is there; -EINTR when there may be more but the thread has others to look after; -EPROTO
  ///   for what is no TLS; another -errno of the socket.
  public func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int {
    if let ending { return ending }
    guard isEstablished else { return -Int(EAGAIN) }
    if holdsOutput { _ = unsafe cssl_wire_flush(wire) }
    beginCall()
    var total = 0
    while total < bytes.count {
      var count = 0
      let room = unsafe bytes.baseAddress.map { unsafe $0 + total }
      let result = unsafe SSL_read_ex(handle, room, bytes.count - total, &count)
      if result == 1 {
        total += count
        // Without this the library would ask a socket that has nothing.
        if unsafe wire.pointee.is_drained != 0, unsafe SSL_has_pending(handle) == 0 { break }
        continue
      }
      if unsafe SSL_get_error(handle, result) == SSL_ERROR_WANT_READ {
        if total == 0 { return unsafe wire.pointee.budget <= 0 ? -Int(EINTR) : -Int(EAGAIN) }
        break
      }
      noteEnd()
      if total == 0 { return ending ?? -Int(EPROTO) }
      break
    }
    return total
  }

  /// Whether there are bytes to receive: 1, or what receiving them would say.
  public func peek() -> Int {
    if let ending { return ending }
    guard isEstablished else { return -Int(EAGAIN) }
    beginCall()
    var byte: UInt8 = 0
    var count = 0
    let result = unsafe SSL_peek_ex(handle, &byte, 1, &count)
    if result == 1 { return 1 }
    if unsafe SSL_get_error(handle, result) == SSL_ERROR_WANT_READ {
      return unsafe wire.pointee.budget <= 0 ? -Int(EINTR) : -Int(EAGAIN)
    }
    noteEnd()
    return ending ?? -Int(EPROTO)
  }

  /// - Returns: bytes taken, maybe fewer than given; -EAGAIN when none could be; another -errno.
  public func send(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard isEstablished, !isBroken else { return -Int(EPIPE) }
    if holdsOutput {
      let result = unsafe cssl_wire_flush(wire)
      if result != 0 { return Int(result) }
    }
    guard bytes.count >= uncounted else { return -Int(EINVAL) }
    var taken = uncounted
    uncounted = 0
    while taken < bytes.count {
      ErrorQueue.clear()
      var count = 0
      let rest = unsafe bytes.baseAddress.map { unsafe $0 + taken }
      guard unsafe SSL_write_ex(handle, rest, bytes.count - taken, &count) == 1 else {
        isBroken = true
        let code = unsafe wire.pointee.error
        return taken > 0 ? taken : -Int(code == 0 ? EPROTO : code)
      }
      if holdsOutput {
        // It is out of the caller's hands, but who waits for the socket should go on waiting.
        uncounted = count
        return taken > 0 ? taken : -Int(EAGAIN)
      }
      taken += count
    }
    return taken
  }

  /// Sends two buffers, in one record where they fit in one.
  public func send(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
    let count = first.count + second.count
    if second.count == 0 { return unsafe send(first) }
    if count <= Self.recordBytes {
      return unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { record in
        unsafe record.copyMemory(from: first)
        unsafe UnsafeMutableRawBufferPointer(rebasing: record[first.count...]).copyMemory(
          from: second)
        return unsafe send(UnsafeRawBufferPointer(record))
      }
    }
    let taken = unsafe send(first)
    guard taken == first.count else { return taken }
    return taken + max(0, unsafe send(second))
  }

  /// Sends what is held. Only for a time in which there is nothing to `send`, which does it itself.
  /// - Returns: 0 when nothing is held any more, else -errno.
  public func flush() -> Int { Int(unsafe cssl_wire_flush(wire)) }

  /// Tells the peer that nothing more comes (close_notify); its own bytes can still be received.
  /// The socket's own end is its owner's to send, after `holdsOutput` is false.
  public func shutdown() {
    guard isEstablished, !isBroken, !isShutDown else { return }
    isShutDown = true
    ErrorQueue.clear()
    _ = unsafe SSL_shutdown(handle)
    ErrorQueue.clear()
  }

  /// The most that one record holds (RFC 8446 section 5.1).
  static let recordBytes = 16_384

  private func noteEnd() {
    let code = ERR_peek_error()
    // The library takes a fatal alert for an end as well, and it is none that was announced.
    let isAlert = cssl_error_reason(code) >= SSL_AD_REASON_OFFSET
    isEndAnnounced =
      unsafe !isAlert && SSL_get_shutdown(handle) & SSL_RECEIVED_SHUTDOWN != 0
    if isAlert {
      _ = fail(TLSFailure(reason: cssl_error_reason(code), hasHello: true), ErrorQueue.takeText())
    } else if unsafe isEndAnnounced || wire.pointee.has_ended != 0 {
      if !isEndAnnounced { isBroken = true }
      ending = 0
    } else if unsafe wire.pointee.error != 0 {
      isBroken = true
      ending = -Int(unsafe wire.pointee.error)
    } else {
      _ = fail(TLSFailure(reason: cssl_error_reason(code), hasHello: true), ErrorQueue.takeText())
    }
    ErrorQueue.clear()
  }
}
