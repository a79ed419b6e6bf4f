import Primitives
import Testing

@testable import Accounts

struct SignInThrottleTests {
  private let home = AddressGroup.ipv4(0x7F00_0001)

  private func instant(_ seconds: Int64) -> Instant { .zero + .seconds(seconds) }

  @Test func `an address may fail five times, then waits longer and longer`() {
    var throttle = SignInThrottle()
    var now = instant(0)
    for _ in 0..<5 {
      #expect(throttle.attempt("ann", isUser: true, from: home, now: now) == nil)
    }
    var waits: [TimeSpan] = []
    for _ in 0..<14 {
      guard let wait = throttle.attempt("ann", isUser: true, from: home, now: now) else {
        Issue.record("it did not have to wait")
        return
      }
      waits.append(wait)
      now = now + wait
      #expect(throttle.attempt("ann", isUser: true, from: home, now: now) == nil)
    }
    #expect(waits == waits.sorted() && waits.first == .seconds(1))
    #expect(waits.last == SignInThrottle.longestWait)
  }

  @Test func `attempts that begin together are counted together`() {
    var throttle = SignInThrottle()
    let letIn = (0..<100).filter { _ in
      throttle.attempt("ann", isUser: true, from: home, now: instant(0)) == nil
    }
    #expect(letIn.count == 5)
  }

  @Test func `many addresses guess one name no faster than one attempt in five seconds`() {
    var throttle = SignInThrottle()
    var attempts = 0
    for second in 0..<600 {
      for address in 0..<10 {
        let from = AddressGroup.ipv4(UInt32(second * 10 + address))
        let now = instant(Int64(second))
        if throttle.attempt("ann", isUser: true, from: from, now: now) == nil { attempts += 1 }
      }
    }
    #expect(attempts <= SignInThrottle.freeOfName + 600 / 5)
  }

  @Test func `who has signed in from there before does not wait for others' guesses`() {
    var throttle = SignInThrottle()
    #expect(throttle.attempt("ann", isUser: true, from: home, now: instant(0)) == nil)
    throttle.succeeded("ann", from: home, now: instant(0))
    for address in 1...50 {
      _ = throttle.attempt("ann", isUser: true, from: .ipv4(UInt32(address)), now: instant(1))
    }
    #expect(throttle.attempt("ann", isUser: true, from: .ipv4(99), now: instant(1)) != nil)
    #expect(throttle.attempt("ann", isUser: true, from: home, now: instant(1)) == nil)
    throttle.forget("ann")
    #expect(throttle.attempt("ann", isUser: true, from: home, now: instant(2)) != nil)
  }

  @Test(arguments: [true, false])
  func `names that nobody has are answered as names that somebody has`(_ isUser: Bool) {
    var throttle = SignInThrottle()
    let letIn = (0..<30).filter { number in
      let from = AddressGroup.ipv4(UInt32(number))
      return throttle.attempt("ann", isUser: isUser, from: from, now: instant(0)) == nil
    }
    #expect(letIn.count == SignInThrottle.freeOfName)
  }

  @Test func `a success, or half an hour, forgets`() {
    var throttle = SignInThrottle()
    for _ in 0..<5 { _ = throttle.attempt("ann", isUser: true, from: home, now: instant(0)) }
    #expect(throttle.attempt("ann", isUser: true, from: home, now: instant(0)) != nil)
    #expect(throttle.attempt("ann", isUser: true, from: home, now: instant(1_801)) == nil)
    throttle.succeeded("ann", from: home, now: instant(1_801))
    for _ in 0..<5 {
      #expect(throttle.attempt("ann", isUser: true, from: home, now: instant(1_802)) == nil)
    }
  }

  @Test func `however many addresses come, the tables stay bounded`() {
    var throttle = SignInThrottle()
    for number in 0..<(SignInThrottle.most + 200) {
      _ = throttle.attempt(
        "name\(number)", isUser: false, from: .ipv6(UInt64(number)), now: instant(Int64(number)))
    }
    #expect(throttle.rows <= 2 * SignInThrottle.most)
  }

  @Test func `a network of IPv6 is one address`() {
    let one = SocketAddress("[2001:db8::1]:1").map { AddressGroup($0) }
    let other = SocketAddress("[2001:db8::ffff:2]:9").map { AddressGroup($0) }
    #expect(one != nil && one == other)
  }
}
