extension SettingsBuilder {
  /// The pages of `errors`, those of a single status first.
  mutating func errorPages(_ object: DecodedObject) -> [ErrorPageSettings] {
    var pages: [ErrorPageSettings] = []
    for entry in object.table("errors") {
      guard let statuses = ScalarText.errorStatus(entry.key),
        case .list(let files) = entry.value.content
      else { continue }
      for file in files {
        guard case .file(let path, let text) = file.content, let kind = kind(of: path, file.place)
        else { continue }
        if pages.contains(where: { $0.statuses == statuses && $0.kind == kind }) {
          log.error(
            "the status \(entry.key) has two files of one kind", at: file.place,
            help: "one for browsers and one that ends in .json are enough")
        }
        pages.append(ErrorPageSettings(statuses: statuses, kind: kind, text: text))
      }
    }
    let (single, all) = (
      pages.filter { $0.statuses.count == 1 }, pages.filter { $0.statuses.count > 1 }
    )
    return single + all
  }

  private mutating func kind(of path: String, _ place: SourceRange) -> ErrorPageSettings.Kind? {
    let name = path.split(separator: "/").last ?? ""
    let ending = name.contains(".") ? name.split(separator: ".").last.map(String.init) : nil
    if let kind = ErrorPageSettings.Kind(rawValue: ending?.lowercased() ?? "") { return kind }
    let kinds = ErrorPageSettings.Kind.allCases.map { ".\($0.rawValue)" }
    log.error(
      "the file's ending does not tell its type", at: place,
      help: "it is one of \(kinds.joined(separator: ", "))")
    return nil
  }
}
