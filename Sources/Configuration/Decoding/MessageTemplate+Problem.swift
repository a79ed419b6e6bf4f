import Alerting

extension MessageTemplate {
  /// What is wrong with a text of the configuration; nil when it is a template.
  static func problem(with text: String, for use: Use) -> (message: String, help: String)? {
    do throws(Problem) {
      _ = try MessageTemplate(text, for: use)
      return nil
    } catch {
      switch error {
      case .length:
        return (
          "a template has 1 to \(longestText) bytes", "write words such as '${\(use.names[0])}'"
        )
      case .open: return ("'${' has no '}'", "write '${summary}', or '$${' for '${'")
      case .unknown(let name):
        let near = NearestName.find(name, among: use.names)
        return (
          "\(Quoted.value("${" + name + "}")) is nothing that a message can say here",
          near.map { "did you mean '${\($0)}'?" }
            ?? "the names are \(use.names.joined(separator: ", ")), label:NAME"
        )
      }
    }
  }
}
