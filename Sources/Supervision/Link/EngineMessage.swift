public import Primitives

/// What the engine tells the keeper.
public enum EngineMessage: Codable, Sendable, Equatable {
  /// The first one; the answer is everything that the keeper holds, then `welcome`.
  case hello(version: String)
  /// Open `sockets` sockets (1 … `LinkLimits.descriptors`), one a worker. Answered by `listening`
  /// or `listenFailed`. A name that listens already at that address with as many is answered with
  /// those; one at another address is opened there first and closed here after.
  case listen(name: String, address: SocketAddress, sockets: Int)
  case unlisten(name: String)
  /// Answered by `started` or `startFailed`.
  case start(ReplicaSpec)
  /// Answered by `exited`; the timeout is that before SIGKILL.
  case stop(replica: String, signal: ProcessSignal, timeoutMilliseconds: Int64)
  /// Answered by `ran`, once, within its timeout. With the engine that sent it, it ends.
  case run(CommandSpec)
  /// Comes with one descriptor: a memory file with the text of the configuration that was accepted.
  case keepConfiguration
  /// The engine serves; sent once it is up and again at the end of every reload.
  case serving
  /// Drained after `drain`; the engine ends with code 0.
  case finished
}
