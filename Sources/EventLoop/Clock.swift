internal import CLinux
public import Primitives

/// The machine's clocks. Only effects read them; decisions get the time as an argument.
public enum Clock {
  public static var now: Instant { Instant(nanoseconds: cl_monotonic_nanoseconds()) }
  public static var wallTime: WallTime { WallTime(milliseconds: cl_wall_milliseconds()) }
}
