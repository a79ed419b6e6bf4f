import Alerting
import CCrypto
import Configuration
import Outbound

/// Sends one message by one channel. It blocks its thread until that is done.
enum AlertSender {
  /// Of an answer, for the reason of a refusal.
  private static let answerBytes = 64 << 10

  static func send(
    _ message: AlertMessage, by settings: AlertSettings.Channel
  ) -> AlertVerdict {
    var message = message
    message.wording = settings.wording
    let channel = settings.channel
    let nonce = String(UInt64.random(in: 0 ... .max), radix: 36)
    for request in channel.requests(message, nonce: nonce, digests: digests) {
      let verdict = send(request, channel)
      guard verdict == .delivered else { return verdict }
    }
    return .delivered
  }

  private static func send(_ request: AlertRequest, _ channel: AlertChannel) -> AlertVerdict {
    do throws(OutboundError) {
      switch request.kind {
      case .http(let url, let headers):
        let answer = try OutboundClient().send(
          OutboundRequest(
            .post, url, headers: headers.map { OutboundHeader($0.name, $0.value) },
            body: request.body, timeoutMilliseconds: 10_000, bodyLimitBytes: answerBytes))
        return channel.verdict(
          status: answer.status, body: answer.body, retryAfter: answer.header("Retry-After"))
      case .mail(let from, let to):
        guard case .email(let email) = channel else {
          return .failed(reason: "this channel sends no mail")
        }
        try OutboundClient().send(mail(email, from, to, request.body))
        return .delivered
      }
    } catch {
      return .failed(reason: error.description)
    }
  }

  private static func mail(
    _ email: EmailChannel, _ from: String, _ to: [String], _ message: [UInt8]
  ) -> OutboundMail {
    let security: OutboundMail.Security =
      switch email.security {
      case .starttls: .starttls
      case .tls: .tls
      case .none: .none
      }
    var login: OutboundMail.Login?
    if let username = email.username, let password = email.password {
      login = OutboundMail.Login(username: username, password: password)
    }
    return OutboundMail(
      server: email.server, security: security,
      trust: OutboundTrust(authorities: email.authorities), login: login, from: from, to: to,
      message: message)
  }

  private static let digests = MessageDigests(
    hmacSHA256: { unsafe AlertSender.hmac(EVP_sha256(), $0, $1) },
    hmacSHA1: { unsafe AlertSender.hmac(EVP_sha1(), $0, $1) })

  /// RFC 2104.
  private static func hmac(
    _ kind: OpaquePointer?, _ key: [UInt8], _ message: [UInt8]
  ) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: CUnsignedInt = 0
    let result = unsafe HMAC(
      kind, key, CInt(clamping: key.count), message, message.count, &code, &length)
    return unsafe result == nil ? [] : Array(code.prefix(Int(length)))
  }
}
