import Primitives

extension ConfigurationKeys {
  /// Of `run`.
  static let ofReleases = [
    KeyDescription(
      "prepare", .list(.text(.perRelease), count: 1...1024),
      example: "[ ./build.sh, \"${VERSION}\" ]",
      """
      A program that fills a folder of its own for each version, before its first replica starts: once, \
      in that folder. `${RELEASE}` is the folder, `${SOURCE}` the configuration's, `${SERVICE}`, \
      `${VERSION}` and `${REVISION}` say for what; all are variables as well. A program with a slash in its \
      name is taken from the configuration's folder. When it fails no replica of the version starts.
      """),
    KeyDescription(
      "prepareTimeout", .duration(.seconds(1)...TimeSpan.hours(1)), standard: "5m", example: "10m",
      "How long `prepare` may take."),
    KeyDescription(
      "keepReleases", .integer(1...100), standard: "5", example: "2",
      "Folders of former versions that stay; one that a replica runs from always does."),
    KeyDescription(
      "files", .table(.shorthand(.text(.free), releaseFile), keys: .name), standard: "{}",
      example: "{ shop.conf: \"level = 3\" }",
      """
      Files that are written into the version's folder before `prepare`, by name: their text, `!file \
      path`, or a map with `text` and `mode`. 64 KiB together.
      """),
    KeyDescription(
      "secrets", .table(.object(secret), keys: .name), standard: "{}",
      example: "{ db-password: { file: /etc/shop/db } }",
      """
      Secrets by name. Each is read when a replica starts, and given to it as a file in memory, in the \
      folder `${SECRETS}`, or as a variable. Ballast shows where they are, and never what they say.
      """),
  ]

  static let releaseFile = ObjectDescription(
    "a file of a release", "Written into the version's folder.",
    keys: [
      KeyDescription(
        "text", .text(.free), required: true, example: "\"level = 3\"", "What it says."),
      KeyDescription(
        "mode", .text(.fileMode), standard: "\"0640\"", example: "\"0750\"",
        "Its permissions, in octal."),
    ])

  static let secret = ObjectDescription(
    "a secret", "Where it is, and how a replica gets it.",
    keys: [
      KeyDescription(
        "file", .text(.filePath), example: "/etc/shop/db",
        "The file that has it; relative to the configuration's folder."),
      KeyDescription(
        "environment", .text(.environmentName), example: "DB_PASSWORD",
        "The variable of Ballast's own environment that has it."),
      KeyDescription(
        "as", .choice(values: ["file", "variable"], later: []), standard: "file",
        example: "variable",
        "A file of the secret's name in `${SECRETS}`, or a variable of its name."),
    ], oneOf: ["file", "environment"])
}
