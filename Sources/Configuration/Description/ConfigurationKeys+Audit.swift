import Primitives

extension ConfigurationKeys {
  static let audit = ObjectDescription(
    "the audit settings",
    "The log of every change. [The audit log](../audit.md) tells of it.",
    keys: [
      KeyDescription(
        "keep", .integer(100...10_000_000), standard: "100000", example: "1000000",
        "How many entries stay; the oldest go first, and the rest can be verified on."),
      KeyDescription(
        "head", .object(auditHead), standard: "{}", example: "{ file: /mnt/worm/ballast.heads }",
        """
        Where the number and the hash of the newest entry are kept besides, so that also a log that \
        was cut off or written anew is seen.
        """),
    ])

  static let auditHead = ObjectDescription(
    "the heads of the audit log", "Only new heads are sent, and the last one when Ballast stops.",
    keys: [
      KeyDescription(
        "file", .text(.filePath), example: "/mnt/worm/ballast.heads",
        "A file that gets a line for each, relative to the file's folder."),
      KeyDescription(
        "webhook", .object(auditWebhook), example: "{ url: \"https://audit.example.com/heads\" }",
        "A URL that each is sent to by POST, as JSON; what is not taken is sent again."),
      KeyDescription(
        "every", .duration(.seconds(1)...longestDuration), standard: "1m", example: "10s",
        "From one to the next, where there is a new entry."),
    ])

  static let auditWebhook = ObjectDescription(
    "the webhook of the heads", "Who gets them.",
    keys: [
      KeyDescription(
        "url", .text(.label), required: true, example: "\"https://audit.example.com/heads\"",
        "Where to; `http://` or `https://`."),
      KeyDescription(
        "authorization", .text(.label), example: "\"Bearer secret\"",
        "The value of the field `Authorization`."),
    ])
}
