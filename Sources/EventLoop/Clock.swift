internal import CLinux
public import Primitives

/// The machine's clocks. Only effects read them; decisions get the time as an argument.
public enum Clock {
  public static var now: Instant { Instant(nanoseconds: cl_monotonic_nanoseconds()) }
  public static var wallTime: WallTime { WallTime(milliseconds: cl_wall_milliseconds()) }
  /// Since 1970-01-01T00:00:00Z, leap seconds not counted.
  public static var wallNanoseconds: UInt64 { cl_wall_nanoseconds() }
}
