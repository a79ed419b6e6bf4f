internal import CCurl
internal import Glibc

/// HTTP over libcurl; each call blocks its thread until the answer is there.
///
/// No proxy of the environment is used, no redirect is followed, and nothing but http and https is
/// spoken. A certificate is checked as the system's trust store says.
public struct OutboundClient: Sendable {
  public init() {}

  /// The whole answer.
  public func send(_ request: OutboundRequest) throws(OutboundError) -> OutboundResponse {
    let transfer = Transfer(bodyLimitBytes: request.bodyLimitBytes)
    try perform(request, transfer)
    return transfer.response
  }

  /// Hands over each line of a 2xx answer, without its line end, as it comes; `onOpen` is called when the
  /// answer's head is there. Ends when the answer ends or when `onLine` answers false. An answer of any
  /// other status is returned whole instead.
  public func stream(
    _ request: OutboundRequest, onOpen: () -> Void = {}, onLine: (String) -> Bool
  ) throws(OutboundError) -> OutboundResponse {
    let transfer = Transfer(bodyLimitBytes: request.bodyLimitBytes)
    // The transfer lives no longer than this call, and the closures live as long as the call.
    return try withoutActuallyEscaping(onOpen) { onOpen throws(OutboundError) in
      try withoutActuallyEscaping(onLine) { onLine throws(OutboundError) in
        transfer.follow(onOpen: onOpen, onLine: onLine)
        defer { transfer.unfollow() }
        try perform(request, transfer)
        transfer.finishLines()
        return transfer.response
      }
    }
  }

  private func perform(_ request: OutboundRequest, _ transfer: Transfer) throws(OutboundError) {
    guard let handle = unsafe curl_easy_init() else {
      throw .other("libcurl could not start")
    }
    defer { unsafe curl_easy_cleanup(handle) }
    let options = unsafe TransferOptions(handle: handle)
    try options.apply(request)
    var fields: UnsafeMutablePointer<curl_slist>? = nil
    defer { unsafe curl_slist_free_all(fields) }
    // `Expect: 100-continue` would cost a round trip for each body.
    for header in request.headers + [OutboundHeader("Expect", "")] {
      unsafe fields = try Self.append(header, to: fields)
    }
    unsafe ballast_curl_set_list(handle, CURLOPT_HTTPHEADER, fields)

    let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
    unsafe ballast_curl_set_write(handle, receiveBody, context)
    unsafe ballast_curl_set_header(handle, receiveHeader, context)

    let code =
      if let body = request.body {
        unsafe body.withUnsafeBytes { bytes in
          unsafe ballast_curl_set_body(handle, bytes.baseAddress, bytes.count)
          unsafe ballast_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
          return unsafe curl_easy_perform(handle)
        }
      } else {
        unsafe curl_easy_perform(handle)
      }
    if let failure = transfer.failure { throw failure }
    guard code == CURLE_OK || transfer.stopped else {
      throw options.failure(code)
    }
  }

  private static func append(
    _ header: OutboundHeader, to list: UnsafeMutablePointer<curl_slist>?
  ) throws(OutboundError) -> UnsafeMutablePointer<curl_slist>? {
    guard !(header.name + header.value).utf8.contains(where: { $0 < 32 || $0 == 127 }) else {
      unsafe curl_slist_free_all(list)
      throw .other("the header field \(header.name) holds a control character")
    }
    // A field with an empty value is removed by "Name:".
    let text = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
    guard let longer = unsafe curl_slist_append(list, text) else {
      unsafe curl_slist_free_all(list)
      throw .other("out of memory")
    }
    return unsafe longer
  }
}

private func receiveBody(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let data = unsafe data, let context = unsafe context else { return 0 }
  let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
  return unsafe transfer.takeBody(Array(bytes)) ? size * count : 0
}

private func receiveHeader(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let data = unsafe data, let context = unsafe context else { return 0 }
  let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
  return unsafe transfer.takeHeader(Array(bytes)) ? size * count : 0
}
