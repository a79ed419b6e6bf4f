import Accounts
import Primitives
import Testing

@testable import Engine

struct SignInTests {
  private func request(
    _ method: String = "PUT", cookies: [String] = [], csrf: String? = nil,
    expected: String? = nil
  ) -> AdminRequest {
    AdminRequest(
      method: method, segments: [], cookies: cookies, csrf: csrf,
      peer: AdminPeer(address: .loopback(port: 51_234)), csrfExpected: expected)
  }

  @Test func `a cookie is found among others by its whole name`() {
    let found = request(cookies: ["a=1; xb=2;b=3; b=4", "c=5"])
    #expect(found.cookie("b") == "3" && found.cookie("a") == "1" && found.cookie("c") == "5")
    #expect(found.cookie("x") == nil && found.cookie("") == nil)
    let long = String(repeating: "x", count: RandomText.longest + 1)
    #expect(request(cookies: ["b=\(long)"]).cookie("b") == nil)
    #expect(request(cookies: ["b"]).cookie("b") == nil)
  }

  @Test func `a change in a session needs the session's word, and reading doesn't`() {
    let word = RandomText.csrf(of: "secret")
    #expect(word.utf8.count == 64 && word != RandomText.digest("secret"))
    #expect(request(csrf: word, expected: word).isIntended)
    for wrong in [nil, "", String(word.dropLast()), word + "0", RandomText.csrf(of: "other")] {
      #expect(!request(csrf: wrong, expected: word).isIntended)
    }
    #expect(!request(csrf: "", expected: "").isIntended, "what could not be made is no word")
    #expect(request("GET", expected: word).isIntended)
    #expect(request().isIntended, "a token is sent by nobody but its holder")
  }

  @Test func `a hash is what RFC 7914 says it is`() async {
    let hasher = PasswordHasher()
    let outcome = await hasher.hash(
      "password", salt: Array("NaCl".utf8), cost: .init(logN: 10, r: 8, p: 16))
    let expected = Hexadecimal.bytes(
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162")
    #expect(outcome == expected.map { PasswordHasher.Outcome.hash($0) })
  }

  @Test func `the right password matches, another one and nobody's don't`() async {
    let hasher = PasswordHasher()
    let kept = await hasher.hash(new: "correct horse").text
    #expect(kept != nil)
    #expect(await hasher.matches("correct horse", kept) == true)
    #expect(await hasher.matches("correct hors", kept) == false)
    #expect(await hasher.matches("correct horse", nil) == false)
    #expect(await hasher.matches("correct horse", "no hash") == false)
  }

  @Test func `beyond those that may wait a hash is refused, and those that wait get theirs`() async
  {
    let hasher = PasswordHasher()
    let crowd = 30
    let outcomes = await withTaskGroup(of: PasswordHasher.Outcome.self) { group in
      for _ in 0..<crowd {
        group.addTask {
          await hasher.hash(
            "password", salt: [UInt8](repeating: 0, count: 16),
            cost: .init(logN: 12, r: 8, p: 1))
        }
      }
      var outcomes: [PasswordHasher.Outcome] = []
      for await outcome in group { outcomes.append(outcome) }
      return outcomes
    }
    let refused = outcomes.filter { $0 == .busy }.count
    #expect(outcomes.count == crowd && !outcomes.contains(.failed))
    #expect(crowd - refused >= PasswordHasher.waitingLimit)
    let next = await hasher.hash(
      "after", salt: Array("NaCl".utf8), cost: .init(logN: 10, r: 1, p: 1))
    #expect(next != .busy && next != .failed, "the next one is taken again")
  }

  @Test func `the admin side answers under the names that it was given`() {
    var names = AdminGuard(address: .loopback(port: 9900))
    names.hosts = ["lb.example.com", "*.ops.example"]
    func refusal(_ host: String) -> String? {
      names.refusal(
        AdminRequest(
          method: "GET", segments: [], host: host,
          peer: AdminPeer(address: .loopback(port: 51_234))))
    }
    for host in ["lb.example.com", "LB.example.com:9900", "a.ops.example", "localhost"] {
      #expect(refusal(host) == nil, "\(host)")
    }
    for host in ["example.com", "a.b.ops.example", "ops.example", "a.lb.example.com", ""] {
      #expect(refusal(host) != nil, "\(host)")
    }
  }
}
