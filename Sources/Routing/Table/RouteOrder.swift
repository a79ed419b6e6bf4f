/// Which route is asked first: the one of higher priority; then the more specific, that is
/// 1. an exact host, a wildcard with more bytes, one with fewer, any host;
/// 2. an exact path, a template, a regular expression, a prefix, any path; of two templates or two
///    prefixes the one with more segments, then the one with more of them written out;
/// 3. the one with more conditions;
///
/// and then the one that stands first in the file.
public enum RouteOrder {
  /// - Parameter routes: in the order of the file.
  public static func rules(_ routes: [(match: RouteMatch, priority: Int)]) -> [RouteRule] {
    var rules: [RouteRule] = []
    for (index, route) in routes.enumerated() {
      let hosts = route.match.hosts.isEmpty ? [nil] : route.match.hosts.map(Optional.some)
      for host in hosts {
        rules.append(
          RouteRule(
            route: index, host: host, path: route.match.path, conditions: route.match.conditions,
            priority: route.priority))
      }
    }
    let ranks = rules.map(Rank.init)
    return rules.indices.sorted { left, right in
      ranks[left] == ranks[right] ? left < right : ranks[right] < ranks[left]
    }.map { rules[$0] }
  }

  /// Whether `first` is asked before `second`, the order of the file aside.
  public static func isBefore(_ first: RouteRule, _ second: RouteRule) -> Bool {
    Rank(second) < Rank(first)
  }

  private struct Rank: Comparable {
    var values: (Int, Int, Int, Int, Int)
    var conditions: Int

    init(_ rule: RouteRule) {
      let (kind, segments, literal) = Self.rank(rule.path)
      values = (rule.priority, rule.host?.specificity ?? 0, kind, segments, literal)
      conditions = rule.conditions.count
    }

    static func < (left: Rank, right: Rank) -> Bool {
      left.values == right.values
        ? left.conditions < right.conditions : left.values < right.values
    }

    static func == (left: Rank, right: Rank) -> Bool {
      left.values == right.values && left.conditions == right.conditions
    }

    private static func rank(_ path: PathPattern) -> (Int, Int, Int) {
      switch path {
      case .exact: return (5, 0, 0)
      case .template(let template):
        let segments = template.segments
        let literal = segments.count { if case .literal = $0 { true } else { false } }
        return (template.isPrefix ? 2 : 4, segments.count, literal)
      case .expression: return (3, 0, 0)
      case .prefix(let prefix):
        let segments = prefix.count { $0 == UInt8(ascii: "/") } - 1
        return (2, segments, segments)
      case .any: return (1, 0, 0)
      }
    }
  }
}
