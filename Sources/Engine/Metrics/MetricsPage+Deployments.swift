import Telemetry

/// What `/metrics` shows of deployments.
extension MetricsPage {
  func addDeployments(to page: inout Exposition) {
    page.declareCounter("ballast_deployments_total", help: "Deployments that ended, by result.")
    for (count, number) in deployments.sorted(by: {
      ($0.key.service, $0.key.result) < ($1.key.service, $1.key.result)
    }) {
      page.counter(
        "ballast_deployments_total", help: "Deployments that ended, by result.",
        labels: ["service": count.service, "result": count.result], count: number)
    }
  }
}
