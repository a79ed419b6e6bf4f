public import Tracing
public import Wire

extension TraceContext {
  /// The context of a request's head, if it has one that is sound: one traceparent, which is not of this
  /// hop only.
  public init?(_ head: RequestHead, _ bytes: Span<UInt8>) {
    var found: Int?
    for index in 0..<head.fields.count where head.fields[index].name == .traceparent {
      if found != nil { return nil }
      found = index
    }
    guard let found, !ForwardedRequest.isNamed(head, bytes, found) else { return nil }
    self.init(bytes, head.fields[found].valueRange)
  }
}
