/// Takes a container's output out of the daemon's frames: 8 bytes, of which the first is the stream, three
/// are zero and four are a length, and so many bytes of output (Docker Engine API, "Attach to a
/// container"). Nothing is held but an incomplete head, so a length may be anything.
struct OutputFrames {
  private static let headBytes = 8

  private var head: [UInt8] = []
  private var left: UInt32 = 0

  /// Hands over what of `bytes` is output.
  /// - Returns: false when they are no frames; nothing more can be made of them then.
  mutating func take(_ bytes: [UInt8], _ hand: (ArraySlice<UInt8>) -> Void) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      if left > 0 {
        let piece = rest.prefix(Int(left))
        hand(piece)
        left -= UInt32(piece.count)
        rest = rest.dropFirst(piece.count)
        continue
      }
      let missing = rest.prefix(Self.headBytes - head.count)
      head += missing
      rest = rest.dropFirst(missing.count)
      guard head.count == Self.headBytes else { break }
      guard head[0] <= 2, head[1] == 0, head[2] == 0, head[3] == 0 else { return false }
      left = head[4...].reduce(0) { $0 << 8 | UInt32($1) }
      head.removeAll(keepingCapacity: true)
    }
    return true
  }
}
