import AdminAPI
import Configuration
import EventLoop
import Faults
import Guarding
import Primitives

/// Addresses that are not served.
extension ControlPlane {
  /// What the engine before this one knew, and what the file says.
  func recallBans() {
    for ban in bans.ofRunTime { _ = bans.remove(ban.block) }
    let now = Clock.wallTime
    for record in recalled.bans {
      guard let block = try? AddressBlock(record.address), record.until.map({ $0 > now }) ?? true
      else { continue }
      _ = bans.add(
        .init(block: block, since: record.since, until: record.until, reason: record.reason))
    }
    followBans()
  }

  /// Takes over those of the file, and tells the workers of all.
  func followBans() {
    bans.configured = loaded.settings.bans
    publishBans()
  }

  private func publishBans() {
    dataPlane.ban(bans.addresses)
    if let timer = banTimer { reactor.cancel(timer) }
    banTimer = bans.nextEnd.map { end in
      // A clock that was set back makes it come early: it looks, and waits again.
      reactor.schedule(after: max(end - Clock.wallTime, .milliseconds(1))) { self.expireBans() }
    }
  }

  private func expireBans() {
    banTimer = nil
    let over = bans.expire(Clock.wallTime)
    for ban in over.prefix(Self.bansTold) {
      recorder.note("ban-expired", "\(ban.block) is served again: its ban is over")
      decided("ban.expire", "\(ban.block)", because: "its time is over")
    }
    if !over.isEmpty { saveBans() }
    publishBans()
  }

  /// Events of bans that end at the same moment.
  private static var bansTold: Int { 20 }

  private func saveBans() {
    let records = bans.ofRunTime.map {
      BanRecord(
        address: "\($0.block)", since: $0.since, until: $0.until, reason: $0.reason)
    }
    guard let text = RecalledState.encode(records) else { return }
    recorder.writer.write(.value(text, key: RecalledState.bansKey))
  }

  // MARK: Answers

  var banStatuses: [BanStatus] {
    bans.configured.map { BanStatus(address: "\($0)", source: .configuration) }
      + bans.ofRunTime.map { Self.status($0) }
  }

  private static func status(_ ban: BanList.Ban) -> BanStatus {
    BanStatus(
      address: "\(ban.block)", source: .`operator`, since: ban.since, until: ban.until,
      reason: ban.reason)
  }

  func ban(_ request: AdminRequest) -> AdminAnswer {
    guard let order = AdminJSON.decode(BanRequest.self, request.body) else {
      return .error(
        400, "invalid", #"the body must be like {"address":"203.0.113.0/24","duration":3600}"#)
    }
    let block: AddressBlock
    switch Self.block(order.address) {
    case .success(let found): block = found
    case .failure(let problem): return .error(400, "invalid", problem.message)
    }
    if let seconds = order.duration {
      guard seconds > 0, seconds <= BanList.longest.seconds else {
        return .error(400, "invalid", "duration must be more than 0 and at most a year of seconds")
      }
    }
    if let reason = order.reason, reason.utf8.count > BanList.longestReason {
      return .error(400, "invalid", "reason must have at most \(BanList.longestReason) bytes")
    }
    let now = Clock.wallTime
    let until = order.duration.map {
      WallTime(milliseconds: now.milliseconds + Int64(($0 * 1_000).rounded(.up)))
    }
    let ban = BanList.Ban(block: block, since: now, until: until, reason: order.reason)
    guard bans.add(ban) else {
      return .error(409, "conflict", "there are \(BanList.most) bans already")
    }
    let span = until.map { " until \($0)" } ?? ""
    recorder.note(
      "banned", .warning, "\(block) is not served\(span)\(order.reason.map { ": \($0)" } ?? "")")
    saveBans()
    publishBans()
    return .json(Self.status(ban), status: 201)
  }

  func unban(_ text: String) -> AdminAnswer {
    let block: AddressBlock
    switch Self.block(text) {
    case .success(let found): block = found
    case .failure(let problem): return .error(400, "invalid", problem.message)
    }
    guard let ban = bans.remove(block) else {
      return bans.configured.contains(block)
        ? .error(409, "conflict", "\(block) is banned by the configuration: change `bans` there")
        : .notFound("ban of \(block)")
    }
    recorder.note("unbanned", "\(block) is served again")
    saveBans()
    publishBans()
    return .json(Self.status(ban))
  }

  private struct Problem: Error { var message: String }

  private static func block(_ text: String) -> Result<AddressBlock, Problem> {
    do throws(AddressBlock.Problem) {
      return .success(try AddressBlock(text))
    } catch .strayBits(let meant) {
      return .failure(Problem(message: "the address has bits behind its prefix: write \(meant)"))
    } catch {
      return .failure(Problem(message: "address must be like 203.0.113.7 or 203.0.113.0/24"))
    }
  }
}

/// A ban as the store keeps it.
struct BanRecord: Codable, Sendable {
  var address: String
  var since: WallTime
  var until: WallTime?
  var reason: String?
}
