import Accounts
import AdminAPI

/// What the audit log tells of users and tokens: no password, no token, and no hash of them.
extension ControlPlane {
  /// - Parameter name: of the path; nil where the body says it.
  func accountPicture(
    _ endpoint: Endpoint, _ name: String?, _ request: AdminRequest
  ) -> AuditPicture {
    switch endpoint {
    case .addToken, .removeToken:
      tokenPicture(name ?? AdminJSON.decode(TokenRequest.self, request.body)?.name ?? "")
    default:
      userPicture(name ?? AdminJSON.decode(NewUser.self, request.body)?.name ?? "")
    }
  }

  private func userPicture(_ name: String) -> AuditPicture {
    guard let user = accounts.book.users[AccountNames.normal(name)] else { return .nothing }
    return .value(["role": .text(user.role.rawValue), "disabled": .truth(user.isDisabled)])
  }

  private func tokenPicture(_ name: String) -> AuditPicture {
    guard let token = accounts.book.tokens[name] else { return .nothing }
    var members: [String: JSONTree] = ["scope": .text(token.scope.rawValue)]
    if let owner = token.owner { members["owner"] = .text(owner) }
    if let end = token.expires { members["expires"] = .text("\(end)") }
    return .value(.object(members))
  }
}
