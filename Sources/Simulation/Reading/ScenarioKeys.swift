package import Configuration
import Primitives

/// The keys of a scenario file; `docs/simulate.md` tells them to people.
package enum ScenarioKeys {
  static let longest = TimeSpan.hours(24)
  static let span = TimeSpan.zero...longest
  static let positive = TimeSpan.nanoseconds(1_000)...longest
  static let mostParts = 1_000
  /// Requests a second.
  static let rate = 0.0...1_000_000.0

  package static let root = ObjectDescription(
    "the scenario", "What is simulated.",
    keys: [
      KeyDescription(
        "name", .text(.label), example: "stall", "What the report calls it; the file's name else."),
      KeyDescription(
        "seed", .integer(0...Int.max), standard: "1", example: "7",
        "The same seed gives the same result."),
      KeyDescription(
        "duration", .duration(positive), standard: "60s", example: "5m",
        "How long requests arrive."),
      KeyDescription(
        "arrivals", .shorthand(.number(rate), arrivals), standard: "1000",
        example: "{ rate: 500, process: uniform }", "When requests come; a number is their rate."),
      KeyDescription(
        "keys", .object(keys), standard: "{}", example: "{ count: 1000, zipf: 1 }",
        "The clients that requests come from."),
      KeyDescription(
        "clientTimeout", .duration(positive), standard: "1s", example: "5s",
        "A client waits so long, then leaves."),
      KeyDescription(
        "idempotent", .share(0...100), standard: "100%", example: "80%",
        "The requests that may be sent twice without harm."),
      KeyDescription(
        "networkDelay", .duration(span), standard: "0.1ms", example: "1ms",
        "From Ballast to a server, one way."),
      KeyDescription(
        "workers", .integer(1...256), standard: "1", example: "2",
        "Event loops, each with balancers of its own."),
      KeyDescription(
        "zone", .text(.name), example: "a", "The zone that Ballast is in."),
      KeyDescription(
        "servers", .list(.object(servers), count: 1...mostParts), required: true,
        example: "[ { count: 10, time: 10ms } ]", "The servers, in groups that are alike."),
      KeyDescription(
        "service", .object(ConfigurationKeys.serviceBehaviour), standard: "{}",
        example: "{ balance: round-robin }", "The service, by the keys of a configuration."),
      KeyDescription(
        "faults", .list(.object(fault), count: 0...mostParts), standard: "[]",
        example: "[ { at: 10s, for: 5s, server: s1, kind: kill } ]", "What befalls servers."),
      KeyDescription(
        "scaling", .list(.object(scaling), count: 0...mostParts), standard: "[]",
        example: "[ { at: 30s, add: 2 } ]", "Servers that come or go."),
      KeyDescription(
        "promotion", .object(promotion), standard: "{}", example: "{ time: 2s }",
        "How the hooks of `mode: primary-standby` go."),
    ])

  static let promotion = ObjectDescription(
    "the promotion", "How the hooks of a service with one active server go.",
    keys: [
      KeyDescription(
        "time", .duration(span), standard: "100ms", example: "2s", "How long one runs."),
      KeyDescription(
        "failures", .share(0...100), standard: "0%", example: "20%", "How many of them fail."),
    ])

  static let arrivals = ObjectDescription(
    "the arrivals", "When requests come.",
    keys: [
      KeyDescription(
        "rate", .number(rate), standard: "1000", example: "200", "Requests a second."),
      KeyDescription(
        "process", .choice(values: ["poisson", "uniform"], later: []), standard: "poisson",
        example: "uniform", "Independent of one another, or with gaps that are alike."),
      KeyDescription(
        "steps", .list(.object(step), count: 1...mostParts),
        example: "[ { at: 0s, rate: 100 }, { at: 30s, rate: 300 } ]",
        "Rates that follow one another, instead of `rate`."),
    ], oneOf: ["rate", "steps"])

  static let step = ObjectDescription(
    "a step", "A rate from a moment on.",
    keys: [
      KeyDescription("at", .duration(span), standard: "0s", example: "30s", "When it begins."),
      KeyDescription("rate", .number(rate), required: true, example: "300", "Requests a second."),
      KeyDescription(
        "ramp", .boolean, standard: "false", example: "true",
        "Whether the rate goes to that of the next step in a straight line."),
    ])

  static let keys = ObjectDescription(
    "the keys", "The clients that requests come from.",
    keys: [
      KeyDescription(
        "count", .integer(1...10_000_000), standard: "10000", example: "100",
        "How many different ones."),
      KeyDescription(
        "zipf", .number(0...10), standard: "0", example: "1",
        "How uneven they are: 0 is even, at 1 the second most frequent comes half as often."),
    ])

  static let servers = ObjectDescription(
    "a group of servers", "Servers that are alike.",
    keys: [
      KeyDescription(
        "name", .text(.name), standard: "s", example: "old",
        "Of one server its name, of several what their numbers follow."),
      KeyDescription(
        "count", .integer(1...Simulator.mostServers), standard: "1", example: "10", "How many."),
      KeyDescription(
        "weight", .integer(0...1_000), standard: "1", example: "2", "As in a configuration."),
      KeyDescription(
        "priority", .integer(0...9), standard: "0", example: "1", "As in a configuration."),
      KeyDescription("zone", .text(.name), example: "b", "As in a configuration."),
      KeyDescription(
        "concurrency", .integer(0...1_000_000), standard: "8", example: "1",
        "Requests that one works on at a time; 0 is any number."),
      KeyDescription(
        "time", .shorthand(.duration(span), time), standard: "10ms",
        example: "{ distribution: lognormal, mean: 20ms }",
        "How long one works on a request; a time alone is the mean of an exponential one."),
      KeyDescription(
        "backlog", .integer(0...1_000_000), standard: "1024", example: "64",
        "Requests that wait for a place; more are answered with 503."),
    ])

  static let time = ObjectDescription(
    "the time", "How long a server works on a request.",
    keys: [
      KeyDescription(
        "distribution",
        .choice(
          values: ["exponential", "constant", "lognormal", "pareto", "recorded"], later: []),
        standard: "exponential", example: "pareto",
        "How it varies; `recorded` takes the times of `--trace`."),
      KeyDescription(
        "mean", .duration(span), standard: "10ms", example: "25ms", "Its mean."),
      KeyDescription(
        "sigma", .number(0...10), standard: "1", example: "0.5",
        "For `lognormal`: the standard deviation of the logarithm."),
      KeyDescription(
        "shape", .number(1.01...100), standard: "2.5", example: "1.5",
        "For `pareto`: the smaller, the longer the tail."),
    ])

  static let fault = ObjectDescription(
    "a fault", "What befalls servers for a time.",
    keys: [
      KeyDescription("at", .duration(span), required: true, example: "10s", "When it begins."),
      KeyDescription(
        "for", .duration(positive), required: true, example: "30s", "How long it lasts."),
      KeyDescription(
        "server", .oneOrMore(.text(.name), most: mostParts), required: true, example: "s3",
        "Whom it befalls: a name, several, or `all`."),
      KeyDescription(
        "kind",
        .choice(values: ["kill", "stall", "slow", "errors", "flap", "loss"], later: []),
        required: true, example: "stall", "What it is."),
      KeyDescription(
        "time", .duration(positive), example: "2s",
        "Of a stall: how long answers take at least; without it none come until its end."),
      KeyDescription(
        "factor", .number(0...1_000_000), standard: "10", example: "3",
        "Of `slow`: how many times as long all work takes."),
      KeyDescription(
        "share", .share(0...100), standard: "100%", example: "30%",
        "Of `errors` and `loss`: how many requests it hits."),
      KeyDescription(
        "down", .duration(positive), standard: "1s", example: "300ms",
        "Of a flap: how long it is dead each time."),
      KeyDescription(
        "up", .duration(positive), standard: "1s", example: "2s",
        "Of a flap: how long it is alive in between."),
    ])

  static let scaling = ObjectDescription(
    "a scaling", "Servers come or go.",
    keys: [
      KeyDescription("at", .duration(span), required: true, example: "30s", "When."),
      KeyDescription(
        "add", .integer(0...Simulator.mostServers), standard: "0", example: "2",
        "New servers like the first one; they begin unchecked."),
      KeyDescription(
        "remove", .integer(0...Simulator.mostServers), standard: "0", example: "1",
        "The last servers are drained."),
    ])
}
