/// What libcurl has handed over so far of one answer. Confined to the thread of its call.
final class Transfer {
  private(set) var response = OutboundResponse(status: 0)
  /// Why we made libcurl stop, when we did.
  private(set) var failure: OutboundError?
  /// The reader had enough.
  private(set) var stopped = false

  /// What is wanted of an answer.
  enum Extent {
    case whole
    /// The head alone.
    case head
    /// What comes of the body up to its limit; the rest is left.
    case beginning
  }

  private let extent: Extent
  private let bodyLimitBytes: Int
  private var headBytes = 0
  private var line: [UInt8] = []
  private var onOpen: (() -> Void)?
  private var onLine: ((String) -> Bool)?
  private var onBytes: (([UInt8]) -> Bool)?

  init(bodyLimitBytes: Int, extent: Extent = .whole) {
    self.bodyLimitBytes = bodyLimitBytes
    self.extent = extent
  }

  func follow(onOpen: @escaping () -> Void, onLine: @escaping (String) -> Bool) {
    self.onOpen = onOpen
    self.onLine = onLine
  }

  func follow(onBytes: @escaping ([UInt8]) -> Bool) { self.onBytes = onBytes }

  func unfollow() {
    onOpen = nil
    onLine = nil
    onBytes = nil
  }

  /// One line of the head with its line end; false ends the transfer.
  func takeHeader(_ bytes: [UInt8]) -> Bool {
    headBytes += bytes.count
    guard headBytes <= OutboundLimits.headBytes else {
      failure = .tooLarge("the answer's head is over \(OutboundLimits.headBytes) bytes")
      return false
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let field = text.prefix { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
    if field.hasPrefix("HTTP/") {
      // A head of 1xx comes before the answer's own.
      response = OutboundResponse(status: Self.status(field))
    } else if field.isEmpty {
      if response.succeeded { onOpen?() }
      // A head of 1xx has no end of its own that matters.
      if extent == .head, response.status >= 200 {
        stopped = true
        return false
      }
    } else if let colon = field.firstIndex(of: ":") {
      let value = field[field.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      response.headers.append(OutboundHeader(String(field[..<colon]), String(value)))
    }
    return true
  }

  func takeBody(_ bytes: [UInt8]) -> Bool {
    if onLine != nil, response.succeeded { return takeLines(bytes) }
    if let onBytes, response.succeeded {
      stopped = !onBytes(bytes)
      return !stopped
    }
    if extent == .beginning, response.body.count + bytes.count >= bodyLimitBytes {
      response.body += bytes.prefix(bodyLimitBytes - response.body.count)
      stopped = true
      return false
    }
    guard response.body.count + bytes.count <= bodyLimitBytes else {
      failure = .tooLarge("the answer is over \(bodyLimitBytes) bytes")
      return false
    }
    response.body += bytes
    return true
  }

  /// The last line, when it had no line end.
  func finishLines() {
    if !line.isEmpty, !stopped { _ = hand(line) }
    line = []
  }

  private func takeLines(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      line += rest[..<end]
      rest = rest[(end + 1)...]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      guard hand(line) else { return false }
      line.removeAll(keepingCapacity: true)
    }
    line += rest
    guard line.count <= OutboundLimits.lineBytes else {
      failure = .tooLarge("a line of the answer is over \(OutboundLimits.lineBytes) bytes")
      return false
    }
    return true
  }

  private func hand(_ line: [UInt8]) -> Bool {
    stopped = onLine?(String(decoding: line, as: UTF8.self)) == false
    return !stopped
  }

  /// `HTTP/1.1 200 OK` is 200; 0 when there is no number.
  private static func status(_ line: Substring) -> Int {
    let words = line.split(separator: " ", maxSplits: 2)
    return words.count > 1 ? Int(words[1]) ?? 0 : 0
  }
}
