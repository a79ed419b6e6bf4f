import Balancing
import Compression
import Configuration
import EventLoop
import HTTP2
import Primitives
import Proxying
import Routing
import Topology
import Wire

/// One event loop of the data plane: owns its connections, shares nothing mutable, holds no policy.
/// Bytes go between sockets and the codecs here; `Exchange` and `Balancer` decide.
///
/// Its functions are `mutating` also where they change nothing: whom the compiler lends a structure
/// like this, it gives a copy, which would be 1.5 KB a call. For the same reason a connection's
/// properties are taken one by one.
struct Worker: ~Copyable {
  let number: Int
  let workers: Int
  let poller: Poller
  let mailbox: Mailbox<WorkerMessage>
  let notices: @Sendable (WorkerNotice) -> Void
  var accessLog: AccessLog?
  /// Nil while no traces are made.
  var traces: WorkerTraces?
  var logClock = LogClock()
  /// Lines that the access log's sampling left out, ever.
  var unsampledLines: UInt64 = 0
  /// Whether the access log wants header fields, which have to be kept.
  var keepsLoggedFields: Bool

  var now = Clock.now
  var random: SeededRandom
  /// What cookies and addresses of sessions are hashed with.
  let sessionKey: HashKey
  /// Services whose workers tell one another of sessions.
  var sessionServices: [Int] = []
  var snapshot = TopologySnapshot.empty
  var tlsContexts = TLSContexts()
  /// From `ListenerID.index` to the snapshot's listeners; -1 for one that it doesn't have.
  var listenerPlaces: [Int] = []
  var listeners: [ListenerState] = []
  /// Handshakes that can go on, in the order in which they came to it; those up to `handshakesDone`
  /// have had their turn.
  var handshakes: [UInt64] = []
  var handshakesDone = 0
  /// What the workers share to keep limits exactly.
  var guards = GuardTables()
  /// Addresses that are not served.
  var bans = AddressSet.empty
  var pauses = AcceptPauses()
  /// Which limit the request that is refused just now went beyond, for the logs.
  var excess: LimitExcess?
  /// By `ServiceID.index` and `ServerID.index`.
  var services: [ServiceState] = []
  var servers: [ServerState] = []
  var loads: [ServerLoad] = []
  var statistics = RequestStatistics()
  var streamStatistics = StreamStatistics()
  var remembered = RequestRing()

  /// Of the descriptors that this process may have, what this worker may take, and its clients.
  let descriptorLimit: Int
  let clientLimit: Int
  var clients = Slab<ClientConnection>(limit: DataPlaneLimits.clients)
  /// Clients that speak HTTP/2, and how many of `clients` are streams of theirs.
  var sessions = Slab<ClientSession>(limit: DataPlaneLimits.clients)
  var streamClients = 0
  var sessionDeadlines = DeadlineTable()
  /// Sessions with something to send at the turn's end, through `frames`.
  var flushing: [Int] = []
  let frames = FrameBatch()
  /// Heap for what streams hold, from one to the next.
  let buffers = BufferPool()
  /// What is read for sessions; made with the first.
  var sessionReceiver = ByteBuffer()
  var mirrors = Slab<MirroredRequest>(limit: DataPlaneLimits.mirrors)
  /// Copies that are sent at the turn's end.
  var newMirrors: [Int] = []
  var upstreams = Slab<UpstreamConnection>(limit: DataPlaneLimits.upstreams)
  var serverSessions = Slab<ServerSession>(limit: DataPlaneLimits.serverSessions)
  /// Streams on them; those which are to be written to; and streams on them that something came for.
  var serverStreams = 0
  var markedSessions: [Int] = []
  var touchedStreams: [Int] = []
  var streams = Slab<StreamConnection>(limit: DataPlaneLimits.streams)
  var pipes: PipePool
  var datagrams = Slab<DatagramSession>(limit: DataPlaneLimits.datagramSessions)
  var datagramPlaces: [DatagramKey: Int] = [:]
  /// Nil before the first datagram came.
  var batch: DatagramBatch?
  var clientDeadlines = DeadlineTable()
  var streamDeadlines = DeadlineTable()
  var datagramDeadlines = DeadlineTable()
  var upstreamDeadlines = DeadlineTable()
  var serverSessionDeadlines = DeadlineTable()
  var expired: [Int] = []
  /// What is done to a server's answers on purpose; nil at nearly all times.
  var answerDrill: AnswerDrill?
  /// Answers that it was done to, ever.
  var drilled: UInt64 = 0
  /// When answers that are held back go on, by their connection's place.
  var drillDeadlines = DeadlineTable()

  var receiver = ByteBuffer(zeroed: DataPlaneLimits.receiveBytes)
  var writer = ByteWriter(capacity: DataPlaneLimits.sendBytes)
  var requestHead = RequestHead()
  var answerHead = ResponseHead()
  /// What a request that ended was sent with; apart from the head that is read just now.
  var exampleHead = RequestHead()
  var captures = CaptureRun()
  var trailerSection = TrailerSection()
  var trailerWriter = ByteWriter(capacity: DataPlaneLimits.trailerBytes)

  /// Answers that are compressed; the window is made with the first.
  var encoders = EncoderPool()
  var encoderWindow = ByteBuffer()
  var compressed = CompressionCounters()

  /// Bytes that may still be moved for long bodies in this turn of the loop.
  var bulkBytes = DataPlaneLimits.bulkBytesPerTurn
  /// Connections whose turn ended before their work did.
  var unfinished: [UInt64] = []
  /// Connections to servers that ended their work in this turn. They go into the pool after the next
  /// wait, which tells of bytes that came right behind an answer: in the pool at once, such a
  /// connection would hand every client the answer of the one before.
  var resting: [Int] = []
  /// Services with a queue in which a place may have come free.
  var admissions: [Int] = []
  /// The same for servers with a line of sessions.
  var serverAdmissions: [Int] = []
  /// Services, and servers, whose line isn't empty.
  var queueing: [Int] = []
  var queueingServers: [Int] = []
  var acceptsAgain = Instant.distantFuture
  /// When the first of the listeners that were taken away is cut.
  var listenerCut = Instant.distantFuture
  var drainDeadline: Instant?
  var drain = Drain.closingIdle
  var isDrained = false

  init(
    number: Int, workers: Int, mailbox: Mailbox<WorkerMessage>, accessLog: AccessLog?,
    traces: WorkerTraces?, seed: UInt64, sessionKey: HashKey,
    notices: @escaping @Sendable (WorkerNotice) -> Void
  ) throws(SystemError) {
    self.number = number
    self.workers = workers
    descriptorLimit = max(
      2, (OpenFiles.limit - DataPlaneLimits.reservedDescriptors) / workers)
    clientLimit = max(
      1, min(DataPlaneLimits.clients, descriptorLimit / 8 * DataPlaneLimits.clientEighths))
    pipes = PipePool(limit: min(DataPlaneLimits.pipes, descriptorLimit / 32))
    self.mailbox = mailbox
    self.accessLog = accessLog
    self.traces = traces
    keepsLoggedFields = accessLog?.format.keepsFields ?? false
    self.notices = notices
    random = SeededRandom(seed: seed)
    self.sessionKey = sessionKey
    poller = try Poller()
    _ = poller.watchReadable(mailbox.wakeUp.descriptor, token: Token(.mailbox).rawValue)
  }

  /// Serves for ever.
  mutating func run() {
    while true {
      let count = poller.wait(milliseconds: patience())
      now = Clock.now
      bulkBytes = DataPlaneLimits.bulkBytesPerTurn
      for index in 0..<count { closeIfSpent(poller.event(index)) }
      poolRested()
      // Before newcomers, who would take the places that came free.
      admitWaiting()
      for index in 0..<count {
        let (token, readiness) = poller.event(index)
        dispatch(Token(rawValue: token), readiness)
      }
      resumeUnfinished()
      if !handshakes.isEmpty { shakeHands() }
      sendMirrors()
      shedOverdue()
      sweep()
      writeServerSessions()
      flushSessions()
      tellSessions()
      accessLog?.flushIfDue(now)
      traces?.flushIfDue(now)
    }
  }

  /// Idle connections to servers that closed or spoke out of turn leave the pool before a request
  /// of the same batch can take them.
  private mutating func closeIfSpent(_ event: (token: UInt64, readiness: Readiness)) {
    let token = Token(rawValue: event.token)
    guard token.kind == .upstream, upstreams.isUsed(token.index),
      token.matches(upstreams.generation(token.index)), upstreams[token.index].client == nil,
      upstreams[token.index].mirror == nil
    else { return }
    upstreamReady(token.index, event.readiness)
  }

  private mutating func dispatch(_ token: Token, _ readiness: Readiness) {
    let index = token.index
    switch token.kind {
    case .mailbox: takeMessages()
    case .listener: acceptClients(index, token.place)
    case .client:
      guard clients.isUsed(index), token.matches(clients.generation(index)) else { return }
      clientReady(index, readiness)
    case .session:
      guard sessions.isUsed(index), token.matches(sessions.generation(index)) else { return }
      sessionReady(index, readiness)
    case .upstream:
      guard upstreams.isUsed(index), token.matches(upstreams.generation(index)) else { return }
      upstreamReady(index, readiness)
    case .serverSession:
      guard serverSessions.isUsed(index), token.matches(serverSessions.generation(index)) else {
        return
      }
      serverSessionReady(index, readiness)
    case .datagrams: takeDatagrams(index, token.place)
    case .datagramServer:
      guard datagrams.isUsed(index), token.matches(datagrams.generation(index)) else { return }
      datagramServerReady(index)
    case .streamClient, .streamServer:
      guard streams.isUsed(index), token.matches(streams.generation(index)) else { return }
      if token.kind == .streamClient {
        streamClientReady(index, readiness)
      } else {
        streamServerReady(index, readiness)
      }
    }
  }

  /// Milliseconds that the loop may sleep.
  private mutating func patience() -> Int32 {
    if !unfinished.isEmpty || !flushing.isEmpty || !markedSessions.isEmpty { return 0 }
    if !admissions.isEmpty || !serverAdmissions.isEmpty { return 0 }
    if !handshakes.isEmpty { return 0 }
    var due = Instant.distantFuture
    if let next = clientDeadlines.nextDue { due = min(due, next) }
    if let next = sessionDeadlines.nextDue { due = min(due, next) }
    if let next = upstreamDeadlines.nextDue { due = min(due, next) }
    if let next = serverSessionDeadlines.nextDue { due = min(due, next) }
    if let next = streamDeadlines.nextDue { due = min(due, next) }
    if let next = drillDeadlines.nextDue { due = min(due, next) }
    if let next = datagramDeadlines.nextDue { due = min(due, next) }
    if let next = accessLog?.nextFlush { due = min(due, next) }
    if let next = traces?.nextFlush { due = min(due, next) }
    for service in queueing { due = min(due, services[service].waiting.nextShedding ?? due) }
    for server in queueingServers { due = min(due, servers[server].waiting.nextShedding ?? due) }
    due = min(due, acceptsAgain, listenerCut, drainDeadline ?? .distantFuture)
    if due == .distantFuture { return -1 }
    let wait = due - Clock.now
    return wait <= .zero ? 0 : Int32(clamping: wait.milliseconds &+ 1)
  }

  private mutating func resumeUnfinished() {
    guard !unfinished.isEmpty else { return }
    let resumed = unfinished
    unfinished.removeAll(keepingCapacity: true)
    for token in resumed { dispatch(Token(rawValue: token), []) }
  }
}

/// What an epoll event or a resumed turn is about.
struct Token {
  enum Kind: UInt64 {
    case mailbox, listener, client, upstream, streamClient, streamServer, datagrams, datagramServer
    case session, serverSession
  }

  /// Behind the four bits of the kind.
  private static let generationBits: UInt64 = 0x0FFF_FFFF

  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(_ kind: Kind, index: Int = 0, generation: UInt32 = 0) {
    rawValue =
      kind.rawValue << 60 | (UInt64(generation) & Self.generationBits) << 32
      | UInt64(truncatingIfNeeded: index & 0xFFFF_FFFF)
  }

  var kind: Kind { Kind(rawValue: rawValue >> 60) ?? .mailbox }
  var index: Int { Int(truncatingIfNeeded: rawValue & 0xFFFF_FFFF) }

  /// Of a listener: which of its descriptors, in the generation's bits.
  var place: Int { Int(truncatingIfNeeded: rawValue >> 32 & Self.generationBits) }

  func matches(_ generation: UInt32) -> Bool {
    UInt64(generation) & Self.generationBits == rawValue >> 32 & Self.generationBits
  }
}
