import CLinux
import Glibc

/// Why limits cannot be set here; a sentence for the operator.
public struct LimitsUnavailable: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
}

/// CPU and memory limits by control groups, of version 2 where the kernel's hierarchy has the
/// controllers, else of version 1. Groups are made below the keeper's own, so that limits set on
/// Ballast as a whole hold for its replicas too.
public struct ResourceLimits: Sendable {
  /// Of CPU time shares, in microseconds (the kernel's default).
  static let period = 100_000
  /// The kernel takes no smaller share of a period, in microseconds.
  static let smallestQuota = 1_000

  /// More are as good as no limit.
  static let mostCores = 1e6

  private enum Hierarchy: Sendable {
    case two(own: String)
    case one(cpu: String?, memory: String?)
    case none(LimitsUnavailable)
  }

  private let hierarchy: Hierarchy
  private let prefix: String

  /// Looks at what the machine has; makes nothing but, under version 2, the keeper's own leaf.
  public init() {
    prefix = "ballast-\(process_id())-"
    let mounts = ControlGroupMount.all()
    if let mount = mounts.first(where: { $0.version == 2 }),
      let offered = try? FileSystem.text(at: "\(mount.own)/cgroup.controllers"),
      Set(offered.split { $0 == " " || $0 == "\n" }).isSuperset(of: ["cpu", "memory"])
    {
      hierarchy = Self.delegate(mount.own)
      return
    }
    let cpu = mounts.first { $0.controllers.contains("cpu") }?.own
    let memory = mounts.first { $0.controllers.contains("memory") }?.own
    hierarchy =
      cpu == nil && memory == nil
      ? .none(LimitsUnavailable(description: "no control groups with cpu and memory are mounted"))
      : .one(cpu: cpu, memory: memory)
  }

  /// The group for a replica; nil when it needs none. `cpu` is in cores, `memory` in bytes.
  public func makeGroup(
    name: String, cpu: Double?, memory: Int64?
  ) throws(LimitsUnavailable) -> ControlGroup? {
    if cpu == nil, memory == nil { return nil }
    let quota = cpu.map { cores in
      let bounded = cores.isNaN ? 0 : min(max(cores, 0), Self.mostCores)
      return max(Self.smallestQuota, Int(bounded * Double(Self.period)))
    }
    let safe = String(decoding: name.utf8.map(Self.fileByte), as: UTF8.self)
    switch hierarchy {
    case .none(let reason): throw reason
    case .two(let own):
      var settings: [(file: String, value: String)] = []
      if let quota { settings.append(("cpu.max", "\(quota) \(Self.period)")) }
      if let memory { settings.append(("memory.max", "\(memory)")) }
      let folder = try make("\(own)/\(prefix)\(safe)", settings)
      return ControlGroup(
        folders: [folder], memoryEvents: memory.map { _ in "\(folder)/memory.events" })
    case .one(let cpuRoot, let memoryRoot):
      var folders: [String] = []
      do {
        if let quota {
          let settings = [
            ("cpu.cfs_period_us", "\(Self.period)"), ("cpu.cfs_quota_us", "\(quota)"),
          ]
          folders.append(try make(try root(cpuRoot, "cpu") + "/\(prefix)\(safe)", settings))
        }
        guard let memory else { return ControlGroup(folders: folders, memoryEvents: nil) }
        let settings = [("memory.limit_in_bytes", "\(memory)")]
        let folder = try make(try root(memoryRoot, "memory") + "/\(prefix)\(safe)", settings)
        folders.append(folder)
        return ControlGroup(folders: folders, memoryEvents: "\(folder)/memory.oom_control")
      } catch {
        _ = ControlGroup(folders: folders, memoryEvents: nil).remove()
        throw error
      }
    }
  }

  private func root(_ path: String?, _ controller: String) throws(LimitsUnavailable) -> String {
    guard let path else {
      throw LimitsUnavailable(description: "no \(controller) control group is mounted")
    }
    return path
  }

  private func make(
    _ folder: String, _ settings: [(file: String, value: String)]
  ) throws(LimitsUnavailable) -> String {
    do {
      let result = unsafe folder_make(folder, 0o755)
      if result != -EEXIST { _ = try check(result) }
      for setting in settings {
        try FileSystem.write(setting.value, to: "\(folder)/\(setting.file)")
      }
      return folder
    } catch {
      _ = unsafe folder_remove(folder)
      throw LimitsUnavailable(description: "the control group \(folder) cannot be made: \(error)")
    }
  }

  /// Version 2 gives controllers only to groups whose parent has no processes of its own
  /// (cgroups(7), "no internal processes"): the keeper moves into a leaf, if the group is its alone.
  private static func delegate(_ own: String) -> Hierarchy {
    let enable = { () throws(SystemError) in
      try FileSystem.write("+cpu +memory", to: "\(own)/cgroup.subtree_control")
    }
    do {
      do {
        try enable()
      } catch  where error.code == EBUSY {
        let members = try FileSystem.text(at: "\(own)/cgroup.procs").split(separator: "\n")
        guard members.allSatisfy({ Int32($0) == process_id() }) else {
          return .none(
            LimitsUnavailable(
              description: "the control group \(own) has other programs in it; systemd gives "
                + "Ballast one of its own with Delegate=yes"))
        }
        try FileSystem.makeFolder("\(own)/ballast-keeper")
        try FileSystem.write("\(process_id())", to: "\(own)/ballast-keeper/cgroup.procs")
        try enable()
      }
      return .two(own: own)
    } catch {
      return .none(
        LimitsUnavailable(description: "the control group \(own) cannot be divided: \(error)"))
    }
  }

  private static func fileByte(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."): byte
    default: UInt8(ascii: "_")
    }
  }
}
