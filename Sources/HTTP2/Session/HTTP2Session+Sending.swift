internal import CNghttp2
import Primitives

extension HTTP2Session {
  // MARK: Heads

  /// Answers a request, in a server's session.
  /// - Parameters:
  ///   - text: begins with the head of an answer of HTTP/1.1: an interim one, after which another is
  ///     to follow, or the final one.
  ///   - hasBody: whether `send` or `end` follow; if not, the stream's side ends here. An answer that
  ///     can have no body ends as well, and what is given for it all the same is dropped.
  /// - Returns: bytes of the head in `text`; nil when it is none, or the stream is over.
  public func answer(_ stream: Int32, _ text: Span<UInt8>, hasBody: Bool) -> Int? {
    unsafe text.withUnsafeBytes { unsafe answer(stream, $0, hasBody: hasBody) }
  }

  private func answer(_ stream: Int32, _ text: UnsafeRawBufferPointer, hasBody: Bool) -> Int? {
    guard unsafe fields.readAnswer(text) else { return nil }
    let (list, count, headCount) = unsafe (fields.list, fields.count, fields.headCount)
    let isInterim = fields.status < 200 && fields.status != 101
    guard !isInterim else {
      let result = unsafe nghttp2_submit_headers(
        session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, nil, list, count, nil)
      return result < 0 ? nil : headCount
    }
    guard hasBody, fields.mayHaveBody else {
      let result = unsafe nghttp2_submit_response(session, stream, list, count, nil)
      return result < 0 ? nil : headCount
    }
    guard let place = insertBody(stream) else { return nil }
    var provider = unsafe provider(place)
    guard unsafe nghttp2_submit_response(session, stream, list, count, &provider) >= 0 else {
      freeBody(place)
      return nil
    }
    setBody(stream, place)
    return headCount
  }

  /// Opens a stream with a request, in a client's session.
  /// - Parameters:
  ///   - text: the head of a request of HTTP/1.1.
  ///   - isSecure: whether the scheme is https.
  ///   - hasBody: whether `send` or `end` follow.
  /// - Returns: the stream's number; nil when `text` is no head, or no stream can be opened any more.
  public func request(
    _ text: Span<UInt8>, isSecure: Bool, hasBody: Bool, context: Int
  ) -> Int32? {
    var place: Int?
    if hasBody {
      place = insertBody(0)
      if place == nil { return nil }
    }
    let stream = unsafe text.withUnsafeBytes {
      unsafe submit($0, isSecure: isSecure, place, context)
    }
    guard stream > 0 else {
      if let place { freeBody(place) }
      return nil
    }
    openStreams += 1
    if let place {
      bodies[place].stream = stream
      setBody(stream, place)
    }
    return stream
  }

  /// - Returns: the stream's number, 0 when the text is no head, or an error of nghttp2's.
  private func submit(
    _ text: UnsafeRawBufferPointer, isSecure: Bool, _ place: Int?, _ context: Int
  ) -> Int32 {
    guard unsafe fields.readRequest(text, isSecure: isSecure) else { return 0 }
    let mark = unsafe UnsafeMutableRawPointer(bitPattern: context &+ 1)
    let (list, count) = unsafe (fields.list, fields.count)
    guard let place else {
      return unsafe nghttp2_submit_request(session, nil, list, count, nil, mark)
    }
    var provider = unsafe provider(place)
    return unsafe nghttp2_submit_request(session, nil, list, count, &provider, mark)
  }

  // MARK: Bodies

  /// Adds to the body of a stream. What the peer doesn't take is held.
  /// - Returns: false when the stream takes none, and the bytes are dropped.
  @discardableResult
  public func send(_ stream: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let place = bodyPlace(stream), !bodies[place].isEnded else { return false }
    unsafe bodies[place].held.append(bytes)
    heldBytes += bytes.count
    resume(place)
    return true
  }

  /// Ends the body of a stream.
  /// - Parameter trailers: lines of fields that follow it.
  public func end(_ stream: Int32, trailers: Span<UInt8> = Span()) {
    guard let place = bodyPlace(stream), !bodies[place].isEnded else { return }
    bodies[place].isEnded = true
    if trailers.count > 0 {
      unsafe trailers.withUnsafeBufferPointer {
        unsafe bodies[place].trailers.append(contentsOf: $0)
      }
    }
    resume(place)
  }

  /// Bytes given for a stream that are in no frame yet.
  public func held(_ stream: Int32) -> Int {
    bodyPlace(stream).map { bodies[$0].held.count } ?? 0
  }

  private func resume(_ place: Int) {
    guard bodies[place].isDeferred else { return }
    bodies[place].isDeferred = false
    _ = unsafe nghttp2_session_resume_data(session, bodies[place].stream)
  }

  func dropBody(_ stream: Int32) {
    guard let place = removeBody(stream) else { return }
    heldBytes -= bodies[place].held.count
    freeBody(place)
  }

  private func insertBody(_ stream: Int32) -> Int? {
    bodies.insert(OutgoingBody(stream: stream, buffers.take()))
  }

  private func freeBody(_ place: Int) {
    buffers.give(&bodies[place].held)
    bodies.remove(place)
  }

  private func provider(_ place: Int) -> nghttp2_data_provider {
    unsafe nghttp2_data_provider(
      source: nghttp2_data_source(fd: Int32(truncatingIfNeeded: place)),
      read_callback: HTTP2Session.readBody)
  }

  // MARK: Frames

  /// Writes frames for as long as there are some, the windows let them go, and the batch has room.
  /// - Returns: whether the batch had no room for all.
  public func write(to batch: FrameBatch) -> Bool {
    self.batch = batch
    defer { self.batch = nil }
    while !hasFailed {
      if batch.isFull { return hasOutput }
      var start: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(session, &start)
      if count < 0 { hasFailed = true }
      guard count > 0 else { return count == 0 && batch.isFull }
      unsafe batch.append(UnsafeRawBufferPointer(start: start, count: count))
    }
    return false
  }

  /// What nghttp2 asks for the next DATA frame of a stream.
  /// - Returns: how many bytes go into it, or an error of nghttp2's.
  func readBody(_ stream: Int32, _ place: Int, _ most: Int, _ flags: inout UInt32) -> Int {
    guard bodies.isUsed(place), bodies[place].stream == stream else {
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    let count = min(most, bodies[place].held.count)
    guard count > 0 || bodies[place].isEnded else {
      bodies[place].isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    if bodies[place].isEnded, count == bodies[place].held.count {
      flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
      if !bodies[place].trailers.isEmpty {
        flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        let result = unsafe bodies[place].trailers.withUnsafeBytes { lines in
          unsafe fields.readTrailers(lines)
          return unsafe nghttp2_submit_trailer(session, stream, fields.list, fields.count)
        }
        if result < 0 { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
      }
    }
    return count
  }

  /// Puts a DATA frame into the batch.
  func sendBody(
    _ stream: Int32, _ place: Int, _ header: UnsafeRawBufferPointer, _ count: Int
  ) -> Int32 {
    guard let batch, bodies.isUsed(place), bodies[place].held.count >= count else {
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    if batch.isFull { return NGHTTP2_ERR_WOULDBLOCK.rawValue }
    unsafe batch.append(header)
    if count > 0 {
      unsafe batch.append(UnsafeRawBufferPointer(rebasing: bodies[place].held.bytes[0..<count]))
      bodies[place].held.removeFirst(count, keepingUpTo: buffers.keptBytes)
      heldBytes -= count
      sentBytes &+= count
      ledger.sent(count)
      if bodies[place].held.isEmpty, !bodies[place].isEnded {
        events.append(.drained(stream: stream, context: context(stream)))
      }
    }
    return 0
  }

  /// A frame went into the batch.
  func frameSent(_ frame: UnsafePointer<nghttp2_frame>) {
    let header = unsafe frame.pointee.hd
    let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_DATA where isEnd, NGHTTP2_HEADERS where isEnd:
      guard unsafe nghttp2_session_get_stream_remote_close(session, header.stream_id) == 0 else {
        break
      }
      events.append(.sentEnd(stream: header.stream_id, context: context(header.stream_id)))
    case NGHTTP2_GOAWAY:
      let code = unsafe frame.pointee.goaway.error_code
      if end == nil { end = HTTP2End(code: code) }
      // Behind the notice of a shutdown, which the peer has seen when it answers.
      let last = unsafe frame.pointee.goaway.last_stream_id
      if last == .max { ping() }
    case NGHTTP2_RST_STREAM:
      resets.insert(header.stream_id)
      let code = unsafe frame.pointee.rst_stream.error_code
      switch HTTP2Code(rawValue: code) {
      case .protocolError, .flowControlError, .streamClosed, .frameSizeError: count(.reset)
      case .refusedStream: count(.refused)
      default: break
      }
    default: break
    }
  }
}
