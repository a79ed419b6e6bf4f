import Primitives

/// Services that run as containers.
extension SettingsBuilder {
  /// `containers: { socket }`, for all services that say nothing else.
  mutating func containerSocket(_ root: DecodedObject) -> String {
    guard let containers = root.object("containers") else { return ContainerSettings.usualSocket }
    return daemonSocket(containers) ?? ContainerSettings.usualSocket
  }

  /// Nil for processes. What only one of the two kinds takes is refused for the other.
  mutating func container(_ object: DecodedObject) -> ContainerSettings? {
    let image = object.text("image")
    let isContainer =
      object.text("driver").map { $0 == "container" } ?? object.isIntended("image")
    guard isContainer else {
      requireProcess(object)
      return nil
    }
    guard let image else {
      if !object.isIntended("image") {
        log.error(
          "'image' is missing in \(object.description.title)",
          at: object.keyPlace("driver") ?? object.place,
          help: "a container is made from an image: write 'image: shop:2'")
      }
      return nil
    }
    var settings = ContainerSettings(
      image: image, socket: daemonSocket(object) ?? usualContainerSocket)
    settings.pull = object.choice("pull", ContainerSettings.Pull.self) ?? settings.pull
    settings.credentials = registryCredentials
    settings.port = object.integer("port").flatMap(UInt16.init(exactly:))
    settings.network = object.text("network") ?? settings.network
    settings.user = object.text("user")
    settings.volumes = (object.texts("volumes") ?? []).map(volume)
    settings.directory = directory(inside: object)
    if settings.network == "host", settings.port != nil {
      log.error(
        "'port' has no meaning with 'network: host'", at: object.keyPlace("port") ?? object.place,
        help: "each replica listens on the machine itself, at the port that it is told as PORT")
    }
    return settings
  }

  private mutating func requireProcess(_ object: DecodedObject) {
    for key in Self.keysOfContainers {
      guard let place = object.keyPlace(key) else { continue }
      log.error(
        "'\(key)' is for containers", at: place,
        help: "remove it, or write 'driver: container' and an image")
    }
    if !object.isIntended("command") {
      log.error(
        "'command' is missing in \(object.description.title)", at: object.place,
        help: "write 'command: [ ./shop, --port, \"${PORT}\" ]', or 'image: …' for containers")
    }
  }

  private static let keysOfContainers = [
    "image", "pull", "port", "network", "user", "volumes", "socket",
  ]

  private mutating func directory(inside object: DecodedObject) -> String? {
    guard let directory = object.text("directory") else { return nil }
    if !directory.hasPrefix("/") {
      log.error(
        "\(Quoted.value(directory)) is no folder inside the container",
        at: object["directory"]?.place ?? object.place,
        help: "write its whole path, such as /srv, or leave it away for the image's own")
    }
    return directory
  }

  /// A path of the machine is taken from the file's folder; a name is a volume of the daemon.
  private func volume(_ text: String) -> String {
    guard text.hasPrefix("."), let colon = text.firstIndex(of: ":") else { return text }
    return folder.absolute(String(text[..<colon])) + text[colon...]
  }

  private mutating func daemonSocket(_ object: DecodedObject) -> String? {
    guard let written = object.text("socket") else { return nil }
    let path = folder.absolute(written)
    if path.utf8.count > SocketAddress.longestUnixPath {
      log.error(
        "the socket's path has \(path.utf8.count) bytes with its folder; the most is "
          + "\(SocketAddress.longestUnixPath)", at: object["socket"]?.place ?? object.place,
        help: "write a shorter path, such as /run/docker.sock")
    }
    return path
  }
}
