extension Endpoint {
  /// What the audit log calls it; nil for one that changes nothing. A call that changes something and has
  /// no line here is recorded under its own name.
  var auditedAs: String? {
    switch self {
    case .scale: "service.scale"
    case .tune: "service.tune"
    case .restart: "service.restart"
    case .deploy: "service.deploy"
    case .rollBack: "service.rollback"
    case .promoteDeployment: "deployment.promote"
    case .abortDeployment: "deployment.abort"
    case .changeServer: "server.change"
    case .promote: "server.promote"
    case .ban: "ban.add"
    case .unban: "ban.remove"
    case .orderDrill: "drill.order"
    case .stopDrill: "drill.stop"
    case .resolveFault: "fault.resolve"
    case .applyConfiguration: "config.apply"
    case .rollBackConfiguration: "config.rollback"
    case .setConfigurationValue: "config.set"
    case .saveConfiguration: "config.save"
    case .reloadConfiguration: "config.reload"
    case .orderUpgrade: "engine.upgrade"
    case .restore: "state.restore"
    case .signIn: "session.begin"
    case .signOut: "session.end"
    case .changePassword: "user.password"
    case .addUser: "user.add"
    case .changeUser: "user.change"
    case .removeUser: "user.remove"
    case .addToken: "token.add"
    case .removeToken: "token.remove"
    // It changes nothing, but takes everything away, with all secrets.
    case .backup: "state.backup"
    // A question; an upload that nothing is done with yet.
    case .plan, .explain, .compareAudit, .beginRestore, .restorePiece, .dropRestore: nil
    default: description.method == "GET" ? nil : Self.words(rawValue)
    }
  }

  /// `addUser` as `add-user`.
  private static func words(_ name: String) -> String {
    name.reduce(into: "") { words, letter in
      words += letter.isUppercase ? "-\(letter.lowercased())" : String(letter)
    }
  }
}
