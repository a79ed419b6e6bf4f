public import Topology

/// Encodes one answer's content as it comes, through a window of a fixed size. It belongs to one
/// event loop.
public final class Encoder {
  /// What is done with the input beyond taking it.
  public enum Mode: Sendable {
    /// Nothing: more comes soon, and what is held back makes it smaller.
    case more
    /// All of it can be decoded from what was put out.
    case flush
    /// It was the last.
    case finish
  }

  public struct Step: Sendable, Equatable {
    /// Bytes of the input that were taken, and of the window that were filled.
    public var consumed: Int
    public var produced: Int
    /// Whether the mode is fulfilled; if not, call again with the rest of the input.
    public var isDone: Bool
  }

  /// The library refused. Nothing more can be encoded.
  public struct Failure: Error, Sendable, Equatable {
    public init() {}
  }

  /// Bytes of a window at least: in one that a flush's mark just fits or doesn't, zlib would write
  /// marks for ever.
  public static let leastWindow = 64

  public let coding: ContentCoding
  public let level: Int
  /// Bytes in and out since the answer began.
  public private(set) var inputBytes: Int64 = 0
  public private(set) var outputBytes: Int64 = 0
  /// Whether something may be held back that a flush would put out.
  public private(set) var holdsBack = false
  private var isFinished = false
  private let stream: any CodingStream

  init(coding: ContentCoding, level: Int, stream: any CodingStream) {
    self.coding = coding
    self.level = level
    self.stream = stream
  }

  /// Begins anew, with another answer.
  /// - Parameter size: of its content in bytes, where it is known.
  /// - Returns: whether it can.
  func begin(size: Int64?) -> Bool {
    inputBytes = 0
    outputBytes = 0
    holdsBack = false
    isFinished = false
    return stream.begin(size: size)
  }

  /// Whether `begin` works more than once.
  var isReusable: Bool { stream.isReusable }

  /// Takes input and fills the window.
  public func encode(
    _ input: UnsafeRawBufferPointer, _ mode: Mode, into window: UnsafeMutableRawBufferPointer
  ) throws(Failure) -> Step {
    guard window.count >= Self.leastWindow, !isFinished else { throw Failure() }
    if mode == .flush, input.count == 0, !holdsBack {
      return Step(consumed: 0, produced: 0, isDone: true)
    }
    if mode == .more, input.count == 0 { return Step(consumed: 0, produced: 0, isDone: true) }
    let step = unsafe try stream.encode(input, mode, into: window)
    inputBytes &+= Int64(step.consumed)
    outputBytes &+= Int64(step.produced)
    if step.consumed > 0 { holdsBack = true }
    if step.isDone, mode != .more { holdsBack = false }
    if step.isDone, mode == .finish { isFinished = true }
    return step
  }
}

/// A library's stream.
protocol CodingStream: AnyObject {
  var isReusable: Bool { get }
  func begin(size: Int64?) -> Bool
  func encode(
    _ input: UnsafeRawBufferPointer, _ mode: Encoder.Mode,
    into window: UnsafeMutableRawBufferPointer
  ) throws(Encoder.Failure) -> Encoder.Step
}
