/// The folder that relative paths of a configuration start from.
struct FolderPath {
  let path: String

  init(_ path: String) { self.path = path }

  /// The path from the root, without `.`, empty and resolvable `..` parts. It is a matter of text:
  /// symbolic links are not looked at.
  func absolute(_ other: String) -> String {
    let whole = other.utf8.first == 47 ? other : "\(path)/\(other)"
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == "..", !parts.isEmpty, parts.last != ".." {
        parts.removeLast()
      } else if part != ".." {
        parts.append(part)
      }
    }
    return (whole.utf8.first == 47 ? "/" : "") + parts.joined(separator: "/")
  }
}
