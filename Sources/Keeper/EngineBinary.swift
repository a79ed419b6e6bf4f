import CLinux
import Glibc
import Supervision

/// The file that engines are started from. A program is held open, so that an engine which crashes is
/// followed by the same one, whatever lies at the path meanwhile: only an upgrade takes what is there.
struct EngineBinary {
  /// Under its name in the file system.
  let path: String
  /// The open file; -1 for a name that is looked for in PATH, and for a script, which its interpreter
  /// has to find by name.
  let descriptor: Int32

  /// Opens nothing.
  init(named path: String) {
    self.path = path
    descriptor = -1
  }

  /// Takes what is at the path now. Nothing there shows when it is started.
  init(path: String) {
    self.path = path
    guard path.contains("/") else {
      descriptor = -1
      return
    }
    let opened = unsafe file_open(path, O_RDONLY, 0)
    // Whichever numbers are free: the child would find its link in a low one.
    let file = opened < 0 ? opened : descriptor_raise(opened, ChildProcess.leastExecutable)
    // The first bytes of the executable format (elf(5)).
    let isProgram =
      file >= 0 && (try? Descriptor.read(file, limit: 4)) == [0x7F, 0x45, 0x4C, 0x46]
    if !isProgram { Descriptor.close(file) }
    descriptor = isProgram ? file : -1
  }

  /// The start of an engine from it.
  func process(
    arguments: [String], environment: [(name: String, value: String)]
  ) -> ChildProcess {
    var process = ChildProcess(command: [path] + arguments, environment: environment)
    process.executable = descriptor >= 0 ? descriptor : nil
    return process
  }

  func close() { Descriptor.close(descriptor) }
}
