internal import CCurl
internal import Glibc

/// A request as libcurl's options, and libcurl's result codes as our errors.
///
/// Safe because its owner keeps the handle for as long as it keeps this.
@safe struct TransferOptions {
  private let handle: UnsafeMutableRawPointer

  init(handle: UnsafeMutableRawPointer) { unsafe self.handle = handle }

  func apply(_ request: OutboundRequest) throws(OutboundError) {
    // Signals belong to the program: without this, name lookups time out by SIGALRM.
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_PROXY, "")
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeoutMilliseconds)
    if let timeout = request.timeoutMilliseconds { try set(CURLOPT_TIMEOUT_MS, timeout) }
    if let path = request.unixSocket { try set(CURLOPT_UNIX_SOCKET_PATH, path) }
    switch request.method {
    case .get: try set(CURLOPT_HTTPGET, 1)
    case .post, .put, .delete: try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  func failure(_ code: CURLcode) -> OutboundError {
    switch code {
    case CURLE_COULDNT_CONNECT: .notReachable(systemMessage ?? message(code))
    case CURLE_COULDNT_RESOLVE_HOST: .notReachable("the host name cannot be resolved")
    case CURLE_OPERATION_TIMEDOUT:
      isConnected ? .timedOut("no answer in time") : .notReachable("no connection in time")
    case CURLE_URL_MALFORMAT: .other("the URL is malformed")
    // The first is also libcurl's word for an answer that begins as no HTTP does.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      .other("the other side does not speak HTTP")
    case CURLE_GOT_NOTHING: .other("the connection was closed without an answer")
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR: .other("the connection ended in mid-answer")
    default: .other(message(code))
    }
  }

  private var isConnected: Bool {
    var connections = 0
    unsafe ballast_curl_get_long(handle, CURLINFO_NUM_CONNECTS, &connections)
    return connections > 0
  }

  /// The text of the errno that libcurl saw last: `connection refused`.
  private var systemMessage: String? {
    var number = 0
    unsafe ballast_curl_get_long(handle, CURLINFO_OS_ERRNO, &number)
    guard number != 0, let number = Int32(exactly: number), let text = unsafe strerror(number)
    else {
      return nil
    }
    return unsafe String(cString: text).lowercased()
  }

  private func message(_ code: CURLcode) -> String {
    guard let text = unsafe curl_easy_strerror(code) else {
      return "libcurl error \(code.rawValue)"
    }
    return unsafe String(cString: text).lowercased()
  }

  private func set(_ option: CURLoption, _ value: Int) throws(OutboundError) {
    let code = unsafe ballast_curl_set_long(handle, option, value)
    guard code == CURLE_OK else { throw .other(message(code)) }
  }

  private func set(_ option: CURLoption, _ value: String) throws(OutboundError) {
    guard !value.utf8.contains(0) else { throw .other("a NUL in the request") }
    let code = unsafe ballast_curl_set_string(handle, option, value)
    guard code == CURLE_OK else { throw .other(message(code)) }
  }
}
