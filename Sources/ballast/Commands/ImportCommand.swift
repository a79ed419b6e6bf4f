internal import Configuration
internal import Engine

/// `import`: a Procfile or a compose file as a configuration.
enum ImportCommand {
  static let command = Command(
    name: "import", summary: "turns a Procfile or a compose file into a configuration",
    discussion: """
      The configuration goes to standard output; what of the file is not carried over, or not as it was, \
      to standard error, with its place. Services, commands, images, ports, variables, checks, numbers, \
      limits, signals and volumes are carried over. Nothing is run or changed.
      """,
    arguments: [
      Argument(name: "FILE", summary: "a Procfile or a compose file", completion: .files)
    ],
    options: [
      Option("strict", "exit 1 when anything is not carried over")
    ],
    examples: [
      Example("ballast import docker-compose.yml > ballast.yaml", "then `ballast check`"),
      Example("ballast import Procfile", "each process as a service"),
    ]
  ) { invocation throws(CommandFailure) in
    let path = try invocation.required(0)
    let text: String
    do throws(ConfigurationFileError) {
      text = try ConfigurationFiles.text(path)
    } catch {
      throw .failed("\(error)")
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let imported = ConfigurationImport(ConfigurationSource(path: path, text: text)) { file in
      try ConfigurationFiles.text(file.hasPrefix("/") ? file : folder + file)
    }
    let console = invocation.console
    for remark in imported.remarks {
      console.errorText(remark.rendered(color: console.colorsMessages) + "\n")
    }
    guard let configuration = imported.text else {
      throw .failed("\(path) could not be read as a \(imported.kind.rawValue)")
    }
    console.write(configuration)
    let count = imported.remarks.count
    if count > 0, invocation.has("strict") {
      throw .failed(
        "\(count == 1 ? "1 thing is" : "\(count) things are") not carried over as it was")
    }
    return .done
  }
}
