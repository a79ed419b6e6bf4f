import Primitives

/// Text messages by Aliyun (SendSms, 2017-05-25), signed with HMAC-SHA1 over the sorted parameters. The
/// text is the template's, with `message` put in, which Aliyun limits to 35 characters where nothing else
/// was agreed.
public struct AliyunChannel: Sendable, Equatable {
  static let limitCharacters = 35

  /// `https://dysmsapi.aliyuncs.com`
  public var base: String
  public var accessKey: String
  public var secret: String
  public var signature: String
  public var template: String
  public var to: [String]

  public static let standardBase = "https://dysmsapi.aliyuncs.com"

  public init(
    base: String = standardBase, accessKey: String, secret: String, signature: String,
    template: String, to: [String]
  ) {
    self.base = base
    self.accessKey = accessKey
    self.secret = secret
    self.signature = signature
    self.template = template
    self.to = to
  }

  func request(
    _ message: AlertMessage, nonce: String, _ digests: MessageDigests
  ) -> AlertRequest {
    let title = MessageText.oneLine(message.title)
    let short =
      title.count <= Self.limitCharacters
      ? title : String(title.prefix(Self.limitCharacters - 1)) + "…"
    let value = JSONMessage.object([("message", .text(short))]).bytes
    var parameters = [
      "AccessKeyId": accessKey, "Action": "SendSms", "Format": "JSON",
      "PhoneNumbers": to.joined(separator: ","), "RegionId": "cn-hangzhou",
      "SignName": signature, "SignatureMethod": "HMAC-SHA1", "SignatureNonce": nonce,
      "SignatureVersion": "1.0", "TemplateCode": template,
      "TemplateParam": String(decoding: value, as: UTF8.self),
      "Timestamp": "\(message.at.description.prefix(19))Z", "Version": "2017-05-25",
    ]
    parameters["Signature"] = Self.sign(parameters, secret, digests)
    return .form("\(base)/", parameters.sorted { $0.key < $1.key })
  }

  static func sign(
    _ parameters: [String: String], _ secret: String, _ digests: MessageDigests
  ) -> String {
    let sorted = parameters.sorted { Array($0.key.utf8).lexicographicallyPrecedes($1.key.utf8) }
    let query = sorted.map { "\(PercentText.encode($0.key))=\(PercentText.encode($0.value))" }
      .joined(separator: "&")
    let text = "POST&%2F&" + PercentText.encode(query)
    return Base64Text.encode(digests.hmacSHA1(Array("\(secret)&".utf8), Array(text.utf8)))
  }
}
