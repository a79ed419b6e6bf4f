import Supervision
import Testing

@testable import Containers

struct ContainerValueTests {
  @Test(arguments: [
    ("shop", "shop", "latest"), ("shop:2", "shop", "2"),
    ("registry:5000/shop", "registry:5000/shop", "latest"),
    ("registry:5000/a/shop:2", "registry:5000/a/shop", "2"),
    ("shop@sha256:ab", "shop", "sha256:ab"), ("shop:2@sha256:ab", "shop", "sha256:ab"),
    ("", "", "latest"), (":", "", ""), ("@", "", ""),
  ])
  func `an image's reference is a name and a tag or digest`(
    _ text: String, _ name: String, _ tag: String
  ) {
    #expect(ImageReference(text).name == name)
    #expect(ImageReference(text).tag == tag)
  }

  @Test func `frames may come in pieces of any size`() {
    let stream: [UInt8] =
      [1, 0, 0, 0, 0, 0, 0, 5] + Array("hello".utf8) + [2, 0, 0, 0, 0, 0, 0, 0]
      + [0, 0, 0, 0, 0, 0, 0, 2] + Array("!\n".utf8)
    for size in 1...stream.count {
      var frames = OutputFrames()
      var output: [UInt8] = []
      var rest = stream[...]
      while !rest.isEmpty {
        #expect(frames.take(Array(rest.prefix(size))) { output += $0 })
        rest = rest.dropFirst(size)
      }
      #expect(String(decoding: output, as: UTF8.self) == "hello!\n")
    }
  }

  @Test func `a frame's length may be the largest there is`() {
    var frames = OutputFrames()
    var count = 0
    #expect(
      frames.take([1, 0, 0, 0, 255, 255, 255, 255] + Array("abc".utf8)) { count += $0.count })
    #expect(count == 3)
    var others = OutputFrames()
    #expect(!others.take(Array("not a frame".utf8)) { _ in count += 1 })
    #expect(count == 3)
  }

  @Test func `progress takes whatever a daemon writes`() {
    var progress = PullProgress()
    #expect(progress.percent == nil)
    for line in [
      "", "{}", "[]", #"{"status":"Downloading","id":"a"}"#,
      #"{"status":"Downloading","id":"a","progressDetail":{"current":-1,"total":10}}"#,
      #"{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":0}}"#,
      #"{"status":"Downloading","id":"a","progressDetail":{"current":30,"total":20}}"#,
      #"{"status":"Downloading","id":"b","progressDetail":{"current":0,"total":1e308}}"#,
    ] { progress.take(line) }
    #expect(progress.percent == 0)
    progress.take(
      #"{"status":"Downloading","id":"c","progressDetail":{"current":0,"total":1e308}}"#)
    #expect(progress.percent == nil && progress.failure == nil)
    for number in 0..<2 * ContainerLimits.layers {
      progress.take(
        #"{"status":"Downloading","id":"\#(number)","progressDetail":{"current":1,"total":2}}"#)
    }
    progress.take(#"{"error":"","errorDetail":{}}"#)
    #expect(progress.failure == "the pull failed")
  }

  @Test func `an order passes through an environment as it is`() throws {
    let spec = ReplicaSpec(
      name: "shop-1", service: "shop", command: [], directory: "/", logFile: "", template: "t",
      stopSignal: .quit, stopTimeoutMilliseconds: 2_500,
      container: ContainerSpec(
        socket: "/d", image: "shop", command: ["${PORT}", "$x", "\\$"],
        environment: [.init(name: "A", value: "${REPLICA}\n\"")], instance: "i"))
    let order = try #require(HolderOrder(spec))
    let text = try #require(order.text)
    #expect(!text.contains("$"))
    #expect(HolderOrder(text: text) == order)
    #expect(HolderOrder(text: "{}") == nil && HolderOrder(text: "") == nil)
    let creation = ContainerCreation(order, replica: "shop-1", port: 7)
    #expect(creation.stopSignal == "SIGQUIT" && creation.stopTimeout == 2)
    #expect(creation.command == ["7", "$x", "\\$"])
  }

  @Test func `labels tell a container that is ours, and which one`() throws {
    let labels = [
      "ballast.state": "i", "ballast.service": "shop", "ballast.replica": "shop-1",
      "ballast.template": "t", "ballast.port": "20001", "other": "x",
    ]
    let known = try #require(ContainerLabels(labels))
    #expect(known.port == 20_001 && known.version == nil)
    for key in labels.keys where key != "other" {
      var fewer = labels
      fewer[key] = nil
      #expect(ContainerLabels(fewer) == nil, "\(key)")
    }
    var odd = labels
    odd["ballast.port"] = "99999"
    #expect(ContainerLabels(odd) == nil)
    #expect(ContainerLabels.name(replica: "shop-1", instance: "i") == "ballast-i-shop-1")
  }

  @Test func `only the last line of a holder tells of a want of memory`() {
    let line = "ballast: the container ran out of memory of its limit of 64 MiB"
    #expect(ContainerHolder.ranOutOfMemory(["a", line]))
    #expect(!ContainerHolder.ranOutOfMemory([line, "a"]))
    #expect(!ContainerHolder.ranOutOfMemory([]))
  }
}
