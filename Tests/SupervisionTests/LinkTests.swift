import Glibc
import Primitives
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct LinkTests {
  private func spec(argument: String) -> ReplicaSpec {
    ReplicaSpec(
      name: "shop-1", service: "shop", command: ["./shop", argument], directory: "/srv",
      cpu: 0.5, memory: 1 << 28, logFile: "/var/log/shop-1.log")
  }

  @Test func `every message comes out as it went in`() throws {
    let (keeper, engine) = try LinkSocket.pair()
    defer { Descriptor.close([keeper, engine]) }
    let messages: [EngineMessage] = [
      .hello(version: "0.1.0", link: .spoken), .hello(version: "0", link: nil), .upgrade,
      .prepared, .retired(drainMilliseconds: 1), .retireRefused(reason: "no"), .sessions,
      .holding(connections: 3), .listen(name: "web", address: .loopback(port: 80), sockets: 2),
      .unlisten(name: "web"), .start(spec(argument: "\u{0}\n\"ü")),
      .stop(replica: "shop-1", signal: .term, timeoutMilliseconds: 10_000), .keepConfiguration,
      .serving, .finished,
      .run(
        CommandSpec(
          id: .max, command: ["./check"], directory: "/srv",
          environment: [.init(name: "PORT", value: "1")], timeoutMilliseconds: 1_000)),
    ]
    for message in messages {
      try LinkSocket.send(try LinkSocket.encode(message), descriptors: [], over: engine)
      #expect(try LinkSocket.receive(EngineMessage.self, from: keeper)?.message == message)
    }
    #expect(try LinkSocket.receive(EngineMessage.self, from: keeper) == nil)
    let link = try KeeperLink(descriptor: dup(engine))
    let running = RunningReplica(
      spec: spec(argument: ""), pid: 7, port: 20_000, startedAt: WallTime(milliseconds: 1_000))
    let progress = UpgradeProgress(
      number: 1, state: .handingOver, began: WallTime(milliseconds: 1_000),
      formerVersion: "0.1.0", formerPid: 6, pid: 7, lines: ["a", "b"])
    let answers: [KeeperMessage] = [
      .listening(name: "web", address: .loopback(port: 80)),
      .listenFailed(name: "web", message: "in use"), .running(running),
      .welcome(restarts: 1, lastEnd: nil, upgrade: nil), .started(running),
      .welcome(restarts: 0, lastEnd: nil, upgrade: progress), .upgrade(progress),
      .incompatible(message: "no"), .retire, .takeOver, .handedOver, .sessions,
      .draining([
        DrainingEngine(
          pid: 7, version: "0.1.0", since: progress.began, until: progress.began, connections: 3)
      ]),
      .startFailed(replica: "shop-1", message: "no"),
      .exited(ExitedReplica(name: "shop-1", pid: 7, end: .signal(9), wasAsked: false)),
      .reload, .drain(timeoutMilliseconds: 30_000),
      .ran(CommandOutcome(id: 1, end: .exited(.code(3)), output: "oops\n")),
      .ran(CommandOutcome(id: 2, end: .timedOut)),
      .ran(CommandOutcome(id: 3, end: .notStarted("no"))),
    ]
    for answer in answers {
      try LinkSocket.send(try LinkSocket.encode(answer), descriptors: [], over: keeper)
    }
    #expect(try link.receive().map(\.message) == answers)
  }

  @Test func `descriptors pass, closed on exec, as many as the kernel takes`() throws {
    let (keeper, engine) = try LinkSocket.pair()
    defer { Descriptor.close([keeper, engine]) }
    var ends: [Int32] = [-1, -1]
    #expect(unsafe pipe(&ends) == 0)
    let bytes = try LinkSocket.encode(KeeperMessage.reload)
    let many = [Int32](repeating: ends[1], count: LinkLimits.descriptors)
    try LinkSocket.send(bytes, descriptors: many, over: keeper)
    let (_, received) = try #require(try LinkSocket.receive(KeeperMessage.self, from: engine))
    defer { Descriptor.close(received) }
    #expect(received.count == LinkLimits.descriptors)
    #expect(received.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
    Descriptor.close(ends[1])
    #expect(unsafe write(received[252], [1], 1) == 1)
    #expect(isReadable(ends[0]))
    Descriptor.close(ends[0])
    #expect(throws: LinkError.tooManyDescriptors(254)) {
      try LinkSocket.send(bytes, descriptors: many + [ends[0]], over: keeper)
    }
  }

  @Test func `the longest message passes, a longer one is the sender's error`() throws {
    let (keeper, engine) = try LinkSocket.pair()
    defer { Descriptor.close([keeper, engine]) }
    let empty = try LinkSocket.encode(EngineMessage.start(spec(argument: ""))).count
    let room = LinkLimits.message - empty
    let longest = EngineMessage.start(spec(argument: String(repeating: "x", count: room)))
    try LinkSocket.send(try LinkSocket.encode(longest), descriptors: [], over: engine)
    #expect(try LinkSocket.receive(EngineMessage.self, from: keeper)?.message == longest)
    let longer = EngineMessage.start(spec(argument: String(repeating: "x", count: room + 1)))
    #expect(throws: LinkError.tooLarge(bytes: LinkLimits.message + 1)) {
      try LinkSocket.encode(longer)
    }
  }

  @Test func `what is no message is an error, and the next one passes`() throws {
    let (keeper, engine) = try LinkSocket.pair()
    defer { Descriptor.close([keeper, engine]) }
    for text in ["{", "null", "{\"fly\":{}}", "{\"unlisten\":{\"name\":7}}"] {
      try LinkSocket.send(Array(text.utf8), descriptors: [engine], over: engine)
      #expect(throws: LinkError.self) { try LinkSocket.receive(EngineMessage.self, from: keeper) }
    }
    let huge = [UInt8](repeating: 32, count: LinkLimits.message + 1)
    try LinkSocket.send(huge, descriptors: [engine], over: engine)
    #expect(throws: LinkError.malformed("too large")) {
      try LinkSocket.receive(EngineMessage.self, from: keeper)
    }
    try LinkSocket.send(try LinkSocket.encode(EngineMessage.serving), descriptors: [], over: engine)
    #expect(try LinkSocket.receive(EngineMessage.self, from: keeper)?.message == .serving)
  }

  @Test func `a full link is busy and a link without its other side is closed`() throws {
    let (keeper, engine) = try LinkSocket.pair()
    let bytes = [UInt8](repeating: 32, count: LinkLimits.message)
    var taken = 0
    #expect(throws: LinkError.busy, "\(taken) messages of the longest size were taken") {
      while taken < 1_000 {
        try LinkSocket.send(bytes, descriptors: [], over: keeper)
        taken += 1
      }
    }
    Descriptor.close(keeper)
    let link = try KeeperLink(descriptor: engine)
    #expect(throws: LinkError.self) { while true { _ = try link.receive() } }
    #expect(throws: LinkError.closed) { try link.send(.serving) }
  }

  @Test func `a greeting brings all that the keeper holds, and what came between`() throws {
    let (keeper, engine) = try LinkSocket.pair()
    defer { Descriptor.close(keeper) }
    let before = try KeeperLink(descriptor: dup(engine))
    try before.keep(configuration: "listeners: {} # ü")
    let (kept, files) = try #require(try LinkSocket.receive(EngineMessage.self, from: keeper))
    defer { Descriptor.close(files) }
    #expect(kept == .keepConfiguration && files.count == 1)
    // Sealed: nobody changes it later.
    #expect(unsafe write(files[0], [1], 1) == -1)

    let web = KeeperMessage.listening(name: "web", address: .loopback(port: 80))
    try LinkSocket.send(try LinkSocket.encode(web), descriptors: [keeper, keeper], over: keeper)
    let replica = RunningReplica(
      spec: spec(argument: ""), pid: 7, port: 20_000, startedAt: WallTime(milliseconds: 1_000))
    let rest: [KeeperMessage] = [.running(replica), .reload]
    for message in rest {
      try LinkSocket.send(try LinkSocket.encode(message), descriptors: [], over: keeper)
    }
    let last = KeeperMessage.welcome(restarts: 2, lastEnd: "killed by SIGSEGV", upgrade: nil)
    try LinkSocket.send(try LinkSocket.encode(last), descriptors: files, over: keeper)

    let link = try KeeperLink(descriptor: engine)
    let welcome = try link.greet(version: "0.1.0")
    #expect(
      try LinkSocket.receive(EngineMessage.self, from: keeper)?.message
        == .hello(version: "0.1.0", link: .spoken))
    #expect(welcome.listeners.map(\.name) == ["web"])
    #expect(welcome.listeners.map(\.descriptors.count) == [2])
    #expect(welcome.replicas == [replica])
    #expect(welcome.early == [.reload])
    #expect(welcome.configuration == "listeners: {} # ü")
    #expect(welcome.restarts == 2 && welcome.lastEnd == "killed by SIGSEGV")
    Descriptor.close(welcome.listeners.flatMap(\.descriptors))
  }
}
