/// How spans of one request are numbered: its own is random, and those below it follow from that, so that a
/// request carries one number along and not one for each try.
public enum SpanIdentifier {
  /// - Parameters:
  ///   - span: the request's.
  ///   - place: another one for each span below it.
  /// - Returns: a number that is not zero and not the request's.
  public static func child(of span: UInt64, _ place: UInt32) -> UInt64 {
    // A bijection of 64 bits (the finalizer of SplitMix64): different places stay different.
    var mixed = span &+ (UInt64(place) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return mixed == 0 || mixed == span ? ~span | 1 : mixed
  }

  /// The places: a try's by its number among all of its request, the connection that it waited for, and
  /// the times in a queue.
  public static func attempt(_ number: Int) -> UInt32 { UInt32(truncatingIfNeeded: number) << 2 }
  public static func connection(of number: Int) -> UInt32 { attempt(number) | 1 }
  public static func wait(_ number: Int) -> UInt32 { attempt(number) | 2 }
}
