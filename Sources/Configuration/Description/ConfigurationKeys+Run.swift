import Primitives

extension ConfigurationKeys {
  static let run = ObjectDescription(
    "the run settings", "Ballast starts the replicas, each on a port of its own, and keeps them.",
    keys: [
      KeyDescription(
        "command", .list(.text(.perReplica), count: 1...1024), required: true,
        example: "[ ./shop, --port, \"${PORT}\" ]",
        """
        The program and its arguments, without a shell. `${PORT}` is the replica's port and \
        `${REPLICA}` its number.
        """),
      KeyDescription(
        "driver", .choice(values: ["process"], later: ["container", "kubernetes"]),
        standard: "process", example: "process", "What a replica is: a process."),
      KeyDescription(
        "replicas", .integer(0...1000), standard: "1", example: "3", "How many."),
      KeyDescription(
        "directory", .text(.filePath), standard: "./", example: "./services",
        "The working directory; relative to the file's folder, which is the default."),
      KeyDescription(
        "environment", .table(.text(.perReplica), keys: .environmentName), standard: "{}",
        example: "{ DATABASE: shop }",
        """
        Variables on top of Ballast's own environment. `${PORT}` and `${REPLICA}` work as in \
        `command`; the variables `PORT` and `REPLICA` are always set.
        """),
      KeyDescription(
        "resources", .object(resources), standard: "{}", example: "{ memory: 256MiB }",
        "Limits for each replica, where control groups can be used."),
      KeyDescription(
        "stop", .object(stop), standard: "{}", example: "{ timeout: 30s }",
        "How a replica is stopped."),
      KeyDescription(
        "version", .text(.label), example: "\"1.4.2\"", "What `get services` shows as its version."),
    ], later: ["image"])

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
