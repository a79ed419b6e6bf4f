import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// What the control plane tells a worker.
enum WorkerMessage: Sendable {
  case topology(TopologySnapshot, GuardTables)
  /// Speak TLS with these from here on; handshakes under way and connections keep theirs.
  case security(TLSContexts)
  /// Serve none of these addresses from here on.
  case bans(AddressSet)
  /// Accept from these from here on, and no more from those before; they belong to the worker.
  case listen(ListenerID, descriptors: [Int32], isDatagram: Bool)
  case unlisten(ListenerID)
  /// Send counters to `reply`, from the worker's thread; with examples of latencies where they are
  /// wanted.
  case report(withExemplars: Bool = false, reply: @Sendable (WorkerReport) -> Void)
  /// Say where a request would go · what became of one.
  case explain(ServiceQuestion, reply: @Sendable (ServiceAnswer) -> Void)
  case search(ForwardedRequest.Identifier, reply: @Sendable (RequestSearch) -> Void)
  /// Checks found the server healthy again: what traffic holds against it is forgotten.
  case forgive(ServerID)
  /// Another worker ejected the server.
  case eject(ServerID, until: Instant)
  /// How loaded the server's machine or process is, in shares of 0 … 1.
  case measured(ServerID, cpu: Double, memory: Double)
  /// Where clients of other workers went.
  case sessions([SessionEntry])
  /// Say which clients are with which servers.
  case listSessions(reply: @Sendable ([SessionEntry]) -> Void)
  /// Accept no more, let requests under way end, close the rest at the deadline, then say `drained`.
  /// A later one may only bring the deadline nearer.
  case drain(within: TimeSpan, Drain)
  /// Hold back or replace answers of a server; nil ends that.
  case drill(AnswerDrill?)
  /// Log to this from here on; nil logs nothing.
  case accessLog(AccessLog?)
  /// Make traces like this from here on; nil makes none.
  case traces(WorkerTraces?)
}

/// What becomes of a client's connection between two requests while a worker drains.
enum Drain: Sendable {
  /// It is closed at once: Ballast stops.
  case closingIdle
  /// It stays, and is closed with its next answer or when it was idle for as long as ever: another
  /// engine takes new connections, and a request that is on its way must not meet a close.
  case keepingIdle
}

/// What a worker tells on its own.
enum WorkerNotice: Sendable {
  enum Failure: String, Sendable {
    case connectFailure = "connect-failure"
    case reset
    case timeout
  }

  /// A try at a server failed; at most one notice in 100 ms for each server and worker.
  case serverFailed(ServerID, Failure, detail: String)
  /// A server was ejected or takes its share again, as this worker sees it.
  case breakerChanged(ServerID, CircuitBreaker.Change)
  /// A request waits where there is no server; at most one notice a second for each service and worker.
  case serverWanted(ServiceID)
  /// Where clients of this worker went.
  case sessions([SessionEntry])
  /// No connection is accepted for a moment, since something ran out.
  case acceptPaused(AcceptPauses.Cause, connections: Int)
  /// A request went beyond a limit of its size; at most one notice a second.
  case limitExceeded(ListenerID, client: String, LimitExcess)
  /// The collector does not take spans; it is told once · it takes them again.
  case tracesFailing(String)
  case tracesDelivered
  case drained(worker: Int)
  /// The worker could not begin.
  case failed(worker: Int, SystemError)
}
