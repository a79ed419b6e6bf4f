import Primitives

/// The data plane's named limits, and what happens at each.
enum DataPlaneLimits {
  /// Bytes of one read, and of the body held for one connection.
  static let readBytes = 65_536
  /// Room before a read for a head that came in parts.
  static let receiveBytes = readBytes + 65_536
  /// A head of the greatest size, the fields that we add, and chunk framing.
  static let sendBytes = 65_536 + 8_192
  /// Fields behind a body, as they are written.
  static let trailerBytes = 20_480
  /// Client connections of one worker; beyond it new ones wait in the backlog.
  static let clients = 65_536
  /// Descriptors that are not for the data plane.
  static let reservedDescriptors = 64
  /// Parts of the data plane's descriptors, of eight, that clients may have: without the rest no
  /// request could be taken to a server any more.
  static let clientEighths = 7
  static let upstreams = 65_536
  /// TCP streams of one worker, each with two descriptors; beyond it new ones wait in the backlog.
  static let streams = 65_536
  /// Clients of UDP that one worker remembers, each with a descriptor; beyond it their datagrams are
  /// dropped.
  static let datagramSessions = 65_536
  /// Pipes of one worker for `splice(2)`; beyond it bytes are copied.
  static let pipes = 64
  /// Bytes of one read of what a client says before its stream can begin.
  static let prefaceReadBytes = 16_384
  /// Connections taken from one listener before others get their turn.
  static let acceptsPerTurn = 64
  /// What handshakes may take of one turn of the loop, after which requests have theirs. A handshake
  /// takes up to a millisecond, and one is done in each turn at least.
  static let handshakeTime = TimeSpan.milliseconds(2)
  /// Reads of one connection before others get their turn.
  static let readsPerTurn = 16
  /// Bytes of long bodies for all connections together before the loop looks at others again: about
  /// a millisecond. Else hundreds of downloads would be what a short request waits for.
  static let bulkBytesPerTurn = 2 << 20
  /// The same where each is compressed, which takes a millisecond.
  static let encodedReadsPerTurn = 1
  /// What an encoder fills before it is sent.
  static let encoderWindow = 16_384
  /// What is held to send a request again; beyond it a retry isn't possible any more.
  static let replayBytes = 65_536
  /// Of the room for that, what a connection keeps for its next request.
  static let keptReplayBytes = 1_024
  /// Interim answers before the final one.
  static let interimAnswers = 8
  /// Bodies up to this size are copied behind their head and sent with it in one call.
  static let copiedBodyBytes = 16_384
  /// Read and dropped after an answer that closes, so that a reset can't overtake it: the rest of an
  /// upload that was refused early, within `lingeringTime`.
  static let lingeringBytes = 256 << 20

  /// Bodies of which so much is to come go from socket to socket through a pipe, but for their last
  /// bytes: what stands behind those has to be seen.
  static let splicedFrom: Int64 = 128 << 10
  static let splicedTail: Int64 = 16 << 10
  /// A piece of an endless body that a copy would have done for as well.
  static let fewBytes = 8_192

  /// Copies of requests that one worker has under way; beyond it none is made. What is copied is
  /// what is held for another try, so that a body is bounded by `replayBytes`.
  static let mirrors = 256
  /// A copy's whole way, to the end of its answer.
  static let mirrorTime = TimeSpan.seconds(30)

  /// What a session holds of answers whose clients have no window for them, before no more is read for
  /// its streams but heads, and the least that is read for one.
  static let sessionHeld = 256 << 10
  static let streamLeastRead = 16_384
  /// Frames held for a socket that takes none; beyond it nothing more is read.
  static let sessionOutput = 256 << 10
  /// Sessions sent to in one turn of the loop.
  static let flushesPerTurn = 4_096
  /// Without a byte for so long a client with streams is asked whether it is there, and has to answer.
  static let pingAfter = TimeSpan.seconds(30)
  static let pingTime = TimeSpan.seconds(15)
  /// What a client may have sent before it heard that its connection is to end.
  static let shutdownNotice = TimeSpan.seconds(1)
  /// Connections of HTTP/2 to servers; beyond it requests wait.
  static let serverSessions = 16_384
  /// Streams on one of them; beyond it another is opened. Before a server has said how many it takes,
  /// it is asked for no more than the second number.
  static let streamsPerSession = 1_000
  static let streamsBeforeSettings = 100
  /// Bytes of an answer that a server may send beyond what the client took: for one stream, and on
  /// their way for all of a connection together.
  static let serverStreamWindow: Int32 = 256 << 10
  static let serverSessionWindow: Int32 = 1 << 20
  /// A connection that was silent for so long is asked by a PING whether it lives, together with the
  /// next request · while it is used, after so long · what it may take to answer.
  static let sessionDoubt = TimeSpan.seconds(15)
  static let sessionQuiet = TimeSpan.seconds(330)
  static let serverPingTime = TimeSpan.seconds(5)

  static let upstreamIdle = TimeSpan.seconds(50)
  /// How much sooner than the server says that it would, we close: a request must not meet its close.
  static let upstreamIdleMargin = TimeSpan.milliseconds(500)
  static let lingeringTime = TimeSpan.seconds(2)
  /// How long an answer waits for its client before anybody asks how much of it was taken: most wait
  /// for less, and asking is a system call.
  static let writeProbation = TimeSpan.seconds(1)
  /// While connections run out, a head that is not whole after so long makes way for another client's.
  static let pressedHeadTime = TimeSpan.seconds(1)
  /// Resting connections that make way at a time.
  static let evictions = 64
  /// Between two notices that no connection is accepted, or that a limit was reached.
  static let limitNoticeGap = TimeSpan.seconds(1)
  /// How long no connection is accepted after the descriptors ran out.
  static let acceptPause = TimeSpan.milliseconds(100)
  /// What runs on a listener that was taken away may take so long to end.
  static let listenerDrain = TimeSpan.seconds(30)
  /// What a tunnel's client has to close its side after the end of a drain was told to it.
  static let partingTime = TimeSpan.milliseconds(500)
  /// Between two notices about one server.
  static let noticeGap = TimeSpan.milliseconds(100)
  /// Between two notices that a service without a server is asked for.
  static let serverAskingGap = TimeSpan.seconds(1)
  /// A server that let a stream stand for so long without a word has taken it.
  static let streamJudgement = TimeSpan.seconds(5)
  /// How long a client of UDP may still get its answer while the worker drains.
  static let datagramDrain = TimeSpan.seconds(2)
}
