import HealthChecking
import Wire

/// The answer to an HTTP check, taken in piece by piece. At most `HTTPCheckExpectation.bodyLimit`
/// bytes of its body are read.
struct CheckAnswer: AnswerReader {
  private let expectation: HTTPCheckExpectation
  private var received: [UInt8] = []
  private var head = ResponseHead()
  private var isHeadComplete = false
  private var decoder = BodyDecoder.untilClose
  private var body: [UInt8] = []
  /// Interim answers (1xx) that came; a server that sends nothing else has not answered.
  private var interim = 0

  private static let mostInterim = 16

  init(_ expectation: HTTPCheckExpectation) { self.expectation = expectation }

  mutating func take(_ bytes: ArraySlice<UInt8>) -> CheckResult? {
    received += bytes
    do throws(HeadError) {
      while !isHeadComplete {
        let bytes = received
        guard try head.read(bytes.span, isHead: false) else { return nil }
        received.removeFirst(head.count)
        isHeadComplete = !head.isInterim
        if !isHeadComplete { interim += 1 }
        if interim > Self.mostInterim { return .failed(detail: "endless interim answers") }
      }
    } catch {
      return .failed(detail: "a broken answer: \(error.reason)")
    }
    if decoder == .untilClose, head.framing != .untilClose { decoder = BodyDecoder(head.framing) }
    guard expectation.needsBody else { return expectation.verdict(status: head.status) }
    return takeBody()
  }

  mutating func finish() -> CheckResult {
    guard isHeadComplete else {
      let detail = received.isEmpty ? "closed without an answer" : "closed inside the answer's head"
      return .failed(detail: detail)
    }
    guard (try? decoder.finish()) != nil else { return .failed(detail: "closed inside the body") }
    return expectation.verdict(status: head.status, body: body)
  }

  private mutating func takeBody() -> CheckResult? {
    var isComplete = decoder.isComplete
    if !isComplete, !received.isEmpty {
      do throws(BodyError) {
        var bytes = received
        received = []
        var span = bytes.mutableSpan
        let decoded = try decoder.decode(&span, 0..<span.count)
        isComplete = decoded.isComplete
        body += bytes[decoded.content]
      } catch {
        return .failed(detail: "a broken body")
      }
    }
    guard isComplete || body.count >= HTTPCheckExpectation.bodyLimit else { return nil }
    return expectation.verdict(status: head.status, body: body)
  }
}
