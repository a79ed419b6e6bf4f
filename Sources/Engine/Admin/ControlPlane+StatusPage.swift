import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives

/// The public status page. Its listener answers this and nothing else, whoever asks and under whatever
/// name: nothing on it is a secret, and nothing can be changed there.
extension ControlPlane {
  /// How long an answer is given again, so that many readers cost no more than one.
  static let statusPageAge = TimeSpan.seconds(2)
  /// Faults that are looked through for outages.
  static let statusPageRecords = 2_000

  func answerPublicly(_ request: AdminRequest) async -> AdminAnswer {
    if isRetired {
      return .error(503, "unavailable", "another engine has taken over: ask again")
    }
    guard ["GET", "HEAD"].contains(request.method) else {
      var answer = AdminAnswer.error(405, "method-not-allowed", "this takes GET, HEAD")
      answer.headers.append(("Allow", "GET, HEAD"))
      return answer
    }
    switch request.segments {
    case []: return DashboardFile.statusPage.answer
    case ["status.css"]: return DashboardFile.statusStyle.answer
    case ["status.js"]: return DashboardFile.statusScript.answer
    case ["dashboard.svg"]: return DashboardFile.icon.answer
    case ["status.json"]: return await publicStatus()
    default: return .notFound("such page")
    }
  }

  private func publicStatus() async -> AdminAnswer {
    guard let page = loaded.settings.admin.statusPage else { return .notFound("such page") }
    if let made = publicStatusMade, made.page == page, Clock.now - made.at < Self.statusPageAge {
      return made.answer
    }
    let records = await faults(service: nil, openOnly: false, limit: Self.statusPageRecords)
    let statuses = Dictionary(serviceStatuses.map { ($0.name, $0.state) }) { first, _ in first }
    let names = page.services ?? input.settings.services.map(\.name)
    let status = PublicStatus.make(
      title: page.title,
      services: names.compactMap { name in statuses[name].map { (name, $0) } },
      outages: records.filter(\.type.isOutage).map {
        .init(service: $0.service, began: $0.began, ended: $0.resolved ?? $0.recovered)
      }, since: recalled.observedSince, now: Clock.wallTime)
    let answer = AdminAnswer.json(status)
    publicStatusMade = PublicStatusAnswer(page: page, at: Clock.now, answer: answer)
    return answer
  }
}

/// The last answer, and what it was made for.
struct PublicStatusAnswer: Sendable {
  var page: StatusPageSettings
  var at: Instant
  var answer: AdminAnswer
}
