import AdminAPI
import Configuration
import EventLoop
import FoundationEssentials
import Glibc
import Outbound
import Primitives
import Synchronization
import Tracing

/// The thread's side of an exporter: does what `ExportMachine` says.
final class TraceSender: Sendable {
  enum Message: Sendable {
    case requests([TracedRequest])
    case names(TraceNames)
    case end
  }

  static let limits = ExportLimits()
  /// Of a collector's answer.
  static let answerBytes = 64 << 10

  let mailbox: Mailbox<Message>
  /// Spans in the mailbox.
  let offered = Atomic<Int>(0)
  let hasEnded = Atomic<Bool>(false)
  private let collector: TraceSettings.Collector
  private let counters: TraceCounters
  private let resource: TraceResource
  private let notices: @Sendable (WorkerNotice) -> Void

  init(
    _ collector: TraceSettings.Collector, counters: TraceCounters,
    notices: @escaping @Sendable (WorkerNotice) -> Void
  ) throws(EventLoop.SystemError) {
    self.collector = collector
    self.counters = counters
    self.notices = notices
    resource = TraceResource(of: collector)
    mailbox = try Mailbox()
  }

  func run() throws(EventLoop.SystemError) {
    try LoopThread.start("traces") { [self] in
      guard let poller = try? Poller() else { return }
      _ = poller.watchReadable(mailbox.wakeUp.descriptor, token: 0)
      export(poller)
    }
  }

  private func export(_ poller: borrowing Poller) {
    var machine = ExportMachine<TracedRequest>(limits: Self.limits)
    var random = SeededRandom(seed: Clock.now.nanoseconds ^ Clock.wallNanoseconds)
    var names = TraceNames()
    var losses = ExportMachine<TracedRequest>.Losses()
    var isFailing = false
    var action = ExportMachine<TracedRequest>.Action.wait(until: nil)
    while true {
      var taken = 0
      switch action {
      case .end:
        hasEnded.store(true, ordering: .releasing)
        return
      case .send(let requests):
        let (outcome, detail) = send(requests, names)
        action = machine.handle(.answered(outcome), random: &random, now: Clock.now)
        tell(outcome, detail, &isFailing)
      case .wait(let due):
        _ = poller.wait(milliseconds: Self.patience(until: due))
        action = machine.handle(.due, random: &random, now: Clock.now)
        // What is sent next has to be answered first; the rest waits in the mailbox.
        guard case .wait = action else { break }
        let (requests, isEnding) = takeMessages(&names)
        taken = requests.reduce(0) { $0 + $1.spanCount }
        if !requests.isEmpty {
          action = machine.handle(.offered(requests), random: &random, now: Clock.now)
        }
        guard isEnding else { break }
        let end = machine.handle(.ending, random: &random, now: Clock.now)
        if case .wait = action { action = end }
      }
      count(machine.losses, &losses)
      counters.setWaiting(machine.heldSpans)
      // Later than that: what is neither here nor there would be missing.
      offered.subtract(taken, ordering: .relaxed)
    }
  }

  private func takeMessages(_ names: inout TraceNames) -> ([TracedRequest], isEnding: Bool) {
    var all: [TracedRequest] = []
    var isEnding = false
    for message in mailbox.takeAll() {
      switch message {
      case .requests(let requests): all += requests
      case .names(let new): names = new
      case .end: isEnding = true
      }
    }
    return (all, isEnding)
  }

  private static func patience(until due: Instant?) -> Int32 {
    guard let due else { return -1 }
    let wait = due - Clock.now
    return wait <= .zero ? 0 : Int32(clamping: wait.milliseconds &+ 1)
  }

  // MARK: Sending

  private func send(
    _ requests: [TracedRequest], _ names: TraceNames
  ) -> (ExportMachine<TracedRequest>.Outcome, String) {
    let maker = SpanMaker(names: names, epoch: Clock.wallNanoseconds &- Clock.now.nanoseconds)
    let spans = requests.flatMap { maker.spans(of: $0) }
    let isJSON = collector.encoding == .json
    let body =
      isJSON ? OTLPJSON.encode(spans, of: resource) : OTLPProtobuf.encode(spans, of: resource)
    let timeout = Int(clamping: collector.timeout.milliseconds)
    let request = OutboundRequest(
      .post, collector.url, trust: OutboundTrust(authorities: collector.ca),
      headers: [
        OutboundHeader(
          "Content-Type", isJSON ? OTLPJSON.contentType : OTLPProtobuf.contentType),
        OutboundHeader("User-Agent", "ballast/\(BallastVersion.current)"),
      ] + collector.headers.map { OutboundHeader($0.name, $0.value) },
      body: body, connectTimeoutMilliseconds: min(3_000, timeout), timeoutMilliseconds: timeout,
      bodyLimitBytes: Self.answerBytes)
    do throws(OutboundError) {
      let response = try OutboundClient().send(request)
      return judge(response, spans: spans.count)
    } catch {
      counters.answered(spans: nil)
      if case .tooLarge = error { return (.refused, "\(error)") }
      return (.failed(after: nil), "\(error)")
    }
  }

  /// OTLP 1.5, "OTLP/HTTP response": success, and what may be sent again.
  private func judge(
    _ response: OutboundResponse, spans: Int
  ) -> (ExportMachine<TracedRequest>.Outcome, String) {
    guard response.succeeded else {
      counters.answered(spans: nil)
      let detail = "it answered \(response.status)"
      guard [429, 502, 503, 504].contains(response.status) else { return (.refused, detail) }
      let seconds = response.header("Retry-After").flatMap { Int64($0) }
      return (.failed(after: seconds.map { .seconds(max(0, $0)) }), detail)
    }
    let answer =
      collector.encoding == .json
      ? OTLPAnswer(json: response.body) : OTLPAnswer(protobuf: response.body)
    let rejected = max(0, min(answer.rejectedSpans, spans))
    counters.answered(spans: spans - rejected)
    return (.delivered(rejectedSpans: rejected), answer.message)
  }

  // MARK: Telling

  /// Once for each change of its mind.
  private func tell(
    _ outcome: ExportMachine<TracedRequest>.Outcome, _ detail: String, _ isFailing: inout Bool
  ) {
    switch outcome {
    case .delivered(let rejected):
      if isFailing, rejected == 0 {
        isFailing = false
        notices(.tracesDelivered)
      } else if rejected > 0, !isFailing {
        isFailing = true
        notices(.tracesFailing("it rejected \(rejected) spans: \(detail)"))
      }
    case .refused, .failed:
      guard !isFailing else { return }
      isFailing = true
      notices(.tracesFailing(detail))
    }
  }

  private func count(
    _ new: ExportMachine<TracedRequest>.Losses, _ old: inout ExportMachine<TracedRequest>.Losses
  ) {
    guard new != old else { return }
    counters.lose(new.queueFull - old.queueFull, .queueFull)
    counters.lose(new.refused - old.refused, .refused)
    counters.lose(new.expired - old.expired, .expired)
    counters.lose(new.rejected - old.rejected, .rejected)
    counters.lose(new.ended - old.ended, .ended)
    old = new
  }
}

extension OTLPAnswer {
  /// In JSON, where 64-bit integers are text, or numbers.
  init(json bytes: [UInt8]) {
    struct Answer: Decodable {
      struct Partial: Decodable {
        struct Count: Decodable {
          var value: Int

          init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
              value = Int(text) ?? 0
            } else {
              value = try container.decode(Int.self)
            }
          }
        }

        var rejectedSpans: Count?
        var errorMessage: String?
      }

      var partialSuccess: Partial?
    }

    let answer = try? JSONDecoder().decode(Answer.self, from: Data(bytes))
    self.init(
      rejectedSpans: answer?.partialSuccess?.rejectedSpans?.value ?? 0,
      message: answer?.partialSuccess?.errorMessage ?? "")
  }
}

extension TraceResource {
  /// What the configuration says goes before what we know.
  init(of collector: TraceSettings.Collector) {
    let (host, pid) = (ProcessFigures.hostName, getpid())
    let own: [(name: String, value: TraceSpan.Value)] = [
      ("service.name", .text(collector.service)),
      ("service.version", .text(BallastVersion.current)),
      ("service.instance.id", .text("\(host)/\(pid)")),
      ("host.name", .text(host)), ("process.pid", .number(Int64(pid))),
      ("telemetry.sdk.name", .text("ballast")), ("telemetry.sdk.language", .text("swift")),
      ("telemetry.sdk.version", .text(BallastVersion.current)),
    ]
    let said = collector.resource.map { TraceSpan.Attribute($0.name, .text($0.value)) }
    let names = Set(said.map(\.name))
    self.init(
      attributes: own.filter { !names.contains($0.name) }.map { .init($0.name, $0.value) } + said,
      version: BallastVersion.current)
  }
}
