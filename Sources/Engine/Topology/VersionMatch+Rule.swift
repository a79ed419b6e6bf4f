import Deployment
import Topology

extension VersionMatch {
  init(_ rule: RequestRule) {
    let place: Place =
      switch rule.place {
      case .header: .header(Array(rule.name.lowercased().utf8))
      case .cookie: .cookie(Array(rule.name.utf8))
      }
    self.init(place, value: rule.value.map { Array($0.utf8) })
  }
}
