import CDashboard

/// The page, as it is in the binary.
enum DashboardFile: Int32, Sendable {
  case html = 0
  case style = 1
  case script = 2
  case icon = 3
  /// Of the public status page.
  case statusPage = 4
  case statusStyle = 5
  case statusScript = 6

  var contentType: String {
    switch self {
    case .html, .statusPage: "text/html; charset=utf-8"
    case .style, .statusStyle: "text/css; charset=utf-8"
    case .script, .statusScript: "text/javascript; charset=utf-8"
    case .icon: "image/svg+xml"
    }
  }

  var bytes: [UInt8] {
    var length: UInt = 0
    guard let start = unsafe ballast_dashboard_bytes(rawValue, &length) else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(clamping: length)))
  }

  /// The page is of the version of the engine that answers: it is asked for anew each time.
  var answer: AdminAnswer {
    AdminAnswer(
      contentType: contentType, headers: [("Cache-Control", "no-cache")], body: bytes)
  }
}
