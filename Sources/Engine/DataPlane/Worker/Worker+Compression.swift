import Compression
import Primitives
import Proxying
import Topology
import Wire

/// Answers that are compressed on their way to the client.
extension Worker {
  /// Notes what the client takes; the head stands in `requestHead`.
  mutating func negotiate(_ client: Int, _ bytes: Span<UInt8>) {
    guard let route = clients[client].request.route,
      let service = clients[client].request.service,
      snapshot.compression(route: route, service: service) != nil
    else { return }
    clients[client].request.compression.isOn = true
    clients[client].request.compression.accepted = AcceptedCodings(requestHead, bytes)
    clients[client].request.compression.known = CodedEntityTag.coding(requestHead, bytes)
  }

  /// Decides about the answer whose head stands in `answerHead`, and takes an encoder if it needs one.
  mutating func chooseCoding(_ client: Int, _ bytes: Span<UInt8>) -> AnswerCoding {
    let request = clients[client].request
    guard let route = request.route, let service = request.service,
      let policy = request.snapshot.compression(route: route, service: service)
    else { return .none }
    if answerHead.status == 304, let known = request.compression.known {
      return .revalidated(known)
    }
    let choice = CompressionChoice(
      answerHead, bytes, isHead: request.isHead, policy: policy,
      accepted: request.compression.accepted)
    switch choice {
    case .unfit: return .none
    case .asIs: return .asIs
    case .coded(let coding):
      if request.isHead { return .coded(coding) }
      var size: Int64?
      if case .length(let length) = answerHead.framing { size = length }
      let encoder = encoders.take(coding, level: policy.level(of: coding), size: size)
      guard let encoder else { return .asIs }
      clients[client].request.compression.encoder = encoder
      if encoderWindow.isEmpty {
        encoderWindow = ByteBuffer(zeroed: DataPlaneLimits.encoderWindow)
      }
      return .coded(coding)
    }
  }

  /// Encodes a part of the body, which stands in the receive buffer, and sends it behind the head in
  /// the writer, if any.
  /// - Returns: whether the answer goes on.
  mutating func sendEncoded(
    _ client: Int, _ upstream: Int, _ place: Int, _ content: Range<Int>, isLast: Bool
  ) -> Bool {
    guard let encoder = encoders[place] else { return failEncoding(client) }
    let body = unsafe UnsafeRawBufferPointer(rebasing: receiver.bytes[content])
    // Whoever streams is waited for by somebody; with more to read at once there is no hurry.
    let isWaiting = isStream(upstream) && !upstreams[upstream].isReadable
    let mode: Encoder.Mode = isLast ? .finish : isWaiting ? .flush : .more
    return unsafe send(client, encoder, body, mode)
  }

  /// Nothing more comes for the moment: what the encoder holds back goes out.
  mutating func flushEncoder(_ client: Int, _ upstream: Int) {
    guard let place = clients[client].request.compression.encoder, let encoder = encoders[place],
      encoder.holdsBack, isStream(upstream), upstreams[upstream].sawHead
    else { return }
    writer.removeAll()
    _ = unsafe send(client, encoder, UnsafeRawBufferPointer(start: nil, count: 0), .flush)
  }

  /// Whether the answer's length isn't stated, so that it may come by and by.
  private mutating func isStream(_ upstream: Int) -> Bool {
    if case .length = upstreams[upstream].body { return false }
    return true
  }

  private mutating func send(
    _ client: Int, _ encoder: Encoder, _ body: UnsafeRawBufferPointer, _ mode: Encoder.Mode
  ) -> Bool {
    let isChunked = clients[client].request.framing == .chunked
    var taken = 0
    while true {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: body[taken...])
      let window = unsafe encoderWindow.mutableBytes
      guard let step = unsafe try? encoder.encode(rest, mode, into: window) else {
        return failEncoding(client)
      }
      taken += step.consumed
      let filled = unsafe UnsafeRawBufferPointer(rebasing: encoderWindow.bytes[0..<step.produced])
      let isEnd = step.isDone && mode == .finish
      if writer.room < step.produced + 64 {
        unsafe sendToClient(client, writer.bytes)
        writer.removeAll()
      }
      if isChunked {
        unsafe writer.appendChunk(filled, isLast: isEnd)
      } else {
        unsafe writer.append(filled)
      }
      clients[client].request.answerBytes &+= Int64(step.produced)
      if step.isDone { break }
    }
    unsafe sendToClient(client, writer.bytes)
    return true
  }

  /// What the client has of the answer must not look whole.
  private mutating func failEncoding(_ client: Int) -> Bool {
    report(client, .serverClosed(isReset: false))
    return false
  }

  /// Counts, and gives the encoder back.
  mutating func endEncoding(_ client: Int) {
    guard let place = clients[client].request.compression.encoder else { return }
    clients[client].request.compression.encoder = nil
    if let encoder = encoders[place] {
      let coding = Int(encoder.coding.rawValue)
      compressed.codings[coding].answers &+= 1
      compressed.codings[coding].inputBytes &+= UInt64(clamping: encoder.inputBytes)
      compressed.codings[coding].outputBytes &+= UInt64(clamping: encoder.outputBytes)
    }
    encoders.give(place)
  }
}
