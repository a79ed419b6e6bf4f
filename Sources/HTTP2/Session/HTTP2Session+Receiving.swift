internal import CNghttp2
public import Primitives

extension HTTP2Session {
  /// Reads from the front of `bytes`, at most to the end of one frame, so that what is told of at a time
  /// is bounded. Take all events, then call again with the rest.
  /// - Returns: how many bytes were read; all of them when the session reads no more.
  public func receive(_ bytes: UnsafeRawBufferPointer, now: Instant) -> Int {
    guard !hasFailed, end == nil, bytes.count > 0 else { return bytes.count }
    self.now = now
    let count = scanner.next(unsafe Span<UInt8>(_unsafeBytes: bytes))
    if scanner.hasBegun { frameBegan(scanner.header) }
    unsafe input = bytes
    defer { unsafe input = UnsafeRawBufferPointer(start: nil, count: 0) }
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard end == nil else { return bytes.count }
    let result = unsafe nghttp2_session_mem_recv(session, start, count)
    if result < 0 { failed(Int32(truncatingIfNeeded: result)) }
    if scanner.hasEnded, UInt32(scanner.header.type) == NGHTTP2_PRIORITY.rawValue {
      priorityEnded()
    }
    return count
  }

  private func failed(_ error: Int32) {
    switch error {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: end(.badPreface)
    case NGHTTP2_ERR_FLOODED.rawValue: end(.acknowledgementFlood)
    case NGHTTP2_ERR_NOMEM.rawValue: hasFailed = true
    default: end(.protocolError)
    }
  }

  func count(_ kind: FrameLedger.Kind) {
    if let reason = ledger.count(kind, now: now) { end(reason) }
  }

  // MARK: What nghttp2 tells of

  private func frameBegan(_ header: FrameScanner.Header) {
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_DATA:
      if header.length == 0, !header.endsStream { count(.emptyData) }
      refuseAfterEnd(header)
    case NGHTTP2_HEADERS:
      block.continuations = 0
      refuseAfterEnd(header)
    case NGHTTP2_CONTINUATION:
      block.continuations += 1
      if block.continuations > options.continuations { end(.continuationFlood) }
    case NGHTTP2_RST_STREAM: count(.reset)
    case NGHTTP2_SETTINGS, NGHTTP2_GOAWAY: count(.settings)
    case NGHTTP2_PING: count(.ping)
    case NGHTTP2_PRIORITY:
      if header.stream == 0 { end(.protocolError) }
      count(.priority)
    case NGHTTP2_PRIORITY_UPDATE: count(.priority)
    case NGHTTP2_WINDOW_UPDATE: count(.windowUpdate)
    case NGHTTP2_PUSH_PROMISE: break
    default: count(.unknown)
    }
  }

  /// What nghttp2 doesn't look at any more where RFC 7540's priorities are off, but RFC 7540 section
  /// 5.3.1 still forbids.
  private func priorityEnded() {
    if scanner.dependency == scanner.header.stream { end(.protocolError) }
  }

  /// RFC 9113 section 5.1, "closed": a peer that ended a stream sends nothing more on it. Where we have
  /// reset it, that may have crossed. Streams that were passed over can't be opened any more (section
  /// 5.1.1).
  private func refuseAfterEnd(_ header: FrameScanner.Header) {
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    let stream = Int32(bitPattern: header.stream)
    guard role == .server, stream & 1 == 1, end == nil else { return }
    guard stream <= last else {
      if stream &- last > 2, header.type == 1 { passedOver = (last, stream) }
      return
    }
    guard !resets.mayContain(stream),
      !isOpenRemotely(stream)
    else { return }
    let isPassedOver = stream > passedOver.above && stream < passedOver.below
    end(isPassedOver ? .protocolError : .streamClosedError)
  }

  private func isOpenRemotely(_ stream: Int32) -> Bool {
    unsafe nghttp2_session_get_stream_remote_close(session, stream) == 0
  }

  func headersBegan(_ frame: UnsafePointer<nghttp2_frame>) {
    block = HeaderBlock()
    block.isOpen = true
    unsafe block.stream = frame.pointee.hd.stream_id
    let category = unsafe frame.pointee.headers.cat
    block.isTrailers = role == .server && category == NGHTTP2_HCAT_HEADERS
    if role == .server, !block.isTrailers { openStreams += 1 }
    if block.isTrailers || role == .client {
      answerText.removeAll()
    } else {
      requestText.removeAll()
    }
  }

  func fieldCame(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    guard end == nil else { return }
    block.listBytes += name.count + value.count + 32
    block.listFields += 1
    if block.listBytes > options.listBytes { return end(.headerListTooLarge) }
    if block.listFields > options.listFields { return end(.tooManyFields) }
    guard block.error == nil, !block.isTooLarge else { return }
    let isCrumb = name.equals("cookie")
    if !isCrumb { block.fields += 1 }
    let isRequest = role == .server && !block.isTrailers
    let size = isRequest ? requestText.size : answerText.size
    // Room for what ends the head.
    let isWithin = size + name.count + value.count + 4 <= options.headBytes - 128
    guard isWithin, block.fields <= options.headFields else {
      block.isTooLarge = true
      return
    }
    do {
      if isRequest {
        try requestText.add(name, value)
      } else {
        try answerText.add(name, value)
      }
    } catch {
      block.error = error
    }
  }

  func fieldRefused() {
    if block.error == nil { block.error = .badFieldName }
  }

  func frameCame(_ frame: UnsafePointer<nghttp2_frame>) {
    let header = unsafe frame.pointee.hd
    let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_HEADERS:
      block.isOpen = false
      headCame(header.stream_id, endsStream: isEnd)
    case NGHTTP2_DATA:
      // Padding alone moves nothing either.
      let padding = unsafe frame.pointee.data.padlen
      if header.length > 0, header.length == padding, !isEnd { count(.emptyData) }
      if isEnd {
        events.append(.ended(stream: header.stream_id, context: context(header.stream_id)))
      }
    case NGHTTP2_SETTINGS:
      if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { events.append(.settings) }
    case NGHTTP2_PING:
      if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 { events.append(.pingAnswered) }
    case NGHTTP2_GOAWAY:
      let goaway = unsafe frame.pointee.goaway
      unsafe events.append(.goaway(lastStream: goaway.last_stream_id, code: goaway.error_code))
    default: break
    }
  }

  private func headCame(_ stream: Int32, endsStream: Bool) {
    guard end == nil else { return }
    if block.isTooLarge, block.error == nil {
      if role == .client || block.isTrailers { return reset(stream, .protocolError) }
      events.append(.headTooLarge(stream: stream, endsStream: endsStream))
      return
    }
    do {
      if let error = block.error { throw error }
      try endHead(stream, endsStream)
    } catch {
      refuse(stream)
    }
  }

  private func endHead(_ stream: Int32, _ endsStream: Bool) throws(HTTP2HeadError) {
    guard role == .client else {
      if block.isTrailers {
        events.append(.trailers(stream: stream, context: context(stream)))
        events.append(.ended(stream: stream, context: context(stream)))
        return
      }
      try requestText.finish(endsStream: endsStream, nonce: nonce())
      events.append(.head(stream: stream, context: nil, endsStream: endsStream))
      return
    }
    if answerText.status == nil {
      block.isTrailers = true
      events.append(.trailers(stream: stream, context: context(stream)))
      events.append(.ended(stream: stream, context: context(stream)))
      return
    }
    answerText.finish()
    events.append(.head(stream: stream, context: context(stream), endsStream: endsStream))
  }

  /// RFC 9113 section 8.1.1: a malformed message is an error of its stream.
  private func refuse(_ stream: Int32) {
    reset(stream, .protocolError)
  }

  func dataCame(_ stream: Int32, _ start: UnsafePointer<UInt8>, _ count: Int) {
    guard let base = unsafe input.baseAddress else { return }
    let offset = unsafe UnsafeRawPointer(start) - base
    let last = unsafe input.count - count
    guard offset >= 0, count >= 0, offset <= last, end == nil else { return }
    // Of a stream that we have reset nobody wants it any more.
    if resets.contains(stream) { return consume(stream, count) }
    events.append(
      .data(stream: stream, context: context(stream), offset..<(offset + count)))
  }

  func streamClosed(_ stream: Int32, _ code: UInt32) {
    openStreams = max(0, openStreams - 1)
    events.append(.closed(stream: stream, context: context(stream), code: code))
    dropBody(stream)
  }
}
