import Configuration
import Primitives
import Scaling
import Testing

struct ScaleSettingsTests {
  private static let head = "run: { command: [ ./shop ], replicas: 4 }\n"

  private func scale(_ text: String) -> ScaleSettings? {
    service(Self.head + "scale: " + text)?.scale
  }

  private func messages(_ body: String) -> [String] {
    load(serviceFile(Self.head + body)).brief
  }

  @Test func `the documented form is read`() {
    let scale = scale(
      """
      { min: 2, max: 10, cpu: 60%, memory: 80%, inflight: 20, requestsPerSecond: 100, p95: 300ms, down: { window: 5m } }
      """)
    let wanted = ScalingPolicy(
      minimum: 2, maximum: 10,
      targets: [
        .init(.cpu, 0.6), .init(.memory, 0.8), .init(.inflight, 20),
        .init(.requestsPerSecond, 100), .init(.p95, 0.3),
      ])
    #expect(scale == ScaleSettings(wanted))
    #expect(wanted.down.window == .minutes(5))
  }

  @Test func `every other key is read`() {
    let scale = scale(
      """
      { min: 0, max: 9, schedule: [ { at: "08:00", until: "20:30", days: mon-fri, min: 6 }, { at: "22:00", until: "02:00", days: [ sat, sun ], min: 1 }, { at: "1:05", min: 2 } ], timeZone: utc, interval: 5s, tolerance: 5%, idle: 1m, coldStart: 10s, up: { window: 30s, share: 50%, replicas: 2, per: 1m }, down: { window: 10m, share: 10%, replicas: 1, per: 30s } }
      """)
    let policy = scale?.policy
    #expect(policy?.schedule.map(\.days) == [[0, 1, 2, 3, 4], [5, 6], [0, 1, 2, 3, 4, 5, 6]])
    #expect(policy?.schedule.map(\.begin) == [480, 1_320, 65])
    #expect(policy?.schedule.map(\.end) == [1_230, 120, 1_440])
    #expect(policy?.schedule.map(\.minimum) == [6, 1, 2])
    #expect(scale?.timeZone == .utc)
    #expect(policy?.interval == .seconds(5))
    #expect(policy?.tolerance == 0.05)
    #expect(policy?.idle == .minutes(1))
    #expect(scale?.coldStart == .seconds(10))
    #expect(
      policy?.up == .init(window: .seconds(30), share: 0.5, replicas: 2, per: .minutes(1)))
    #expect(
      policy?.down == .init(window: .minutes(10), share: 0.1, replicas: 1, per: .seconds(30)))
  }

  @Test(arguments: [
    ("{ max: 3, cpu: 50% }", 3), ("{ min: 6, max: 9, cpu: 50% }", 6), ("{ max: 9, cpu: 50% }", 4),
  ])
  func `the run's replicas are only the number to begin with`(_ text: String, _ count: Int) {
    #expect(service(Self.head + "scale: " + text)?.startingReplicas == count)
  }

  @Test(arguments: [
    (
      "scale: { min: 5, max: 2, cpu: 60% }",
      "6:14 'min: 5' is more than 'max: 2' (write 'max: 5' or more)"
    ),
    (
      "scale: { max: 2 }",
      "6:12 the autoscaling has nothing to follow (write 'cpu: 60%', another signal, or a 'schedule')"
    ),
    (
      "scale: { cpu: 60% }",
      "6:12 'max' is missing in the autoscaling (for example 'max: 10')"
    ),
    (
      "scale: { max: 2, cpu: 60%, idle: 5m }",
      "6:32 'idle' is for 'min: 0' (write 'min: 0', or remove it)"
    ),
    (
      "scale: { max: 2, cpu: 60%, timeZone: utc }",
      "6:32 'timeZone' is for a 'schedule' (remove it, or write a schedule)"
    ),
    (
      "scale: { max: 2, schedule: [ { at: \"25:00\", min: 1 } ] }",
      "6:40 'at': '25:00' is not a time of the day (write one from \"00:00\" to \"24:00\")"
    ),
    (
      "scale: { max: 2, schedule: [ { at: \"08:00\", days: mon-fry, min: 1 } ] }",
      "6:55 'days': 'mon-fry' is not a day of the week (write one of mon, tue, wed, thu, fri, sat, sun, or two such as mon-fri)"
    ),
    (
      "scale: { max: 2, schedule: [ { at: \"08:00\", min: 3 } ] }",
      "6:54 'min: 3' is more than 'max: 2' (write less, or a greater 'max')"
    ),
    (
      "scale: { max: 2, cpu: 60%, up: { share: 0%, replicas: 0 } }",
      "6:36 with 'share: 0%' and 'replicas: 0' nothing would ever change (write 'replicas: 1' or more)"
    ),
    (
      "scale: { max: 2, p95: 1s }\nprotocol: tcp",
      "6:22 'p95' is for a service that speaks HTTP (write 'inflight', which counts connections, or 'cpu')"
    ),
    (
      "tune: { by: latency }\nbalance: first",
      "6:5 'tune' has no meaning with 'first', which does not go by load (remove it, or choose an algorithm such as 'least-connections')"
    ),
  ])
  func `what makes no sense is said with its place`(_ body: String, _ message: String) {
    #expect(messages(body).contains(message), "\(messages(body))")
  }

  @Test func `without run there is nothing to scale`() {
    let found = load(serviceFile("servers: [ 10.0.0.1:80 ]\nscale: { max: 2, cpu: 60% }")).brief
    #expect(
      found == [
        "6:5 'scale' needs 'run' (write 'run: { command: … }', so that Ballast can start replicas, or remove 'scale')"
      ])
  }

  @Test func `the tuning is read`() {
    let found = service(Self.head + "tune: { by: cpu, least: 80%, most: 150%, interval: 30s }")?
      .tune
    #expect(found == TuneSettings(by: .cpu, least: 0.8, most: 1.5, interval: .seconds(30)))
  }
}
