import Telemetry

/// What `/metrics` shows of people who sign in.
extension MetricsPage {
  func addSignIns(to page: inout Exposition) {
    for (result, count) in signIns.sorted(by: { $0.key < $1.key }) {
      page.counter(
        "ballast_sign_ins_total", help: "Attempts to sign in with a password, by result.",
        labels: ["result": result], count: count)
    }
  }
}
