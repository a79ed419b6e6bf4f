internal import CCurl

/// One e-mail as a handle of libcurl, with all that has to live as long as it. Confined to one thread.
///
/// Safe because the handle is freed with this, and nothing hands it out for longer.
@safe final class MailCall {
  private let handle: UnsafeMutableRawPointer
  private let options: TransferOptions
  private var recipients: UnsafeMutablePointer<curl_slist>?
  private let message: UnsafeMutableRawBufferPointer
  private let source: UnsafeMutablePointer<ballast_curl_source>
  private let errorText: UnsafeMutablePointer<CChar>

  init(_ mail: OutboundMail) throws(OutboundError) {
    guard let handle = unsafe curl_easy_init() else { throw .other("libcurl could not start") }
    unsafe self.handle = handle
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    unsafe self.errorText = errorText
    options = unsafe TransferOptions(handle: handle, errorText: errorText)
    unsafe message = .allocate(byteCount: mail.message.count, alignment: 1)
    unsafe message.copyBytes(from: mail.message)
    unsafe source = .allocate(capacity: 1)
    unsafe source.initialize(
      to: ballast_curl_source(
        bytes: message.baseAddress.map {
          unsafe UnsafePointer($0.assumingMemoryBound(to: CChar.self))
        },
        left: message.count))
    try options.apply(mail)
    for address in mail.to {
      guard !address.utf8.contains(where: { $0 <= 32 || $0 == 127 }),
        let longer = unsafe curl_slist_append(recipients, "<\(address)>")
      else { throw .other("a recipient is no address") }
      unsafe recipients = longer
    }
    unsafe ballast_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
    guard unsafe ballast_curl_set_upload(handle, source) == CURLE_OK else {
      throw .other("libcurl took no message")
    }
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe curl_slist_free_all(recipients)
    unsafe source.deallocate()
    unsafe message.deallocate()
    unsafe errorText.deallocate()
  }

  func perform() throws(OutboundError) {
    let code = unsafe curl_easy_perform(handle)
    guard code != CURLE_OK else { return }
    throw options.mailFailure(code)
  }
}

extension TransferOptions {
  fileprivate func apply(_ mail: OutboundMail) throws(OutboundError) {
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_URL, "\(mail.security == .tls ? "smtps" : "smtp")://\(mail.server)")
    try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    try set(CURLOPT_PROXY, "")
    try set(CURLOPT_CONNECTTIMEOUT_MS, mail.connectTimeoutMilliseconds)
    try set(CURLOPT_TIMEOUT_MS, mail.timeoutMilliseconds)
    // 3 is CURLUSESSL_ALL: without STARTTLS the session ends before anything is told.
    if mail.security == .starttls { try set(CURLOPT_USE_SSL, 3) }
    try apply(mail.trust)
    if let login = mail.login {
      try set(CURLOPT_USERNAME, login.username)
      try set(CURLOPT_PASSWORD, login.password)
    }
    try set(CURLOPT_MAIL_FROM, "<\(mail.from)>")
  }

  /// With what the server or the library said; passwords are in neither.
  fileprivate func mailFailure(_ code: CURLcode) -> OutboundError {
    switch code {
    case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_PEER_FAILED_VERIFICATION:
      return failure(code)
    case CURLE_OPERATION_TIMEDOUT: return .timedOut("the mail server did not answer in time")
    case CURLE_USE_SSL_FAILED: return .other("the mail server offers no STARTTLS")
    case CURLE_LOGIN_DENIED: return .other("the mail server refused the login")
    default:
      let more = detail
      return .other(more.isEmpty ? message(code) : more)
    }
  }
}

extension OutboundClient {
  /// Returns when the server has taken the message for every recipient.
  public func send(_ mail: OutboundMail) throws(OutboundError) {
    try MailCall(mail).perform()
  }
}
