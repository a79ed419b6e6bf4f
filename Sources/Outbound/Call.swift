internal import CCurl
internal import Glibc

/// One request as a handle of libcurl, with all that has to live as long as it. Confined to one
/// thread at a time.
///
/// Safe because the handle is freed with this, and nothing hands it out for longer.
@safe final class Call {
  let handle: UnsafeMutableRawPointer
  let transfer: Transfer
  let options: TransferOptions
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var route: UnsafeMutablePointer<curl_slist>?
  /// libcurl reads the body from here until the call ends.
  private let body: UnsafeMutableRawBufferPointer
  private let errorText: UnsafeMutablePointer<CChar>

  init(_ request: OutboundRequest, _ transfer: Transfer) throws(OutboundError) {
    guard let handle = unsafe curl_easy_init() else { throw .other("libcurl could not start") }
    unsafe self.handle = handle
    self.transfer = transfer
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    unsafe self.errorText = errorText
    options = unsafe TransferOptions(handle: handle, errorText: errorText)
    unsafe body = .allocate(byteCount: request.body?.count ?? 0, alignment: 1)
    try options.apply(request)
    // `Expect: 100-continue` would cost a round trip for each body.
    for header in request.headers + [OutboundHeader("Expect", "")] {
      try unsafe Self.append(try Self.line(header), to: &fields)
    }
    unsafe ballast_curl_set_list(handle, CURLOPT_HTTPHEADER, fields)
    if let target = request.connectTo {
      // `HOST:PORT:HOST:PORT`; the first two empty mean any.
      try unsafe Self.append("::\(target)", to: &route)
      unsafe ballast_curl_set_list(handle, CURLOPT_CONNECT_TO, route)
    }
    let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
    unsafe ballast_curl_set_write(handle, receiveBody, context)
    unsafe ballast_curl_set_header(handle, receiveHeader, context)
    if let bytes = request.body {
      unsafe body.copyBytes(from: bytes)
      unsafe ballast_curl_set_body(handle, body.baseAddress, body.count)
      unsafe ballast_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe curl_slist_free_all(fields)
    unsafe curl_slist_free_all(route)
    unsafe body.deallocate()
    unsafe errorText.deallocate()
  }

  /// What came of it, once libcurl has ended it with `code`.
  func result(_ code: CURLcode) -> Result<OutboundResponse, OutboundError> {
    if let failure = transfer.failure { return .failure(failure) }
    guard code == CURLE_OK || transfer.stopped else { return .failure(options.failure(code)) }
    return .success(transfer.response)
  }

  private static func line(_ header: OutboundHeader) throws(OutboundError) -> String {
    guard !(header.name + header.value).utf8.contains(where: { $0 < 32 || $0 == 127 }) else {
      throw .other("the header field \(header.name) holds a control character")
    }
    // A field with an empty value is removed by "Name:".
    return header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
  }

  private static func append(
    _ text: String, to list: inout UnsafeMutablePointer<curl_slist>?
  ) throws(OutboundError) {
    guard let longer = unsafe curl_slist_append(list, text) else { throw .other("out of memory") }
    unsafe list = longer
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
