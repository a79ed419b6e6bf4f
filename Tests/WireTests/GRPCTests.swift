import Primitives
import Testing
import Wire

@Suite struct GRPCTests {
  private func timeout(_ text: String) -> TimeSpan? {
    let bytes = Array(text.utf8)
    return GRPCTimeout.read(bytes.span, 0..<bytes.count)
  }

  private func request(_ fields: String) -> (head: RequestHead, bytes: [UInt8]) {
    let text = "POST /a.B/C HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
    let (outcome, head) = RequestHead.reading(text)
    #expect(outcome == .complete)
    return (head, Array(text.utf8))
  }

  @Test(
    arguments: [
      ("1H", .hours(1)), ("2M", .minutes(2)), ("3S", .seconds(3)), ("1500m", .milliseconds(1500)),
      ("7u", .microseconds(7)), ("99999999n", .nanoseconds(99_999_999)), ("0S", .zero),
      ("00000001S", .seconds(1)),
    ] as [(String, TimeSpan)])
  func `a deadline is read in each of its units`(text: String, span: TimeSpan) {
    #expect(timeout(text) == span)
  }

  @Test func `the longest deadline saturates`() {
    #expect(timeout("99999999H") == .nanoseconds(.max))
  }

  @Test(arguments: [
    "", "S", "1", "1s", "1h", "-1S", "+1S", "1.5S", " 1S", "1S ", "100000000S", "1SS",
  ])
  func `what is no deadline is none`(text: String) { #expect(timeout(text) == nil) }

  @Test(arguments: [
    ("application/grpc", true), ("Application/gRPC", true), ("application/grpc+proto", true),
    ("application/grpc;x=y", true), ("application/grpc ; x=y", true),
    ("application/grpc-web", false), ("application/grpcx", false), ("application/json", false),
    ("application/grp", false), ("", false),
  ])
  func `a call is known by its content`(type: String, isCall: Bool) {
    let (head, bytes) = request("Content-Type: \(type)\r\nGrpc-Timeout: 250m")
    #expect(head.isGRPC(bytes.span) == isCall)
    #expect(head.grpcTimeout(bytes.span) == .milliseconds(250))
    let (plain, plainBytes) = request("A: b")
    #expect(!plain.isGRPC(plainBytes.span) && plain.grpcTimeout(plainBytes.span) == nil)
  }

  @Test(
    arguments: [
      ("0", .ok), ("14", .unavailable), ("16", .unauthenticated), ("17", .unknown),
      ("99", .unknown), ("100", .unknown), ("-1", .unknown), ("x", .unknown), ("", .unknown),
    ] as [(String, GRPCStatus)])
  func `an answer's status is read`(value: String, status: GRPCStatus) {
    let text = Array("HTTP/1.1 200 OK\r\nGrpc-Status: \(value)\r\n\r\n".utf8)
    var head = ResponseHead()
    #expect(head.outcome(text) == .complete)
    #expect(head.grpcStatus(text.span) == status)
    let plain = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
    #expect(head.outcome(plain) == .complete)
    #expect(head.grpcStatus(plain.span) == nil)
  }

  @Test func `statuses have a name each, and sets hold what they were given`() {
    let names = Set(GRPCStatus.allCases.map { "\($0.name)" })
    #expect(names.count == GRPCStatus.allCases.count && names.contains("DEADLINE_EXCEEDED"))
    let set = GRPCStatusSet([.unavailable, .cancelled])
    #expect(GRPCStatus.allCases.filter(set.contains) == [.cancelled, .unavailable])
    #expect(GRPCStatusSet().isEmpty && !set.isEmpty)
  }

  @Test(
    arguments: [
      (404, .unimplemented), (429, .resourceExhausted), (502, .unavailable), (503, .unavailable),
      (504, .deadlineExceeded), (408, .deadlineExceeded), (403, .permissionDenied),
      (400, .internal), (418, .unknown),
    ] as [(Int, GRPCStatus)])
  func `our own answers have a status of gRPC`(status: Int, call: GRPCStatus) {
    #expect(GRPCStatus(status: status) == call)
  }
}
