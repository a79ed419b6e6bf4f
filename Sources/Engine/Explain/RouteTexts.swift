import AdminAPI
import Configuration
import Primitives
import Routing

/// What routes ask for and do, in words near those of the configuration.
extension RequestConditions {
  var texts: [String] {
    var texts: [String] = []
    if !methods.isEmpty { texts.append(text(of: .method)) }
    texts += headers.map { text(of: .header($0.name)) }
    texts += query.map { text(of: .query($0.name)) }
    if !clients.isEmpty { texts.append(text(of: .client)) }
    if !subjects.isEmpty { texts.append(text(of: .subject)) }
    return texts
  }

  /// The condition that a mismatch is about.
  func text(of mismatch: Mismatch) -> String {
    switch mismatch {
    case .method: return "method \(methods.joined(separator: ", "))"
    case .client: return "client \(clients.map(\.description).joined(separator: ", "))"
    case .subject: return "clientSubject \(subjects.map(\.text).joined(separator: ", "))"
    case .header(let name):
      let value = headers.first { $0.name == name }?.value.text ?? ""
      return "header \(String(decoding: name, as: UTF8.self)): \(value)"
    case .query(let name):
      let value = query.first { $0.name == name }?.value.text ?? ""
      return "query \(String(decoding: name, as: UTF8.self))=\(value)"
    }
  }
}

extension RequestConditions.Mismatch {
  var name: String {
    switch self {
    case .method: "method"
    case .header: "header"
    case .query: "query"
    case .client: "client"
    case .subject: "clientSubject"
    }
  }
}

extension RouteSettings.Action {
  var text: String {
    switch self {
    case .service(let name): name
    case .split(let split):
      "split " + split.parts.map { "\($0.service) \($0.weight)" }.joined(separator: ", ")
    case .redirect(let redirect): "redirect \(redirect.status) to \(redirect.location.text)"
    case .respond(let answer): "respond \(answer.status)"
    }
  }

  var onlyService: String? {
    if case .service(let name) = self { name } else { nil }
  }
}

extension RouteStatus {
  init(_ route: RouteSettings, listeners: [String]) {
    let match = route.match
    self.init(
      name: route.name, listeners: listeners,
      host: match.hosts.isEmpty ? nil : match.hosts.map(\.text).joined(separator: ", "),
      path: match.path == .any ? nil : match.path.text, priority: route.priority,
      service: route.action.onlyService)
    let conditions = match.conditions.texts
    self.conditions = conditions.isEmpty ? nil : conditions
    action = route.action.text
    services = route.services
    rewrite = [
      route.rewrite.path.map { "path \($0.text)" }, route.rewrite.host.map { "host \($0.text)" },
    ].compactMap(\.self).joined(separator: ", ")
    if rewrite?.isEmpty ?? true { rewrite = nil }
    requestHeaders = route.requestHeaders.isEmpty ? nil : route.requestHeaders.texts
    responseHeaders = route.responseHeaders.isEmpty ? nil : route.responseHeaders.texts
  }
}
