import CLinux
import Configuration
import EventLoop
import Foundation
import Glibc
import Primitives
import Testing

@testable import Engine

/// Files and pipes that don't take what is written.
@Suite final class LogTargetTests {
  private let folder: String
  private let start = Instant.zero + .seconds(100)

  init() throws {
    let name = "/tmp/ballast-log-\(UInt64.random(in: .min ... .max))"
    try #require(unsafe Glibc.mkdir(name, 0o700) == 0)
    folder = name
    // As the engine does; a mask would be the thread's, and the next step may run on another.
    _ = signals_ignore(SIGPIPE)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func makePipe(_ name: String) { #expect(unsafe mkfifo(path(name), 0o600) == 0) }

  private func reader(_ name: String) -> Int32 {
    unsafe Glibc.open(path(name), O_RDONLY | O_NONBLOCK)
  }

  private func read(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 1 << 17)
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
    }
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }

  private func text(_ name: String) -> String? {
    let file = reader(name)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return read(file)
  }

  private func lines(_ texts: String...) -> [UInt8] {
    Array(texts.map { $0 + "\n" }.joined().utf8)
  }

  @Test func `a full disk loses lines, counts them, and is tried again`() {
    var target = LogTarget(path: "/dev/full", rotation: nil)
    #expect(target.open(start) == nil)
    #expect(target.write(lines("a", "b"), start) == 2)
    #expect(target.write(lines("c"), start) == 1)
    target.close()
  }

  @Test func `a pipe that nobody reads holds nothing up`() {
    makePipe("pipe")
    var target = LogTarget(path: path("pipe"), rotation: nil)
    #expect(target.open(start)?.passes == true)
    #expect(target.write(lines("lost"), start) == 1)
    let reader = self.reader("pipe")
    // Looked for again, but not at every write.
    #expect(target.write(lines("lost"), start + .milliseconds(10)) == 1)
    #expect(target.write(lines("kept"), start + .seconds(2)) == 0)
    #expect(read(reader) == "kept\n")
    close(reader)
    // The reader left.
    #expect(target.write(lines("lost", "lost"), start + .seconds(2)) == 2)
    target.close()
  }

  @Test func `a pipe that is full takes what it can and begins a line anew`() {
    makePipe("full")
    let reader = self.reader("full")
    var target = LogTarget(path: path("full"), rotation: nil)
    #expect(target.open(start) == nil)
    let line = String(repeating: "x", count: 49_999)
    #expect(target.write(lines(line), start) == 0)
    // 65,536 bytes are what a pipe holds; the rest of the second line is lost.
    #expect(target.write(lines(line), start) == 1)
    #expect(read(reader).utf8.count > 50_000)
    #expect(target.write(lines("whole"), start) == 0)
    #expect(read(reader) == "\nwhole\n")
    target.close()
    close(reader)
  }

  @Test func `a file that was removed is made anew`() {
    var target = LogTarget(path: path("removed"), rotation: nil)
    #expect(target.open(start) == nil)
    #expect(target.write(lines("one"), start) == 0)
    #expect(unsafe unlink(path("removed")) == 0)
    #expect(target.write(lines("two"), start + .seconds(2)) == 0)
    #expect(text("removed") == "two\n")
    target.close()
  }

  @Test func `a renamed file is followed until it is opened again`() {
    var target = LogTarget(path: path("log"), rotation: nil)
    #expect(target.open(start) == nil)
    #expect(target.write(lines("one"), start) == 0)
    #expect(unsafe rename(path("log"), path("log.old")) == 0)
    #expect(target.write(lines("two"), start + .seconds(2)) == 0)
    target.reopen(start + .seconds(2))
    #expect(target.write(lines("three"), start + .seconds(2)) == 0)
    #expect(text("log.old") == "one\ntwo\n")
    #expect(text("log") == "three\n")
    target.close()
  }

  @Test func `a full file is put aside, and the oldest goes`() {
    var target = LogTarget(path: path("turn"), rotation: .init(size: 10, keep: 2))
    #expect(target.open(start) == nil)
    for number in 1...7 { #expect(target.write(lines("line \(number)"), start) == 0) }
    #expect(text("turn") == "line 7\n")
    #expect(text("turn.1") == "line 6\n")
    #expect(text("turn.2") == "line 5\n")
    #expect(text("turn.3") == nil)
    target.close()
  }

  @Test func `a file that can't be put aside is written on`() {
    // Nothing can be renamed onto a folder.
    #expect(unsafe mkdir(path("stuck.1"), 0o700) == 0)
    var target = LogTarget(path: path("stuck"), rotation: .init(size: 10, keep: 1))
    #expect(target.open(start) == nil)
    for number in 1...3 { #expect(target.write(lines("line \(number)"), start) == 0) }
    #expect(text("stuck") == "line 1\nline 2\nline 3\n")
    target.close()
  }

  @Test func `a file in a folder that there isn't is refused`() {
    var target = LogTarget(path: path("none/log"), rotation: nil)
    let failure = target.open(start)
    #expect(failure?.passes == false)
    #expect(failure?.error.code == ENOENT)
  }
}
