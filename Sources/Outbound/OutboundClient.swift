internal import CCurl

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

  /// Hands over the body of a 2xx answer as it comes, in pieces of any size. Ends when the answer ends or
  /// when `onBytes` answers false. An answer of any other status is returned whole instead.
  public func receive(
    _ request: OutboundRequest, onBytes: ([UInt8]) -> Bool
  ) throws(OutboundError) -> OutboundResponse {
    let transfer = Transfer(bodyLimitBytes: request.bodyLimitBytes)
    return try withoutActuallyEscaping(onBytes) { onBytes throws(OutboundError) in
      transfer.follow(onBytes: onBytes)
      defer { transfer.unfollow() }
      try perform(request, transfer)
      return transfer.response
    }
  }

  private func perform(_ request: OutboundRequest, _ transfer: Transfer) throws(OutboundError) {
    let call = try Call(request, transfer)
    _ = try call.result(unsafe curl_easy_perform(call.handle)).get()
  }
}
