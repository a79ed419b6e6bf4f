/// What came of a load: a configuration is taken whole or refused whole.
public enum LoadOutcome: Sendable, Equatable {
  case loaded(Settings, warnings: [Diagnostic])
  /// Every error that was found (`DiagnosticLog.limit` at most), with the warnings, in the order of
  /// the files.
  case refused([Diagnostic])

  /// nil when it was refused.
  public var settings: Settings? {
    if case .loaded(let settings, _) = self { settings } else { nil }
  }

  /// The errors and warnings.
  public var diagnostics: [Diagnostic] {
    switch self {
    case .loaded(_, let warnings): warnings
    case .refused(let diagnostics): diagnostics
    }
  }
}
