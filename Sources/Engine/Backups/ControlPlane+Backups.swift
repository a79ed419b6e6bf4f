import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives
import Store

/// Backups: for who asks, and by the schedule.
extension ControlPlane {
  private var statePath: String { loaded.settings.state.path }

  private var backupFolder: BackupFolder {
    loaded.settings.state.backup?.path.map { BackupFolder(path: $0) }
      ?? BackupFolder(state: statePath)
  }

  /// Copies the state as of one moment and writes it, with the configuration as it was written, to one
  /// file. The loop goes on meanwhile.
  func writeBackup(to target: String) async throws(StoreError) -> BackupManifest {
    await recorder.writer.flush()
    let copy = BackupFolder.draft(.backup, state: statePath)
    PreparedRestore.remove(copy)
    let texts = loaded.sources.map { BackedUpText(path: $0.path, text: $0.text) }
    do throws(StoreError) {
      try await recorder.store.copy(to: copy)
      let now = Clock.wallTime
      let manifest = try await apart { () throws(StoreError) in
        try BackupFile.write(
          database: copy, configuration: texts, version: BallastVersion.current, now: now,
          to: target)
      }
      PreparedRestore.remove(copy)
      return manifest
    } catch {
      PreparedRestore.remove(copy)
      throw error
    }
  }

  /// `GET /v1/backup`.
  func backup() async -> AdminAnswer {
    await takingBackupTurns {
      let draft = BackupFolder.draft(.backup, state: statePath) + ".file"
      do throws(StoreError) {
        let manifest = try await writeBackup(to: draft)
        defer { BackupPieces.remove(draft) }
        guard let file = FileAnswer(path: draft) else {
          return .error(503, "unavailable", "the backup cannot be read again")
        }
        let name = BackupFolder(path: "").scheduled(manifest.taken)
        recorder.note(
          "backed-up", "a backup of \(manifest.rows) rows, \(file.count) bytes, was made")
        return AdminAnswer(file: file, named: name)
      } catch {
        return .error(503, "unavailable", "no backup can be made: \(error)")
      }
    }
  }

  func takingBackupTurns<Value: Sendable>(_ body: () async -> Value) async -> Value {
    while backups.isBusy {
      await withCheckedContinuation { backups.waiting.append($0) }
    }
    backups.isBusy = true
    defer {
      backups.isBusy = false
      if !backups.waiting.isEmpty { backups.waiting.removeFirst().resume() }
    }
    return await body()
  }

  // MARK: The schedule

  /// Once this engine serves.
  func beginBackups() {
    backupFolder.removeDrafts(state: statePath)
    followBackups()
  }

  /// The next one is due when the newest has become old enough, whichever engine made it.
  func followBackups() {
    if let timer = backups.timer { reactor.cancel(timer) }
    (backups.timer, backups.next) = (nil, nil)
    guard let settings = loaded.settings.state.backup, !isRetired else {
      backups.last = nil
      return
    }
    let newest = backupFolder.entries().first
    if let newest, backups.last?.taken ?? newest.taken <= newest.taken {
      let took = backups.last?.taken == newest.taken ? backups.last?.took : nil
      backups.last = .init(taken: newest.taken, took: took, bytes: newest.bytes)
    }
    let age = newest.map { max(Clock.wallTime - $0.taken, .zero) } ?? settings.every
    plan(after: max(settings.every - age, .zero))
  }

  private func plan(after span: TimeSpan) {
    backups.next = WallTime(milliseconds: Clock.wallTime.milliseconds &+ span.milliseconds)
    backups.timer = reactor.schedule(after: span) {
      self.backups.timer = nil
      Task { await self.makeScheduledBackup() }
    }
  }

  private func makeScheduledBackup() async {
    guard let settings = loaded.settings.state.backup, !isRetired, drain == nil else { return }
    let began = Clock.now
    let folder = backupFolder
    let outcome = await takingBackupTurns { await makeAndTry(folder, keep: settings.keep) }
    guard !isRetired else { return }
    let took = Clock.now - began
    switch outcome {
    case .success(let made):
      backups.counts["success", default: 0] += 1
      backups.problem = nil
      backups.last = .init(taken: made.taken, took: took, bytes: made.bytes)
      let action = "a backup of \(made.rows) rows was made and restored on trial"
      recorder.handle(.backupSucceeded(action: action))
      log.info("\(action) in \(took)")
    case .failure(let error):
      backups.counts["failure", default: 0] += 1
      backups.problem = error.description
      recorder.handle(.backupFailed(cause: "the scheduled backup failed: \(error)"))
    }
    // A reload may have planned another meanwhile.
    guard backups.timer == nil else { return }
    let pause =
      backups.problem == nil ? settings.every : min(settings.every, BackupKeeping.retryPause)
    plan(after: max(pause - took, .seconds(1)))
  }

  private struct MadeBackup: Sendable {
    var taken: WallTime
    var bytes: Int64
    var rows: Int64
  }

  /// One that can't be restored doesn't stay, and takes no other's place.
  private func makeAndTry(
    _ folder: BackupFolder, keep: Int
  ) async -> Result<MadeBackup, StoreError> {
    let name = folder.scheduled(Clock.wallTime)
    let file = folder.file(name)
    let trial = BackupFolder.draft(.trial, state: statePath)
    do throws(StoreError) {
      try folder.create()
      let manifest = try await writeBackup(to: file)
      let bytes = try await apart { () throws(StoreError) in
        do throws(StoreError) {
          _ = try PreparedRestore.make(from: file, at: trial)
        } catch {
          BackupPieces.remove(file)
          throw error
        }
        PreparedRestore.remove(trial)
        _ = folder.prune(keep: keep)
        return folder.entries().first { $0.name == name }?.bytes ?? 0
      }
      return .success(MadeBackup(taken: manifest.taken, bytes: bytes, rows: manifest.rows))
    } catch {
      return .failure(error)
    }
  }

  // MARK: Looking

  var backupStatuses: [BackupStatus] {
    let folder = backupFolder
    return folder.entries().map {
      BackupStatus(name: $0.name, file: folder.file($0.name), taken: $0.taken, bytes: $0.bytes)
    }
  }

  /// Nil without a schedule.
  var backupSchedule: BackupScheduleStatus? {
    guard let settings = loaded.settings.state.backup else { return nil }
    var status = BackupScheduleStatus(
      every: settings.every.seconds, keep: settings.keep, folder: backupFolder.path)
    status.lastSuccess = backups.last?.taken
    status.duration = backups.last?.took?.seconds
    status.bytes = backups.last?.bytes
    status.next = backups.next
    status.problem = backups.problem
    return status
  }

  var backupFigures: MetricsPage.BackupFigures? {
    guard loaded.settings.state.backup != nil else { return nil }
    return .init(
      lastSuccess: backups.last?.taken, seconds: backups.last?.took?.seconds,
      bytes: backups.last?.bytes, counts: backups.counts)
  }
}
