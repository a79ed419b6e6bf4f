import CLinux
public import Primitives

/// The machine's clocks, for the programs that do things.
public enum ProcessClock {
  public static var now: Instant { Instant(nanoseconds: clock_monotonic_nanoseconds()) }
  public static var wallTime: WallTime { WallTime(milliseconds: clock_wall_milliseconds()) }
}
