public import Primitives

/// What a replica set wants done.
public enum ReplicaAction: Sendable, Equatable {
  /// Start a process; answered by `started` or `startFailed`.
  case start(name: String, template: String)
  /// Give it no more work; answered by `drained` when its last request is done.
  case beginDrain(name: String)
  /// Stop it with its signal and timeout; answered by `exited`.
  case stop(name: String)
  /// It hangs: SIGKILL at once; answered by `exited`.
  case kill(name: String)
  case note(ReplicaNote)
}

/// Something that people should know.
public enum ReplicaNote: Sendable, Equatable, CustomStringConvertible {
  case exited(name: String, how: String, restartIn: TimeSpan)
  case startFailed(name: String, message: String, retryIn: TimeSpan)
  case crashLoop(name: String, exits: Int)
  /// It was ready, and has not been for so long.
  case hung(name: String, span: TimeSpan)
  case neverReady(name: String, span: TimeSpan)

  public var description: String {
    switch self {
    case .exited(let name, let how, let wait):
      "\(name) \(how); " + (wait > .zero ? "starting again in \(wait)" : "starting again")
    case .startFailed(let name, let message, let wait):
      "\(name) did not start: \(message); "
        + (wait > .zero ? "trying again in \(wait)" : "trying again")
    case .crashLoop(let name, let exits): "\(name) ended \(exits) times in a row; held back"
    case .hung(let name, let span): "\(name) has not answered for \(span); replacing it"
    case .neverReady(let name, let span):
      "\(name) was not ready \(span) after its start; starting it again"
    }
  }
}
