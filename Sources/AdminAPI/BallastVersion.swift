/// The version of this program, in `ballast version` and `EngineStatus`.
public enum BallastVersion {
  public static let current = "0.1.0"
}
