import Primitives
public import Tracing

extension ForwardedRequest {
  /// The trace that a request is part of from here on.
  public struct Trace: Sendable {
    /// Its parent is the span of ours that the server's spans come below.
    public var context: TraceContext
    /// Whether the client's is gone on with, so that its tracestate goes on as well.
    public var isContinued: Bool

    public init(context: TraceContext, isContinued: Bool) {
      self.context = context
      self.isContinued = isContinued
    }
  }

  /// Begins with the end of the line before.
  static func write(_ context: TraceContext, to writer: inout ByteWriter) {
    writer.append("\r\ntraceparent: 00-")
    writer.append(hexadecimal: context.trace.high, padded: true)
    writer.append(hexadecimal: context.trace.low, padded: true)
    writer.append("-")
    writer.append(hexadecimal: context.parent, padded: true)
    writer.append("-0")
    writer.append(UInt8(ascii: "0") &+ context.flags.rawValue & 3)
  }

  /// Where the parent's 16 digits stand in a head that was written with a trace, so that each try can have
  /// its own.
  /// - Parameter headBytes: of the whole head.
  /// - Returns: nil for a head that is too short to have any.
  public static func parentRange(headBytes: Int) -> Range<Int>? {
    // Behind them come a dash, the flags, and the last field.
    let end = headBytes - viaBytes - 3
    return end >= 16 ? end - 16..<end : nil
  }
}
