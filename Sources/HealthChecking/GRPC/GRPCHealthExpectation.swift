/// What the answer to a call of `grpc.health.v1` must be to pass.
public enum GRPCHealthExpectation {
  /// The verdict on a complete answer.
  /// - Parameters:
  ///   - status: of HTTP.
  ///   - callStatus: the value of `grpc-status`; nil when there is none.
  ///   - callName: that status's name.
  public static func verdict(
    status: Int, callStatus: UInt8?, callName: String, body: [UInt8]
  ) -> CheckResult {
    guard status == 200 else { return .failed(detail: "status \(status), expected 200") }
    guard let callStatus else { return .failed(detail: "an answer without a status of gRPC") }
    guard callStatus == 0 else { return .failed(detail: callName) }
    guard let health = GRPCHealthMessage.status(body) else {
      return .failed(detail: "an answer that is none of grpc.health.v1")
    }
    return health == .serving ? .passed(detail: health.name) : .failed(detail: health.name)
  }
}
