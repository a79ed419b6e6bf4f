internal import CCurl
internal import Glibc

/// A request as libcurl's options, and libcurl's result codes as our errors.
///
/// Safe because its owner keeps the handle for as long as it keeps this.
@safe struct TransferOptions {
  private let handle: UnsafeMutableRawPointer
  /// What libcurl says beyond its code; CURL_ERROR_SIZE bytes.
  private let errorText: UnsafeMutablePointer<CChar>

  init(handle: UnsafeMutableRawPointer, errorText: UnsafeMutablePointer<CChar>) {
    unsafe self.handle = handle
    unsafe self.errorText = errorText
    unsafe ballast_curl_set_error_text(handle, errorText)
  }

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
    if let stall = request.stallTimeoutMilliseconds {
      try set(CURLOPT_LOW_SPEED_LIMIT, 1)
      try set(CURLOPT_LOW_SPEED_TIME, max(1, stall / 1_000))
    }
    if request.isFramed {
      try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
    }
    try apply(request.trust)
    if let path = request.unixSocket { try set(CURLOPT_UNIX_SOCKET_PATH, path) }
    switch request.method {
    case .get: try set(CURLOPT_HTTPGET, 1)
    case .post, .put, .delete: try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  func apply(_ trust: OutboundTrust) throws(OutboundError) {
    try set(CURLOPT_SSL_VERIFYPEER, trust.verify ? 1 : 0)
    try set(CURLOPT_SSL_VERIFYHOST, trust.verify ? 2 : 0)
    if let identity = trust.identity {
      try set(CURLOPT_SSLCERT, identity.certificate)
      try set(CURLOPT_SSLKEY, identity.key)
    }
    guard let file = trust.authorities else { return }
    try set(CURLOPT_CAINFO, file)
    // Without this the folder of the system's authorities counts as well.
    unsafe ballast_curl_set_string(handle, CURLOPT_CAPATH, nil)
    // A file that is replaced counts from the next minute on.
    try set(CURLOPT_CA_CACHE_TIMEOUT, 60)
  }

  /// Only connects and, with https, agrees on TLS.
  func onlyConnect() throws(OutboundError) { try set(CURLOPT_CONNECT_ONLY, 1) }

  /// On a connection and in a TLS session of its own: a resumed one brings no certificate to look at.
  func avoidReuse() throws(OutboundError) {
    try set(CURLOPT_SSL_SESSIONID_CACHE, 0)
    try set(CURLOPT_FRESH_CONNECT, 1)
    try set(CURLOPT_FORBID_REUSE, 1)
  }

  func failure(_ code: CURLcode) -> OutboundError {
    switch code {
    case CURLE_COULDNT_CONNECT: .notReachable(systemMessage ?? message(code))
    case CURLE_COULDNT_RESOLVE_HOST: .notReachable("the host name cannot be resolved")
    case CURLE_OPERATION_TIMEDOUT:
      stalled
    case CURLE_PEER_FAILED_VERIFICATION: .other(certificateProblem)
    case CURLE_SSL_CONNECT_ERROR: .other(handshakeProblem)
    case CURLE_SSL_CACERT_BADFILE:
      .other("the file of trusted certificates cannot be read, or has none in it")
    case CURLE_URL_MALFORMAT: .other("the URL is malformed")
    // The first is also libcurl's word for an answer that begins as no HTTP does.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      .other("the other side does not speak HTTP")
    case CURLE_GOT_NOTHING: .other("the connection was closed without an answer")
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR: .other("the connection ended in mid-answer")
    default: .other(message(code))
    }
  }

  private var stalled: OutboundError {
    var connections = 0
    unsafe ballast_curl_get_long(handle, CURLINFO_NUM_CONNECTS, &connections)
    guard connections > 0 else { return .notReachable("no connection in time") }
    let isSecured = unsafe ballast_curl_get_time(handle, CURLINFO_APPCONNECT_TIME_T) > 0
    return .timedOut(isTLS && !isSecured ? "no TLS handshake in time" : "no answer in time")
  }

  private var isTLS: Bool {
    var url: UnsafePointer<CChar>?
    unsafe ballast_curl_get_text(handle, CURLINFO_EFFECTIVE_URL, &url)
    guard let url = unsafe url else { return false }
    return unsafe String(cString: url).hasPrefix("https:")
  }

  /// `certificate has expired`, `name mismatch: …`.
  private var certificateProblem: String {
    let text = detail.dropping(prefix: "SSL certificate problem: ").dropping(prefix: "SSL: ")
    let isName = text.contains("target host name")
    return isName ? "name mismatch: \(text)" : text.isEmpty ? "the certificate is not good" : text
  }

  /// The library's own words stand last: `error:0A00010B:SSL routines::wrong version number`.
  private var handshakeProblem: String {
    let words = detail.split(separator: ":").last.map(String.init) ?? ""
    let reason = words.drop { $0 == " " }
    return "the TLS handshake failed" + (reason.isEmpty ? "" : ": \(reason)")
  }

  var detail: String { unsafe String(cString: errorText) }

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

  func message(_ code: CURLcode) -> String {
    guard let text = unsafe curl_easy_strerror(code) else {
      return "libcurl error \(code.rawValue)"
    }
    return unsafe String(cString: text).lowercased()
  }

  func set(_ option: CURLoption, _ value: Int) throws(OutboundError) {
    let code = unsafe ballast_curl_set_long(handle, option, value)
    guard code == CURLE_OK else { throw .other(message(code)) }
  }

  func set(_ option: CURLoption, _ value: String) throws(OutboundError) {
    guard !value.utf8.contains(0) else { throw .other("a NUL in the request") }
    let code = unsafe ballast_curl_set_string(handle, option, value)
    guard code == CURLE_OK else { throw .other(message(code)) }
  }
}

extension String {
  fileprivate func dropping(prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
