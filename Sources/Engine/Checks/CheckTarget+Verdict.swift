import Configuration
import HealthChecking
import Outbound
import Wire

extension CheckTarget {
  /// The verdict on what a probe brought.
  func verdict(_ response: OutboundResponse) -> CheckResult {
    guard case .grpc = check else {
      return expectation?.verdict(status: response.status, body: response.body)
        ?? .passed(detail: "TLS agreed on")
    }
    let value = response.header("grpc-status").map { Array($0.utf8) }
    let status = value.map { GRPCStatus.read($0.span, 0..<$0.count) }
    return GRPCHealthExpectation.verdict(
      status: response.status, callStatus: status?.rawValue, callName: "\(status?.name ?? "")",
      body: response.body)
  }
}
