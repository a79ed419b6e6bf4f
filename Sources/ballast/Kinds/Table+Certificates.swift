internal import AdminAPI
internal import Primitives

extension Table {
  static func certificates(_ certificates: [CertificateStatus], now: WallTime) -> Table {
    Table(
      columns: [
        Column("CERTIFICATE"), Column("USED BY"), Column("NAMES"), Column("KEY"), Column("EXPIRES"),
        Column("LEFT", right: true), Column("PROBLEM"),
      ],
      rows: certificates.map { certificate in
        Row(
          name: certificate.name,
          cells: [
            Cell(certificate.name), Cell(certificate.users),
            Cell(certificate.names.joined(separator: ",")), Cell(certificate.key),
            Cell(HumanText.moment(certificate.notAfter)), certificate.rest(now: now),
            Cell(certificate.problem ?? "", certificate.problem == nil ? .plain : .bad),
          ])
      })
  }
}

extension Card {
  static func certificate(_ certificate: CertificateStatus, now: WallTime) -> Card {
    var card = Card()
    card.add("Certificate", text: certificate.name)
    card.add("Used by", text: certificate.users)
    card.add("Subject", text: certificate.subject)
    card.add(
      "Issuer", text: certificate.isSelfSigned ? "Ballast, for development" : certificate.issuer)
    card.add("Names", text: certificate.names.joined(separator: ", "))
    card.add("Key", text: certificate.key)
    card.add("Serial", text: certificate.serial)
    card.add("SHA-256", text: certificate.fingerprint)
    card.add("From", text: HumanText.moment(certificate.notBefore))
    card.add("Expires", text: HumanText.moment(certificate.notAfter))
    card.add("Left", certificate.rest(now: now))
    if let problem = certificate.problem { card.add("Problem", Table.Cell(problem, .bad)) }
    return card
  }
}

extension CertificateStatus {
  fileprivate var users: String {
    (listeners.map { "listener \($0)" } + services.map { "service \($0)" })
      .joined(separator: ",")
  }

  /// Whole days; coloured as the events are that tell of its end.
  fileprivate func rest(now: WallTime) -> Table.Cell {
    let hours = Int((notAfter - now).milliseconds / 3_600_000)
    if notAfter < now { return Table.Cell("expired", .bad) }
    return Table.Cell(
      hours < 48 ? "\(hours)h" : "\(hours / 24)d",
      hours < 7 * 24 ? .bad : hours < 21 * 24 ? .warning : .plain)
  }
}
