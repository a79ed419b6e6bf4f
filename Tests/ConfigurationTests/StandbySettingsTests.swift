import Configuration
import Primitives
import Testing

struct StandbySettingsTests {
  private func messages(_ body: String) -> [String] {
    let head = body.contains("servers:") ? "" : "servers: [ 10.0.0.1:80, 10.0.0.2:80 ]\n"
    return load(serviceFile(head + body)).brief
  }

  @Test func `one active server needs no more than its mode`() {
    let settings = service("servers: [ 10.0.0.1:80, 10.0.0.2:80 ]\nmode: primary-standby")
    #expect(settings?.standby == StandbySettings())
    #expect(service("servers: [ 10.0.0.1:80 ]\nmode: balanced")?.standby == nil)
  }

  @Test(arguments: ["balance: first", "sticky: { cookie: a }", "slowStart: 1s", "panic: 10%"])
  func `where one server is active, nothing is chosen`(_ key: String) {
    let name = key.prefix { $0 != ":" }
    #expect(
      messages("mode: primary-standby\n\(key)") == [
        """
        7:5 '\(name)' has no meaning with 'mode: primary-standby' \
        (remove it; one server is active, so there is nothing to choose)
        """
      ])
  }

  @Test(arguments: ["weight: 2", "priority: 1", "backup: true"])
  func `the order of the servers is that of preference`(_ key: String) {
    let name = key.prefix { $0 != ":" }
    #expect(
      messages(
        "servers: [ 10.0.0.1:80, { address: 10.0.0.2:80, \(key) } ]\nmode: primary-standby")
        == [
          """
          5:53 '\(name)' of a server has no meaning with 'mode: primary-standby' \
          (remove it; the order of the servers is the order of preference)
          """
        ])
  }

  @Test(arguments: [
    (
      "standby: { promote: [ x ] }",
      """
      6:5 'standby' is for 'mode: primary-standby' (write that beside it, or remove it)
      """
    ),
    (
      "mode: primary-standby\nstandby: { after: 1m }",
      "7:16 'after' is for 'switchBack: when-healthy' (write that beside it, or remove it)"
    ),
    (
      "mode: primary-standby\nstandby: { promote: [ \"\" ] }",
      "7:25 the program's name is empty (write its path)"
    ),
    (
      "mode: primary-standby\nstandby: { promote: [ x, \"${REGION}\" ] }",
      """
      7:30 the environment has no variable REGION (set it, or write '${REGION:-default}')
      """
    ),
    (
      "mode: primary-stanby\nstandby: {}",
      """
      6:11 'mode' cannot be 'primary-stanby' \
      (did you mean 'primary-standby'? The values are balanced, primary-standby)
      """
    ),
    (
      "servers: [ 10.0.0.1:80 ]\nmode: primary-standby",
      "4:3 'shop' has one server, so none stands by (add another one to 'servers')"
    ),
    (
      "mode: primary-standby\nhealth: { none: {} }",
      """
      7:5 'shop' has no health check, so no fault of its active server is noticed \
      (write another check than 'none: {}')
      """
    ),
  ])
  func `what does not go together is said`(_ body: String, _ message: String) {
    #expect(messages(body) == [message])
  }

  @Test func `an agent alone notices faults`() {
    let body = "mode: primary-standby\nhealth: { none: {}, agent: { port: 9999 } }"
    #expect(messages(body) == [])
  }
}
