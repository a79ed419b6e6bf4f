extension SettingsBuilder {
  mutating func audit(_ object: DecodedObject?) -> AuditSettings {
    var audit = AuditSettings()
    guard let object else { return audit }
    if let keep = object.integer("keep") { audit.keep = keep }
    guard let head = object.object("head") else { return audit }
    audit.head.file = head.text("file").map(folder.absolute)
    if let every = head.duration("every") { audit.head.every = every }
    if let webhook = head.object("webhook"), let url = webhook.text("url") {
      if !url.hasPrefix("http://"), !url.hasPrefix("https://") {
        log.error(
          "\(Quoted.value(url)) is no URL that can be sent to",
          at: webhook["url"]?.place ?? webhook.place,
          help: "it begins with https:// or http://")
      }
      audit.head.webhook = .init(url: url, authorization: webhook.text("authorization"))
    }
    return audit
  }
}
