import Wire

/// What reading came to.
enum Outcome: Equatable {
  case complete, incomplete
  case refused(HeadError)
}

extension RequestHead {
  mutating func outcome(_ bytes: [UInt8]) -> Outcome {
    do throws(HeadError) { return try read(bytes.span) ? .complete : .incomplete } catch {
      return .refused(error)
    }
  }

  static func reading(_ text: String) -> (outcome: Outcome, head: RequestHead) {
    var head = RequestHead()
    let outcome = head.outcome(Array(text.utf8))
    return (outcome, head)
  }
}

extension ResponseHead {
  mutating func outcome(_ bytes: [UInt8], isHead: Bool = false) -> Outcome {
    do throws(HeadError) {
      return try read(bytes.span, isHead: isHead) ? .complete : .incomplete
    } catch { return .refused(error) }
  }
}

/// The part of a text that a head's range names.
func part(_ text: String, _ range: Range<Int>) -> String {
  String(decoding: Array(text.utf8)[range], as: UTF8.self)
}

extension BodyDecoder {
  struct Piece: Equatable {
    var content: [UInt8]
    /// Bytes that belong to the body.
    var taken: Int
    var isComplete: Bool
  }

  mutating func feed(_ bytes: some Collection<UInt8>) throws(BodyError) -> Piece {
    var memory = Array(bytes)
    var span = memory.mutableSpan
    let decoded = try decode(&span, 0..<bytes.count)
    return Piece(
      content: Array(memory[decoded.content]), taken: decoded.end, isComplete: decoded.isComplete)
  }
}
