import CLinux
import EventLoop
import HealthChecking
import Primitives

/// A connection, what is sent over it, and what is read from it, on the event loop.
final class SocketCheck: CheckAttempt {
  private let reactor: Reactor
  private let address: SocketAddress
  private let timeout: TimeSpan
  private var descriptor: Int32 = -1
  private var timer: UInt64?
  private var isConnected = false
  private var unsent: ArraySlice<UInt8>
  private var answer: (any AnswerReader)?
  private var done: ((CheckResult) -> Void)?

  /// Bytes of one read.
  private static let readBytes = 16 << 10

  /// - Parameters:
  ///   - request: sent once the connection stands.
  ///   - answer: reads what comes; nil passes with the connection.
  init(
    to address: SocketAddress, sending request: [UInt8] = [], reading answer: (any AnswerReader)?,
    within timeout: TimeSpan, on reactor: Reactor, done: @escaping (CheckResult) -> Void
  ) {
    self.address = address
    self.timeout = timeout
    self.reactor = reactor
    self.done = done
    self.answer = answer
    unsent = request[...]
  }

  func run() {
    timer = reactor.schedule(after: timeout) { [self] in
      timer = nil
      let what = isConnected ? "no answer" : "no connection"
      end(.failed(detail: "timeout after \(timeout): \(what)"))
    }
    let result = StreamSocket.connect(to: address)
    guard result >= 0 else { return end(.failed(detail: Self.text(-result))) }
    descriptor = result
    wait(for: .writable)
  }

  func cancel() {
    done = nil
    release()
  }

  private func wait(for readiness: Readiness) {
    do {
      try reactor.watch(descriptor, readiness) { [self] _ in proceed() }
    } catch {
      end(.failed(detail: Self.text(error.code)))
    }
  }

  private func proceed() {
    if !isConnected {
      let error = StreamSocket.error(of: descriptor)
      guard error == 0 else { return end(.failed(detail: Self.text(-error))) }
      isConnected = true
      if answer == nil { return end(.passed(detail: "connected")) }
      if unsent.isEmpty { return wait(for: .readable) }
    }
    if !unsent.isEmpty {
      let sent = unsafe unsent.withUnsafeBytes { unsafe StreamSocket.send(descriptor, $0) }
      if sent < 0, sent != StreamSocket.wouldBlock, sent != StreamSocket.interrupted {
        return end(.failed(detail: Self.text(Int32(clamping: -sent))))
      }
      unsent.removeFirst(max(0, sent))
      return unsent.isEmpty ? wait(for: .readable) : ()
    }
    read()
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: Self.readBytes)
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe StreamSocket.receive(descriptor, into: $0)
    }
    if count == StreamSocket.wouldBlock || count == StreamSocket.interrupted { return }
    if count < 0 { return end(.failed(detail: Self.text(Int32(clamping: -count)))) }
    if count == 0 { return end(answer?.finish() ?? .failed(detail: "closed")) }
    if let result = answer?.take(buffer[..<count]) { end(result) }
  }

  private func end(_ result: CheckResult) {
    release()
    let call = done
    done = nil
    call?(result)
  }

  private func release() {
    if let timer { reactor.cancel(timer) }
    timer = nil
    guard descriptor >= 0 else { return }
    reactor.forget(descriptor)
    // Not with a reset: many servers write a line of trouble for each.
    StreamSocket.close(descriptor)
    descriptor = -1
  }

  /// `connection refused`.
  private static func text(_ code: Int32) -> String {
    EventLoop.SystemError.text(code).lowercased()
  }
}
