internal import CNghttp2
import Primitives

/// nghttp2 calls back with a pointer to the session; these functions only unpack what they get.
extension HTTP2Session {
  func begin() {
    var made: OpaquePointer?
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0,
      unsafe nghttp2_option_new(&option) == 0
    else {
      hasFailed = true
      return
    }
    unsafe setReceiving(callbacks)
    unsafe setSending(callbacks)
    unsafe setOptions(option)
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    let result =
      role == .server
      ? unsafe nghttp2_session_server_new2(&made, callbacks, this, option)
      : unsafe nghttp2_session_client_new2(&made, callbacks, this, option)
    unsafe nghttp2_session_callbacks_del(callbacks)
    unsafe nghttp2_option_del(option)
    if result != 0 { hasFailed = true }
    unsafe session = made
  }

  /// What nghttp2 would limit by itself is limited by `FrameLedger` and `HTTP2Options`, which tell why.
  private func setOptions(_ option: OpaquePointer?) {
    unsafe nghttp2_option_set_no_auto_window_update(option, 1)
    // They are kept for RFC 7540's priorities, which are off.
    unsafe nghttp2_option_set_no_closed_streams(option, 1)
    unsafe nghttp2_option_set_stream_reset_rate_limit(option, 1 << 30, 1 << 30)
    unsafe nghttp2_option_set_max_continuations(option, options.continuations + 1)
    if role == .client {
      unsafe nghttp2_option_set_peer_max_concurrent_streams(option, 100)
    } else {
      unsafe nghttp2_option_set_builtin_recv_extension_type(
        option, UInt8(NGHTTP2_PRIORITY_UPDATE.rawValue))
    }
  }

  func submitSettings() {
    func entry(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
      nghttp2_settings_entry(settings_id: Int32(bitPattern: id.rawValue), value: value)
    }
    var entries = [
      entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(max(0, options.streamWindow))),
      entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(clamping: options.headBytes)),
    ]
    if role == .server {
      entries.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.streams))
      // Of RFC 7540's tree nothing is left; what counts are urgencies (RFC 9218 section 2.1).
      entries.append(entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1))
      if options.takesExtendedConnect {
        entries.append(entry(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1))
      }
    } else {
      entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
    }
    let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    _ = unsafe nghttp2_submit_settings(session, none, entries, entries.count)
    _ = unsafe nghttp2_session_set_local_window_size(session, none, 0, options.connectionWindow)
  }

  private func setReceiving(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, this in
      if let frame = unsafe frame { unsafe on(this) { unsafe $0.headersBegan(frame) } }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, _, name, nameCount, value, valueCount, _, this in
      let name = unsafe UnsafeBufferPointer(start: name, count: nameCount)
      let value = unsafe UnsafeBufferPointer(start: value, count: valueCount)
      unsafe on(this) {
        unsafe $0.fieldCame(Span(_unsafeElements: name), Span(_unsafeElements: value))
      }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) {
      _, _, _, _, _, _, _, this in
      unsafe on(this) { $0.fieldRefused() }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, this in
      if let frame = unsafe frame { unsafe on(this) { unsafe $0.frameCame(frame) } }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
      _, frame, _, this in
      if let frame = unsafe frame {
        unsafe on(this) { unsafe $0.resets.insert(frame.pointee.hd.stream_id) }
      }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, stream, start, count, this in
      if let start = unsafe start { unsafe on(this) { unsafe $0.dataCame(stream, start, count) } }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
      _, stream, code, this in
      unsafe on(this) { $0.streamClosed(stream, code) }
      return 0
    }
  }

  private func setSending(_ callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, this in
      if let frame = unsafe frame { unsafe on(this) { unsafe $0.frameSent(frame) } }
      return 0
    }
    unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) {
      _, frame, header, count, source, this in
      guard let frame = unsafe frame, let source = unsafe source else {
        return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
      }
      return unsafe on(this) {
        unsafe $0.sendBody(
          frame.pointee.hd.stream_id, Int(source.pointee.fd),
          UnsafeRawBufferPointer(start: header, count: 9), count)
      } ?? NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }
  }

  static let readBody: nghttp2_data_source_read_callback = {
    _, stream, _, most, flags, source, this in
    guard let flags = unsafe flags, let source = unsafe source else {
      return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
    }
    return unsafe on(this) {
      unsafe $0.readBody(stream, Int(source.pointee.fd), most, &flags.pointee)
    } ?? Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
  }
}

/// Calls the session that nghttp2 calls back for. Who called nghttp2 holds it, so that nobody counts
/// references to it here, of which there would be more than ten a request.
@discardableResult
private func on<Result>(
  _ this: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result
) -> Result? {
  guard let this = unsafe this else { return nil }
  return unsafe Unmanaged<HTTP2Session>.fromOpaque(this)._withUnsafeGuaranteedRef { body($0) }
}
