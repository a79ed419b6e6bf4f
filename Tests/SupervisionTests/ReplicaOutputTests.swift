import Glibc
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct ReplicaOutputTests {
  @Test func `the last twenty lines are kept, long ones cut`() {
    var last = LastLines()
    for number in 1...30 { last.append(Array("line \(number)\r\n".utf8).span) }
    last.append(Array("unfinished".utf8).span)
    #expect(last.texts == (12...30).map { "line \($0)" } + ["unfinished"])
    last.append([UInt8](repeating: 0xFF, count: 1 << 20).span)
    #expect(last.texts.count == 20)
    #expect((last.texts.last ?? "").unicodeScalars.count <= LastLines.lineBytes)
  }

  @Test func `the last lines hold at most 8 KiB`() {
    var last = LastLines()
    for _ in 0..<50 { last.append(([UInt8](repeating: 97, count: 900) + [10]).span) }
    let bytes = last.texts.reduce(0) { $0 + $1.utf8.count }
    #expect(bytes <= LastLines.bytes)
    #expect(last.texts.count == LastLines.bytes / 900)
  }

  @Test func `a full log moves on at the end of a line and keeps five files`() throws {
    let folder = try TemporaryFolder()
    var log = try RotatingLog(path: "\(folder.path)/deep/er/replica.log", fileBytes: 100)
    for number in 100..<200 { try log.append(Array("\(number) says hello\n".utf8).span) }
    log.close()
    var all = ""
    for suffix in [".4", ".3", ".2", ".1", ""] {
      let text = try #require(folder.read("deep/er/replica.log\(suffix)"))
      #expect(text.hasSuffix("\n"))
      #expect(text.utf8.count <= 100 + 15)
      all += text
    }
    #expect(folder.read("deep/er/replica.log.5") == nil)
    let numbers = all.split(separator: "\n").compactMap { Int($0.prefix(3)) }
    #expect(numbers == Array((200 - numbers.count)..<200))
    #expect(numbers.count > 25)
  }

  @Test func `output goes to the file as it is, across restarts`() throws {
    let folder = try TemporaryFolder()
    for word in ["one", "two"] {
      var (output, writing) = try ReplicaOutput.open(logFile: "\(folder.path)/log")
      var process = ChildProcess(
        command: ["/bin/sh", "-c", "echo \(word); printf '\\033[1m\\001%s' \(word) >&2"],
        environment: [])
      process.output = writing
      let pid = try process.start()
      close(writing)
      while output.pipe >= 0, isReadable(output.pipe) { output.take() }
      output.finish()
      #expect(waitForEnd(of: pid) == 0)
      #expect(output.lastLines.texts == [word, "\u{1B}[1m\u{1}\(word)"])
    }
    #expect(folder.read("log") == "one\n\u{1B}[1m\u{1}onetwo\n\u{1B}[1m\u{1}two")
  }

  @Test func `a log that cannot be written loses lines and not the replica`() throws {
    var (output, writing) = try ReplicaOutput.open(logFile: "/proc/no/log")
    let bytes = Array("hello\n".utf8)
    #expect(unsafe write(writing, bytes, bytes.count) == bytes.count)
    output.take()
    #expect(output.problem?.hasPrefix("/proc/no/log: ") == true)
    #expect(output.lastLines.texts == ["hello"])
    close(writing)
    output.finish()
    #expect(output.pipe == -1)
  }

  @Test func `a program that writes without end is held back by its pipe`() throws {
    let folder = try TemporaryFolder()
    var (output, writing) = try ReplicaOutput.open(logFile: "\(folder.path)/log")
    var process = ChildProcess(command: ["/usr/bin/yes"], environment: [])
    process.output = writing
    let pid = try process.start()
    close(writing)
    #expect(isReadable(output.pipe))
    #expect(output.take() <= ReplicaOutput.readBytes)
    kill(-pid, SIGKILL)
    #expect(waitForEnd(of: pid) == SIGKILL)
    output.finish()
    #expect((folder.read("log") ?? "").utf8.count < 1 << 20)
  }
}
