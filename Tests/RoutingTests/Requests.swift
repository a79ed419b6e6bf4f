import Primitives
import Routing
import Wire

/// A request as its bytes and the head that was read of them, the path in canonical form.
struct TestRequest {
  let bytes: [UInt8]
  let head: RequestHead
  let client: ClientAddress

  /// - Parameter fields: lines such as `X-Beta: 1`.
  init(
    _ method: String = "GET", host: String = "shop", path: String = "/", fields: [String] = [],
    client: String = "10.0.0.1"
  ) throws {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"] + fields
    var bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    let address = SocketAddress(host: client, port: 4711) ?? .loopback(port: 1)
    self.client = ClientAddress(address)
    var head = RequestHead()
    guard try head.read(bytes.span) else { throw HeadError.badRequestLine }
    if !head.hasPlainPath(bytes.span) {
      var span = bytes.mutableSpan
      try head.makePathCanonical(&span)
    }
    (self.bytes, self.head) = (bytes, head)
  }

  var path: String { String(decoding: bytes[head.pathRange], as: UTF8.self) }
}

extension RouteTable {
  /// Rules in the order that they get by themselves.
  convenience init(_ routes: (match: RouteMatch, priority: Int)...) {
    self.init(RouteOrder.rules(routes))
  }

  func route(of request: TestRequest) -> Int? {
    route(for: request.head, request.bytes.span, client: request.client)
  }

  /// What the table must say: the rules asked one by one.
  func naiveRoute(of request: TestRequest) -> Int? {
    rules.first { rule in
      rule.mismatch(request.head, request.bytes.span, client: request.client) == nil
    }?.route
  }
}

func match(
  _ hosts: String..., path: String = "/*", conditions: RequestConditions = RequestConditions()
) -> RouteMatch {
  RouteMatch(hosts: hosts.map(HostPattern.init), path: PathPattern(path), conditions: conditions)
}
