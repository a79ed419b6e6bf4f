import Alerting
import AdminAPI
import Configuration
import Deployment
import EventLoop
import Failover
import Faults
import Primitives
import Proxying
import Store
import Topology

/// Another state in the place of the present one, while traffic goes on: workers serve from their
/// topologies, and hear of it by the next.
extension ControlPlane {
  /// `POST /v1/restores/{id}`.
  func restore(_ name: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let upload = upload(name), !upload.isWriting else { return .notFound("restore \(name)") }
    let order = AdminJSON.decode(RestoreRequest.self, request.body) ?? RestoreRequest()
    await takeTurn()
    defer { endTurn() }
    if let refusal = refusalOfChange { return .error(409, "conflict", refusal.message) }
    if let busy = replicaSets.first(where: { $0.value.machine.isRolling })?.key {
      return .error(409, "conflict", "the replicas of \(busy) are being replaced: wait for its end")
    }
    if let drill = drills.running {
      return .error(409, "conflict", "drill \(drill.number) is under way: wait for its end")
    }
    return await takingBackupTurns {
      let path = loaded.settings.state.path
      let trial = BackupFolder.draft(.trial, state: path)
      let prepared: PreparedRestore
      do throws(StoreError) {
        prepared = try await apart { () throws(StoreError) in
          try PreparedRestore.make(from: upload.path, at: trial)
        }
      } catch {
        return Self.refusal(error)
      }
      var status = await status(of: prepared, dryRun: order.dryRun == true)
      if order.dryRun == true {
        PreparedRestore.remove(trial)
        return .json(status)
      }
      do throws(StoreError) {
        let began = Clock.now
        status.kept = try await replaceState(with: prepared)
        status.duration = (Clock.now - began).seconds
      } catch {
        PreparedRestore.remove(trial)
        recorder.note("restore-failed", .error, "the state was not restored: \(error)")
        return .error(503, "unavailable", "the state was not restored: \(error)")
      }
      forgetUpload()
      return .json(status)
    }
  }

  private static func refusal(_ error: StoreError) -> AdminAnswer {
    switch error.kind {
    case .damaged: .error(422, "damaged", error.description)
    case .newerSchema: .error(409, "conflict", error.description)
    default: .error(503, "unavailable", error.description)
    }
  }

  private func status(of prepared: PreparedRestore, dryRun: Bool) async -> RestoreStatus {
    await recorder.writer.flush()
    let now = try? await recorder.store.rowCounts()
    let manifest = prepared.manifest
    let then = Dictionary(manifest.tables.map { ($0.name, $0) }) { $1 }
    let names = Set(then.keys).union((now ?? [:]).keys).sorted()
    let present = Dictionary(loaded.sources.map { ($0.path, $0.text) }) { $1 }
    return RestoreStatus(
      dryRun: dryRun, taken: manifest.taken, version: manifest.ballast, schema: manifest.schema,
      schemaAfter: Store.schemaVersion,
      tables: names.map { name in
        .init(
          name: name, rowsNow: now?[name], rows: then[name]?.rows, sha256: then[name]?.sha256)
      }, configuration: prepared.configuration.map(\.path),
      configurationDiffers: prepared.configuration.filter { present[$0.path] != $0.text }
        .map(\.path))
  }

  /// - Returns: the file that keeps what was there.
  private func replaceState(with prepared: PreparedRestore) async throws(StoreError) -> String? {
    let path = loaded.settings.state.path
    backups.isRestoring = true
    defer { backups.isRestoring = false }
    let now = Clock.wallTime
    // A state that is damaged is kept as it is.
    let folder = BackupFolder(state: path)
    var kept: String? = folder.before(now)
    var bare: String?
    do throws(StoreError) {
      try folder.create()
      _ = try await writeBackup(to: folder.before(now))
    } catch {
      log.warning("no backup can be made of the present state: \(error)")
      bare = BackupFolder.replaced(now, state: path)
      kept = bare
    }
    recorder.hold()
    do throws(StoreError) {
      await recorder.writer.flush()
      try await recorder.store.replace(with: prepared, keeping: bare)
      recalled = try await RecalledState.read(from: recorder.store, now: Clock.wallTime)
    } catch {
      recorder.release(nil)
      throw error
    }
    recorder.release(recalled)
    await takeOver(recalled)
    recorder.wrote(nil)
    recorder.note(
      "state-restored", .warning,
      "the state of \(prepared.manifest.taken) is in use; what was there is \(kept ?? "nowhere")")
    await recorder.writer.flush()
    return kept
  }

  /// Follows what operators had ordered then; what servers and replicas do now is as it is.
  private func takeOver(_ state: RecalledState) async {
    let ordered = state.overrides
    for name in Set(input.conditions.keys).union(ordered.keys) {
      var condition = input.condition(of: name)
      condition.availability = ordered[name]?.state.flatMap { .init(rawValue: $0) } ?? .ready
      condition.weight = ordered[name]?.weight
      input.conditions[name] = condition
    }
    for service in replicaSets.keys.sorted() {
      // An autoscaler orders by the load of now.
      guard scalers[service] == nil,
        replicaSets[service]?.orderedCount != state.replicaCounts[service]
      else { continue }
      recount(service, to: state.replicaCounts[service])
    }
    recallCounts(from: state.configuredCounts)
    recallBans()
    recallAccounts()
    tuningOff = state.tuningOff
    followTuning()
    takeOverStandbys(state.standby)
    if let secret = await SessionSecret.recall(from: recorder.store) {
      let maker = SessionTokenMaker(secret: secret)
      input.sessionToken = { maker.token(service: $0.service, server: $0.server) }
    }
    // What is deployed is a fact; what was deployed before is of the state.
    keepDeployments()
    recallHistory()
    rememberBeginning(state.configuration)
    decideAlerts(.replaced(state.alerts))
    recalled.alerts = []
    // A drill of then is over.
    recorder.writer.write(.value(nil, key: RecalledState.drillKey))
    drills.reports = state.drillReports
    drills.latest = max(drills.latest, state.drillReports.map(\.id).max() ?? 0)
    // The checks' word of now takes the place of that of then.
    savedHealth = ""
    publish()
    tellServers()
  }

  /// Who is active is a fact; the numbers of promotions only grow.
  private func takeOverStandbys(_ former: [String: StandbyRecord]) {
    for (service, record) in former {
      standbys[service]?.machine.raise(epoch: record.epoch)
      standbyRecords[service] = standbys[service]?.machine.record ?? record
    }
    recorder.writer.write(
      .value(RecalledState.encode(standbyRecords), key: RecalledState.standbyKey))
  }
}
