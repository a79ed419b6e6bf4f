/// Addresses of many blocks, asked for one by one: sorted ranges that do not overlap, searched by
/// halves.
public struct AddressSet: Sendable, Equatable {
  /// The first and the last address of a block, sixteen bytes each in host byte order.
  private struct Span: Sendable, Equatable {
    var firstHigh: UInt64
    var firstLow: UInt64
    var lastHigh: UInt64
    var lastLow: UInt64
  }

  private let spans: [Span]

  public static let empty = AddressSet([])

  public init(_ blocks: [AddressBlock]) {
    let sorted = blocks.map { block in
      Span(
        firstHigh: block.high, firstLow: block.low, lastHigh: block.lastHigh,
        lastLow: block.lastLow)
    }.sorted {
      // The larger of two blocks that begin alike comes first and holds the other.
      ($0.firstHigh, $0.firstLow, ~$0.lastHigh, ~$0.lastLow)
        < ($1.firstHigh, $1.firstLow, ~$1.lastHigh, ~$1.lastLow)
    }
    var spans: [Span] = []
    for span in sorted {
      // Two blocks are apart, or one holds the other.
      if let before = spans.last,
        (span.firstHigh, span.firstLow) <= (before.lastHigh, before.lastLow)
      {
        continue
      }
      spans.append(span)
    }
    self.spans = spans
  }

  public var isEmpty: Bool { spans.isEmpty }

  /// - Parameter high, low: an address's sixteen bytes in host byte order, IPv4 mapped.
  public func contains(high: UInt64, low: UInt64) -> Bool {
    var (start, end) = (0, spans.count)
    while start < end {
      let middle = (start + end) / 2
      let span = spans[middle]
      if (high, low) < (span.firstHigh, span.firstLow) {
        end = middle
      } else if (high, low) > (span.lastHigh, span.lastLow) {
        start = middle + 1
      } else {
        return true
      }
    }
    return false
  }
}

extension AddressBlock {
  /// Of the block's last address.
  var lastHigh: UInt64 { high | ~Self.mask(length) }
  var lastLow: UInt64 { low | ~Self.mask(length - 64) }
}
