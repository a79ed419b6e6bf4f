/// Paths and queries of the admin API, percent-encoded.
struct AdminPath: Equatable {
  var text: String

  /// `AdminPath("services", name, "scale")` is `/v1/services/NAME/scale`.
  init(_ parts: String...) {
    text = "/v1" + parts.map { "/" + Self.encoded($0) }.joined()
  }

  /// With the parameters that are not nil; an empty value stands without `=`.
  func query(_ parameters: KeyValuePairs<String, String?>) -> AdminPath {
    var path = self
    var mark = "?"
    for case (let name, let value?) in parameters {
      path.text += mark + name + (value.isEmpty ? "" : "=" + Self.encoded(value))
      mark = "&"
    }
    return path
  }

  /// All but RFC 3986's unreserved characters encoded; `.` and `..` cannot climb.
  private static func encoded(_ text: String) -> String {
    if text == "." || text == ".." { return text.map { _ in "%2E" }.joined() }
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }
}
