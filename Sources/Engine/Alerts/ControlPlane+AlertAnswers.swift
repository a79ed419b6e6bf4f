import AdminAPI
import Alerting
import Configuration
import EventLoop
import Faults
import Primitives
import Store

/// The admin API of alerts.
extension ControlPlane {
  func alertStatuses(_ request: AdminRequest) -> AdminAnswer {
    guard
      let limit = number(request, "limit", default: Self.usualRecords, in: 1...Self.mostRecords)
    else { return .error(400, "invalid", "limit must be 1 to \(Self.mostRecords)") }
    let (service, last) = (request.first("service"), request.first("after"))
    guard let page = alerts.machine.page(of: service, after: last, limit: limit) else {
      return .notFound("alert \(last ?? "") any more: begin with the first page")
    }
    let now = Clock.wallTime
    return .json(page.map { status($0, now: now) })
  }

  private func status(_ alert: Alert, now: WallTime) -> AlertStatus {
    AlertStatus(
      id: alert.id, name: alert.rule, severity: alert.severity.rawValue,
      state: alert.state.rawValue, service: alert.service, server: alert.labels["server"],
      labels: alert.labels, summary: alert.summary, since: alert.since, fired: alert.fired,
      resolved: alert.resolved, silenced: alerts.machine.isSilenced(alert, now: now),
      inhibited: alert.isFiring && alerts.machine.isInhibited(alert),
      acknowledgedBy: alert.acknowledgement?.author,
      acknowledgement: alert.acknowledgement?.comment)
  }

  func alertDetail(_ id: String) async -> AdminAnswer {
    guard let alert = alerts.machine.alerts[id] else { return .notFound("alert \(id)") }
    let log = try? await recorder.store.alertLog(of: id, limit: 100)
    let known = log ?? alerts.machine.log.filter { $0.alert == id }
    return .json(
      AlertDetail(
        alert: status(alert, now: Clock.wallTime), log: known.map(Self.line)))
  }

  func alertLog(_ request: AdminRequest) async -> AdminAnswer {
    guard
      let limit = number(request, "limit", default: Self.usualRecords, in: 1...Self.mostRecords)
    else { return .error(400, "invalid", "limit must be 1 to \(Self.mostRecords)") }
    await recorder.writer.flush()
    let stored = try? await recorder.store.alertLog(limit: limit)
    return .json((stored ?? alerts.machine.log.suffix(limit)).map(Self.line))
  }

  private static func line(_ entry: AlertLogEntry) -> AlertLogLine {
    AlertLogLine(
      at: entry.at, kind: entry.kind.rawValue, alert: entry.alert, group: entry.group,
      channel: entry.channel, message: entry.message)
  }

  var alertChannelStatuses: [AlertChannelStatus] {
    loaded.settings.alerts.channels.map { channelStatus($0.name, $0.channel) }
  }

  private func channelStatus(_ name: String, _ channel: AlertChannel) -> AlertChannelStatus {
    let state = alerts.machine.channels[name]
    return AlertChannelStatus(
      name: name, kind: channel.kind,
      pending: (state?.pending.count ?? 0) + (state?.underway.count ?? 0),
      delivered: state?.delivered ?? 0, failed: state?.failed ?? 0,
      failures: state?.failures ?? 0, lastDelivery: state?.lastDelivery,
      lastError: state?.lastError)
  }

  // MARK: Orders

  func testChannel(_ request: AdminRequest) async -> AdminAnswer {
    guard let order = AdminJSON.decode(AlertTest.self, request.body) else {
      return .error(400, "invalid", #"the body must be like {"channel":"ops"}"#)
    }
    let name = order.channel
    guard let channel = alerts.channels[name] else { return .notFound("channel \(name)") }
    let message = AlertMessage.test(channel: name, at: Clock.wallTime)
    let verdict = await withCheckedContinuation {
      (done: CheckedContinuation<AlertVerdict, Never>) in
      alerts.calls.run(
        { _ in AlertSender.send(message, by: channel) },
        done: { outcome in
          done.resume(returning: outcome ?? .failed(reason: "no thread for it"))
        })
    }
    switch verdict {
    case .delivered:
      noteTest(name, "a test was delivered")
      return .json(channelStatus(name, channel.channel))
    case .failed(let reason, _):
      noteTest(name, "a test failed: \(reason)")
      return .error(502, "failed", "\(name): \(reason)")
    }
  }

  private func noteTest(_ channel: String, _ message: String) {
    decideAlerts(
      .logged(
        AlertLogEntry(at: Clock.wallTime, kind: .test, channel: channel, message: message)))
  }

  func acknowledgeAlerts(_ request: AdminRequest) -> AdminAnswer {
    guard let order = AdminJSON.decode(AcknowledgeRequest.self, request.body),
      !order.alerts.isEmpty, order.alerts.count <= Self.mostRecords
    else {
      return .error(
        400, "invalid", #"the body must be like {"alerts":["0123456789abcdef"],"comment":"…"}"#)
    }
    for id in order.alerts {
      guard let alert = alerts.machine.alerts[id] else { return .notFound("alert \(id)") }
      guard alert.isFiring else {
        return .error(409, "conflict", "the alert \(id) does not fire")
      }
    }
    let now = Clock.wallTime
    decideAlerts(
      .acknowledged(
        Set(order.alerts),
        Acknowledgement(
          author: author(order.author, request), comment: bounded(order.comment), at: now)))
    // Who looks after an alert looks after the fault that it tells of.
    for fault in Set(order.alerts.compactMap { alerts.machine.alerts[$0]?.fault }).sorted() {
      recorder.handle(
        .acknowledged(
          id: fault, by: author(order.author, request), note: order.comment.map { bounded($0) }))
    }
    return .json(
      order.alerts.compactMap { alerts.machine.alerts[$0] }.map { status($0, now: now) })
  }

  var silenceStatuses: [SilenceStatus] {
    let now = Clock.wallTime
    let own = alerts.machine.silences.values.sorted { ($0.ends, $0.id) < ($1.ends, $1.id) }
    return (loaded.settings.alerts.silences.filter { $0.ends > now } + own).map(Self.status)
  }

  static func status(_ silence: Silence) -> SilenceStatus {
    SilenceStatus(
      id: silence.id, match: silence.match.labels, author: silence.author,
      comment: silence.comment, starts: silence.starts, ends: silence.ends)
  }

  /// A year.
  private static var longestSilenceSeconds: Double { 365 * 86_400 }

  func silence(_ request: AdminRequest) -> AdminAnswer {
    guard let order = AdminJSON.decode(SilenceRequest.self, request.body) else {
      return .error(
        400, "invalid", #"the body must be like {"match":{"service":"shop"},"duration":3600}"#)
    }
    guard order.duration > 0, order.duration <= Self.longestSilenceSeconds else {
      return .error(400, "invalid", "duration must be more than 0 and at most a year of seconds")
    }
    guard !order.match.isEmpty, order.match.count <= 20,
      order.match.allSatisfy({ $0.key.utf8.count <= 64 && $0.value.utf8.count <= 256 })
    else { return .error(400, "invalid", "match must have 1 to 20 labels") }
    guard !alerts.machine.isFullOfSilences else {
      return .error(409, "conflict", "there are \(AlertMachine.silenceLimit) silences already")
    }
    let now = Clock.wallTime
    let silence = Silence(
      id: alerts.machine.nextSilenceID, match: LabelMatch(order.match),
      author: author(order.author, request), comment: bounded(order.comment), starts: now,
      ends: WallTime(milliseconds: now.milliseconds + Int64(order.duration * 1_000)))
    decideAlerts(.silenced(silence))
    return .json(Self.status(silence), status: 201)
  }

  func unsilence(_ id: String, _ request: AdminRequest) -> AdminAnswer {
    guard let silence = alerts.machine.silences[id] else {
      return loaded.settings.alerts.silences.contains { $0.id == id }
        ? .error(409, "conflict", "the silence \(id) is the configuration's: change it there")
        : .notFound("silence \(id)")
    }
    decideAlerts(.unsilenced(id: id, author: author(nil, request)))
    return .json(Self.status(silence))
  }

  private func author(_ written: String?, _ request: AdminRequest) -> String {
    // Whoever has signed in speaks for nobody else.
    let isProved = [.session, .token].contains(request.actor.means)
    let name = (isProved ? nil : written) ?? request.author ?? ""
    return name.isEmpty ? "somebody" : String(name.prefix(AdminLimits.authorLength))
  }

  private func bounded(_ text: String?) -> String {
    String((text ?? "").prefix(AlertMachine.textLimit))
  }
}
