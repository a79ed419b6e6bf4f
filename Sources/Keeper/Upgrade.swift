import Primitives
import Supervision

/// One replacement of the engine in charge by another, from the start of the successor until it serves
/// or is dropped.
struct Upgrade {
  enum Stage {
    /// The successor reads its configuration.
    case preparing
    /// It is ready, and the engine in charge was asked to give up.
    case retiring
    /// The engine in charge is the successor; it does not serve yet.
    case takingOver
  }

  /// Of `KeeperProcess.engines`.
  let successor: UInt64
  let binary: EngineBinary
  let deadline: Instant
  var stage = Stage.preparing
  var progress: UpgradeProgress
  /// Listeners that are there for the successor alone.
  var opened: [String] = []
}
