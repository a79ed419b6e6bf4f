import Glibc
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct LimitsTests {
  @Test func `mounted hierarchies of both versions are found`() {
    let mounts = """
      24 1 0:22 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw,nsdelegate
      25 1 0:23 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
      26 1 0:24 /docker/1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
      27 1 0:25 / /proc rw - proc proc rw
      """
    let places = """
      4:memory:/docker/1/ballast
      3:cpu,cpuacct:/
      0::/system.slice/ballast.service
      """
    let found = ControlGroupMount.parse(mounts: mounts, places: places)
    #expect(found.map(\.version) == [2, 1, 1])
    #expect(
      found.map(\.own) == [
        "/sys/fs/cgroup/unified/system.slice/ballast.service", "/sys/fs/cgroup/cpu,cpuacct",
        "/sys/fs/cgroup/memory/ballast",
      ])
    #expect(found[1].controllers.contains("cpu"))
    #expect(ControlGroupMount.parse(mounts: "- - -\n\n1 2", places: "::::\n:").isEmpty)
  }

  @Test func `no limits need no group`() throws {
    #expect(try ResourceLimits().makeGroup(name: "shop-1", cpu: nil, memory: nil) == nil)
  }

  /// Where control groups cannot be made, the reason has to say so; elsewhere the child is in one.
  @Test func `a replica with a share of a core is in a group of its own, or the reason is said`()
    throws
  {
    let folder = try TemporaryFolder()
    let group: ControlGroup
    do {
      group = try #require(
        try ResourceLimits().makeGroup(name: "../shop 1", cpu: 0.5, memory: nil))
    } catch let error as LimitsUnavailable {
      #expect(error.description.contains("control group"))
      return
    }
    let files = try group.openMembers()
    var (output, writing) = try ReplicaOutput.open(logFile: "\(folder.path)/log")
    var process = ChildProcess(
      command: ["/bin/sh", "-c", "cat /proc/self/cgroup; sleep 60 & exec sleep 60"],
      environment: [(name: "PATH", value: "/usr/bin:/bin")])
    process.output = writing
    process.groups = files
    let pid = try process.start()
    Descriptor.close(files + [writing])
    let mark = "ballast-\(getpid())-.._shop_1"
    while !output.lastLines.texts.contains(where: { $0.hasSuffix(mark) }), isReadable(output.pipe) {
      output.take()
    }
    #expect(output.lastLines.texts.contains { $0.hasSuffix(mark) })
    group.killMembers()
    #expect(waitForEnd(of: pid) == SIGKILL)
    output.finish()
    // As the keeper does: what was being started during the first round goes in the next, and the
    // group goes once its last process has.
    var tries = 0
    while !group.remove(), tries < 10_000 {
      group.killMembers()
      usleep(1_000)
      tries += 1
    }
    let left = group.folders.filter { unsafe access($0, F_OK) == 0 }
    #expect(left.isEmpty)
  }
}
