import Primitives

extension ConfigurationKeys {
  static let run = ObjectDescription(
    "the run settings", "Ballast starts the replicas, each on a port of its own, and keeps them.",
    keys: [
      KeyDescription(
        "command", .list(.text(.perReplica), count: 1...1024),
        example: "[ ./shop, --port, \"${PORT}\" ]",
        """
        The program and its arguments, without a shell. `${PORT}` is the replica's port, \
        `${REPLICA}` its name, `${RELEASE}` its version's folder and `${SECRETS}` that of its secrets. A process needs one; of a container it stands in place of the image's own.
        """),
      KeyDescription(
        "driver", .choice(values: ["process", "container"], later: ["kubernetes"]),
        example: "container",
        "What a replica is: a process, or a container. When absent, a container where there is an `image`."
      ),
      KeyDescription(
        "replicas", .integer(0...1000), standard: "1", example: "3", "How many."),
      KeyDescription(
        "directory", .text(.versionedPath), standard: "./", example: "./services",
        """
        The working directory; relative to the file's folder, which is the default, or with `prepare` \
        `${RELEASE}`. Of a container, the \
        whole path inside it; the image's when absent.
        """),
      KeyDescription(
        "environment", .table(.text(.perReplica), keys: .environmentName), standard: "{}",
        example: "{ DATABASE: shop }",
        """
        Variables on top of Ballast's own environment; of a container, on top of the image's. `${PORT}` \
        and `${REPLICA}` work as in `command`; the variables `PORT` and `REPLICA` are always set.
        """),
      KeyDescription(
        "resources", .object(resources), standard: "{}", example: "{ memory: 256MiB }",
        "Limits for each replica, where control groups can be used."),
      KeyDescription(
        "stop", .object(stop), standard: "{}", example: "{ timeout: 30s }",
        "How a replica is stopped."),
      KeyDescription(
        "version", .text(.label), example: "\"1.4.2\"",
        """
        What `get services` shows as its version, and what `${VERSION}` stands for in `command`, `directory`, \
        `environment` and `image`. `ballast deploy SERVICE --version V` takes another one.
        """),
    ] + ofContainers + ofReleases)

  private static let ofContainers = [
    KeyDescription(
      "image", .text(.versionedLabel), example: "\"shop:2\"",
      "For `driver: container`: the image, with its tag or digest; `latest` without either."),
    KeyDescription(
      "pull", .choice(values: ContainerSettings.Pull.allCases.map(\.rawValue), later: []),
      standard: "missing", example: "never",
      """
      For containers, when the image is pulled: when it is `missing`; `always`, before each start; or \
      `never`.
      """),
    KeyDescription(
      "port", .integer(1...65_535), example: "80",
      """
      For containers, where the program listens inside, which it is told as `PORT`; it is published on \
      127.0.0.1. When absent, it has to listen at the `PORT` that it is told.
      """),
    KeyDescription(
      "network", .text(.name), standard: "bridge", example: "host",
      """
      For containers: `bridge`, the daemon's own network; `host`, the machine's, without a network of \
      its own; or the name of one that the daemon has.
      """),
    KeyDescription(
      "user", .text(.label), example: "\"1000:1000\"",
      "For containers: the user inside, with its group or not; the image's when absent."),
    KeyDescription(
      "volumes", .list(.text(.label), count: 0...64), standard: "[]",
      example: "[ ./data:/data, cache:/cache:ro ]",
      """
      For containers: `SOURCE:TARGET`, with options behind a colon or not. A source with `/` or `.` at its \
      beginning is a path, any other a volume of the daemon.
      """),
    KeyDescription(
      "socket", .text(.filePath), example: "/run/podman/podman.sock",
      "For containers: the daemon's socket, instead of the one of `containers`."),
  ]

  static let containers = ObjectDescription(
    "the container settings", "A daemon with the Docker Engine API: Docker's, or podman's.",
    keys: [
      KeyDescription(
        "socket", .text(.filePath), standard: ContainerSettings.usualSocket,
        example: "/run/podman/podman.sock",
        "The daemon's unix socket; relative to the file's folder."),
      KeyDescription(
        "credentials", .text(.filePath), example: "/etc/ballast/docker.json",
        """
        A file as `docker login` or `podman login` writes it, for pulls from registries that want to \
        know who asks; relative to the file's folder. It is read before each pull.
        """),
    ])

  static let resources = ObjectDescription(
    "the resources", "No limit when absent.",
    keys: [
      KeyDescription(
        "cpu", .number(0.01...1024), example: "0.5", "Cores: 0.5 is half of one."),
      KeyDescription(
        "memory", .size((1 << 20)...(1 << 44)), example: "256MiB",
        "A replica that needs more is ended by the kernel."),
    ])

  static let stop = ObjectDescription(
    "the stop settings", "The signal first, SIGKILL after the timeout.",
    keys: [
      KeyDescription(
        "signal", .choice(values: StopSettings.Signal.allCases.map(\.rawValue), later: []),
        standard: "TERM", example: "INT", "The signal that asks it to end."),
      KeyDescription(
        "timeout", .duration(orNone), standard: "10s", example: "30s",
        "How long it may take to end."),
    ])
}
