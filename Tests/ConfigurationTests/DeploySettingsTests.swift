import Configuration
import Deployment
import Primitives
import Testing

struct DeploySettingsTests {
  private static let head = "run: { command: [ ./shop ], replicas: 4 }\n"

  private func plan(_ text: String) -> DeploymentPlan? {
    service(Self.head + "deploy: " + text)?.deploy
  }

  private func messages(_ body: String) -> [String] {
    load(serviceFile(Self.head + body)).brief
  }

  @Test func `the documented forms are read`() {
    var rolling = DeploymentPlan()
    rolling.healthyFor = .seconds(5)
    rolling.deadline = .minutes(5)
    rolling.drain = .seconds(30)
    #expect(
      plan(
        "{ strategy: rolling, maxSurge: 1, maxUnavailable: 0, healthyFor: 5s, deadline: 5m, rollback: automatic, drain: 30s }"
      ) == rolling)
    #expect(plan("{}") == rolling)
    #expect(service(Self.head)?.deploy == rolling)
    let canary = plan(
      "{ strategy: canary, steps: [ 5%, 25%, 50%, 100% ], stepTime: 60s, abort: { errorRate: 2%, p99: 500ms } }"
    )
    #expect(canary?.strategy == .canary && canary?.steps == [0.05, 0.25, 0.5, 1])
    #expect(canary?.gate.errorRate == 0.02 && canary?.gate.p99 == .milliseconds(500))
    #expect(plan("{ strategy: blue-green }")?.strategy == .blueGreen)
  }

  @Test func `every other key is read`() {
    let rolling = plan("{ maxSurge: 25%, maxUnavailable: 2, rollback: manual }")
    #expect(rolling?.maxSurge == .share(0.25) && rolling?.maxUnavailable == .count(2))
    #expect(rolling?.rollsBack == false && rolling?.promotes == true)
    let canary = plan(
      "{ strategy: canary, promote: manual, match: { header: X-Canary, value: \"yes\" }, abort: { slowdown: 1.5, saturation: 90%, requests: 7 } }"
    )
    #expect(canary?.promotes == false)
    #expect(canary?.match == RequestRule(.header, "X-Canary", value: "yes"))
    #expect(canary?.gate.slowdown == 1.5 && canary?.gate.saturation == 0.9)
    #expect(canary?.gate.requests == 7)
    let cookie = plan("{ strategy: canary, match: { cookie: canary } }")
    #expect(cookie?.match == RequestRule(.cookie, "canary"))
    #expect(plan("{ strategy: blue-green, keepOld: 10m }")?.keepOld == .minutes(10))
  }

  @Test(arguments: [
    (
      "deploy: { maxSurge: 0, maxUnavailable: 0% }",
      "6:15 'maxSurge' and 'maxUnavailable' are both none, so nothing could be replaced (write 'maxSurge: 1')"
    ),
    (
      "deploy: { steps: [ 100% ] }",
      "6:15 'steps' is for 'strategy: canary' (remove it, or write 'strategy: canary')"
    ),
    (
      "deploy: { strategy: blue-green, match: { cookie: a } }",
      "6:37 'match' is for 'strategy: canary' (remove it, or write 'strategy: canary')"
    ),
    (
      "deploy: { strategy: canary, keepOld: 1m }",
      "6:33 'keepOld' is for 'strategy: blue-green' (remove it, or write 'strategy: blue-green')"
    ),
    (
      "deploy: { strategy: canary, steps: [ 50%, 25%, 100% ] }",
      "6:47 the steps have to rise (each share is greater than the one before, the last one 100%)"
    ),
    (
      "deploy: { strategy: canary, steps: [ 25%, 50% ] }",
      "6:47 the last step is not 100% (write '100%' as the last step)"
    ),
    (
      "deploy: { strategy: canary, match: { value: x } }",
      "6:40 'match' names no header and no cookie (write 'header: X-Canary' or 'cookie: canary')"
    ),
    (
      "deploy: { strategy: canary, match: { cookie: a } }\nprotocol: tcp",
      "6:33 'match' has no meaning with 'protocol: tcp': there are no headers (remove it)"
    ),
  ])
  func `what makes no sense is said with its place`(_ body: String, _ message: String) {
    #expect(messages(body).contains(message), "\(messages(body))")
  }

  @Test func `without run there is nothing to deploy`() {
    let found = load(serviceFile("servers: [ 10.0.0.1:80 ]\ndeploy: {}")).brief
    #expect(found.count == 1 && found[0].contains("'deploy' needs 'run'"), "\(found)")
  }
}
