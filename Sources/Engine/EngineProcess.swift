import AdminAPI
import CLinux
import Configuration
import EventLoop
import Faults
import Glibc
import Primitives
import Store
import Supervision
import Synchronization

/// The engine: the composition root. `ballast run` starts it as a process of its own and starts
/// another when it ends.
public struct EngineProcess {
  /// The command of this program that stands for a container (`ContainerHolder`).
  public static let holderCommand = "holder"

  /// Runs until it has drained, or the keeper is gone.
  /// - Returns: the exit code: 0 after a drain.
  public static func run(configurationPath: String) -> Int32 {
    _ = signals_ignore(SIGPIPE)
    // Started from an open file, it would be called by a number.
    _ = unsafe cl_name_thread("ballast")
    let log = EngineLog(level: .info)
    let link: KeeperLink
    var welcome: KeeperLink.Welcome
    do {
      guard let inherited = try KeeperLink.inherited() else {
        log.error("the engine is started by `ballast run`")
        return 1
      }
      link = inherited
      welcome = try link.greet(version: BallastVersion.current)
    } catch {
      log.error("the keeper does not take this engine: \(error)")
      return 1
    }
    var environment: [String: String] = [:]
    for variable in ProcessEnvironment.all { environment[variable.name] = variable.value }
    var notes: [ConfigurationNote] = []
    // After a crash a listener is better off with the certificates that are good than not at all.
    let certificates = CertificateShelf(
      isForgiving: welcome.restarts > 0 && welcome.upgrade == nil)
    let loaded: LoadedConfiguration
    do throws(ConfigurationRefusal) {
      loaded = try configuration(configurationPath, environment, welcome, certificates, &notes)
    } catch {
      EngineLog.print("ballast: \(error.message)")
      for detail in error.details { EngineLog.print(detail) }
      return 1
    }
    do throws(Supervision.SystemError) {
      // Before any thread starts: capabilities are a thread's.
      try EnginePrivileges.drop()
    } catch {
      log.error("privileges could not be dropped: \(error)")
      return 1
    }
    if welcome.upgrade != nil {
      do throws(ConfigurationRefusal) {
        try Succession.wait(
          link, &welcome, loaded.settings, workers: workers(of: loaded.settings))
      } catch {
        EngineLog.print("ballast: \(error.message)")
        return 1
      }
    }
    return run(loaded, certificates, link, welcome, notes, environment, log)
  }

  private static func run(
    _ loaded: LoadedConfiguration, _ certificates: CertificateShelf, _ link: sending KeeperLink,
    _ welcome: sending KeeperLink.Welcome, _ notes: [ConfigurationNote],
    _ environment: [String: String], _ log: EngineLog
  ) -> Int32 {
    let opening = openStore(loaded.settings.state.path)
    // Two at one state would write over each other's outputs and orders.
    if let problem = opening.problem, case .locked = problem.kind, welcome.restarts == 0 {
      log.error("\(problem): stop that Ballast, or give this one another state.path")
      return 1
    }
    for note in opening.notes { log.warning(note) }
    let workers = workers(of: loaded.settings)
    do throws(EventLoop.SystemError) {
      let reactor = try Reactor()
      let plane = try ControlPlane(
        reactor: reactor, link: link, loaded: loaded, certificates: certificates, opening: opening,
        environment: environment,
        workers: workers)
      Task { await plane.start(welcome, notes: notes) }
      reactor.run()
      plane.dataPlane.endTraces()
      finishLogs(plane)
      finishTraces(plane.dataPlane)
      return plane.exitCode.withLock { $0 }
    } catch {
      log.error("cannot begin: \(error)")
      return 1
    }
  }

  private static func workers(of settings: Settings) -> Int {
    settings.workers ?? ProcessFigures.usableCores
  }

  /// An engine whose keeper was killed lets go of the state a moment later than its successor comes.
  private static func openStore(_ folder: String) -> StoreOpening {
    let deadline = Clock.now + lockPatience
    while true {
      let opening = Store.open(folder: folder, now: Clock.wallTime)
      guard case .locked = opening.problem?.kind, Clock.now < deadline else { return opening }
      // Nothing runs in this process yet that could be kept waiting.
      usleep(20_000)
    }
  }

  /// Their last lines are on their way when the loop ends.
  private static func finishLogs(_ plane: ControlPlane) {
    let deadline = Clock.now + logPatience
    while !plane.dataPlane.isLogWritten || !plane.programLog.isWritten, Clock.now < deadline {
      usleep(1_000)
    }
  }

  /// A collector that is away or slow loses the last spans.
  private static func finishTraces(_ plane: DataPlane) {
    let deadline = Clock.now + tracePatience
    while !plane.areTracesSent, Clock.now < deadline { usleep(1_000) }
  }

  static let tracePatience = TimeSpan.seconds(2)
  static let logPatience = TimeSpan.seconds(1)

  /// How long a state that is locked by another engine is waited for.
  static let lockPatience = TimeSpan.seconds(2)

  /// The file's; after a crash, with a file that is broken meanwhile, the last one that was accepted.
  private static func configuration(
    _ path: String, _ environment: [String: String], _ welcome: KeeperLink.Welcome,
    _ certificates: CertificateShelf, _ notes: inout [ConfigurationNote]
  ) throws(ConfigurationRefusal) -> LoadedConfiguration {
    do throws(ConfigurationRefusal) {
      let loaded = try LoadedConfiguration.read(
        path: path, environment: environment, certificates: certificates)
      for warning in loaded.warnings {
        let text = "\(warning.file):\(warning.line): \(warning.message)"
        notes.append(ConfigurationNote(severity: .warning, message: text))
      }
      return loaded
    } catch {
      // A successor that can't have the file leaves the one in charge where it is.
      guard welcome.restarts > 0, welcome.upgrade == nil,
        let kept = welcome.configuration.flatMap({ KeptConfiguration(text: $0) })
      else { throw error }
      let loaded = try LoadedConfiguration.load(
        path: path, folder: kept.folder, sources: kept.sources, environment: environment,
        certificates: certificates)
      let text = "the last accepted configuration is in use, since \(error.message)"
      notes.append(ConfigurationNote(severity: .warning, message: text))
      return loaded
    }
  }
}
