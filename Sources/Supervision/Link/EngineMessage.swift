public import Primitives

/// What the engine tells the keeper.
public enum EngineMessage: Codable, Sendable, Equatable {
  /// The first one, and of this form in every version of the link. The answer is everything that the
  /// keeper holds, then `welcome`; or `incompatible`. An engine from before there were versions says
  /// none.
  case hello(version: String, link: LinkVersions?)
  /// Open `sockets` sockets (1 … `LinkLimits.descriptors`), one a worker. Answered by `listening`
  /// or `listenFailed`. A name that listens already at that address with as many is answered with
  /// those; one at another address is opened there first and closed here after.
  case listen(
    name: String, address: SocketAddress, sockets: Int, options: ListenOptions? = nil)
  case unlisten(name: String)
  /// Answered by `started` or `startFailed`.
  case start(ReplicaSpec)
  /// Answered by `exited`; the timeout is that before SIGKILL.
  case stop(replica: String, signal: ProcessSignal, timeoutMilliseconds: Int64)
  /// Something is done to a replica on purpose, as if it happened by itself. Answered by `drilled`.
  case drill(replica: String, ReplicaDrill)
  /// Answered by `ran`, once, within its timeout. With the engine that sent it, it ends.
  case run(CommandSpec)
  /// Comes with one descriptor: a memory file with the text of the configuration that was accepted.
  case keepConfiguration
  /// The engine serves; sent once it is up and again at the end of every reload.
  case serving
  /// Drained after `drain` or `handedOver`; the engine ends with code 0.
  case finished

  // An upgrade, in the order in which these come (docs/decisions/0011).

  /// An operator asks for another engine from the file that is there now; answered by `upgrade`.
  case upgrade
  /// Of the successor: its configuration is sound and its new listeners are open; it waits.
  case prepared
  /// Of the engine in charge, after `retire`: state, checks and admin API are given up, replicas no
  /// more commanded. It still takes connections. The time is what it will drain within.
  case retired(drainMilliseconds: Int64)
  /// It can't just now, and stays in charge.
  case retireRefused(reason: String)
  /// Comes with one descriptor: a memory file with the sessions that it knows, for the engine that
  /// takes over.
  case sessions
  /// Of an engine that drains: connections that it still has.
  case holding(connections: Int)
}
