extension SettingsBuilder {
  mutating func run(_ object: DecodedObject) -> RunSettings {
    let container = container(object)
    let directory = container == nil ? object.text("directory") ?? "." : "."
    var run = RunSettings(
      command: object.texts("command") ?? [], directory: folder.absolute(directory))
    if run.command.first == "", let command = object["command"] {
      log.error("the program's name is empty", at: command.place, help: "write its path")
    }
    run.replicas = object.integer("replicas") ?? run.replicas
    run.version = object.text("version")
    run.container = container
    for entry in object.table("environment") {
      if case .text(let value) = entry.value.content {
        run.environment.append(EnvironmentVariable(name: entry.key, value: value))
      }
    }
    if let resources = object.object("resources") {
      run.resources = ResourceSettings(
        cpu: resources.number("cpu"), memory: resources.size("memory"))
    }
    if let stop = object.object("stop") {
      run.stop.signal = stop.choice("signal", StopSettings.Signal.self) ?? run.stop.signal
      run.stop.timeout = stop.duration("timeout") ?? run.stop.timeout
    }
    if container == nil {
      run.release = release(object)
      run.secrets = secrets(object)
      if run.release?.prepare.isEmpty == false, !object.isIntended("directory") {
        run.directory = ReleaseSettings.folderReference
      }
      checkReferences(run, object)
    }
    if run.version == nil, run.usesVersion {
      log.error(
        "'version' is missing in \(object.description.title), which writes ${VERSION}",
        at: object.place, help: "write 'version: \"1.0\"'")
    }
    return run
  }
}
