import FoundationEssentials
import Supervision
import Testing

@testable import Containers

/// Against a daemon that answers as it likes.
@Suite(.timeLimit(.minutes(1))) struct ContainerDaemonTests {
  private func order(
    _ container: ContainerSpec = ContainerSpec(socket: "/d", image: "shop:2", instance: "i1")
  ) throws -> HolderOrder {
    try #require(
      HolderOrder(
        ReplicaSpec(
          name: "shop-1", service: "shop", command: [], directory: "/", logFile: "",
          version: "2", template: "t1", container: container)))
  }

  @Test func `a container is made, started, waited for and removed`() throws {
    let daemon = try StandInDaemon([
      "POST /containers/create": [.json(201, #"{"Id":"abc","Warnings":["no\nswap."]}"#)],
      "POST /containers/abc/start": [.json(204, "")],
      "POST /containers/abc/wait": [.json(200, #"{"StatusCode":3,"Error":null}"#)],
      "DELETE /containers/abc": [.json(204, "")],
    ])
    let client = ContainerDaemon(socket: daemon.socket)
    let made = try client.create(
      named: "ballast-i1-shop-1", ContainerCreation(order(), replica: "shop-1", port: 20_001))
    #expect(made.id == "abc" && made.warnings == ["no swap"])
    try client.start("abc")
    #expect(try client.wait("abc") == 3)
    try client.remove("abc")
    #expect(daemon.requests.count == 4)
    let creation = try #require(daemon.requests.first)
    #expect(creation.hasPrefix("POST /containers/create?name=ballast-i1-shop-1 {"))
    for part in [
      #""Image":"shop:2""#, #""HostIp":"127.0.0.1""#, #""HostPort":"20001""#,
      #""PORT=20001""#, #""ballast.state":"i1""#, #""ballast.template":"t1""#,
      #""StopSignal":"SIGTERM""#, #""Name":"no""#,
    ] {
      #expect(creation.contains(part), "\(part)")
    }
  }

  @Test func `the port inside, the network and the limits are as the order says`() throws {
    var container = ContainerSpec(
      socket: "/d", image: "shop", command: ["/shop", "-p", "${PORT}", "$HOME"],
      environment: [.init(name: "ME", value: "${REPLICA}"), .init(name: "PORT", value: "7")],
      port: 80, cpu: 0.5, memory: 64 << 20, instance: "i1")
    var made = ContainerCreation(try order(container), replica: "shop-2", port: 20_002)
    #expect(made.command == ["/shop", "-p", "80", "$HOME"])
    #expect(made.environment == ["ME=shop-2", "PORT=80", "REPLICA=shop-2"])
    #expect(made.host.ports?["80/tcp"]?.first?.port == "20002")
    #expect(made.host.memory == 64 << 20 && made.host.memoryAndSwap == 64 << 20)
    #expect(made.host.cores == 500_000_000)
    container.network = "host"
    container.cpu = .nan
    made = ContainerCreation(try order(container), replica: "shop-2", port: 20_002)
    #expect(made.environment.contains("PORT=20002"))
    #expect(made.ports == nil && made.host.ports == nil)
  }

  @Test(arguments: [
    (404, ##"{"message":"No such image: shop:9"}"##, "No such image: shop:9"),
    (409, ##"{"cause":"x","message":"name in use\u0007"}"##, "name in use"),
    (500, "oops", "the daemon answers with status 500"),
    (500, #"{"message":17}"#, "the daemon answers with status 500"),
  ])
  func `a refusal is told in the daemon's words`(
    _ status: Int, _ body: String, _ message: String
  ) throws {
    let daemon = try StandInDaemon(["POST /containers/x/start": [.json(status, body)]])
    let error = #expect(throws: ContainerError.self) {
      try ContainerDaemon(socket: daemon.socket).start("x")
    }
    #expect(error?.description == message)
    #expect(error?.isMissing == (status == 404) && error?.isConflict == (status == 409))
    #expect(error?.isNotReachable == false)
  }

  @Test func `a long refusal is cut`() throws {
    let body = #"{"message":"\#(String(repeating: "x", count: 100_000))"}"#
    let daemon = try StandInDaemon(["POST /containers/x/start": [.json(500, body)]])
    let error = #expect(throws: ContainerError.self) {
      try ContainerDaemon(socket: daemon.socket).start("x")
    }
    #expect(error?.description.utf8.count == ContainerLimits.messageBytes)
  }

  @Test(arguments: [
    "", "null", "[]", "{}", #"{"StatusCode":"3"}"#, #"{"StatusCode":1e999}"#, "{\"StatusCode\":",
    String(repeating: "[", count: 100_000), "\u{0}\u{1}",
    #"{"StatusCode":99999999999999999999999999}"#,
  ])
  func `an answer that is none is an error`(_ body: String) throws {
    let daemon = try StandInDaemon(["POST /containers/x/wait": [.json(200, body)]])
    let error = #expect(throws: ContainerError.self) {
      _ = try ContainerDaemon(socket: daemon.socket).wait("x")
    }
    #expect(error?.isNotReachable == false)
  }

  @Test func `what has no end is cut off`() throws {
    let daemon = try StandInDaemon([
      "GET /containers/json": [.flood],
      "GET /containers/x/json": [.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")],
      "GET /containers/y/json": [.raw("ho ho ho\r\n\r\n")],
      "GET /containers/z/json": [.raw("")],
    ])
    let client = ContainerDaemon(socket: daemon.socket)
    let error = #expect(throws: ContainerError.self) {
      _ = try client.containers(label: "a", "b")
    }
    #expect(error?.description.contains("over \(ContainerLimits.answerBytes) bytes") == true)
    // A connection that ends is as good as none.
    for name in ["x", "y", "z"] {
      let error = #expect(throws: ContainerError.self) { _ = try client.inspect(name) }
      #expect(error?.isNotReachable == true, "\(name)")
    }
  }

  @Test func `a daemon that is not there, or does not answer, is not reachable`() throws {
    let none = ContainerDaemon(socket: "/tmp/ballast-test-no-such-socket")
    let error = #expect(throws: ContainerError.self) { try none.start("x") }
    #expect(error?.isNotReachable == true)
    #expect(error?.description.contains("/tmp/ballast-test-no-such-socket") == true)
    let silent = try StandInDaemon(["GET /containers/x/json": [.silence]])
    let late = #expect(throws: ContainerError.self) {
      _ = try ContainerDaemon(socket: silent.socket).ask(.get, "/containers/x/json", within: 100)
    }
    #expect(late?.isNotReachable == true)
  }

  @Test func `those of ours are listed by their label, and what is odd is left out`() throws {
    let daemon = try StandInDaemon([
      "GET /containers/json": [
        .json(
          200,
          #"""
          [{"Id":"a","State":"running","Labels":{"ballast.state":"i1","ballast.service":"shop",
            "ballast.replica":"shop-1","ballast.template":"t","ballast.port":"20001"}},
           {"Id":"","State":"running"},{"State":"running"},{"Id":"b","State":"exited","Labels":null}]
          """#)
      ]
    ])
    let found = try ContainerDaemon(socket: daemon.socket).containers(label: "ballast.state", "i1")
    #expect(found.map(\.id) == ["a", "b"])
    #expect(found.map(\.isRunning) == [true, false])
    #expect(ContainerLabels(found[0].labels)?.port == 20_001)
    #expect(ContainerLabels(found[1].labels) == nil)
    #expect(
      daemon.requests == [
        "GET /containers/json?all=1&filters=%7B%22label%22:%5B%22ballast.state%3Di1%22%5D%7D"
      ])
  }

  @Test func `usage is what the kernel cannot take back, and odd numbers do no harm`() throws {
    let daemon = try StandInDaemon([
      "GET /containers/a/stats": [
        .json(
          200,
          #"""
          {"cpu_stats":{"cpu_usage":{"total_usage":2500000000}},
           "memory_stats":{"usage":1000,"stats":{"total_inactive_file":400}}}
          """#),
        .json(
          200,
          #"""
          {"cpu_stats":{"cpu_usage":{"total_usage":-5}},
           "memory_stats":{"usage":1e300,"stats":{"inactive_file":-1e300}}}
          """#),
        .json(200, "{}"),
      ]
    ])
    let client = ContainerDaemon(socket: daemon.socket)
    var usage = try client.usage("a")
    #expect(usage.cpuSeconds == 2.5 && usage.memoryBytes == 600)
    usage = try client.usage("a")
    #expect(usage.cpuSeconds == 0 && usage.memoryBytes == 1_000_000_000_000_000_000)
    usage = try client.usage("a")
    #expect(usage.cpuSeconds == 0 && usage.memoryBytes == 0)
  }

  @Test func `an image is pulled with what comes of it`() throws {
    let daemon = try StandInDaemon([
      "GET /images/registry:5000/shop:2/json": [.json(404, #"{"message":"no such image"}"#)],
      "POST /images/create": [
        .pieces([
          Array(#"{"status":"Pulling from shop","id":"2"}"#.utf8), Array("\r\n".utf8),
          Array(#"{"status":"Downloading","progressDetail":{"current":5,"#.utf8),
          Array("\"total\":10},\"id\":\"l1\"}\r\n".utf8), Array("nonsense\r\n".utf8),
          Array(#"{"status":"Download complete","id":"l1"}"#.utf8), Array("\r\n".utf8),
        ]),
        .pieces([Array((#"{"error":"manifest unknown."}"# + "\r\n").utf8)]),
      ],
    ])
    let client = ContainerDaemon(socket: daemon.socket)
    #expect(try !client.hasImage("registry:5000/shop:2"))
    var told: [Int] = []
    try client.pull("registry:5000/shop:2") { told.append($0) }
    #expect(told == [50, 100])
    let error = #expect(throws: ContainerError.self) { try client.pull("shop") { _ in } }
    #expect(error?.description == "manifest unknown")
    #expect(
      daemon.requests.dropFirst() == [
        "POST /images/create?fromImage=registry:5000/shop&tag=2",
        "POST /images/create?fromImage=shop&tag=latest",
      ])
  }

  @Test func `a registry is told who pulls, as a file says`() throws {
    let done = Array(#"{"status":"Pull complete","id":"a"}"#.utf8)
    let daemon = try StandInDaemon(["POST /images/create": [.pieces([done])]])
    let file = "\(daemon.socket).json"
    func write(_ text: String) throws {
      try text.write(toFile: file, atomically: true, encoding: .utf8)
    }
    defer { try? FileManager.default.removeItem(atPath: file) }
    func pull(_ image: String) throws {
      try ContainerDaemon(socket: daemon.socket).pull(image, credentials: file) { _ in }
    }
    try write(
      #"""
      {"auths":{"https://index.docker.io/v1/":{"auth":"dTpwOjE="},"r.example.com:5000":{"identitytoken":"t+/"},
       "odd.example.com":{"auth":"%%"},"none.example.com":{}},"credsStore":"pass"}
      """#)
    for image in [
      "shop", "a/shop:2", "r.example.com:5000/shop", "odd.example.com/x", "none.example.com/x",
      "b.c/d",
    ] {
      try pull(image)
    }
    let told = daemon.credentials.map { text in
      let plain = text.replacing("-", with: "+").replacing("_", with: "/")
      return Data(base64Encoded: plain).map { String(decoding: $0, as: UTF8.self) } ?? text
    }
    #expect(told.count == 3)
    for part in [#""username":"u""#, #""password":"p:1""#, #""serveraddress":"docker.io""#] {
      #expect(told.prefix(2).allSatisfy { $0.contains(part) }, "\(part)")
    }
    #expect(told.last?.contains("identitytoken") == true)
    for text in ["", "[]", "{\"auths\":7}"] {
      try write(text)
      let error = #expect(throws: ContainerError.self) { try pull("shop") }
      #expect(error?.description.contains(file) == true && error?.isNotReachable == false)
    }
    try FileManager.default.removeItem(atPath: file)
    #expect(throws: ContainerError.self) { try pull("shop") }
  }

  @Test func `output comes out of its frames, and a stream of none ends`() throws {
    let daemon = try StandInDaemon([
      "GET /containers/a/logs": [
        .pieces([[1, 0, 0, 0, 0, 0, 0, 3] + Array("one".utf8) + [2, 0, 0], [0, 0, 0, 0, 1, 50]]),
        .pieces([Array("plain text".utf8)]),
      ]
    ])
    let client = ContainerDaemon(socket: daemon.socket)
    var output: [UInt8] = []
    try client.output("a", since: 0) { output += $0 }
    #expect(String(decoding: output, as: UTF8.self) == "one2")
    let error = #expect(throws: ContainerError.self) {
      try client.output("a", since: 1_764_300_000.25) { output += $0 }
    }
    #expect(error?.isNotReachable == false)
    #expect(
      daemon.requests == [
        "GET /containers/a/logs?follow=1&stdout=1&stderr=1",
        "GET /containers/a/logs?follow=1&stdout=1&stderr=1&since=1764300000.250",
      ])
  }
}
