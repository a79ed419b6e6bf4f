import Configuration

/// Which of two routes is asked first: higher priority; then the more specific, that is one with a
/// host before one without, an exact path before a prefix, a longer prefix before a shorter, any
/// path last; then the order of the file.
enum RouteOrder {
  static func sorted(_ routes: [RouteSettings]) -> [RouteSettings] {
    routes.enumerated().sorted { left, right in
      let (first, second) = (rank(left.element), rank(right.element))
      return first == second ? left.offset < right.offset : first > second
    }.map(\.element)
  }

  private static func rank(_ route: RouteSettings) -> (Int, Int, Int, Int) {
    let hasHost = route.host == nil ? 0 : 1
    return switch route.path {
    case .exact: (route.priority, hasHost, 2, 0)
    case .prefix(let prefix): (route.priority, hasHost, 1, prefix.utf8.count)
    case .any: (route.priority, hasHost, 0, 0)
    }
  }
}
