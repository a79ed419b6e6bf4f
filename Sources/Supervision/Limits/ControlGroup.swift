import CLinux
import Glibc

/// The control groups of one process: one folder (version 2), or one a controller (version 1).
public struct ControlGroup: Sendable {
  let folders: [String]
  /// Where the count of processes killed for want of memory stands; nil without a memory limit.
  private let memoryEvents: String?

  init(folders: [String], memoryEvents: String?) {
    self.folders = folders
    self.memoryEvents = memoryEvents
  }

  /// The open `cgroup.procs` files for the child to write itself into; the caller closes them.
  public func openMembers() throws(SystemError) -> [Int32] {
    var files: [Int32] = []
    for folder in folders {
      do {
        files.append(try check(unsafe file_open("\(folder)/cgroup.procs", O_WRONLY, 0)))
      } catch {
        Descriptor.close(files)
        throw error
      }
    }
    return files
  }

  /// Whether the kernel has killed a process of the group for want of memory.
  public var ranOutOfMemory: Bool {
    guard let memoryEvents, let text = try? FileSystem.text(at: memoryEvents) else { return false }
    return text.split(separator: "\n").contains { line in
      line.hasPrefix("oom_kill ") && !line.hasSuffix(" 0")
    }
  }

  /// Kills what is left in the group.
  public func killMembers() {
    for folder in folders {
      let text = (try? FileSystem.text(at: "\(folder)/cgroup.procs")) ?? ""
      for pid in text.split(separator: "\n").compactMap({ Int32($0) }) where pid > 1 {
        _ = process_signal(pid, SIGKILL)
      }
    }
  }

  /// Whether the group is gone; false while a process that was killed is still going away.
  public func remove() -> Bool {
    var gone = true
    for folder in folders {
      let result = unsafe folder_remove(folder)
      if result != 0, result != -ENOENT { gone = false }
    }
    return gone
  }
}
